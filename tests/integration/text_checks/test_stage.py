"""The checks within a run, on the packaged sample, with a real (random) language model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.language_model.scorer import open_text_scorer
from pipeline.config.loading import build_config
from pipeline.config.run import RunConfig
from pipeline.core.records import Anchor, CounterfactualSet, EditKind
from pipeline.core.stage import Rejected
from pipeline.runs.components import Components
from pipeline.runs.job import open_job
from pipeline.runs.shard import write_shard_captions
from pipeline.shards.captions import read_captions
from pipeline.text_checks.blind_guess import BlindPair, blind_accuracy

pytestmark = pytest.mark.integration


def make_config(output: Path, model: Path | str, **checks: object) -> RunConfig:
    return build_config(
        {
            "output": str(output),
            "source": {"limit": 80, "shard_size": 50},
            "checks": {"fluency_model": str(model), "wordnet": "off", **checks},
        }
    )


def write_captions(config: RunConfig) -> list[bytes]:
    """Bytes of each shard's captions file."""
    with Components(config, {}) as components:
        job = open_job(config, components)
        for shard_id in job.shard_ids:
            write_shard_captions(job, shard_id, components)
        return [job.layout.captions(shard_id).read_bytes() for shard_id in job.shard_ids]


def read(config: RunConfig) -> list[list[CounterfactualSet | Rejected]]:
    with Components(config, {}) as components:
        job = open_job(config, components)
        return [list(read_captions(job.layout, shard_id)) for shard_id in job.shard_ids]


WIDE = {str(kind): (-1e6, 1e6) for kind in EditKind}
"""A random model's likelihoods are wild: only the balance is looked at here."""


def test_every_shard_is_balanced_by_itself_and_the_ledger_knows_the_rest(
    tmp_path: Path, llama: Path
) -> None:
    config = make_config(tmp_path / "run", llama, bands=WIDE)
    write_captions(config)
    scorer = open_text_scorer(config.checks)
    kept = 0
    for shard in read(config):
        edits = [e for one in shard if isinstance(one, CounterfactualSet) for e in one.minimal]
        factual = scorer.score([edit.factual for edit in edits])
        changed = scorer.score([edit.caption for edit in edits])
        pairs = [
            BlindPair(edit.kind, round(old, 2), round(new, 2))
            for edit, old, new in zip(edits, factual.tolist(), changed.tolist(), strict=True)
        ]
        found = blind_accuracy(pairs)
        assert all(abs(one.accuracy - 0.5) < 0.01 for one in found.values()), found
        assert max(len(one.minimal) for one in shard if isinstance(one, CounterfactualSet)) <= 5
        kept += len(edits)
    assert kept >= 20
    refused = [r for shard in read(config) for one in shard for r in one.refused]
    assert any(one.reason == "text.giveaway" and one.kind for one in refused)


def test_the_same_config_gives_the_same_bytes_and_a_resume_too(tmp_path: Path, llama: Path) -> None:
    first = make_config(tmp_path / "first", llama, bands=WIDE)
    again = make_config(tmp_path / "again", llama, bands=WIDE)
    whole = write_captions(first)
    with Components(again, {}) as components:  # the second shard alone, then the rest
        write_shard_captions(open_job(again, components), 1, components)
    assert write_captions(again) == whole


def test_a_plain_run_loads_no_language_model_and_tells_what_is_off(tmp_path: Path) -> None:
    config = make_config(tmp_path / "run", "none")
    with Components(config, {}) as components:
        described = components.provenance()["text_checks"]
        assert isinstance(described, dict)
        assert described["fluency"] is None
        assert described["wordnet"] is None
        assert described["tokens"] == "lower bound"


def test_tokens_are_counted_by_the_image_model_where_one_draws(tmp_path: Path) -> None:
    config = make_config(tmp_path / "run", "none", max_tokens=12)
    images = config.images.model_copy(update={"renderer": "sdxl", "model": "builtin:tiny"})
    config = config.model_copy(update={"images": images})
    with Components(config, {}) as components:
        stage = components.edit_stage()
        job = open_job(config, components)
        rows = job.source.read(job.spans[0], images=False)
        written = stage.run([row for row in rows if isinstance(row, Anchor)])
        sets = [one for one in written if isinstance(one, CounterfactualSet)]
        results = components.text_checks().run(sets)
    by_id = {one.anchor.anchor_id: one for one in sets}
    too_long = [r for r in results if isinstance(r, Rejected) and r.reason == "text.too_long"]
    assert 0 < len(too_long) < len(sets)
    assert all("at least" not in one.detail for one in too_long)
    for result in results:
        if isinstance(result, CounterfactualSet):
            before = by_id[result.anchor.anchor_id]
            assert replace(result, minimal=before.minimal, full=before.full, refused=()) == replace(
                before, refused=()
            )
