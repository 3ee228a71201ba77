"""The caption stage on the real captions that the package ships."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.core.errors import ConfigError, StageContractError
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor, CounterfactualSet, EditKind, FullCaption
from pipeline.core.stage import Rejected, run_stage
from pipeline.edits.llm.proposer import ProposerItem, ProposerResult
from pipeline.edits.parse.spacy_pipeline import load_pipeline
from pipeline.edits.stage import EditStage

pytestmark = pytest.mark.integration


def anchor_of(caption: str) -> Anchor:
    return Anchor(content_id(caption), caption, caption, "cc_tsv", "test:1")


@pytest.fixture(scope="module")
def captions() -> list[str]:
    text = (files("pipeline.sources") / "sample" / "cc3m_sample.tsv").read_text(encoding="utf-8")
    return [line.split("\t")[0] for line in text.splitlines()]


@pytest.fixture(scope="module")
def stage() -> EditStage:
    return EditStage(EditsConfig(), run_seed=3)


@pytest.fixture(scope="module")
def results(stage: EditStage, captions: list[str]) -> Sequence[CounterfactualSet | Rejected]:
    return run_stage(stage, [anchor_of(caption) for caption in captions])


def test_many_real_captions_get_edits_of_two_kinds(captions, results) -> None:
    # Floors under what was measured: a change that buys quality by refusing far more than it
    # should must not pass unnoticed.
    unbalanced = EditStage(EditsConfig(balance="off"), run_seed=3)
    made = run_stage(unbalanced, [anchor_of(caption) for caption in captions])
    sets = [r for r in made if isinstance(r, CounterfactualSet) and r.minimal]
    assert len(sets) / len(made) > 0.36
    kinds = [len({edit.kind for edit in cfset.minimal}) for cfset in sets]
    assert sum(kinds) / len(kinds) > 1.9
    # The balance costs captions of which every edit comes oftener than its reverse.
    balanced = [r for r in results if isinstance(r, CounterfactualSet) and r.minimal]
    assert len(balanced) / len(results) > 0.22


def test_every_edit_is_sound(stage: EditStage, results) -> None:
    assert len(results) > 100
    for cfset in results:
        if isinstance(cfset, Rejected):
            assert cfset.reason == "text.no_edit"
            continue
        assert len(cfset.minimal) <= 5
        assert len({edit.caption for edit in cfset.minimal}) == len(cfset.minimal)
        for full in cfset.full:
            assert full.contradicts
            assert full.caption != cfset.anchor.caption


def test_results_do_not_depend_on_batch_or_order(stage: EditStage, captions, results) -> None:
    some = list(range(0, 120, 7))
    anchors = [anchor_of(captions[i]) for i in reversed(some)]
    again = [stage.run([anchor])[0] for anchor in anchors]
    assert again == [results[i] for i in reversed(some)]


def test_a_caption_without_anything_to_edit_is_rejected_with_its_origin(stage: EditStage) -> None:
    (result,) = stage.run([anchor_of("the meaning of success")])
    assert isinstance(result, Rejected)
    assert result.reason == "text.no_edit"
    assert result.origin == "test:1"


def test_only_configured_kinds_are_made() -> None:
    stage = EditStage(EditsConfig(kinds=(EditKind.COUNT,), max_full=0))
    (result,) = stage.run([anchor_of("a red dog on the beach")])
    assert isinstance(result, CounterfactualSet)
    assert {edit.kind for edit in result.minimal} == {EditKind.COUNT}
    assert result.full == ()


class FirstProposer:
    """Chooses the last proposal, and writes one complete caption."""

    fingerprint = "first"
    name = "llm:first"

    def choose(self, batch: Sequence[ProposerItem], /) -> Sequence[ProposerResult]:
        full = FullCaption("an entirely different scene that is long enough to keep", self.name)
        return [
            ProposerResult(tuple(item.proposals[-1:]), (full,), tokens_in=5, tokens_out=2)
            for item in batch
        ]

    def close(self) -> None:
        self.closed = True


class SilentProposer(FirstProposer):
    def choose(self, batch: Sequence[ProposerItem], /) -> Sequence[ProposerResult]:
        return []


def test_a_proposer_comes_first_and_the_rules_fill_up() -> None:
    proposer = FirstProposer()
    stage = EditStage(EditsConfig(balance="off"), proposer=proposer)
    (result,) = stage.run([anchor_of("a red car and a small dog on the beach")])
    assert isinstance(result, CounterfactualSet)
    assert result.minimal[0].proposer == "llm:first"
    assert {edit.proposer for edit in result.minimal[1:]} == {"rules"}
    assert result.full[0].proposer == "llm:first"
    assert (result.tokens_in, result.tokens_out) == (5, 2)
    stage.close()
    assert proposer.closed


def test_a_proposer_that_answers_too_little_breaks_its_contract() -> None:
    stage = EditStage(EditsConfig(), proposer=SilentProposer())
    with pytest.raises(StageContractError, match="0 answers for 1"):
        stage.run([anchor_of("a red car on the beach")])


def test_the_fingerprint_names_config_seed_and_proposer(stage: EditStage) -> None:
    prints = {
        stage.fingerprint,
        EditStage(EditsConfig(), run_seed=4).fingerprint,
        EditStage(EditsConfig(max_full=0), run_seed=3).fingerprint,
        EditStage(EditsConfig(), run_seed=3, proposer=FirstProposer()).fingerprint,
    }
    assert len(prints) == 4
    assert EditStage(EditsConfig(), run_seed=3).fingerprint == stage.fingerprint


def test_a_missing_pipeline_names_the_remedy() -> None:
    with pytest.raises(ConfigError, match="pip install en-core-web-sm"):
        load_pipeline("no_such_pipeline")


def test_the_mix_of_kinds_follows_the_weights_however_the_stream_is_cut(captions) -> None:
    weighted = EditStage(EditsConfig(kind_weights={EditKind.OBJECT: 0.2}), run_seed=3)
    anchors = [anchor_of(caption) for caption in captions]
    made = run_stage(weighted, anchors)
    plain = run_stage(EditStage(EditsConfig(), run_seed=3), anchors)

    def share(results: Sequence[CounterfactualSet | Rejected]) -> float:
        kinds = [e.kind for r in results if isinstance(r, CounterfactualSet) for e in r.minimal]
        return kinds.count(EditKind.OBJECT) / len(kinds)

    assert share(made) < 0.5 * share(plain)
    assert [r for half in (anchors[:37], anchors[37:]) for r in run_stage(weighted, half)] == made


def test_what_the_weights_leave_out_is_said() -> None:
    config = EditsConfig(kinds=(EditKind.OBJECT,), kind_weights={EditKind.OBJECT: 1e-9}, max_full=0)
    (result,) = EditStage(config).run([anchor_of("a dog on a beach")])
    assert isinstance(result, Rejected)
    assert "kind_weights" in result.detail


@pytest.mark.parametrize(
    "caption",
    [
        "A young woman sitting on a bench in a park.",
        "Two dogs running on the beach.",
        "Red car parked in front of a white house.",
        "A man in a red hat is riding a brown horse.",
        "Woman holding a black umbrella.",
        "Three children are playing soccer in the park.",
        "White flowers on a black background.",
        "Young boy standing next to a wooden door.",
    ],
)
def test_the_first_letter_alone_stays_a_capital_wherever_the_edit_stands(caption: str) -> None:
    (made,) = EditStage(EditsConfig(max_minimal=32, balance="off")).run([anchor_of(caption)])
    assert isinstance(made, CounterfactualSet)
    assert len(made.minimal) >= 4
    for text in [edit.caption for edit in made.minimal] + [full.caption for full in made.full]:
        assert text[0].isupper(), text
        assert text[1:].islower(), text
