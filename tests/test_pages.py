"""The form of README and docs: their length, their first sentence, their links, and the files that they name."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.pages import DOCS, PAGES, README, ROOT, prose, read


def test_readme_is_short_and_names_every_page():
    assert len(read(README).splitlines()) <= 180
    assert {f"docs/{page.name}" for page in DOCS} <= set(
        re.findall(r"^\| \[([\w/.-]+)\]\(\1\)", read(README), re.MULTILINE)
    )


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_a_page_says_for_whom_it_is(page):
    title, first = read(page).split("\n\n")[:2]
    assert re.fullmatch(r"# .+", title)
    assert re.fullmatch(r"This page is for .+; afterwards you .+\.", first.replace("\n", " "))


def anchors(page: Path) -> set[str]:
    """Of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = [link for link in re.findall(r"\]\(([^)]+)\)", prose(page)) if not link.startswith("http")]
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


def test_files_named_exist():
    names = [
        name for page in PAGES for name in re.findall(r"`((?:app|tests|benchmarks|docker|\.ci)/[\w./-]*)`", read(page))
    ]
    names += [name for page in PAGES for name in re.findall(r"\b(tests/[\w./]+\.py)\b", read(page))]
    assert len(names) > 15
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_house_both_ways():
    """The tree of development.md has every file of app/ that is not in a folder, and every folder."""
    drawn, folders = set(), []
    for line in read(ROOT / "docs/development.md").split("```text\n")[1].split("```")[0].splitlines():
        name = line.split()[0]
        folders = [*folders[: (len(line) - len(line.lstrip())) // 2], name]
        drawn.add("".join(folders))
    app = ROOT / "app"
    there = {f"app/{path.name}" for path in app.glob("*.py") if path.name != "__init__.py"}
    there |= {f"{path.parent.relative_to(ROOT)}/" for path in app.rglob("*.py")} - {"app/store/migrations/versions/"}
    assert {name for name in drawn if name.startswith("app/")} == there
    assert [name for name in drawn if not (ROOT / name).exists()] == []


def test_extras_and_commands_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = "".join(map(read, PAGES))
    extras = {extra for group in re.findall(r"'\.\[([\w,]+)\]'", text) for extra in group.split(",")}
    assert extras == {"test", "check", "long", "postgres"}
    assert extras <= set(project["optional-dependencies"])
    assert "promotion-scoring serve" in text
    assert "promotion-scoring" in project["scripts"]
