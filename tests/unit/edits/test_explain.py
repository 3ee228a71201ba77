"""An explanation says what the stage does, proposal by proposal, and why there is nothing."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor, CounterfactualSet, EditKind
from pipeline.core.stage import Rejected
from pipeline.edits.explain import Explanation, explain, trace_rules
from pipeline.edits.stage import EditStage

CAPTION = "a red dog and a brown cat sit on a wooden table in the park"


def outcomes(explanation: Explanation) -> dict[str, set[str]]:
    """Outcome → the reasons that come with it."""
    found: dict[str, set[str]] = {}
    for rule in explanation.rules:
        for proposal in rule.proposals:
            found.setdefault(proposal.outcome, set()).add(proposal.reason)
    return found


def test_what_it_says_is_kept_is_what_the_stage_writes() -> None:
    text = (files("pipeline.sources") / "sample" / "cc3m_sample.tsv").read_text(encoding="utf-8")
    captions = [line.split("\t")[0] for line in text.splitlines()[:48]]
    config = EditsConfig(max_minimal=2)
    stage = EditStage(config, run_seed=9)
    anchors = [Anchor(content_id(c), c, c, "cc_tsv", "test:1") for c in captions]
    written = 0
    for anchor, result in zip(anchors, stage.run(anchors), strict=True):
        found = explain(anchor.caption, config, anchor_id=anchor.anchor_id, run_seed=9)
        if isinstance(result, Rejected):
            assert (found.reason, found.detail) == (result.reason, result.detail)
            assert found.kept == ()
            continue
        assert found.reason == ""
        assert found.full == result.full
        assert {p.caption for p in found.kept} == {edit.caption for edit in result.minimal}
        assert {p.factual for p in found.kept} == {edit.factual for edit in result.minimal}
        written += len(result.minimal)
    assert written > 10


def test_every_proposal_has_its_words_its_place_and_its_fate() -> None:
    found = explain(CAPTION, EditsConfig(max_minimal=3, balance="off"))
    proposals = [p for rule in found.rules for p in rule.proposals]
    (colour,) = [p for p in proposals if (p.old, p.new) == ("red", "grey")]
    assert (colour.kind, colour.subkind, colour.span) == (EditKind.ATTRIBUTE, "colour", (2, 5))
    assert colour.caption == CAPTION.replace("red", "grey")
    assert len(found.kept) == 3
    assert all(p.reason == p.detail == "" for p in found.kept)
    assert outcomes(found) == {"kept": {""}, "passed over": {"text.enough_edits"}}
    for proposal in proposals:
        assert proposal.span is not None
        start, end = proposal.span
        assert 0 <= start <= end <= len(proposal.factual)


def test_the_parse_is_told_token_by_token() -> None:
    found = explain("two dogs sit on a bench", EditsConfig())
    by_text = {token.text: token for token in found.tokens}
    assert (by_text["dogs"].lemma, by_text["dogs"].tag) == ("dog", "NNS")
    assert (by_text["bench"].dep, found.tokens[by_text["bench"].head].text) == ("pobj", "on")
    assert sum(token.dep == "ROOT" for token in found.tokens) == 1


def test_a_caption_without_edits_says_why() -> None:
    found = explain("the meaning of success", EditsConfig())
    assert (found.reason, found.detail) == ("text.no_edit", "no rule found anything to edit")
    assert found.rules
    assert all(rule.proposals == () for rule in found.rules)


def test_only_the_rules_of_the_configs_kinds_are_asked() -> None:
    found = explain(CAPTION, EditsConfig(kinds=(EditKind.COUNT,)))
    assert {rule.kind for rule in found.rules} == {EditKind.COUNT}


def test_words_outside_the_vocabulary_are_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "words.toml"
    file.write_text('words = ["blue"]', "utf-8")
    found = explain(CAPTION, EditsConfig(vocabulary=str(file), kinds=(EditKind.OBJECT,)))
    assert outcomes(found) == {"refused": {"text.outside_vocabulary"}}
    (bench,) = [p for rule in found.rules for p in rule.proposals if p.new == "bench"]
    assert bench.detail == "bench"
    assert bench.caption == CAPTION.replace("table", "bench")


def test_a_kind_of_which_a_share_is_wanted_is_passed_over_for_it() -> None:
    config = EditsConfig(kind_weights={EditKind.ATTRIBUTE: 1e-9})
    assert "text.kind_weight" in outcomes(explain(CAPTION, config))["passed over"]


@pytest.mark.parametrize("kind", [EditKind.SWAP, EditKind.CAUSAL_ORDER])
def test_kinds_of_two_places_span_both(kind: EditKind) -> None:
    caption = "a red flower is among white tulips because it is raining"
    found = explain(caption, EditsConfig(kinds=(kind,)))
    assert found.kept
    for proposal in found.kept:
        assert proposal.span is not None
        assert proposal.caption[: proposal.span[0]] == proposal.factual[: proposal.span[0]]


def test_the_stages_trace_does_not_change_what_it_writes() -> None:
    stage = EditStage(EditsConfig())
    anchor = Anchor("a0", CAPTION, CAPTION, "cc_tsv", "test:1")
    before = stage.run([anchor])
    trace = trace_rules(stage, anchor)
    assert isinstance(trace.result, CounterfactualSet)
    assert [trace.result] == list(before) == list(stage.run([anchor]))
