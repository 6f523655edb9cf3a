"""Every setting: an environment variable PROMOTION_*, its default, and why it is that."""

from pathlib import Path

from pydantic import Field, PostgresDsn, Secret
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one process. Unknown PROMOTION_* variables are left alone: orchestrators inject such names
    (a Kubernetes service called `promotion` gives every pod a PROMOTION_PORT).
    """

    model_config = SettingsConfigDict(env_prefix="PROMOTION_", frozen=True)

    data_dir: Path = Field(
        Path("data"),
        description="The directory that holds `promotion.db`. Relative to where the service is started, so that a "
        "first try leaves everything in one folder; the container sets `/data`, its volume.",
    )
    database_url: Secret[PostgresDsn] | None = Field(
        None,
        description="A PostgreSQL database, `postgresql://user:password@host:5432/name`, for replicas on several "
        "machines. Default: SQLite in the data directory, which needs nothing and serves any number of workers.",
    )
    max_body_bytes: int = Field(
        64 * 1024 * 1024,
        ge=1,
        description="The largest body accepted, in bytes. The default, 64 MiB, is about two million CSV rows: more "
        "than any one employer's history, and little enough to be held in memory.",
    )
    train_wait: float = Field(
        30,
        ge=0,
        le=3600,
        description="How many seconds a `POST /train` waits for its training before it answers 202. Less than what "
        "most clients and proxies allow a request; all but the largest trainings take less.",
    )
    trainings_at_once: int = Field(
        1,
        ge=1,
        le=64,
        description="How many trainings of one database run at a time, over all its workers and replicas; the others "
        "wait their turn. Each takes one core.",
    )
    queue_limit: int = Field(
        100,
        ge=1,
        le=100_000,
        description="How many trainings may wait; one more is answered `too_busy`. Each keeps its records on disk.",
    )
    training_lease: float = Field(
        10,
        ge=1,
        le=3600,
        description="After how many seconds without a sign of life of the process that runs it a training goes back "
        "into the queue. Signs come four times as often; ten seconds bridge a machine that is busy.",
    )
    shutdown_grace: float = Field(
        30,
        ge=0,
        le=3600,
        description="How many seconds a running training may go on after SIGTERM before it goes back into the queue. "
        "Less than the time after which the container is killed.",
    )
    keep_failed_records: bool = Field(
        False,
        description="Keep the records of failed trainings in the database, to find out why. Off: records are personal "
        "data, and are deleted when their training ends.",
    )
