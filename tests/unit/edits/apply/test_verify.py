"""The check refuses what is not exactly one edit, and nothing that is."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.edits import EditsConfig
from pipeline.core.records import CaptionEdit, EditKind, Replacement, Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece, apply
from pipeline.edits.apply.verify import Verifier
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.registry import all_rules

PARSER = Parser()
VERIFIER = Verifier(PARSER.nlp.make_doc)
RULES = all_rules(EditsConfig(demographics="allow"))

SUBJECTS = ("a dog", "two women", "a red car", "an old man", "three white boats", "young girls",
            "a small elephant", "person", "the happy couple", "a chef")  # fmt: skip
ACTIONS = ("sitting", "is running", "standing", "walks", "holding an umbrella", "with a basket",
           "wearing a blue hat", "eating an apple")  # fmt: skip
PLACES = ("on the beach", "in a large kitchen", "near an old house", "on a sunny day",
          "in the forest at night", "next to a wooden fence", "at the premiere")  # fmt: skip


def edit_of(factual: str, old: str, new: str, kind: EditKind, *repairs: tuple[str, str]):
    pieces = [(factual.index(old), old, new, Role.EDIT)]
    pieces += [(factual.index(a), a, b, Role.REPAIR) for a, b in repairs]
    replacements = tuple(
        Replacement(start, start + len(a), a, b, role) for start, a, b, role in sorted(pieces)
    )
    return CaptionEdit(kind, "x", factual, replacements, old, new)


def fault_of(edit: CaptionEdit) -> str:
    fault = VERIFIER.verify(edit, PARSER.nlp.make_doc(edit.factual))
    return fault.reason if fault else ""


def test_a_clean_edit_passes() -> None:
    edit = edit_of("a red car on the street", "red", "blue", EditKind.ATTRIBUTE)
    assert fault_of(edit) == ""


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (edit_of("a red car", "red", "crimson", EditKind.ATTRIBUTE), "text.too_similar"),
        (edit_of("a small box", "small", "tiny", EditKind.ATTRIBUTE), "text.synonym"),
        (edit_of("a dog barks", "dog", "puppy", EditKind.OBJECT), "text.synonym"),
        (edit_of("a red and a blue car", "red", "blue", EditKind.ATTRIBUTE), "text.already_there"),
        (edit_of("a dog and a cat", "dog", "cat", EditKind.OBJECT), "text.already_there"),
        (edit_of("a red car", "red", "blue ", EditKind.ATTRIBUTE), "text.spacing"),
        (edit_of("a red car", "red", "blue", EditKind.ATTRIBUTE, ("car", "bus")),
         "text.bad_repair"),
        (edit_of("a woman sits", "man", "men", EditKind.COUNT), "text.not_single_edit"),
    ],
)  # fmt: skip
def test_faults_have_their_reason(edit: CaptionEdit, reason: str) -> None:
    assert fault_of(edit) == reason


def test_grammar_repairs_are_allowed() -> None:
    edit = edit_of("a dog is sitting", "a", "two", EditKind.COUNT, ("dog", "dogs"), ("is", "are"))
    assert fault_of(edit) == ""
    edit = edit_of("a red car", "red", "orange", EditKind.ATTRIBUTE, ("a ", "an "))
    assert fault_of(edit) in {"", "text.too_similar"}


def test_an_edit_of_another_text_is_refused() -> None:
    edit = edit_of("a red car", "red", "blue", EditKind.ATTRIBUTE)
    fault = VERIFIER.verify(edit, PARSER.nlp.make_doc("a red bus"))
    assert fault is not None
    assert fault.reason == "text.wrong_wording"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_the_rules_propose_applies_and_passes(subject: str) -> None:
    for doc in PARSER.parse([f"{subject} {' '.join(rest)}" for rest in product(ACTIONS, PLACES)]):
        proposals = [proposal for rule in RULES for proposal in rule.propose(doc)]
        assert proposals
        for proposal in proposals:
            edit = apply(doc, proposal)
            wording = proposal.wording if proposal.wording is not None else doc
            assert edit.factual == wording.text
            fault = VERIFIER.verify(edit, wording)
            assert fault is None, (edit.caption, fault)
            for (start, end), piece in zip(edit.caption_spans, edit.replacements, strict=True):
                assert edit.caption[start:end] == piece.new


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_second_hidden_change_never_passes(data: st.DataObject) -> None:
    words = ["a", "red", "car", "near", "the", "old", "bridge", "with", "three", "boats"]
    text = " ".join(words)
    doc = PARSER.nlp.make_doc(text)
    first = data.draw(st.integers(0, len(words) - 1))
    second = data.draw(st.integers(0, len(words) - 1).filter(lambda i: i != first))
    pieces = (
        TokenPiece(first, first + 1, "zebra"),
        TokenPiece(second, second + 1, "quartz", Role.REPAIR),
    )
    edit = apply(doc, Proposal(EditKind.OBJECT, "x", pieces, words[first], "zebra", "test"))
    fault = VERIFIER.verify(edit, doc)
    assert fault is not None
    assert fault.reason == "text.bad_repair"
