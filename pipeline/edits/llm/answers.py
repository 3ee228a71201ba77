"""What a language model may answer: JSON schemas to ask with, and readers.

What stands around an answer does not matter, what it says does. Everything that comes back is
an untrusted string, also from a server that promises to obey the schema: it is measured,
checked and only then used.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.core.ids import JsonValue
from pipeline.core.json_answers import MAX_ANSWER_CHARS, find_answer
from pipeline.core.records import EditKind

MAX_PHRASE_CHARS = 80
"""Longest `old`, `new`, `cause` or `effect`."""

MIN_FULL_WORDS, MAX_FULL_WORDS = 3, 60
MAX_FULL_CHARS = 500

SPARE_WORDS, SPARE_SHARE = 3, 0.3
"""How much longer or shorter than the anchor a complete counterfactual may be: so many words,
or that share of it where that is more. Another length would give it away."""

CAPTION_SIGNS = frozenset(" .,;:'\"!?()-–—’‘“”%&/$€£°+")
"""What may stand in a caption besides letters and digits: no markup, code or templates."""

DOUBLE_QUOTES = frozenset('"“”')
QUOTES = DOUBLE_QUOTES | frozenset("'‘’")
CLOSING_MARKS = frozenset(".;:!?")
STRAIGHT = str.maketrans("‘’“”–—", "''\"\"--")

WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")

CONTRADICTS = ("object", "attribute", "count", "relation", "action", "setting")


class AnswerError(ValueError):
    """An answer, or a part of it, cannot be used.

    Attributes:
        reason: Slug such as "llm.bad_answer"; the message tells the model what is wrong.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Entry(BaseModel):
    """Base of the answers, which are found and pruned before: no conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RepairEntry(Entry):
    """Words elsewhere that the grammar of an edit demands."""

    old: str
    new: str


class EditEntry(Entry):
    """One minimal edit."""

    kind: str
    old: str
    new: str
    repairs: list[RepairEntry] = Field(default=[], max_length=8)


class FullEntry(Entry):
    """One complete counterfactual."""

    caption: str
    contradicts: list[str] = Field(default=[], max_length=16)


class CausalEntry(Entry):
    """One visible effect and its cause, as short clauses."""

    effect: str
    cause: str


class CaptionEntry(Entry):
    """All that was written for one caption."""

    id: int | None = None
    edits: list[EditEntry] = Field(default=[], max_length=64)
    complete: list[FullEntry] = Field(default=[], max_length=32)
    causal: list[CausalEntry] = Field(default=[], max_length=16)


class CaptionsAnswer(Entry):
    """Answer to `counterfactuals`."""

    captions: list[CaptionEntry] = Field(max_length=64)


def parse_answer(text: str, schema: Mapping[str, JsonValue]) -> CaptionsAnswer:
    """Read an answer to `counterfactuals`, whatever stands around it.

    Raises:
        AnswerError: It holds no JSON object of the schema.
    """
    found = _find(text, schema)
    for entry in found["captions"] if isinstance(found["captions"], list) else ():
        if isinstance(entry, dict):
            entry["id"] = _number(entry.get("id"))
    try:
        return CaptionsAnswer.model_validate(found)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the answer"
        raise AnswerError("llm.bad_answer", f"{place}: {fault['msg']}") from error


def _number(value: JsonValue) -> int | None:
    """An id, also where it is written as a text; None where there is none."""
    if isinstance(value, bool):
        return None
    try:
        return int(str(value))
    except ValueError:
        return None


def parse_choices(text: str, options: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Read an answer of the rails form: one of the given options for each kind.

    Raises:
        AnswerError: It holds no JSON object, a kind is missing, or an option is none of
            those given.
    """
    chosen = _find(text, rails_schema(options))
    return {kind: str(chosen[kind]) for kind in options}


