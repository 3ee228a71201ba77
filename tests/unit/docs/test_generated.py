"""What the documentation says about the code is made from the code, and up to date."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from pipeline.config.base import flatten
from pipeline.config.run import RunConfig
from pipeline.shards.document import SampleDocument
from pipeline.shards.sidecar_rows import SidecarRow
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.vlm.finetune.config import VlmConfig
from tests.unit.docs.doc_pages import PAGES, ROOT, generate, name


def test_tables_and_schema_are_up_to_date() -> None:
    assert [name(path) for path in generate.outdated()] == [], "run: make docs"


def test_every_table_stands_once_and_is_closed() -> None:
    named: Counter[str] = Counter()
    for page in PAGES:
        text = page.read_text("utf-8")
        blocks = generate.named_blocks(text)
        named.update(blocks)
        if page != ROOT / "docs" / "README.md":  # which shows the marks themselves
            assert text.count("<!-- generated: ") == text.count("<!-- end -->") == len(blocks)
    assert named == Counter(generate.BLOCKS.keys())


def test_an_outdated_table_is_seen_and_mended() -> None:
    page = "before\n<!-- generated: kinds-in-short -->\n\nold\n\n<!-- end -->\nafter\n"
    mended = generate.with_tables(page)
    assert "old" not in mended
    assert generate.kinds_in_short() in mended
    assert mended.startswith("before\n")
    assert mended.endswith("\nafter\n")
    assert generate.with_tables(mended) == mended


@pytest.mark.parametrize(
    ("config", "table"),
    [
        (RunConfig().model_dump(mode="json"), "settings"),
        (FinetuneConfig().model_dump(mode="json"), "finetune-settings"),
        (VlmConfig().model_dump(mode="json"), "vlm-settings"),
    ],
)
def test_every_setting_is_described(config: dict[str, object], table: str) -> None:
    rows = generate.BLOCKS[table]()
    keys = [key for key in flatten(config) if table == "settings" or not key.startswith("source.")]
    assert len(keys) > 20
    assert [key for key in keys if f"| `{key}`" not in rows] == []
    assert "|  |" not in rows, "a setting has no description"


@pytest.mark.parametrize("record", [SampleDocument, SidecarRow])
def test_every_field_is_described(record: type) -> None:
    assert all(generate.attributes(record).values())


@dataclass
class Half:
    """A record of which one field is not described.

    Attributes:
        described: What it is.
    """

    described: int
    forgotten: int


def test_a_field_without_a_description_is_an_error() -> None:
    with pytest.raises(ValueError, match="forgotten"):
        generate.attributes(Half)


def test_what_changed_is_bold() -> None:
    assert generate.marked("a cat on a mat", "a dog on two mats") == "a **dog** on **two mats**"
    assert generate.marked("a man on a boy", "a boy on a man") == "a **boy** on a **man**"


def test_cells_show_what_they_say() -> None:
    assert generate.table(["a"], [["x | y <z> `<w>`<br>"]]).endswith("| x \\| y &lt;z> `<w>`<br> |")
