"""Edits that do not exclude the original, clash with the rest of a caption, or make no sense."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import apply
from pipeline.edits.rules.attribute.picture_style import PictureRule
from pipeline.edits.rules.attribute.rule import AttributeRule
from pipeline.edits.rules.causal.rule import CausalRule
from pipeline.edits.rules.count.rule import CountRule
from pipeline.edits.rules.listed import ListedRule
from pipeline.edits.rules.negation.rule import NegationRule
from pipeline.edits.rules.relation.rule import RelationRule
from pipeline.edits.rules.relation.sides import SidesRule
from pipeline.edits.rules.swap.rule import SwapRule


def put(doc, rule, old: str) -> set[str]:
    """What a rule puts in the place of `old`."""
    return {proposal.new for proposal in rule.propose(doc) if proposal.old == old}


def wordings(doc) -> set[tuple[str, str]]:
    """What every negation exchanges."""
    return {(p.old, p.new) for p in NegationRule(6).propose(doc)}


@pytest.mark.parametrize(
    ("text", "old", "wrong"),
    [
        ("old small hammer isolated on the white background", "small", {"large", "huge"}),
        ("a big bird on a white background", "big", {"small", "tiny"}),
        ("an old fashioned wooden breakwater in the sea", "wooden", {"glass", "plastic"}),
        ("a stone wall in the country", "stone", {"glass"}),
        ("a wooden window of the old church", "wooden", {"glass"}),
        ("picture of a very happy business woman with hands up", "happy", {"crying", "smiling"}),
        ("there are very small shells all over the shore", "small", {"huge"}),
        ("happy family in a city park", "happy", {"surprised"}),
        ("poly rattan garden furniture - the right look for your modern room", "modern", {"old"}),
        ("the back garden from outside the main guest bedroom.", "back", {"front"}),
        ("the modern lower level", "lower", {"upper"}),
        ("heavy rain fell on the street", "heavy", {"light"}),
        ("fishing in the icy waters", "icy", {"calm"}),
        ("sun rising through a forest on a misty summer morning", "misty", {"snowy"}),
        ("birds in a dead tree during a frozen, winter sunset", "dead", {"flowering", "leafy"}),
        ("a comfortably decorated room", "decorated", {"undecorated"}),
        ("a hamper of fresh fruits", "fresh", {"rotten"}),
        ("a big family in the garden", "big", {"tiny"}),
        ("close up of an angry hissing cat", "angry", {"happy", "smiling"}),
        ("sunglasses with a metal bridge", "metal", {"stone"}),
        ("a variety of colors of our fresh african violet inch plants.", "violet", {"yellow"}),
    ],
)
def test_a_quality_that_does_not_fit_is_not_put(
    parse, text: str, old: str, wrong: set[str]
) -> None:
    assert not wrong & put(parse(text), AttributeRule(), old)


def test_sizes_beside_other_things_still_change(parse) -> None:
    assert "small" in put(parse("a large polar bear next to a car"), AttributeRule(), "large")
    assert "crying" in put(parse("a happy woman in a city park"), AttributeRule(), "happy")


def test_nature_is_not_indoors(parse) -> None:
    rule = ListedRule(EditKind.ATTRIBUTE)
    text = "image may contain: person, riding on a horse, outdoor"
    assert put(parse(text), rule, "outdoor") == {"indoor"}
    assert not put(parse(f"{text} and nature"), rule, "outdoor")


def test_a_silhouette_may_be_near(parse) -> None:
    assert not put(parse("silhouette of a woman who dances."), PictureRule(), "silhouette")


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("before sunset behind the long trees", "behind"),
        ("stores under the bumper when not in use", "under"),
        ("galleries are in a historic building", "in"),
        ("the lighthouse rises from the wetlands.", "rises"),
        ("skiers embrace the warm temperatures during the first", "embrace"),
        ("musical artist rides into fashion week like a rock star", "rides"),
        ("pupils celebrate raising money for organisation", "celebrate"),
        ("the bus carrying the team is escorted by police", "carrying"),
        ("biker driving a motorcycle rides along the asphalt road.", "driving"),
        ("woman chatting on smart phone outside, female using mobile phone in the park", "using"),
        ("orange hibiscus flowers with a pale blue background", "with background"),
        ("tourist with camera take a picture", "with camera"),
        ("young woman on a bench talking with a mobile phone.", "with phone"),
        ("a child draws with colored pencil on paper.", "with pencil"),
        ("a man toasting drinks with his friends at a party", "with friend"),
        ("interior of an airplane with many seats", "with seat"),
        ("a shelf around doors and windows.", "and windows"),
        ("sported a floral crown and black dress", "and dress"),
        ("icons and flags with the flag colors", "and flags"),
        ("hands holding up a gold and a silver trophy", "and trophy"),
    ],
)
def test_a_denial_that_hangs_on_nothing_or_clashes_is_left(parse, text: str, old: str) -> None:
    assert old not in {said for said, _ in wordings(parse(text))}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bowls, during day of the fourth test match.", "bowls"),
        ("singer teaches a bilingual class with person", "singer"),
        ("sparkling water illuminated in the fog by sunshine in the foggy morning", "fog"),
        ("close up of pigs on a pig farm .", "pigs"),
        ("a brave cyclist pushes his bike through snow", "bike"),
        ("a woman sticks her toe in a fountain", "fountain"),
        ("foxes are among the most intelligent animals in the world", "foxes"),
        ("robots constantly in the press", "robots"),
        ("this home is within walking distance", "home"),
        ("a woman is filling a jug of water at the tap in the kitchen.", "kitchen"),
        ("exotic fishes in an aquarium", "aquarium"),
        ("women's and men's feet in the sand at the beach", "sand"),
    ],
)
def test_a_contrast_that_is_not_seen_or_goes_on_is_left(parse, text: str, said: str) -> None:
    assert not any(old.startswith(f"{said}, not") for old, _ in wordings(parse(text)))


@pytest.mark.parametrize(
    ("text", "old", "wrong"),
    [
        ("sculpture of lovers at the temple", "at", "outside"),
        ("people walk in front of old houses in a local street", "in front of", "behind"),
        ("mural painting on the walls of a temple", "on", "in front of"),
        ("a butterfly sitting on a white flower", "on", "above"),
        ("woman sleeping in chair near christmas tree", "in", "in front of"),
        ("a person with a broken leg lies in a hospital bed.", "in", "under"),
        ("man walking on the beach", "on", "away from"),
        ("child stands near a tree and touch it.", "near", "far from"),
        ("wine is poured into a glass", "into", "next to"),
    ],
)
def test_a_place_that_may_be_the_same_or_hides_it_is_not_put(
    parse, text: str, old: str, wrong: str
) -> None:
    assert wrong not in put(parse(text), RelationRule(), old)


def test_sides_of_two_unnamed_persons_stay(parse) -> None:
    rule = SidesRule()
    assert not put(parse("person, left, and person greet the audience"), rule, "left")
    assert put(parse("actor, left, and person greet the audience"), rule, "left") == {"right"}


def test_a_traffic_jam_comes_from_what_it_made(parse) -> None:
    doc = parse("cars stuck in a traffic jam")
    edits = [apply(doc, proposal) for proposal in CausalRule().propose(doc)]
    assert edits
    assert not any("long line" in edit.caption for edit in edits)


@pytest.mark.parametrize(
    ("factual", "never"),
    [
        ("living in soft pastel colors with a festive table", "bright"),
        ("an elevated view of people swimming in the clear turquoise waters", "brown"),
        ("large powerful horses in a field", "tiny"),
    ],
)
def test_a_new_quality_suits_the_one_that_stays(rewrite, factual: str, never: str) -> None:
    assert not any(never in caption.split() for caption in rewrite(AttributeRule(), factual))


@pytest.mark.parametrize(
    "factual",
    [
        "young girl with snow covered mountains in the background",
        "black rabbit with white paw on a white background",
    ],
)
def test_nothing_is_hidden_or_repeated_by_a_swap(rewrite, factual: str) -> None:
    assert rewrite(SwapRule(), factual) == []


@pytest.mark.parametrize(
    "factual",
    [
        "a toed sloth hangs in a tree",
        "person smiles for fans despite a mouth full of food",
        "cricket player catches one ball during a test match",
    ],
)
def test_what_is_one_by_nature_is_not_counted(rewrite, factual: str) -> None:
    assert not any(
        number in caption.split()
        for caption in rewrite(CountRule(), factual)
        for number in ("toed", "mouth", "balls")
    )


def test_beds_stay_in_their_rooms_and_hats_on(rewrite) -> None:
    assert not any("outside" in c for c in rewrite(RelationRule(), "a cat on a bed in a bedroom"))
    hat = "handsome woman in the hat chatting with friends"
    assert not any("woman not in" in c for c in rewrite(NegationRule(), hat))
