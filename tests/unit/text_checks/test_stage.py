from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pytest

from pipeline.config.checks import ChecksConfig
from pipeline.core.records import CounterfactualSet, EditKind, NeutralCaption
from pipeline.core.stage import Rejected, run_stage
from pipeline.text_checks.stage import TextCheckStage
from tests.unit.text_checks.checks_records import ScorerOf, make_set

OBJECT, ATTRIBUTE, COUNT = EditKind.OBJECT, EditKind.ATTRIBUTE, EditKind.COUNT
MODEL = ChecksConfig(fluency_model="some-folder", balance=False)
BALANCED = ChecksConfig(fluency_model="some-folder")


class WordCounter:
    """Counts words, so that a test can see whether it was asked."""

    def count_tokens(self, texts: Sequence[str], /) -> list[int]:
        return [len(text.split()) for text in texts]


class Kin:
    """Knows one pair of nouns."""

    fingerprint = "kin"

    def relation(self, old: str, new: str, part: Literal["noun", "verb", "adj"], /) -> str | None:
        return "hyponym" if (old, new, part) == ("dog", "puppy", "noun") else None


def check(stage: TextCheckStage, *sets: CounterfactualSet) -> list[CounterfactualSet | Rejected]:
    return list(run_stage(stage, sets))


def reasons(result: CounterfactualSet | Rejected) -> list[str]:
    return [one.reason for one in result.refused]


def test_sound_captions_pass_unchanged() -> None:
    cfset = make_set("a dog on a sofa", ("dog", "cat", OBJECT), full=["a cow in a field"])
    assert check(TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1), cfset) == [cfset]


def test_an_unsafe_edit_is_refused_and_the_rest_stays() -> None:
    cfset = make_set(
        "a dressed woman on a beach",
        ("dressed", "naked", ATTRIBUTE),
        ("beach", "street", OBJECT),
        full=["a man lies in a pool of blood"],
    )
    (result,) = check(TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1), cfset)
    assert isinstance(result, CounterfactualSet)
    assert [edit.new for edit in result.minimal] == ["street"]
    assert not result.full
    assert reasons(result) == ["text.unsafe", "text.unsafe"]
    edit, full = result.refused
    assert (edit.item, edit.kind, edit.caption) == (
        "edit",
        "attribute",
        "a naked woman on a beach",
    )
    assert "naked woman" in edit.detail
    assert (full.item, full.kind) == ("full", "")


def test_an_unsafe_anchor_is_rejected_with_its_cost() -> None:
    cfset = make_set("a dog sees a beheading", ("dog", "cat", OBJECT))
    cfset = CounterfactualSet(cfset.anchor, cfset.minimal, tokens_in=7, tokens_out=3)
    (result,) = check(TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1), cfset)
    assert isinstance(result, Rejected)
    assert (result.reason, result.item, result.tokens_in) == ("text.unsafe", "anchor", 7)
    assert result.origin == cfset.anchor.origin


def test_unsafe_text_can_be_let_through() -> None:
    cfset = make_set("a dog sees a beheading", ("dog", "cat", OBJECT))
    off = TextCheckStage(ChecksConfig(unsafe=False), max_minimal=5, max_full=1)
    assert check(off, cfset) == [cfset]


def test_the_image_models_tokens_count_where_it_is_there() -> None:
    cfset = make_set("one two three", ("two", "two and a half", OBJECT), ("one", "six", OBJECT))
    stage = TextCheckStage(
        ChecksConfig(max_tokens=8), max_minimal=5, max_full=1, counter=WordCounter()
    )
    assert check(stage, cfset) == [cfset]
    cfset = make_set("one two three", ("two", "2 " * 8 + "x", OBJECT), ("one", "six", OBJECT))
    (result,) = check(stage, cfset)
    assert reasons(result) == ["text.too_long"]
    assert "11 CLIP tokens, at most 8" in result.refused[0].detail


