"""The deterministic check that an edit is exactly what it claims to be.

No caption is parsed again: the counterfactual is only tokenised, and its tokens outside
the declared replacements are compared one by one with those of the factual wording.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from pipeline.core.records import TWO_SPAN_KINDS, CaptionEdit, EditKind, Role
from pipeline.core.stage import Fault
from pipeline.edits.apply.grammar import TO_PLURAL, TO_SINGULAR
from pipeline.edits.apply.stated_twice import stated_twice
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.doc_columns import char_spans, text_of

if TYPE_CHECKING:
    from spacy.tokens import Doc

SPACES = re.compile(r"\s{2,}|^\s|\s$|\s[,.;:!?](?:\s|$)")
ARTICLES = frozenset({"a", "an"})
NOWHERE = (sys.maxsize, sys.maxsize)
PRONOUN_PAIRS = frozenset(
    frozenset(pair)
    for pair in (
        ("he", "she"), ("his", "her"), ("him", "her"), ("his", "hers"),
        ("himself", "herself"), ("its", "their"), ("it", "they"),
    )
)  # fmt: skip


class Verifier:
    """Checks edits against their factual wording."""

    def __init__(self, tokenise: Callable[[str], Doc]) -> None:
        self._tokenise = tokenise
        self._lexicon: Lexicon = load_lexicon()

    def verify(
        self, edit: CaptionEdit, wording: Doc, *, tokenised: bool = False, worded: bool = False
    ) -> Fault | None:
        """Return what is wrong with `edit` of `wording`, or None when nothing is.

        Args:
            edit: The applied and repaired edit.
            wording: The doc of its factual wording; `wording.text == edit.factual`.
            tokenised: Whether the tokens of `wording` are those that the tokeniser makes.
            worded: Whether a language model worded it: then what looks too alike to the rules
                is no fault, and the gate says whether old and new mean the same.
        """
        if text_of(wording) != edit.factual:
            return Fault("text.wrong_wording", "the edit was made on another text")
        return (
            self._spacing(edit)
            or (None if tokenised and _keeps_words(edit) else self._alignment(edit, wording))
            or self._repairs(edit)
            or self._claim(edit, worded=worded)
            or self._already_there(edit, wording)
            or _stated_twice(edit, kin=not worded)
        )

    def _spacing(self, edit: CaptionEdit) -> Fault | None:
        """Spaces doubled, lost or left before punctuation, where the factual had none."""
        fault = SPACES.search(edit.caption)
        if fault and not SPACES.search(edit.factual):
            return Fault("text.spacing", f"{fault.group()!r} at {fault.start()}")
        return None

    def _alignment(self, edit: CaptionEdit, wording: Doc) -> Fault | None:
        """Only tokens inside the declared replacements may differ."""
        new = self._tokenise(edit.caption)
        kept_old = _outside(wording, edit.factual, [(r.start, r.end) for r in edit.replacements])
        kept_new = _outside(new, edit.caption, list(edit.caption_spans))
        if kept_old is None or kept_new is None:
            return Fault("text.not_single_edit", "a replacement cuts through a word")
        if kept_old != kept_new:
            pairs = zip(kept_old, kept_new, strict=False)
            where = next((f"{a!r}/{b!r}" for a, b in pairs if a != b), "length")
            return Fault("text.not_single_edit", f"tokens outside the edit differ: {where}")
        return None

    def _repairs(self, edit: CaptionEdit) -> Fault | None:
        """Repairs may touch articles, number, agreement and pronouns, nothing else."""
        for piece in edit.replacements:
            if piece.role is Role.REPAIR and not is_form_of(
                piece.old.strip().lower(), piece.new.strip().lower()
            ):
                return Fault("text.bad_repair", f"{piece.old!r} → {piece.new!r} is no repair")
        return None

    def _claim(self, edit: CaptionEdit, *, worded: bool) -> Fault | None:
        """Old and new must not say the same, as far as the lexicon knows them."""
        decisive = [r for r in edit.replacements if r.role is Role.EDIT]
        if edit.kind in TWO_SPAN_KINDS:
            return None
        if len(decisive) != 1:
            return Fault("text.not_single_edit", f"{len(decisive)} decisive replacements")
        old, new = edit.old.lower(), edit.new.lower()
        if not old or not new or old == new:
            return Fault("text.nothing_changed", f"{old!r} → {new!r}")
        if worded:
            return None
        if edit.kind is EditKind.OBJECT:
            return self._claim_object(old, new)
        if edit.kind is EditKind.ATTRIBUTE:
            colours = self._lexicon.qualities.colours
            if old in colours.words and new in colours.words and colours.look_alike(old, new):
                return Fault("text.too_similar", f"{old} and {new} look alike")
            shared = [
                pole_of_old == pole_of_new
                for scale in self._lexicon.qualities.by_word.get(old, ())
                for pole_of_old in scale.poles
                for pole_of_new in scale.poles
                if old in pole_of_old and new in pole_of_new
            ]
            # Clay may look like stone in a sculpture; what counts is one scale that parts them.
            if shared and all(shared):
                return Fault("text.synonym", f"{old} and {new} mean the same")
        return None

    def _claim_object(self, old: str, new: str) -> Fault | None:
        forms, nouns = self._lexicon.nouns.forms, self._lexicon.nouns
        if new in forms:
            entry = forms[new][0]
            known = forms.get(old) or forms.get(old.rpartition(" ")[2])
            if known and known[0].lemma in nouns.akin(entry.lemma):
                return Fault("text.synonym", f"{new} is a kind of {old}, or the reverse")
            return None
        return None

    def _already_there(self, edit: CaptionEdit, wording: Doc) -> Fault | None:
        """What the edit puts in must not be said elsewhere in the caption."""
        if edit.kind not in {EditKind.OBJECT, EditKind.ATTRIBUTE, EditKind.ACTION}:
            return None
        words = edit.new.lower().split()
        if words and words[0] not in edit.factual.lower():
            return None
        spans = [(r.start, r.end) for r in edit.replacements]
        kept = [word.lower() for word in _outside(wording, edit.factual, spans) or ()]
        width = len(words)
        if any(kept[i : i + width] == words for i in range(len(kept) - width + 1)):
            return Fault("text.already_there", f"{edit.new!r} stands elsewhere in the caption")
        return None


def is_form_of(old: str, new: str) -> bool:
    """Whether words only follow others in number, agreement or gender; both in lower case."""
    if {old, new} == ARTICLES or not old or not new:
        return {old, new} <= ARTICLES | {""} or {old, new} <= {"", "and", "are", "is"}
    if TO_PLURAL.get(old) == new or TO_SINGULAR.get(old) == new:
        return True
    if frozenset({old, new}) in PRONOUN_PAIRS:
        return True
    forms = load_lexicon().nouns.forms
    if old in forms and new in forms and forms[old][0] is forms[new][0]:
        return True
    return verb_lemma(old, "VB") == verb_lemma(new, "VB") and " " not in new


def _stated_twice(edit: CaptionEdit, *, kin: bool) -> Fault | None:
    """What the edit changes must not stand elsewhere in the caption unchanged."""
    again = stated_twice(edit, kin=kin)
    if again is None:
        return None
    return Fault("text.stated_twice", f"{again!r} elsewhere in the caption says it again")


def _outside(doc: Doc, text: str, spans: list[tuple[int, int]]) -> list[str] | None:
    """Words of the tokens outside the half-open character spans; None where one is cut."""
    words: list[str] = []
    remaining = iter(spans)
    cut_start, cut_end = next(remaining, NOWHERE)
    for start, end in char_spans(doc):
        while cut_end <= start:
            cut_start, cut_end = next(remaining, NOWHERE)
        if cut_start < end:
            if start < cut_start or cut_end < end:
                return None
        else:
            word = text[start:end]
            if not word.isspace():
                words.append(word)
    return words


def _keeps_words(edit: CaptionEdit) -> bool:
    """Whether every replacement begins and ends between words, both old and new.

    The tokeniser cuts each word between spaces by itself, so what stands outside of such
    replacements keeps its tokens, and there is nothing to compare. Other white space than
    single spaces makes tokens of its own and is left to the comparison.
    """
    factual, caption = edit.factual, edit.caption
    if not (_is_plain(factual) and _is_plain(caption)):
        return False
    return all(
        _is_between(factual, piece.start)
        and _is_between(factual, piece.end)
        and _is_between(caption, start)
        and _is_between(caption, end)
        for piece, (start, end) in zip(edit.replacements, edit.caption_spans, strict=True)
    )


def _is_plain(text: str) -> bool:
    return " ".join(text.split()) == text


def _is_between(text: str, at: int) -> bool:
    """Whether no word goes on across a place."""
    return at in {0, len(text)} or text[at - 1] == " " or text[at] == " "
