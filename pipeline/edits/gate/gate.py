"""One check of all that was promised of a caption, for rules and language models alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipeline.core.protocols import WordRelations
from pipeline.core.records import CaptionEdit, EditKind
from pipeline.core.stage import Fault
from pipeline.edits.gate.agreement import agreement_fault
from pipeline.edits.gate.changes import kind_fault, read_change
from pipeline.edits.gate.impossible import impossible_fault
from pipeline.edits.gate.language import (
    foreign_edit,
    foreign_scene,
    name_in,
    repetition_fault,
    talk_fault,
)
from pipeline.edits.gate.people import (
    characteristic_fault,
    demographic_fault,
    demographic_scene_fault,
    introduced_characteristic,
)
from pipeline.edits.gate.sameness import (
    Meanings,
    relation_synonym,
    swap_fault,
)
from pipeline.edits.gate.scenes import scene_fault
from pipeline.edits.parse.parsed_caption import parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from pipeline.edits.gate.people import Policy

VERSION = 3
"""Raise it when the gate judges the same caption otherwise."""


class Gate:
    """Says what is wrong with a caption, by reason; its verdict depends on the texts alone."""

    def __init__(
        self,
        policy: Policy,
        parse: Callable[[str], Doc],
        *,
        dictionary: WordRelations | None = None,
    ) -> None:
        """Remember what decides.

        Args:
            policy: `edits.demographics`.
            parse: Parses a text.
            dictionary: WordNet; without it only the lexicon knows synonyms.
        """
        self._policy = policy
        self._parse = parse
        self._meanings = Meanings(dictionary)

    def edit_fault(self, edit: CaptionEdit) -> Fault | None:
        """What is wrong with anybody's edit: what is told by words alone, without a parse."""
        if edit.kind is EditKind.CAUSAL_ORDER:
            return None
        return characteristic_fault(edit.factual, edit.caption) or self._same_by_words(edit)

    def _same_by_words(self, edit: CaptionEdit) -> Fault | None:
        is_relation = edit.kind is EditKind.RELATION
        return relation_synonym(edit.old, edit.new) if is_relation else None

    def worded_fault(self, edit: CaptionEdit, doc: Doc) -> Fault | None:
        """What else is wrong with an edit that a language model worded.

        Args:
            edit: The edit of the parsed caption.
            doc: That caption.
        """
        if edit.kind is EditKind.CAUSAL_ORDER:
            return repetition_fault(edit.factual)
        found = (
            demographic_fault(edit, self._policy)
            or foreign_edit(_new_words(edit), edit.factual)
            or talk_fault(edit.caption, edit.factual)
        )
        if found is not None:
            return found
        before, after = parsed_caption(doc), parsed_caption(self._parse(edit.caption))
        if edit.kind is EditKind.SWAP:
            return swap_fault(edit, before, after)
        change = read_change(edit, before, after)
        return (
            kind_fault(edit, change, before, after)
            or self._meanings.edit_fault(edit, change)
            or agreement_fault(edit, change, before, after)
            or impossible_fault(change, before, after)
        )

    def scene_fault(self, caption: str, written: str, doc: Doc) -> Fault | None:
        """What is wrong with a complete counterfactual that a language model wrote.

        Args:
            caption: It, in the manner of the anchor.
            written: It, in the model's own letters.
            doc: The anchor's parsed caption.
        """
        anchor = doc.text
        found = (
            talk_fault(written, anchor)
            or repetition_fault(written)
            or foreign_scene(written, anchor)
            or name_in(written, anchor, begins=True)
            or introduced_characteristic(anchor, caption)
            or demographic_scene_fault(anchor, caption, self._policy)
        )
        if found is not None:
            return found
        return scene_fault(
            parsed_caption(doc), parsed_caption(self._parse(caption)), self._meanings
        )


def _new_words(edit: CaptionEdit) -> str:
    return " ".join(piece.new for piece in edit.replacements)
