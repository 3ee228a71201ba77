"""Links lead somewhere, every page can be reached, and what is named exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.docs.doc_pages import PAGES, ROOT, code_blocks, links, name, prose, slugs, spans

CODE = r"(?:pipeline|flows|tests/(?:unit|integration|e2e))"
OTHER = r"(?:tests/(?:bench|data)|prompts|docker|docs|\.github)"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in links(page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or not target.is_relative_to(ROOT):
            dead.append(f"{link}: no such file")
        elif anchor and anchor not in slugs(target.read_text("utf-8")):
            dead.append(f"{link}: no such heading")
    assert dead == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        found = (link.partition("#")[0] for link in links(page.read_text("utf-8")))
        waiting += [(page.parent / path).resolve() for path in found if path]
    assert [name(page) for page in PAGES if page not in reached] == []


def test_every_page_is_in_the_index() -> None:
    index = links((ROOT / "docs" / "README.md").read_text("utf-8"))
    for page in sorted((ROOT / "docs").glob("*.md")):
        assert page.name in index or page.name == "README.md"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_named_code_exists(page: Path) -> None:
    assert missing(page, CODE) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_other_named_files_exist(page: Path) -> None:
    assert missing(page, OTHER) == []


MADE_BY_THE_USER = {"docker/.env", "docker/worker.env"}


def missing(page: Path, folders: str) -> list[str]:
    """The paths below these folders that a page names and that are not there."""
    named = [found[0] for span in spans(page.read_text("utf-8"))
             if (found := re.match(rf"{folders}(?:/[\w.*]+)*/?", span))]  # fmt: skip
    return [
        path
        for path in named
        if path not in MADE_BY_THE_USER and not list(ROOT.glob(path.rstrip("/")))
    ]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_lines_can_be_read_in_an_editor(page: Path) -> None:
    """Tables and commands may be long; prose is not."""
    text = prose(page.read_text("utf-8"))
    long = [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]
    assert long == []


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 150


def test_slugs_are_those_of_github() -> None:
    page = "# A `run`, plainly\n```\n# no heading\n```\n## Two\n## Two\n### [Linked](x.md) text\n"
    assert slugs(page) == {"a-run-plainly", "two", "two-1", "linked-text"}


def test_blocks_and_prose_are_told_apart() -> None:
    page = "text `a\nb` [l](x.md#y)\n```bash\necho `c` [m](z.md)\n```\n"
    assert code_blocks(page, "bash") == ["echo `c` [m](z.md)\n"]
    assert spans(page) == ["a b"]
    assert links(page) == ["x.md#y"]
