"""The answer of POST /audit, as the contract declares it."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from app.impact.pooled import Pooled
from app.impact.tables import Category
from app.impact.verdicts import Verdict


class Unknown(TypedDict):
    """How many decisions were about somebody of whom this is unknown; they are in no category of it."""

    sex: int
    race_ethnicity: int
    either: int
    pool: NotRequired[int]


class Tables(TypedDict):
    """The three tables of 6 RCNY 5-301."""

    sex: list[Category]
    race_ethnicity: list[Category]
    intersectional: list[Category]


class Pool(TypedDict):
    """The tables of one decision pool."""

    pool: str
    rows: int
    tables: Tables


class PooledTables(TypedDict):
    """Each category beside its reference, within pools and over all."""

    sex: list[Pooled]
    race_ethnicity: list[Pooled]
    intersectional: list[Pooled]


class RateAtThreshold(TypedDict):
    """What a category's rate would be."""

    category: str
    rate: float | None
    impact_ratio: float | None


class ThresholdView(TypedDict):
    """Rates were this the threshold; `current` is the model's own."""

    threshold: float
    current: bool
    sex: list[RateAtThreshold]
    race_ethnicity: list[RateAtThreshold]
    intersectional: list[RateAtThreshold]


class Source(TypedDict):
    """What the caller says of the data; none of it is checked."""

    source: str | None
    period_start: str | None
    period_end: str | None


class AuditDocument(TypedDict):
    """The adverse-impact computation. Not a bias audit: Local Law 144 wants an independent auditor for that.

    There is `median` with scores, `pools` and `pooled` where records name a pool, and `thresholds` where the service
    scores.
    """

    basis: Literal["selected", "score", "model"]
    model_version: int | None
    median: NotRequired[float]
    data: Source
    exclude_below: float
    rows: int
    unknown: Unknown
    tables: Tables
    verdict: Verdict | None
    pools: NotRequired[list[Pool]]
    pooled: NotRequired[PooledTables]
    thresholds: NotRequired[list[ThresholdView]]