def test_without_the_image_model_only_certain_excess_is_refused() -> None:
    stage = TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1)
    fits = make_set("dog " + "red " * 73 + ".", ("dog", "cat", OBJECT))
    assert check(stage, fits) == [fits]
    (result,) = check(stage, make_set("dog " + "red " * 75 + ".", ("dog", "cat", OBJECT)))
    assert isinstance(result, Rejected)
    assert result.reason == "text.too_long"
    assert "at least 79" in result.detail


def test_words_that_are_akin_are_refused_by_their_relation() -> None:
    cfset = make_set("a dog on a sofa", ("dog", "puppy", OBJECT), ("sofa", "rug", OBJECT))
    stage = TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1, dictionary=Kin())
    (result,) = check(stage, cfset)
    assert reasons(result) == ["text.hyponym"]
    assert "'puppy' is a hyponym of 'dog'" in result.refused[0].detail


def test_an_anchor_that_loses_all_is_rejected_with_its_refusals() -> None:
    cfset = make_set("a dog on a sofa", ("dog", "puppy", OBJECT))
    (result,) = check(
        TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1, dictionary=Kin()), cfset
    )
    assert isinstance(result, Rejected)
    assert result.reason == "text.no_edit"
    assert reasons(result) == ["text.hyponym"]


@pytest.mark.parametrize(("nats", "refused"), [(9.0, False), (11.0, True), (-40.0, True)])
def test_fluency_is_a_band_around_the_factual_wording(nats: float, refused: bool) -> None:
    cfset = make_set("a dog on a sofa", ("dog", "cat", OBJECT), full=["a cow"])
    scorer = ScorerOf({"a dog on a sofa": 50.0, "a cat on a sofa": 50.0 + nats})
    (result,) = check(TextCheckStage(MODEL, max_minimal=5, max_full=1, scorer=scorer), cfset)
    assert reasons(result) == (["text.fluency"] if refused else [])
    assert len(result.minimal) == (0 if refused else 1)


def test_a_score_that_is_no_number_is_refused() -> None:
    cfset = make_set("a dog on a sofa", ("dog", "cat", OBJECT), full=["a cow"])
    scorer = ScorerOf({"a cat on a sofa": float("nan")})
    (result,) = check(TextCheckStage(MODEL, max_minimal=5, max_full=1, scorer=scorer), cfset)
    assert reasons(result) == ["text.fluency"]


def test_bands_of_the_config_replace_the_measured_ones_of_their_kind() -> None:
    config = ChecksConfig(fluency_model="x", balance=False, bands={OBJECT: (-1.0, 1.0)})
    cfset = make_set("a dog and two cows", ("dog", "cat", OBJECT), ("two", "three", COUNT))
    scorer = ScorerOf({"a cat and two cows": 5.0, "a dog and three cows": 5.0})
    (result,) = check(TextCheckStage(config, max_minimal=5, max_full=1, scorer=scorer), cfset)
    assert [one.kind for one in result.refused] == ["object"]


def test_the_balance_keeps_likelier_and_less_likely_edits_and_names_the_giveaways() -> None:
    sets = [
        make_set(f"a dog and item {i}", ("dog", "cat", OBJECT), anchor_id=f"a{i}", full=["x y"])
        for i in range(10)
    ]
    scorer = ScorerOf({f"a cat and item {i}": 3.0 if i < 8 else -3.0 for i in range(10)})
    results = check(TextCheckStage(BALANCED, max_minimal=5, max_full=1, scorer=scorer), *sets)
    kept = [result for result in results if result.minimal]
    assert len(kept) == 4
    giveaways = [one for result in results for one in result.refused]
    assert {one.reason for one in giveaways} == {"text.giveaway"}
    assert len(giveaways) == 6
    assert "3.00 nats less likely" in giveaways[0].detail


def test_complete_counterfactuals_are_balanced_among_themselves() -> None:
    sets = [
        make_set(f"a dog and item {i}", anchor_id=f"a{i}", full=[f"long {i}", f"short {i}"])
        for i in range(10)
    ]
    gaps = {f"long {i}": 9.0 for i in range(10)} | {f"short {i}": 8.0 for i in range(8)}
    gaps |= {f"short {i}": -8.5 for i in (8, 9)}
    results = check(
        TextCheckStage(BALANCED, max_minimal=5, max_full=1, scorer=ScorerOf(gaps)), *sets
    )
    kept = [full.caption for result in results for full in getattr(result, "full", ())]
    assert len(kept) == 4
    assert {"short 8", "short 9"} < set(kept)
    given_away = [one for result in results for one in result.refused]
    assert {(one.item, one.reason) for one in given_away} == {("full", "text.giveaway")}


