"""Entities, markup and mojibake are undone, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.sources import open_source
from pipeline.sources.mending import mend


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("a dog&#39;s ball", "a dog's ball"),
        ("salt &amp; pepper", "salt & pepper"),
        ("&amp;amp;amp; so on", "& so on"),
        ("salt & amp ; pepper", "salt & pepper"),
        ("&eacute;t&eacute; &copy; 3 &times; 4 &hearts;", "été © 3 × 4 ♥"),
        ("don\u00e2\u20ac\u2122t", "don’t"),
        ("caf\u00c3\u00a9", "café"),
        ("Caf\u00c3\u0192\u00c2\u00a9", "Café"),
        ("it\x92s", "it’s"),
        ("\u00e2\x80\x9chi\u00e2\x80\x9d", "“hi”"),
        ("\u00f0\u0178\u02dc\u20ac smile", "😀 smile"),
        ("&lt;b&gt;red&lt;/b&gt; dress", "red dress"),
        ("q<u>ux</u> <a href='x'>link</a>", "qux link"),
    ],
)
def test_what_was_damaged_is_mended(text: str, mended: str) -> None:
    assert mend(text) == mended
    assert mend(mended) == mended


def test_elements_that_part_text_part_words() -> None:
    assert mend("two dogs<br/>on grass<p>today</p>").split() == [
        "two", "dogs", "on", "grass", "today",
    ]  # fmt: skip
    assert mend("a <script>if (a < b) x()</script> b<!-- c -->").split() == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "<PERSON> on a horse", "<person> & <LOC>", "AT&T & co", "R&D &copy 2020", "a < b > c",
        "a<b and b>c", "i <3 you", "naïve café “quoted” ﬁne Ａ", "voilà l’été", "£ 5 © 2020",
        "a\ud800b",
        "", "?a=1&copy=2",
    ],
)  # fmt: skip
def test_what_is_as_its_author_wrote_it_stays(text: str) -> None:
    assert mend(text) == text


def test_the_original_is_kept_and_harm_that_was_hidden_is_refused(tmp_path: Path) -> None:
    texts = ["a dog&#39;s ball", "a &#x202e;dog", "&nbsp; &#32;", "don\u00e2\x80\x99t", "a&#0;b"]
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps({"caption": text}) + "\n" for text in texts))
    source = open_source(SourceConfig(input=str(path)))

    rows = [row for span in source.partition() for row in source.read(span)]

    assert (rows[0].caption, rows[0].original_caption) == ("a dog's ball", texts[0])
    assert [rows[i].reason for i in (1, 2)] == ["source.control_chars", "source.empty_caption"]
    assert rows[3].caption == "don’t"
