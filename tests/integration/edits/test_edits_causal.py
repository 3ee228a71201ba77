from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit, EditKind, Role
from pipeline.core.stage import Fault
from pipeline.edits.apply.proposal import Proposal, apply
from pipeline.edits.apply.verify import Verifier
from pipeline.edits.lexicon.connectives import load_causal_lexicon
from pipeline.edits.parse.tokens import words_of
from pipeline.edits.rules.causal.events import read_event
from pipeline.edits.rules.causal.rule import CausalRule, compose
from tests.integration.edits.caption_edits import captions, edits, parse, parser

pytestmark = pytest.mark.integration
RULE = CausalRule()
CONNECTIVES = load_causal_lexicon().connectives


def composed(effect: str, cause: str, connective: str) -> CaptionEdit:
    proposal = compose(effect, cause, connective, parser().nlp)
    assert isinstance(proposal, Proposal), proposal
    edit = apply(parse(effect), proposal)
    assert proposal.wording is not None
    assert Verifier(parser().nlp.make_doc).verify(edit, proposal.wording) is None
    return edit


@pytest.mark.parametrize(
    ("connective", "factual", "counterfactual"),
    [
        ("because", "the street is wet because it is raining",
         "it is raining because the street is wet"),
        ("is due to", "the street being wet is due to the rain",
         "the rain is due to the street being wet"),
        ("is caused by", "the street being wet is caused by the rain",
         "the rain is caused by the street being wet"),
        ("is a result of", "the street being wet is a result of the rain",
         "the rain is a result of the street being wet"),
        ("is the effect of", "the street being wet is the effect of the rain",
         "the rain is the effect of the street being wet"),
        ("is the consequence of", "the street being wet is the consequence of the rain",
         "the rain is the consequence of the street being wet"),
        ("owe to", "the street is wet owing to the rain",
         "it is raining owing to the street being wet"),
        ("result in", "the rain results in the street being wet",
         "the street being wet results in the rain"),
        ("cause", "the rain causes the street being wet",
         "the street being wet causes the rain"),
        ("lead to", "the rain leads to the street being wet",
         "the street being wet leads to the rain"),
        ("give rise to", "the rain gives rise to the street being wet",
         "the street being wet gives rise to the rain"),
        ("bring about", "the rain brings about the street being wet",
         "the street being wet brings about the rain"),
        ("because of", "the street is wet because of the rain",
         "it is raining because of the street being wet"),
        ("so", "it is raining, so the street is wet",
         "the street is wet, so it is raining"),
    ],
)  # fmt: skip
def test_each_connective_keeps_its_direction(
    connective: str, factual: str, counterfactual: str
) -> None:
    edit = composed("the street is wet", "it is raining", connective)
    assert edit.factual == factual
    assert edit.caption == counterfactual


def test_all_twelve_and_the_mined_ones_are_there() -> None:
    twelve = {
        "is due to", "is caused by", "is a result of", "is the effect of",
        "is the consequence of", "because", "owe to", "result in", "cause", "lead to",
        "give rise to", "bring about",
    }  # fmt: skip
    assert twelve <= set(CONNECTIVES)


def test_a_verb_agrees_with_what_stands_first() -> None:
    edit = composed("broken trees", "the storm", "result in")
    assert edit.factual == "the storm results in broken trees"
    assert edit.caption == "broken trees result in the storm"
    assert [p.role for p in edit.replacements] == [Role.EDIT, Role.REPAIR, Role.EDIT]


def test_a_noun_phrase_becomes_a_clause_where_one_is_needed() -> None:
    edit = composed("the street is wet", "heavy rain", "because")
    assert edit.factual == "the street is wet because there is heavy rain"


def test_case_and_stop_follow_the_effect() -> None:
    edit = composed("The street is wet.", "it is raining", "because")
    assert edit.factual == "The street is wet because it is raining."
    assert edit.caption == "It is raining because the street is wet."


@pytest.mark.parametrize(
    ("effect", "cause", "connective", "reason"),
    [
        ("the street is wet", "it is raining", "whenever", "text.unknown_connective"),
        ("the street is wet", "", "because", "text.causal_form"),
        ("the street is wet", "why is it raining?", "because", "text.causal_form"),
        ("the street is wet", "the street is wet", "because", "text.nothing_changed"),
        ("a woman holds an umbrella", "she walks in the rain", "because", "text.causal_pronoun"),
        ("the street may be wet", "it is raining", "because", "text.causal_form"),
        ("a tower of smoke", "volcano", "because", "text.causal_form"),
        ("running fast", "it is raining", "because", "text.causal_form"),
    ],
)
def test_what_cannot_be_composed_is_refused_with_a_reason(
    effect: str, cause: str, connective: str, reason: str
) -> None:
    fault = compose(effect, cause, connective, parser().nlp)
    assert isinstance(fault, Fault)
    assert fault.reason == reason


@pytest.mark.parametrize(
    ("text", "clause", "nominal"),
    [
        ("the dog barks at a man", "the dog barks at a man", "the dog barking at a man"),
        ("the boys are running", "the boys are running", "the boys running"),
        ("a flag is not moving", "a flag is not moving", "a flag not moving"),
        ("the road was closed", "the road was closed", "the road being closed"),
        ("there is a fire", "there is a fire", "a fire"),
        ("it snows", "it snows", "the snow"),
        ("the strong wind", "there is strong wind", "the strong wind"),
        ("the parade", "there is a parade", "the parade"),
    ],
)
def test_events_have_both_forms(text: str, clause: str, nominal: str) -> None:
    event = read_event(words_of(parse(text)).whole)
    assert event is not None
    assert (event.clause, event.nominal) == (clause, nominal)


