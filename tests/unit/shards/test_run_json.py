"""run.json: what is damaged is named, what is missing is no run directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout
from pipeline.shards.run_json import read_run_json


def test_settings_and_tables_are_read(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    config = {"images.renderer": "sdxl", "images.steps": 4, "images.lora": None}
    write_json(layout.run_json, {"config": config, "stages": {"edits": "e"}, "schema_version": 1})
    record = read_run_json(layout)
    assert record.text("images.steps") == "4"
    assert record.text("images.lora", "none") == "none"
    assert record.has_pictures
    assert record.table("stages") == {"edits": "e"}
    assert record.table("schema_version") == record.table("prompts") == {}
    assert record.fingerprint is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "no table"),
        (b'{"config": 3}', "config is no table"),
    ],
)
def test_damage_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    layout = RunLayout(tmp_path)
    layout.run_json.write_bytes(data)
    with pytest.raises(ShardCorruptError, match=rf"run\.json is damaged.*{said}"):
        read_run_json(layout)


def test_a_folder_without_one_is_no_run_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path, tmp_path / "file"):
        with pytest.raises(ConfigError, match=r"is no run directory: it has no run\.json"):
            read_run_json(RunLayout(root))
    with pytest.raises(ConfigError, match="missing does not exist"):
        read_run_json(RunLayout(tmp_path / "missing"))
