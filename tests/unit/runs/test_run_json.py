"""A run directory that holds something else is refused, and what differs is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.ids import JsonValue
from pipeline.runs.run_json import library_versions, refuse_another_run
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout

DESCRIBED: dict[str, JsonValue] = {
    "config": {"seed": 0, "edits.kinds": ["count"]},
    "source": {"fingerprint": "f"},
    "stages": {"edits": "e"},
}


def refused(layout: RunLayout, **changed: JsonValue) -> str:
    with pytest.raises(ConfigError) as caught:
        refuse_another_run(layout, {**DESCRIBED, **changed})
    return str(caught.value)


def test_what_differs_is_named(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    write_json(layout.run_json, DESCRIBED)
    refuse_another_run(layout, DESCRIBED)
    # A tuple becomes a list on its way through JSON, which is no difference.
    refuse_another_run(layout, {**DESCRIBED, "config": {"seed": 0, "edits.kinds": ("count",)}})
    told = refused(layout, config={"seed": 3, "new": True})
    assert "  seed: 0 in the directory, 3 now" in told
    assert "  new: null in the directory, true now" in told
    assert '  edits.kinds: ["count"] in the directory, null now' in told
    assert "  source fingerprint: " in refused(layout, source={"fingerprint": "g"})
    assert "  edits: the rules, prompts or models" in refused(layout, stages={"edits": "x"})


def test_where_the_input_lies_is_no_difference(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    there: dict[str, JsonValue] = {"input": "s3://b/a.tsv", "fingerprint": "f", "stamp": "etag"}
    config: dict[str, JsonValue] = {"seed": 0, "source.input": "s3://b/a.tsv"}
    write_json(layout.run_json, {**DESCRIBED, "config": config, "source": there})
    here = {**there, "input": "/data/a.tsv"}
    copy = {**there, "input": "gs://c/a.tsv", "stamp": "other"}
    moved = {**config, "source.input": "/data/a.tsv"}
    for source in (there, copy, {k: v for k, v in here.items() if k != "stamp"}):
        refuse_another_run(layout, {**DESCRIBED, "config": moved, "source": source})
    assert "source fingerprint" in refused(
        layout, config=moved, source={**here, "fingerprint": "g"}
    )
    # At the same place another stamp is another content, though its ends may be the same.
    assert "source stamp" in refused(layout, config=config, source={**there, "stamp": "new"})


def test_a_remote_input_of_an_older_version_is_known_by_its_stamp(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    older: dict[str, JsonValue] = {"input": "s3://b/a.tsv", "fingerprint": "etag"}
    write_json(layout.run_json, {**DESCRIBED, "source": older})
    now = {"input": "s3://b/a.tsv", "fingerprint": "f", "stamp": "etag"}
    refuse_another_run(layout, {**DESCRIBED, "source": now})
    assert "source fingerprint" in refused(layout, source={**now, "stamp": "other"})


@pytest.mark.parametrize(
    "changed",
    [
        {"config": {"seed": 3, "edits.kinds": ["count"]}},
        {"config": {"seed": 0, "edits.kinds": ["swap"]}},
        {"source": {"fingerprint": "g"}},
    ],
)
def test_a_setting_that_differs_is_not_told_as_a_change_of_rules(
    tmp_path: Path, changed: dict[str, JsonValue]
) -> None:
    layout = RunLayout(tmp_path)
    write_json(layout.run_json, DESCRIBED)
    told = refused(layout, stages={"edits": "x", "render": "y"}, **changed)
    assert "rules, prompts or models" not in told
    assert sum(line.startswith("  ") for line in told.splitlines()) == 1


def test_an_empty_folder_will_do_and_a_stranger_s_will_not(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "run")
    refuse_another_run(layout, DESCRIBED)
    layout.root.mkdir()
    (layout.root / ".hidden").touch()
    refuse_another_run(layout, DESCRIBED)
    (layout.root / "thesis.tex").touch()
    assert "holds other files (thesis.tex)" in refused(layout)
    assert "is a file" in refused(RunLayout(layout.root / "thesis.tex"))


def test_a_damaged_record_is_no_other_run(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    layout.run_json.write_bytes(b'{"config": ')
    with pytest.raises(ShardCorruptError, match=r"run\.json is damaged"):
        refuse_another_run(layout, DESCRIBED)


def test_a_missing_library_is_told() -> None:
    found = library_versions(("numpy", "no-such-library"))
    assert found["counterfactory"] == __version__
    assert found["no-such-library"] == "absent"
    assert found["numpy"][0].isdigit()
