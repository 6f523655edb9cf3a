"""The public summary of an audit: one page that prints, with nothing that has to be fetched from anywhere."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from app.p_values import written

NAMES = {"sex": "Sex", "race_ethnicity": "Race or ethnicity", "intersectional": "Sex and race or ethnicity"}
_BASES = {
    "selected": "Selection rate: the share of a category that was selected.",
    "score": "Scoring rate: the share of a category whose score is above the median of all scores.",
    "model": "Selection rate: the share of a category that the model would promote.",
}
_COLOURS = ("#0b5394", "#b45f06", "#38761d", "#741b47", "#666666", "#a61c00", "#134f5c", "#7f6000")
_DASHES = ("", "6 3", "2 3", "8 3 2 3")
WIDTH, HEIGHT = 300.0, 160.0
"""Of a plot's area, in the units of the drawing."""


def page(document: dict[str, Any]) -> str:
    """The page of an answer of POST /audit; every label in it is escaped."""
    text: str = _template().render(
        audit=document,
        names=NAMES,
        basis=_BASES[document["basis"]],
        computed=datetime.now(UTC).date().isoformat(),
        figures=_figures(document.get("thresholds", [])),
        width=WIDTH,
        height=HEIGHT,
    )
    return text


@lru_cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("app.api.audit", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "percent": _percent, "p_value": _p_value, "words": _words}
    return environment.get_template("page.html")


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _p_value(value: float | None) -> str:
    return "–" if value is None else written(value).removeprefix("= ")


def _words(verdict: str | None) -> str:
    return "–" if verdict is None else verdict.replace("_", " ")


def _figures(thresholds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of each category's rate and impact ratio over the threshold, for sex, and for race or ethnicity."""
    if not thresholds:
        return []
    current = next(of["threshold"] for of in thresholds if of["current"])
    return [
        {
            "name": NAMES[table],
            "measure": measure,
            "current": current,
            "x": WIDTH * current,
            "lines": [
                {
                    "category": row["category"],
                    "colour": _COLOURS[i % len(_COLOURS)],
                    "dash": _DASHES[i // 2 % len(_DASHES)],
                    "points": _points([(of["threshold"], of[table][i][key]) for of in thresholds]),
                }
                for i, row in enumerate(thresholds[0][table])
            ],
        }
        for table in ("sex", "race_ethnicity")
        for key, measure in (("rate", "selection rate"), ("impact_ratio", "impact ratio"))
    ]


def _points(values: list[tuple[float, float | None]]) -> str:
    """As a polyline wants them; where there is no value there is no point."""
    return " ".join(f"{WIDTH * x:.1f},{HEIGHT * (1 - y):.1f}" for x, y in values if y is not None)
