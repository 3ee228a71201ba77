"""What names the input may be a secret address: it is never written down."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline.config.run import RunConfig
from pipeline.config.source import LATER_SETTINGS, SAMPLE_INPUT, SAMPLES, SourceConfig
from pipeline.sources import open_source

ADDRESS = "https://someone:pass@host.example/x.tsv?X-Amz-Signature=abc"


def test_a_password_or_signature_is_in_nothing_that_is_written_or_printed() -> None:
    config = SourceConfig(input=ADDRESS, image_folder="https://someone:pass@host.example/pictures")
    assert config.input == ADDRESS, "it is what is read from"
    for written in (config.model_dump_json(), config.public_input):
        assert "host.example/x.tsv" in written
        for secret in ("pass", "someone", "abc"):
            assert secret not in written
    assert "pass" not in repr(SourceConfig(input=ADDRESS))


def test_a_setting_that_came_later_is_no_part_of_an_older_runs_identity() -> None:
    assert {key.removeprefix("source.") for key in LATER_SETTINGS} < set(SourceConfig.model_fields)
    plain = RunConfig()
    assert not LATER_SETTINGS & plain.product().keys()
    changed = RunConfig(source=SourceConfig(encoding="cp1252"))
    assert changed.product()["source.encoding"] == "cp1252"
    assert changed.fingerprint != plain.fingerprint


@pytest.mark.parametrize("name", SAMPLES)
def test_the_packaged_samples_are_read_by_their_name(name: str) -> None:
    source = open_source(SourceConfig(input=name, limit=3))
    assert sum(span.rows for span in source.partition()) == 3


def test_without_settings_it_is_the_sample() -> None:
    assert SourceConfig().input == SAMPLE_INPUT


@pytest.mark.parametrize(
    "wrong", [{"kind": "sql"}, {"limit": 0}, {"shard_size": 0}, {"captions": "last"}]
)
def test_what_no_source_can_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        SourceConfig.model_validate(wrong)
