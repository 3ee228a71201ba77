"""A set on its way through the checks: what is taken out is recorded."""

from __future__ import annotations

from dataclasses import replace

from pipeline.core.records import CounterfactualSet, EditKind
from pipeline.core.stage import Fault, Rejected
from pipeline.text_checks.examined import Examined
from tests.unit.text_checks.checks_records import make_set

CFSET = replace(
    make_set("a dog on a sofa", ("dog", "cat", EditKind.OBJECT), full=["a cow"]),
    tokens_in=7,
    tokens_out=3,
)


def examined() -> Examined:
    return Examined(CFSET, list(CFSET.minimal), list(CFSET.full))


def test_all_texts_are_listed_with_the_wordings_of_the_edits() -> None:
    assert list(examined().texts()) == ["a dog on a sofa", "a cat on a sofa", "a cow"]
    assert [made.caption for made in examined().left()] == ["a cat on a sofa", "a cow"]


def test_what_is_refused_and_dropped_leaves_the_set_and_is_recorded() -> None:
    one = examined()
    (edit,) = one.minimal
    one.refuse(edit, Fault("text.unsafe", "gore: x"))
    one.drop({id(edit)})
    result = one.result()
    assert isinstance(result, CounterfactualSet)
    assert (result.minimal, result.full) == ((), CFSET.full)
    (refused,) = result.refused
    assert (refused.reason, refused.item, refused.kind) == ("text.unsafe", "edit", "object")
    assert refused.caption == "a cat on a sofa"


def test_a_set_of_which_nothing_is_left_is_rejected_with_its_cost() -> None:
    one = examined()
    for made in one.left():
        one.refuse(made, Fault("text.unsafe", "x"))
    one.drop({id(made) for made in one.left()})
    result = one.result()
    assert isinstance(result, Rejected)
    assert (result.reason, result.tokens_in, len(result.refused)) == ("text.no_edit", 7, 2)


def test_a_fault_of_the_anchor_rejects_whatever_is_left() -> None:
    one = examined()
    one.fault = Fault("text.too_long", "80 CLIP tokens")
    result = one.result()
    assert isinstance(result, Rejected)
    assert (result.reason, result.detail) == ("text.too_long", "80 CLIP tokens")
