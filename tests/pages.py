"""README.md and docs/ as tests read them: pages, sections, tables, and examples."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, *DOCS]
_BLOCK = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(
    r"^```(console|python)\n(.*?)^```$(?:\n\n```(?:text|json)\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)


class Example(NamedTuple):
    """A command of a `console` block or a `python` block, and what the page says that it prints."""

    language: str
    code: str
    printed: str


def read(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The text of a page without its fenced blocks."""
    return _BLOCK.sub("", read(page))


def section(page: str, title: str) -> str:
    """The text under a heading of docs/, up to the next heading."""
    text = re.split(rf"^#+ {re.escape(title)}\n", prose(ROOT / "docs" / page), flags=re.MULTILINE)[1]
    return re.split(r"^#+ ", text, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str, header: str) -> list[list[str]]:
    """The cells of the tables in a text whose first column is headed so."""
    found = []
    for table in re.findall(r"(?:^\|.*\|\n?)+", text, re.MULTILINE):
        head, _, *body = [re.split(r"(?<!\\)\|", line.strip("|")) for line in table.splitlines()]
        if head[0].strip() == header:
            found += [[cell.strip() for cell in cells] for cells in body]
    return found


def named(text: str, header: str) -> list[str]:
    """What stands as code in the first column of such tables."""
    return [name for cells in rows(text, header) for name in re.findall(r"`([^`]+)`", cells[0])]


def examples(page: Path) -> list[Example]:
    """The examples of a page in order. What a `python` block prints stands in the block after it."""
    found = []
    for language, content, said in _EXAMPLE.findall(read(page)):
        if language == "python":
            found.append(Example(language, content, said))
        else:
            unbroken = re.sub(r"\\\n *", "", content)
            steps = [step.partition("\n") for step in f"\n{unbroken}".split("\n$ ")[1:]]
            found += [Example(language, command, printed) for command, _, printed in steps]
    return found
