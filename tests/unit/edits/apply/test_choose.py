"""Proposals are decided on in the drawn order, until there are as many edits as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.core.records import Anchor, CaptionEdit, EditKind
from pipeline.core.stage import Fault
from pipeline.edits.apply.choose import TRIES_PER_EDIT, Decision, EditChooser
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.balance.table import BalanceTable

if TYPE_CHECKING:
    from spacy.tokens import Doc


def proposal(token: int, old: str, new: str, kind: EditKind = EditKind.OBJECT) -> Proposal:
    return Proposal(kind, "x", (TokenPiece(token, token + 1, new),), old, new, "test")


NOTHING_COUNTED = BalanceTable()


@pytest.fixture
def choose(parser, parse):
    """Decisions on proposals for one caption, by "new word"."""

    def decide(
        text: str,
        offered: Sequence[Proposal],
        wanted: int = 5,
        balance: str = "off",
        table: BalanceTable = NOTHING_COUNTED,
        **options: object,
    ) -> list[Decision]:
        config = EditsConfig(max_minimal=wanted, balance=balance)
        chooser = EditChooser(
            config, parser.nlp.make_doc, run_seed=0, balance=table, extra_check=_no_zebra
        )
        return list(chooser.choose("a", parse(text), offered, **options))

    return decide


def _no_zebra(edit: CaptionEdit, doc: Doc, worded: bool) -> Fault | None:
    return Fault("test.zebra", edit.new) if edit.new == "zebra" else None


def fates(decisions: list[Decision]) -> dict[str, tuple[str, str]]:
    return {d.proposal.new: (d.outcome, d.fault.reason if d.fault else "") for d in decisions}


TEXT = "a dog and a red car near a tree"


def test_sound_edits_are_kept_and_unsound_ones_refused(choose) -> None:
    overlapping = Proposal(
        EditKind.OBJECT, "x", (TokenPiece(5, 6, "bus"), TokenPiece(5, 7, "van")), "car", "van", "t"
    )
    found = choose(
        TEXT,
        [proposal(1, "dog", "puppy"), proposal(5, "car", "zebra"), proposal(8, "tree", "house"),
         proposal(1, "dog", "car"), overlapping],
    )  # fmt: skip
    assert fates(found) == {
        "puppy": ("refused", "text.synonym"),
        "zebra": ("refused", "test.zebra"),
        "car": ("refused", "text.already_there"),
        "house": ("kept", ""),
        "van": ("refused", "text.cannot_apply"),
    }
    by_new = {d.proposal.new: d.edit for d in found}
    assert by_new["van"] is None
    assert by_new["house"].caption == "a dog and a red car near a house"


def test_it_stops_at_the_number_wanted_unless_it_goes_on_to_the_end(choose) -> None:
    offered = [proposal(1, "dog", "cat"), proposal(5, "car", "bus"), proposal(8, "tree", "house")]
    assert [d.outcome for d in choose(TEXT, offered, wanted=1)] == ["kept"]
    to_the_end = choose(TEXT, offered, wanted=1, to_the_end=True)
    assert [d.outcome for d in to_the_end] == ["kept", "passed over", "passed over"]
    assert {d.fault.reason for d in to_the_end if d.fault} == {"text.enough_edits"}
    assert choose(TEXT, offered, wanted=0) == []


def test_a_word_is_not_edited_over_and_over(choose) -> None:
    offered = [proposal(1, "dog", new) for new in ("cat", "horse", "cow", "sheep")]
    found = [d.fault.reason if d.fault else "" for d in choose(TEXT, offered)]
    assert found == ["", "", "text.same_place", "text.same_place"]


def test_two_ways_to_the_same_caption_are_one_edit(choose) -> None:
    offered = [proposal(1, "dog", "cat"), proposal(1, "one dog", "cat")]
    assert sorted(d.outcome for d in choose(TEXT, offered)) == ["kept", "passed over"]


def test_what_a_model_prefers_comes_before_the_rules_of_its_kind(choose) -> None:
    offered = [proposal(1, "dog", "cat"), proposal(5, "car", "bus"), proposal(8, "tree", "house")]
    own = [offered[2], proposal(1, "dog", "fox"), proposal(4, "red", "blue", EditKind.ATTRIBUTE)]
    found = choose(TEXT, offered, preferred=own, preferred_by="llm:x")
    assert {d.proposal.new for d in found[:2]} == {"house", "blue"}, "one of each kind first"
    assert [d.proposal.new for d in found[2:3]] == ["fox"]
    assert [d.edit.proposer for d in found] == ["llm:x"] * 3 + ["rules"] * 2


def test_a_refused_choice_of_the_model_takes_no_turn_of_its_kind(choose) -> None:
    own = [
        proposal(5, "car", "zebra"),
        proposal(4, "red", "blue", EditKind.ATTRIBUTE),
        proposal(4, "red", "green", EditKind.ATTRIBUTE),
    ]
    found = choose(TEXT, [proposal(8, "tree", "house")], wanted=2, preferred=own)
    assert {d.proposal.new for d in found if d.outcome == "kept"} == {"house", "blue"}


def test_a_limit_on_tries_keeps_a_rule_that_is_often_refused_from_hiding(choose) -> None:
    unsound = [proposal(1, "dog", "zebra")] * (TRIES_PER_EDIT + 3)
    found = choose(TEXT, [], wanted=1, preferred=unsound)
    assert [d.outcome for d in found] == ["refused"] * TRIES_PER_EDIT


def test_a_refused_proposal_is_told_of_with_what_it_would_have_said(choose) -> None:
    (found,) = choose(TEXT, [proposal(5, "car", "zebra")])
    told = found.rejected(Anchor("a0", TEXT, TEXT, "cc_tsv", "captions.tsv:7"))
    assert (told.anchor_id, told.origin, told.item) == ("a0", "captions.tsv:7", "edit")
    assert (told.reason, told.detail, told.kind) == ("test.zebra", "zebra", "object")
    assert told.caption == "a dog and a red zebra near a tree"


NEVER_BACK = BalanceTable(log_odds={"object": {"cat": 30.0}})
"""A table by which cats come in and never leave."""


def test_what_hardly_ever_comes_back_is_left_out_and_another_takes_its_place(choose) -> None:
    offered = [proposal(1, "dog", new) for new in ("cat", "horse")]
    found = fates(choose(TEXT, offered, balance="select", table=NEVER_BACK))
    assert found == {"cat": ("unbalanced", "text.unbalanced"), "horse": ("kept", "")}


def test_what_comes_oftener_than_its_reverse_goes_to_captions_without_another_edit(choose) -> None:
    table = BalanceTable(log_odds={"object": {"cat": 1.0}}, alone={"object": 0.3})
    cat = proposal(1, "dog", "cat")
    assert fates(choose(TEXT, [cat], balance="select", table=table)) == {"cat": ("kept", "")}
    found = choose(TEXT, [cat, proposal(5, "car", "bus")], balance="select", table=table)
    assert [(d.proposal.new, d.outcome) for d in found][0] == ("bus", "kept"), "whatever the order"
    edit = found[0].edit
    assert edit is not None
    # 0.37 of all: more than the 0.3 that are alone, so a few of the others.
    share = (0.3679 - 0.3) / 0.7
    accepted = [table.accepts(edit, 0, f"a{i}", is_alone=False, weight=0.3679) for i in range(2000)]
    assert sum(accepted) / 2000 == pytest.approx(share, abs=0.02)


def test_weights_keep_everything_and_say_what_it_counts(choose) -> None:
    offered = [proposal(1, "dog", "cat"), proposal(5, "car", "bus")]
    table = BalanceTable(log_odds={"object": {"cat": 1.0}})
    found = choose(TEXT, offered, balance="weights", table=table)
    assert {d.edit.new: d.edit.weight for d in found} == {"cat": 0.3679, "bus": 1.0}
    plain = choose(TEXT, offered, balance="off", table=table)
    assert {d.edit.weight for d in plain} == {None}


def test_what_a_model_worded_is_weighted_and_never_left_out(choose) -> None:
    """The odds are those of the rules, and it was paid for."""
    table = BalanceTable(log_odds={"object": {"cat": 1.0, "fox": 30.0}})
    offered = [proposal(1, "dog", "cow")]
    own = [proposal(1, "dog", "fox"), proposal(1, "dog", "cat"), offered[0]]
    found = choose(
        TEXT, offered, balance="select", table=table, preferred=own[:2], preferred_by="llm:x"
    )
    assert [(d.edit.new, d.edit.weight) for d in found if d.edit] == [
        ("cat", 0.3679),
        ("cow", None),
    ]
    alone = choose(TEXT, [], balance="select", table=table, preferred=own[:1])
    assert [(d.edit.new, d.outcome, d.edit.weight) for d in alone] == [("fox", "kept", 0.0001)]
    chosen = choose(TEXT, offered, balance="select", table=NEVER_BACK, preferred=offered)
    assert [d.edit.weight for d in chosen] == [None], "a rule's, which a model chose"


def test_what_is_excepted_and_what_has_no_reverse_is_left_alone(parser, parse) -> None:
    config = EditsConfig(balance_except=("object.x",))
    chooser = EditChooser(config, parser.nlp.make_doc, run_seed=0, balance=NEVER_BACK)
    (found,) = chooser.choose("a", parse(TEXT), [proposal(1, "dog", "cat")])
    assert found.outcome == "kept"
    swaps = BalanceTable(log_odds={"swap": {"cat": 30.0}})
    chooser = EditChooser(EditsConfig(), parser.nlp.make_doc, run_seed=0, balance=swaps)
    (found,) = chooser.choose("a", parse(TEXT), [proposal(1, "dog", "cat", EditKind.SWAP)])
    assert found.outcome == "kept"
