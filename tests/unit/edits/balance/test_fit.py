"""A table that is made of captions makes the edits of these captions come both ways."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor, CounterfactualSet, EditKind
from pipeline.edits.balance.fit import fit_balance
from pipeline.edits.balance.offers import collect_offers
from pipeline.edits.balance.table import BalanceTable
from pipeline.edits.stage import EditStage

CONFIG = EditsConfig(kinds=(EditKind.ATTRIBUTE,), max_full=0)
PLACES = ("a street", "a park", "a lawn", "a beach", "a road", "a bridge")
CAPTIONS = [
    f"a {colour} car on {place} in {season}"
    for colour, often in (("white", 6), ("red", 1))
    for place in PLACES
    for season in ("spring", "summer", "autumn", "winter", "may", "june")[:often]
] * 3
"""White cars are six times as common as red ones."""


def anchors() -> list[Anchor]:
    return [
        Anchor(content_id(text, str(number)), text, text, "cc_tsv", f"t:{number}")
        for number, text in enumerate(CAPTIONS)
    ]


def turns(balance: str, table: BalanceTable) -> Counter[tuple[str, str]]:
    """Old and new colours of the edits that a stage keeps."""
    config = CONFIG.model_copy(update={"balance": balance})
    made = EditStage(config, balance=table).run(anchors())
    sets = [one for one in made if isinstance(one, CounterfactualSet)]
    return Counter(
        (edit.old, edit.new) for one in sets for edit in one.minimal if edit.subkind == "colour"
    )


def counted() -> BalanceTable:
    stage = EditStage(CONFIG)
    offers = collect_offers(anchors(), stage.parser, stage.propose, stage.make)
    return fit_balance(offers, CONFIG, stage.parser.nlp.make_doc(""), captions=len(CAPTIONS))


@pytest.fixture(scope="module")
def table() -> BalanceTable:
    return counted()


def test_white_becomes_red_about_as_often_as_red_becomes_white(table: BalanceTable) -> None:
    before, after = (turns(balance, table) for balance in ("off", "select"))
    assert before["white", "red"] > 2 * before["red", "white"] > 0
    there, back = after["white", "red"], after["red", "white"]
    assert back > 0
    assert 0.4 < there / back < 2.5


def test_frequencies_are_those_of_factual_words(table: BalanceTable) -> None:
    colours = table.frequency["attribute"]
    assert colours["white"] == pytest.approx(6 * colours["red"], rel=0.01)


def test_the_part_of_the_commoner_direction_that_is_alone_is_counted(table: BalanceTable) -> None:
    assert 0 < table.alone["attribute"] <= 1


def test_the_same_captions_give_the_same_table(table: BalanceTable) -> None:
    assert counted().to_json() == table.to_json()


def test_no_offers_give_an_empty_table(parser) -> None:
    empty = fit_balance([], CONFIG, parser.nlp.make_doc(""), captions=0)
    assert empty.frequency == empty.log_odds == {}
