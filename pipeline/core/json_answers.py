"""The JSON object that was asked for, found in whatever a language model wrote around it.

Models put their answers into fences, think aloud before them, explain them afterwards, leave a
comma too many, use other quotes, or leave the outermost object out. None of that changes what
they said. Strict JSON is tried first; the library json-repair mends only what is not strict,
and a text that was cut is read as far as its last closing bracket, never to half a string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline.core.ids import JsonValue

MAX_ANSWER_CHARS = 20_000
"""Longest answer, without what was thought aloud before it."""

MAX_STARTS = 12
"""Opening brackets from which broken JSON is mended; more would only cost time."""

MAX_DEPTH = 3
"""Objects around the asked one: `{"result": {"edits": []}}`."""

_THINKING = r"(?:think\w*|thought\w*|reason\w*|reflection|scratchpad)"
_THOUGHT = re.compile(rf"[<\[]{_THINKING}[>\]].*?[<\[]/{_THINKING}[>\]]", re.IGNORECASE | re.DOTALL)
_THOUGHT_BEGINS = re.compile(rf"^\s*[<\[]{_THINKING}[>\]]", re.IGNORECASE)
_THOUGHT_ENDS = re.compile(rf"[<\[]/{_THINKING}[>\]]", re.IGNORECASE)
_FENCED = re.compile(r"```[\w-]*\s*\n(.*?)```", re.DOTALL)
_OPENING = re.compile(r"[{\[]")
_CURLY = re.compile(r"[{\[,:]\s*[“”„]")
_STRAIGHT = str.maketrans("“”„", '"""')
_DECODER = json.JSONDecoder()


class _NoFitError(ValueError):
    """A value has not the shape that a schema asks for."""


