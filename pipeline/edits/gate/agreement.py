"""Whether an edit leaves number, verbs and pronouns as they must be.

What the factual caption itself does wrong is not held against its edit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipeline.core.records import CaptionEdit, EditKind, Role
from pipeline.core.stage import Fault
from pipeline.edits.apply.grammar import TO_PLURAL, TO_SINGULAR, verbs_agreeing_with
from pipeline.edits.apply.stated_twice import VALUES
from pipeline.edits.gate.changes import Change, ChangedWord, Part
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.gate_words import load_characteristics
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.parse.parsed_caption import ParsedCaption

ONE = frozenset({"a", "an", "one", "each", "every", "another", "this", "that"})
MANY = frozenset({"these", "those", "several", "many", "few", "both"})
OF_MANY = frozenset({"few", "dozen", "hundred", "thousand", "lot", "couple", "pair", "great"})
"""Words behind "a" with which many are meant: "a few dogs"."""

BETWEEN = ("JJ", "RB", "CD", "VBN", "VBG", "NN", "HYPH")
SINGULAR_PRONOUNS = {
    "he": "male", "his": "male", "him": "male", "himself": "male",
    "she": "female", "her": "female", "hers": "female", "herself": "female",
}  # fmt: skip


def agreement_fault(
    edit: CaptionEdit, change: Change, before: ParsedCaption, after: ParsedCaption
) -> Fault | None:
    """What no longer agrees; None where everything does."""
    return (
        _number_fault(edit, before, after)
        or _bare_fault(change, before, after)
        or _subject_fault(edit, change, before)
        or _verb_fault(edit, change)
        or _pronoun_fault(edit, change, before, after)
    )


def _number_fault(edit: CaptionEdit, before: ParsedCaption, after: ParsedCaption) -> Fault | None:
    """A number or determiner before a noun in the wrong number."""
    # What was a verb is one still, and so is what takes a verb's place, whatever the parse says.
    verbs = {word for word, tag in zip(before.lower, before.tags, strict=True) if tag[:2] == "VB"}
    verbs |= {piece.new.lower() for piece in edit.replacements if piece.old.lower() in verbs}
    if edit.kind is EditKind.ACTION:
        verbs |= {word for p in edit.replacements for word in p.new.lower().split()}
    wrong = Counter(_wrong_numbers(after, verbs)) - Counter(_wrong_numbers(before, set()))
    # A factual caption with such a fault has it in every edit.
    spare = Counter(word for word, _ in _wrong_numbers(before, set()))
    for determiner, noun in wrong:
        if not spare[determiner]:
            return Fault("text.agreement", f"{determiner!r} does not go with {noun!r}")
    return None


def _wrong_numbers(reading: ParsedCaption, verbs: set[str]) -> Iterator[tuple[str, str]]:
    for token, word in enumerate(reading.lower):
        value = VALUES.get(word, float(word) if word.isdecimal() and len(word) < 4 else None)
        one = word in ONE or (value == 1 and word != "single")
        many = word in MANY or (value is not None and value > 1)
        if not one and not many or word in {"dozen", "pair", "couple", "duo", "trio", "twin"}:
            continue
        if reading.lower[token + 1 : token + 2] and reading.lower[token + 1] in OF_MANY:
            continue
        noun = _noun_behind(reading, token, verbs)
        if noun is None or (word == "that" and reading.tags[token] != "DT"):
            continue
        plural = is_plural(reading, noun)
        if plural is not None and plural != many:
            yield word, reading.lower[noun]


def _noun_behind(reading: ParsedCaption, token: int, verbs: set[str]) -> int | None:
    """The noun that a determiner leads to; None where something else comes first."""
    last = None
    for at in range(token + 1, len(reading)):
        tag = reading.tags[at]
        if reading.lower[at] in verbs and last is not None:
            break
        if tag in {"NN", "NNS"} or reading.lower[at] in load_lexicon().nouns.forms:
            last = at
            if tag == "NNS":
                return last
        elif not tag.startswith(BETWEEN) or last is not None:
            break
    return last


def is_plural(reading: ParsedCaption, token: int) -> bool | None:
    """Whether a noun stands in the plural; None where its form does not tell."""
    word = reading.lower[token]
    entry = load_lexicon().nouns.forms.get(word)
    if entry is not None:
        noun, plural = entry
        if noun.mass or noun.plural_only or noun.plural == noun.lemma:
            return None
        return plural
    tag = reading.tags[token]
    if tag not in {"NN", "NNS"}:
        return None
    # The tagger reads "two frog" as it must be, and not as it is written.
    return word.endswith("s") if word.endswith("s") == (tag == "NNS") else None


def _bare_fault(change: Change, before: ParsedCaption, after: ParsedCaption) -> Fault | None:
    """A single thing left without an article, where what it replaces needed none or had one."""
    heads = [word for word in change.added if word.part is Part.THING]
    old = [word for word in change.removed if word.part is Part.THING]
    if not heads or not old:
        return None
    new_head, old_head = heads[-1], old[-1]
    entry = load_lexicon().nouns.forms.get(new_head.text)
    if entry is None or not entry[0].countable or is_plural(after, new_head.at) is not False:
        return None
    had_none = before.determiner(old_head.at) is None
    is_many = is_plural(before, old_head.at)
    if after.deps[new_head.at] == "compound" or _is_determined(after, new_head.at):
        return None
    if is_many or not (had_none and not _is_determined(before, old_head.at)):
        return Fault("text.agreement", f"{new_head.text!r} needs an article")
    return None


def _is_determined(reading: ParsedCaption, noun: int) -> bool:
    """Whether an article, a number or an owner leads to a noun."""
    leading = {"DT", "PRP$", "CD", "POS", "WDT"}
    for at in range(noun - 1, -1, -1):
        if reading.tags[at] in leading or reading.lower[at] in VALUES:
            return True
        if not reading.tags[at].startswith((*BETWEEN, "NNS", "CC", ",")):
            return False
    return False


def _subject_fault(edit: CaptionEdit, change: Change, before: ParsedCaption) -> Fault | None:
    """A noun that changes its number while the verbs that agree with it stay."""
    replaced = [(piece.start, piece.end) for piece in edit.replacements]
    old = [word for word in change.removed if word.part is Part.THING]
    became = _number_of(edit)
    touched = {
        token
        for token, (start, end) in enumerate(before.char_spans)
        if any(start < last and first < end for first, last in replaced)
    }
    for noun in sorted(touched):
        if before.tags[noun] not in {"NN", "NNS"} or became is None:
            continue
        joined = any(before.deps[child] == "conj" for child in before.children[noun])
        was = True if joined else is_plural(before, noun)
        if was is None or was == became or (not joined and old and noun != old[-1].at):
            continue
        if joined and not _takes_all(before, noun, touched):
            continue
        for verb in verbs_agreeing_with(before, noun):
            if verb not in touched and _shows_number(before, verb):
                return Fault("text.agreement", f"{before.lower[verb]!r} no longer agrees")
    return None


def _takes_all(reading: ParsedCaption, noun: int, touched: set[int]) -> bool:
    """Whether an edit covers a noun with all that is joined to it."""
    return all(
        child in touched for child in reading.children[noun] if reading.deps[child] == "conj"
    )


def _number_of(edit: CaptionEdit) -> bool | None:
    """Whether the new words of an edit mean several; None where they do not tell."""
    piece = next(piece for piece in edit.replacements if piece.role is Role.EDIT)
    words = piece.new.lower().split()
    forms = load_lexicon().nouns.forms
    if "and" in words:
        return True
    for word in reversed(words):
        entry = forms.get(word)
        if entry is not None and entry[0].countable and entry[0].plural != entry[0].lemma:
            return entry[1]
    numbers = [VALUES[word] for word in words if word in VALUES]
    return numbers[0] > 1 if numbers else None


def _shows_number(reading: ParsedCaption, verb: int) -> bool:
    word = reading.lower[verb]
    return word in TO_PLURAL or word in TO_SINGULAR or reading.tags[verb] in {"VBZ", "VBP", "VB"}


def _verb_fault(edit: CaptionEdit, change: Change) -> Fault | None:
    """A verb in another form than the one in whose place it stands."""
    # A verb may be taken for a noun: in an action the first word is the verb all the same.
    is_verb = {Part.DOING, Part.THING} if edit.kind is EditKind.ACTION else {Part.DOING}
    old = next((word for word in change.removed if word.part in is_verb), None)
    new = next((word for word in change.added if word.part in is_verb), None)
    if old is None or new is None or any(w.text in {"not", "n't"} for w in change.added):
        return None
    was, now = _form(old), _form(new)
    if was and now and was != now:
        return Fault("text.agreement", f"{new.text!r} has not the form of {old.text!r}")
    return None


def _form(word: ChangedWord) -> str:
    """The form of a verb as it is written: "s", "ing", "base"; empty where that is unclear."""
    text = word.text
    if text.endswith("ing") and verb_lemma(text, "VBG") != text:
        return "ing"
    lemma = verb_lemma(text, "VBZ")
    if text == lemma:
        return "base" if word.tag not in {"VBN", "VBD"} else ""
    return "s" if text == verb_form(lemma, "VBZ") else ""


def _pronoun_fault(
    edit: CaptionEdit, change: Change, before: ParsedCaption, after: ParsedCaption
) -> Fault | None:
    """A pronoun of somebody who is not there any more."""
    words = load_characteristics().gender
    of = {"male": words.male, "female": words.female}

    def genders(changed: tuple[ChangedWord, ...]) -> set[str]:
        return {name for name, known in of.items() for w in changed if w.text in known}

    spans = edit.caption_spans
    staying = [
        token
        for token, (start, end) in enumerate(after.char_spans)
        if not any(start < last and first < end for first, last in spans)
    ]
    left = {after.lower[token] for token in staying}
    gone = " ".join(piece.old for piece in edit.replacements)
    was, now = genders(change.removed), genders(change.added)
    for pronoun, gender in SINGULAR_PRONOUNS.items():
        if pronoun not in left:
            continue
        nouns = of[gender] - SINGULAR_PRONOUNS.keys()
        other = left & nouns
        if now and now != {gender} and not other and was != now:
            return Fault("text.pronoun", f"{pronoun!r} is left of {edit.old!r}")
        if _number_of(edit) and not other and (was or _names_person(gone)):
            return Fault("text.pronoun", f"{pronoun!r} is left of {edit.old!r}")
    return None


def _names_person(text: str) -> bool:
    """Whether words name a single person of whatever gender."""
    forms = load_lexicon().nouns.forms
    return any(
        word == "person" or ((entry := forms.get(word)) and entry[0].cls == "person")
        for word in text.lower().split()
    )
