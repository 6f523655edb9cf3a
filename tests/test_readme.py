"""The README is held to the code both ways. tests/system/test_readme_session.py runs its session."""

import re
from pathlib import Path

from app.errors import problem_kinds
from app.service import create_app
from app.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading, up to the next of its kind."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def first_cells(text: str) -> list[str]:
    """The code in the first cell of every row of the tables in a text."""
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def test_settings_both_ways():
    documented = dict(re.findall(r"^\| `(PROMOTION_\w+)` \| `([^`]+)` \|", section("Settings"), re.MULTILINE))
    assert documented == {
        f"PROMOTION_{name.upper()}": str(field.default) for name, field in Settings.model_fields.items()
    }


def test_endpoints_both_ways():
    paths = create_app().openapi()["paths"]
    assert sorted(first_cells(section("Endpoints"))) == sorted(
        f"{method.upper()} {path}" for path, methods in paths.items() for method in methods
    )


def test_problem_codes_both_ways():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section("Errors"), re.MULTILINE)
    documented = {(code, int(status)) for code, statuses in rows for status in re.findall(r"\b\d{3}\b", statuses)}
    assert documented == {(kind.code, kind.status) for kind in problem_kinds()}


def test_files_named_exist():
    names = re.findall(r"`((?:app|tests|benchmarks|docker|\.ci)/[\w./-]*)`", README)
    names += re.findall(r"^    ((?:app|tests|benchmarks|docker)/\S*)", README, re.MULTILINE)
    assert len(names) > 15
    assert [name for name in names if not (ROOT / name).exists()] == []