def find_answer(text: str, schema: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
    """The object in an answer that fits a schema, with that schema's keys and no others.

    Of several, the last that says anything is taken: drafts and quoted examples come first.
    Entries of a list that do not fit are left out, unless none does.

    Args:
        text: What the model wrote.
        schema: Object schema in the strict subset that requests use.

    Returns:
        The object; None where there is none.
    """
    for said in _without_thoughts(text.strip("\ufeff\u200b \n\r\t")):
        if not said or len(said) > MAX_ANSWER_CHARS:
            continue
        strict = list(_strict_values(said))
        found = _last_fitting(strict, schema)
        if found is None:
            mended = list(_mended_values(said))
            found = (
                _last_fitting(mended[:1], schema)
                or _wrapped(strict, schema)
                or next(filter(None, (_last_fitting([v], schema) for v in mended[1:])), None)
                or next(filter(None, (_wrapped([v], schema) for v in mended)), None)
            )
        if found is not None:
            return found
    return None


def _without_thoughts(text: str) -> Iterator[str]:
    """What was said in earnest: behind the last thought, or around the thoughts."""
    ends = list(_THOUGHT_ENDS.finditer(text))
    if ends:
        yield text[ends[-1].end() :].strip()
        yield _THOUGHT.sub(" ", text).strip()
    elif not _THOUGHT_BEGINS.match(text):
        yield text


def _strict_values(text: str) -> Iterator[object]:
    """Every outermost piece of strict JSON, in order."""
    try:
        whole: object = json.loads(text)
    except (ValueError, RecursionError):
        pass
    else:
        # An object in a string is one that was encoded twice.
        yield from _strict_values(whole) if isinstance(whole, str) else (whole,)
        return
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        try:
            value, at = _DECODER.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            at = opening.end()
        else:
            yield value


def _mended_values(text: str) -> Iterator[object]:
    """What json-repair makes of the text from an opening bracket to the last closing one."""
    import json_repair

    parts = [*_FENCED.findall(text), text]
    # Where quotes open and close by the same curly mark, json-repair sees no strings at all.
    parts += [text.translate(_STRAIGHT)] if _CURLY.search(text) else []
    for part in parts:
        end = max(part.rfind("}"), part.rfind("]")) + 1
        for opening in list(_OPENING.finditer(part, 0, end))[:MAX_STARTS]:
            try:
                yield json_repair.loads(part[opening.start() : end], skip_json_loads=True)
            except (ValueError, RecursionError):
                continue


def _last_fitting(
    values: Sequence[object], schema: Mapping[str, JsonValue], depth: int = 0
) -> dict[str, JsonValue] | None:
    """The last value that fits, or holds one that does; one that says something, if any."""
    found: list[dict[str, JsonValue]] = []
    for value in values:
        try:
            found.append(_object(value, schema, outermost=True))
        except _NoFitError:
            if depth < MAX_DEPTH and isinstance(value, dict | list):
                inside = list(value.values()) if isinstance(value, dict) else value
                inner = _last_fitting([v for v in inside if v], schema, depth + 1)
                found += [inner] if inner is not None else []
    saying = [one for one in found if any(one.values())]
    found = saying or found
    return found[-1] if found else None


def _wrapped(
    values: Sequence[object], schema: Mapping[str, JsonValue]
) -> dict[str, JsonValue] | None:
    """Bare entries, or a bare list of them, as the one list that the schema has."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or len(properties) != 1:
        return None
    ((name, part),) = properties.items()
    if not isinstance(part, Mapping) or part.get("type") != "array":
        return None
    entries: list[object] = []
    for value in values:
        entries += value if isinstance(value, list) else [value]
    entries = [entry for entry in entries if isinstance(entry, dict)]
    candidates = [entries] if entries or list(values) == [[]] else []
    items = part.get("items")
    inner = items.get("properties") if isinstance(items, Mapping) else None
    if entries and isinstance(inner, Mapping):
        # The entries of the first list inside, without the two objects around them.
        lists = (k for k, v in inner.items() if isinstance(v, Mapping) and v.get("type") == "array")
        candidates += [[{key: entries}] for key in lists]
    for candidate in candidates:
        try:
            return _object({name: candidate}, schema, outermost=True)
        except _NoFitError:
            continue
    return None


def _object(
    value: object, schema: Mapping[str, JsonValue], *, outermost: bool
) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise _NoFitError
    given = {str(key).strip().casefold(): part for key, part in value.items()}
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return value
    if not outermost and given.keys().isdisjoint(name.casefold() for name in properties):
        raise _NoFitError
    shaped: dict[str, JsonValue] = {}
    for name, part in properties.items():
        if not isinstance(part, Mapping):
            raise _NoFitError
        if name.casefold() in given:
            shaped[name] = _shaped(given[name.casefold()], part, outermost=outermost)
        elif not outermost and part.get("type") == "array":
            shaped[name] = []
        elif not outermost and part.get("type") == "integer":
            # A number that only tells entries apart; with one entry there is nothing to tell.
            shaped[name] = None
        else:
            raise _NoFitError
    return shaped


def _shaped(value: object, schema: Mapping[str, JsonValue], *, outermost: bool) -> JsonValue:
    """A value in the shape of its schema.

    Raises:
        _NoFitError: It has another.
    """
    match schema.get("type"):
        case "object":
            return _object(value, schema, outermost=False)
        case "array":
            return _list(value, schema)
        case "string":
            return _text(value, schema, strict=outermost)
        case _ if isinstance(value, str | int | float):
            # No prompt asks for numbers or truth values; whoever does checks them.
            return value
    raise _NoFitError


def _list(value: object, schema: Mapping[str, JsonValue]) -> JsonValue:
    items = schema.get("items")
    entries = value if isinstance(value, list) else [value]
    if not isinstance(items, Mapping) or value is None:
        raise _NoFitError
    shaped: list[JsonValue] = []
    for entry in entries:
        try:
            shaped.append(_shaped(entry, items, outermost=False))
        except _NoFitError:
            continue
    if entries and not shaped:
        raise _NoFitError
    return shaped


def _text(value: object, schema: Mapping[str, JsonValue], *, strict: bool) -> str:
    """A text; one of the given ones in their spelling, and nothing else where `strict`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _NoFitError
    text = str(value)
    names = schema.get("enum")
    if not isinstance(names, list) or text in names:
        return text
    for name in names:
        if str(name).casefold() == text.strip().casefold():
            return str(name)
    if strict:
        raise _NoFitError
    return text
