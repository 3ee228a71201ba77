"""All that can be wrong with a caption that was made: one question to vocabulary, gate and checks.

Nobody asks twice in one order here and in another there: a language model's answer is judged as it
comes in by what decides in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pipeline.core.protocols import WordRelations
from pipeline.core.records import CaptionEdit
from pipeline.core.stage import Fault
from pipeline.edits.complete.manner import in_register_of
from pipeline.edits.complete.vocabulary import Vocabulary
from pipeline.edits.gate.gate import Gate
from pipeline.edits.parse.spacy_pipeline import Parser

if TYPE_CHECKING:
    from spacy.tokens import Doc

TextCheck = Callable[[str, str, CaptionEdit | None], Fault | None]
"""A check of a caption beside its factual wording, and of the edit that made it."""

OUTSIDE_VOCABULARY = "text.outside_vocabulary"


class CaptionChecks:
    """Says what is wrong with an edit or another scene; its verdict depends on the texts alone."""

    def __init__(
        self,
        demographics: Literal["off", "balanced", "allow"],
        parser: Parser,
        *,
        vocabulary: Vocabulary | None = None,
        dictionary: WordRelations | None = None,
        text_check: TextCheck | None = None,
    ) -> None:
        """Remember what decides.

        Args:
            demographics: `edits.demographics`.
            parser: Reads what a language model worded.
            vocabulary: The words that may be used, where they are few.
            dictionary: WordNet, by which the gate knows synonyms.
            text_check: What the later checks will refuse.
        """
        self._demographics: Literal["off", "balanced", "allow"] = demographics
        self._parser = parser
        self._vocabulary = vocabulary
        self._dictionary = dictionary
        self._text_check = text_check

    @cached_property
    def _gate(self) -> Gate:
        return Gate(
            self._demographics,
            lambda text: next(self._parser.parse([text])),
            dictionary=self._dictionary,
        )

    def edit_fault(self, edit: CaptionEdit, doc: Doc, worded: bool) -> Fault | None:
        """What the vocabulary, the gate or a later check has against an edit.

        Args:
            edit: The edit.
            doc: The parsed caption of the anchor, whose own words are not asked about; those of
                the edit's factual wording are, because it may name what is denied.
            worded: Whether a language model worded the edit.
        """
        found = self._outside_vocabulary(edit.caption, doc.text) or self._gate.edit_fault(edit)
        if found is None and worded:
            found = self._gate.worded_fault(edit, doc)
        if found is None and self._text_check is not None:
            found = self._text_check(edit.caption, edit.factual, edit)
        return found

    def scene_fault(self, written: str, caption: str, doc: Doc) -> Fault | None:
        """What is wrong with a complete counterfactual of a language model.

        Args:
            written: It, in the model's own letters.
            caption: The anchor's caption.
            doc: It, parsed in its plain letters.
        """
        plain = in_register_of(doc.text, written)
        found = self._gate.scene_fault(plain, written, doc)
        if found is None and self._text_check is not None:
            found = self._text_check(plain, caption, None)
        return found or self._outside_vocabulary(written, caption)

    def _outside_vocabulary(self, text: str, caption: str) -> Fault | None:
        if self._vocabulary is None:
            return None
        strange = self._vocabulary.unknown_word(text, caption)
        return Fault(OUTSIDE_VOCABULARY, strange) if strange is not None else None