def _find(text: str, schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    found = find_answer(text, schema)
    if found is not None:
        return found
    if len(text) > MAX_ANSWER_CHARS:
        raise AnswerError("llm.bad_answer", f"longer than {MAX_ANSWER_CHARS} characters")
    raise AnswerError("llm.bad_answer", "not one complete JSON object of the asked schema")


def clean_phrase(text: str, *, max_chars: int = MAX_PHRASE_CHARS) -> str:
    """Check words that a model wrote and return them in Unicode's composed form, stripped.

    Raises:
        AnswerError: Too long, more than one line, control characters, markup, an address,
            or letters of another script than Latin.
    """
    words = unicodedata.normalize("NFC", text).strip()
    if len(words) > max_chars:
        raise AnswerError("llm.unclean_text", f"longer than {max_chars} characters")
    if "  " in words or any(not (_is_letter(c) or c in CAPTION_SIGNS) for c in words):
        raise AnswerError("llm.unclean_text", "only plain words on one line are allowed")
    if "://" in words or "www." in words.lower():
        raise AnswerError("llm.unclean_text", "addresses are not allowed")
    return words


def bare_words(text: str) -> str:
    """Words without the quotes around them and the closing mark behind them.

    A model quotes what it names and ends what it writes, whatever stands at that place.
    """
    words, before = text, ""
    while words != before:
        before = words
        if len(words) > 1 and words[0] in QUOTES and words[-1] in QUOTES:
            words = words[1:-1].strip()
        elif words[-1:] in DOUBLE_QUOTES and not DOUBLE_QUOTES & set(words[:-1]):
            words = words[:-1].rstrip()
        elif words[:1] in DOUBLE_QUOTES and not DOUBLE_QUOTES & set(words[1:]):
            words = words[1:].lstrip()
        elif words[-1:] in CLOSING_MARKS and not _is_abbreviated(words):
            words = words[:-1].rstrip()
        elif words.endswith(",") and words.count(",") == 1:
            # Two of them belong together: "white, not red, umbrella".
            words = words[:-1].rstrip()
    return words


def _is_abbreviated(words: str) -> bool:
    """Whether a last stop belongs to its word: "U.S."."""
    return words.endswith(".") and "." in words.split()[-1][:-1].rstrip(".")


def straight(text: str) -> str:
    """Typographic quotes and dashes by their plain counterparts, character by character."""
    return text.translate(STRAIGHT)


def _is_letter(char: str) -> bool:
    return char.isascii() and char.isalnum() or unicodedata.name(char, "").startswith("LATIN ")


def clean_full(text: str, factual: str) -> str:
    """Check a complete counterfactual caption.

    Raises:
        AnswerError: As :func:`clean_phrase`; or too short, too long, or the factual caption.
    """
    caption = clean_phrase(text, max_chars=MAX_FULL_CHARS)
    if caption[:1] in QUOTES and caption[-1:] in QUOTES:
        caption = caption[1:-1].strip()
    words, own = (len(WORD.findall(one)) for one in (caption, factual))
    spare = max(SPARE_WORDS, math.floor(SPARE_SHARE * own))
    least, most = max(MIN_FULL_WORDS, own - spare), min(MAX_FULL_WORDS, own + spare)
    if not least <= words <= most:
        raise AnswerError("llm.length", f"{words} words, not {least} to {most}")
    if caption.casefold().rstrip(" .") == factual.casefold().rstrip(" ."):
        raise AnswerError("llm.no_change", "the caption is the given one")
    return caption


def closed(properties: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """An object schema in the strict subset: every property required, no other allowed."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def list_of(items: JsonValue) -> dict[str, JsonValue]:
    """An array schema. No limits on length: some servers' strict mode refuses them."""
    return {"type": "array", "items": items}


TEXT: dict[str, JsonValue] = {"type": "string"}


def captions_schema(
    kinds: Sequence[EditKind], *, edits: bool, complete: bool, causal: bool
) -> dict[str, JsonValue]:
    """Schema of an answer for several captions, with the parts that are asked for."""
    repair = closed({"old": TEXT, "new": TEXT})
    names: dict[str, JsonValue] = {"type": "string", "enum": [kind.value for kind in kinds]}
    respects: dict[str, JsonValue] = {"type": "string", "enum": list(CONTRADICTS)}
    parts: dict[str, JsonValue] = {"id": {"type": "integer"}}
    if edits:
        one = {"kind": names, "old": TEXT, "new": TEXT, "repairs": list_of(repair)}
        parts["edits"] = list_of(closed(one))
    if complete:
        parts["complete"] = list_of(closed({"caption": TEXT, "contradicts": list_of(respects)}))
    if causal:
        parts["causal"] = list_of(closed({"effect": TEXT, "cause": TEXT}))
    return closed({"captions": list_of(closed(parts))})


def rails_schema(options: Mapping[str, Sequence[str]]) -> dict[str, JsonValue]:
    """Schema of the rails form: for each kind, one of the options."""
    return closed(
        {kind: {"type": "string", "enum": list(names)} for kind, names in options.items()}
    )