def test_without_a_balance_complete_counterfactuals_are_not_scored() -> None:
    cfset = make_set("a dog", full=["a cow"])
    scorer = ScorerOf({"a cow": float("nan")})
    assert check(TextCheckStage(MODEL, max_minimal=5, max_full=1, scorer=scorer), cfset) == [cfset]


def test_more_edits_than_asked_are_cut_without_a_refusal() -> None:
    words = ("dog", "cat", "cow")
    cfset = make_set("a dog", *(("dog", f"{word}fish", OBJECT) for word in words))
    for stage in (
        TextCheckStage(ChecksConfig(), max_minimal=2, max_full=1),
        TextCheckStage(MODEL, max_minimal=2, max_full=1, scorer=ScorerOf({})),
        TextCheckStage(BALANCED, max_minimal=2, max_full=1, scorer=ScorerOf({})),
    ):
        (result,) = check(stage, cfset)
        assert [edit.new for edit in result.minimal] == ["dogfish", "catfish"]
        assert not result.refused


def test_the_fingerprint_tells_every_part() -> None:
    stages = [
        TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1),
        TextCheckStage(ChecksConfig(), max_minimal=4, max_full=1),
        TextCheckStage(ChecksConfig(unsafe=False), max_minimal=5, max_full=1),
        TextCheckStage(ChecksConfig(max_tokens=60), max_minimal=5, max_full=1),
        TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1, counter=WordCounter()),
        TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1, dictionary=Kin()),
        TextCheckStage(MODEL, max_minimal=5, max_full=1, scorer=ScorerOf({})),
        TextCheckStage(BALANCED, max_minimal=5, max_full=1, scorer=ScorerOf({})),
        TextCheckStage(
            ChecksConfig(fluency_model="x", bands={OBJECT: (-1, 1)}),
            max_minimal=5,
            max_full=1,
            scorer=ScorerOf({}),
        ),
    ]
    assert len({stage.fingerprint for stage in stages}) == len(stages)
    assert stages[0].description()["wordnet"] is None
    assert (
        stages[0].fingerprint
        == TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1).fingerprint
    )


def test_closing_frees_the_model() -> None:
    scorer = ScorerOf({})
    TextCheckStage(MODEL, max_minimal=5, max_full=1, scorer=scorer).close()
    assert scorer.closed == 1


def test_frequent_pairs_are_left_out_with_a_reason_and_few_stay_for_the_same_words() -> None:
    sets = [
        make_set(
            f"a white car and item {i}",
            *(("white", new, ATTRIBUTE) for new in ("green", "red", f"tone{i}")),
            anchor_id=f"a{i}",
        )
        for i in range(6)
    ]  # fmt: skip
    stage = TextCheckStage(ChecksConfig(pair_cap=2), max_minimal=5, max_full=1)
    assert stage.chooses
    results = [one for one in stage.run(sets) if isinstance(one, CounterfactualSet)]
    kept = [edit for one in results for edit in one.minimal]
    assert sum(edit.new == "green" for edit in kept) == 2
    assert sum(edit.new == "red" for edit in kept) == 2
    assert max(len(one.minimal) for one in results) == 2
    assert {r.reason for one in results for r in one.refused} == {"text.frequent_pair"}


def test_a_neutral_variant_that_is_too_long_is_left_out_by_itself() -> None:
    cfset = make_set("one two three", ("one", "six", OBJECT))
    short, long = NeutralCaption("three two one", "order.x"), NeutralCaption("a " * 9, "clause.x")
    stage = TextCheckStage(
        ChecksConfig(max_tokens=8), max_minimal=5, max_full=1, counter=WordCounter()
    )
    (result,) = check(stage, replace(cfset, neutral=(long, short)))
    assert result == replace(cfset, neutral=(short,))
