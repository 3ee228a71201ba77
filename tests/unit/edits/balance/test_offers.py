"""Offers hold all that the rules find, applied and checked, and no parsed caption."""

from __future__ import annotations

from pipeline.config.edits import EditsConfig
from pipeline.core.records import Anchor
from pipeline.edits.balance.offers import collect_offers
from pipeline.edits.stage import EditStage


def test_every_proposal_is_there_with_what_it_makes() -> None:
    stage = EditStage(EditsConfig())
    texts = ["a red car on a street", "the meaning of success", "the man fell because of the ice"]
    anchors = [Anchor(f"a{n}", text, text, "cc_tsv", f"t:{n}") for n, text in enumerate(texts)]
    offers = collect_offers(anchors, stage.parser, stage.propose, stage.make)
    assert [one.anchor_id for one in offers] == ["a0", "a1", "a2"]
    docs = list(stage.parser.parse(texts))
    assert [len(one.proposals) for one in offers] == [len(stage.propose(doc)) for doc in docs]
    assert offers[0].proposals
    assert not offers[1].proposals
    for offer in offers:
        assert offer.made.keys() == {id(one) for one in offer.proposals}
        assert all(one.wording is None or not len(one.wording) for one in offer.proposals)
    made = [edit for edit, fault in offers[0].made.values() if edit and fault is None]
    assert made