@pytest.mark.parametrize("text", ["he could fall", "running in the park quickly"])
def test_unclear_events_are_none(text: str) -> None:
    assert read_event(words_of(parse(text)).whole) is None


def test_a_mined_statement_is_swapped_with_its_own_wording() -> None:
    (edit,) = edits(RULE, "the storm causes damage to houses.")
    assert (edit.kind, edit.subkind) == (EditKind.CAUSAL_ORDER, "mined")
    assert edit.factual == "the storm causes damage to houses."
    assert edit.caption == "damage to houses causes the storm."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a flag waving in the wind", ("flag", "wind")),
        ("a car covered with snow", ("car", "snow")),
        ("woman with an umbrella in the rain", ("umbrella", "rain")),
        ("smoke rises from a burning house on fire", ("smoke", "fire")),
        ("orange sky at sunset", ("orange", "sun")),
        ("a football player celebrates after scoring a goal", ("celebrat", "goal")),
        ("waves crash against the rocks", ("foam", "wave")),
        ("a house destroyed by a fire", ("house", "fire")),
        ("steam rising from a cup of coffee", ("steam", "coffee")),
        ("rainbow over the mountains after a storm", ("rainbow", "rain")),
        ("boy jumping in a puddle", ("puddles", "rain")),
        ("footprints in the sand", ("footprints", "steps")),
        ("cars damaged in an accident on the highway", ("car", "accident")),
        ("a boy swimming in the lake", ("boy", "water")),
        ("soccer player celebrates after scoring", ("celebrat", "goal")),
        ("frost on the grass in the morning", ("grass", "freezing")),
        ("the trees give shade in a park", ("shade", "tree")),
    ],
)
def test_what_a_caption_licenses_is_composed(text: str, words: tuple[str, ...]) -> None:
    found = edits(RULE, text)
    assert found
    for edit in found:
        assert edit.subkind == "composed"
        assert all(word in edit.factual + edit.caption for word in words)


@pytest.mark.parametrize(
    "text",
    [
        "a dog on the beach",
        "wind turbines waving goodbye to coal",
        "a woman waving in the wind",
        "portrait of a woman spinning her umbrella because it is not raining",
        "snow globe covered with glitter",
        "saturday night at the club",
        "how do you cover a car with snow?",
        "because it was awesome",
        "my hair because of the ring",
        "person celebrates victory at the end of the game",
        "rainbow flag over the city",
        "trees in bloom in spring",
        "orange leaves in autumn",
        "a tennis player celebrating after a victory",
        "players celebrate after scoring the first touchdown",
        "rugby player celebrates after scoring",
        "illustration of a steam locomotive",
        "the city at night",
        "twilight in the village after sunset",
        "the rising fog exposes the mountains",
        "fog lifts over the river",
        "a sunny apartment above the street",
        "letters have led to a fight between boys",
        "the storm caused damage to houses",
        "the fight between rebels leads to smoke",
    ],
)
def test_what_is_not_licensed_is_not_composed(text: str) -> None:
    assert captions(RULE, text) == set()


def test_only_cause_and_effect_differ_never_the_connective() -> None:
    for text in ("a flag waving in the wind", "a car covered with snow", "orange sky at sunset"):
        for edit in edits(RULE, text):
            decisive = [p for p in edit.replacements if p.role is Role.EDIT]
            assert len(decisive) == 2
            kept = edit.factual[decisive[0].end : decisive[1].start].split()
            first, last = edit.caption_spans[0][1], edit.caption_spans[-1][0]
            assert len(edit.caption[first:last].split()) == len(kept)


def test_the_verb_agrees_with_the_head_of_its_subject() -> None:
    for text in ("buildings in the city at night", "the streets of the town at night"):
        for edit in edits(RULE, text):
            for side in (edit.factual, edit.caption):
                assert "dark sky over the buildings are" not in side
                assert "sky over the streets are" not in side


def test_an_effect_that_is_also_a_sign_is_not_joined_by_so() -> None:
    nouns = ("street", "car", "window", "flower", "roof", "field", "umbrella", "rose", "park")
    for noun in nouns:
        for edit in edits(RULE, f"a {noun} in the rain"):
            assert ", so " not in edit.factual


def test_only_effects_that_are_things_are_caused_as_nouns() -> None:
    for noun in ("street", "beach", "forest", "garden", "park", "field", "city", "road"):
        for edit in edits(RULE, f"a {noun} on a sunny day"):
            assert edit.factual.startswith("the " + noun + " is bright")


def test_shapes_are_as_many_as_what_casts_them() -> None:
    (many,) = edits(RULE, "silhouettes of fishermen at sunrise")
    (one,) = edits(RULE, "silhouette of a fisherman at sunrise")
    for edit, forbidden in ((many, "a dark shape"), (one, "dark shapes")):
        assert forbidden not in edit.factual + edit.caption


def test_nobody_is_introduced_twice() -> None:
    for edit in edits(RULE, "a young woman swimming in a lake"):
        assert edit.factual.count("a young woman") == 1
        assert edit.caption.count("a young woman") == 1


def test_light_is_said_of_what_the_caption_calls_sunny() -> None:
    assert captions(RULE, "the street on a sunny day")
    assert all("courtyard" in c for c in captions(RULE, "a sunny courtyard in the city"))


def test_the_commonest_pattern_leaves_captions_to_others() -> None:
    places = ("beach", "sea", "lake", "river", "city", "field", "mountain", "village", "forest")
    found = [captions(RULE, f"{place} at sunset in {n}") for place in places for n in range(8)]
    assert 0.25 < sum(map(bool, found)) / len(found) < 0.75
