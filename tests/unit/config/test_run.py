"""What makes a run another run, and that no secret stands in its config."""

from __future__ import annotations

from pipeline.config.base import flatten
from pipeline.config.loading import load_config
from pipeline.config.run import OPERATIONAL, RunConfig, fingerprints_of


def test_fingerprint_changes_with_the_product_only() -> None:
    base = RunConfig()
    faster = load_config({"images.batch_size": 2, "llm.concurrency": 3, "output": "x"}, environ={})
    other = load_config({"images.steps": 29}, environ={})
    assert faster.fingerprint == base.fingerprint
    assert other.fingerprint != base.fingerprint


def test_the_inputs_address_is_no_part_of_the_name() -> None:
    here = load_config({"source.input": "a.tsv"}, environ={})
    there = load_config({"source.input": "s3://bucket/a.tsv"}, environ={})
    assert here.fingerprint == there.fingerprint
    assert here.product()["source.input"] == "a.tsv", "a replay reads it there"
    names = fingerprints_of(here.product()), fingerprints_of(there.product())
    assert names[0][0] == names[1][0] == here.fingerprint
    assert names[0][1] != names[1][1], "as older versions named them"


def test_operational_keys_exist() -> None:
    assert set(flatten(RunConfig().model_dump(mode="json"))) >= OPERATIONAL


def test_no_key_holds_a_secret() -> None:
    keys = flatten(RunConfig().model_dump(mode="json"))
    assert not [key for key in keys if any(word in key for word in ("api_key", "secret", "token_"))]
