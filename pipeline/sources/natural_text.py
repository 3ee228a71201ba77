"""Restore natural text from tokenised captions.

`a dog 's toy , on the grass .` becomes `a dog's toy, on the grass.`

Conceptual Captions is tokenised in the manner of the Penn Treebank. Only spacing and
quotation marks are restored, and only where the tokens themselves decide it; letters,
digits and case are never touched. HTML entities are left alone: the captions hold none,
and replacing them would remove letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from pipeline.sources.hyphens import join_hyphens

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_SPACES = re.compile(r"\s+")

_FUNCTION_WORDS = (
    "a an the this that these those is are was were be by in on at of to from with for and or i "
    "we you he she it they w"
)
_NOT_FUNCTION_WORD = rf"(?!(?:{'|'.join(_FUNCTION_WORDS.split())})\b)"

_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # Clitics: girl 's, they 're, do n't, o' clock, rock ' n ' roll.
        (r"(?<=[^\W_]) (?=['’](?:s|re|ve|ll|m|d)(?![\w'’]))", ""),
        (r"(?<=[a-z]) (?=n['’]t\b)", ""),
        (r"\b(o) ?(['’]) ?(?=clock\b)", r"\1\2"),
        (r"(?<=\w) (['’]) ?n ?(['’]) (?=\w)", r" \1n\2 "),
        (r"\b(gon|wan) (?=na\b)|\b(got) (?=ta\b)|\b(gim|lem) (?=me\b)", r"\1\2\3"),
        # Brackets and marks around words; a mark joins what it closes.
        (r"([(\[]) +(?=\S)", r"\1"),
        (r"(?<=\S) +(?=[)\]](?!\S)|[)\]] ?[.,!?;:](?!\S))", ""),
        (r"(?<=\S) +(?=(?:[.,!?;:]+|\.\.\.)(?!\S))", ""),
        # Numbers: $ 5, £ 6.5, 10 %, # 4, 3 d, 9 : 30.
        (r"(?<!\S)([$£€¥#]) (?=\d)", r"\1"),
        (r"(?<=\d) (?=%(?!\w))", ""),
        (r"(?<!\S)([234]) (?=d(?![\w'’]))", r"\1"),
        (r"(?<!\S)(\d{1,2}): (?=\d\d?(?![\w.,]))", r"\1:"),
        # Alternatives: man / woman, but not "colours / i like them" or "add w / the".
        (
            rf"(?<!\S){_NOT_FUNCTION_WORD}([a-z]+) / (?={_NOT_FUNCTION_WORD}[a-z]+(?!\S))",
            r"\1/",
        ),
        (r"(?<!\S)(w) ?/ (?=\w)", r"\1/ "),
        (r"(?<!\S)([rqbdhmp]) & (?=[abdmwq](?!\S))", r"\1&"),
        # A dash with nothing behind it.
        (r"(?<=\w) --?$", ""),
    )
)

_TREEBANK_QUOTE = re.compile(r"``|(?<!')''(?!')")
_DOUBLE_QUOTE = re.compile(r'(?<!\S)"(?!\S)')
_SINGLE_QUOTE = re.compile(r"(?<!\S)'(?!\S)(?! ?n ?['’])(?<!n ')")
_PLURAL_POSSESSIVE = re.compile(r"(?<=[^\W_]s) '(?= [^\W_])", re.IGNORECASE)


def natural_text(caption: str) -> str:
    """Restore the natural spelling of a tokenised caption.

    The result is one line in NFC without surrounding or double spaces; it holds exactly
    the letters and digits of the caption, in their order and case. Natural text comes
    back unchanged, so the function may be applied twice.

    >>> natural_text("the girl 's t - shirt , on the grass .")
    "the girl's t-shirt, on the grass."
    """
    text = unicodedata.normalize("NFC", caption)
    # A rule may make room for another. Every pass that changes the text shortens it, so
    # this ends, and it ends at a text that no rule changes.
    while (restored := _pass(text)) != text:
        text = restored
    return text


def _pass(text: str) -> str:
    """Apply every rule once."""
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()
    text = _close_quotes(_TREEBANK_QUOTE.sub('"', text))
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return unicodedata.normalize("NFC", join_hyphens(text))


def _close_quotes(text: str) -> str:
    """Join free-standing quotation marks to what they enclose: `" so "` → `"so"`.

    A single mark by itself behind an s is a possessive: `girls ' hats` → `girls' hats`.
    """
    if '"' in text:
        text = _enclose(text, [match.start() for match in _DOUBLE_QUOTE.finditer(text)])
    if "'" not in text:
        return text
    singles = [match.start() for match in _SINGLE_QUOTE.finditer(text)]
    if len(singles) == 1:
        return _PLURAL_POSSESSIVE.sub("'", text)
    if len(singles) == 2 and text[: singles[0]].rstrip()[-1:] not in {"s", "S"}:
        return _enclose(text, singles)
    return text


def _enclose(text: str, marks: list[int]) -> str:
    """Take away the spaces inside each pair of the marks at these offsets."""
    if len(marks) % 2:
        return text
    pieces: list[str] = []
    position = 0
    for opening, closing in zip(marks[::2], marks[1::2], strict=True):
        mark = text[opening]
        pieces += [text[position:opening], mark, text[opening + 1 : closing].strip(), mark]
        position = closing + 1
    return "".join([*pieces, text[position:]])
