"""Mend what programs did to a caption on its way: entities, markup and mojibake."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_INLINE = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|"
    "strike|strong|sub|sup|tt|u|var|wbr"
)
_BLOCK = (
    "address|article|aside|blockquote|body|br|caption|center|dd|details|div|dl|dt|figcaption|"
    "figure|footer|form|h[1-6]|header|hr|html|iframe|img|input|li|main|nav|noscript|object|ol|p|"
    "pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
# With attributes only where they have values: "a<b and b>c" is no element.
_ATTRIBUTES = r"""(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*+\s*/?>"""
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE}){_ATTRIBUTES}", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK}){_ATTRIBUTES}", re.IGNORECASE)
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_SPACED_ENTITY = re.compile(
    r"& ?(amp|lt|gt|quot|apos|nbsp|# ?\d{2,5}|# ?x ?[0-9a-f]{2,5}) ?;", re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_LAYERS = 4
"""How often a text may have been escaped over and over."""


def mend(caption: str) -> str:
    """Undo HTML entities, markup and mojibake; text that has none comes back as it is.

    Entities that were escaped again are undone as often. Elements of HTML go and nothing else
    in angle brackets, since data sets write placeholders such as `<PERSON>` in them.

    >>> mend("salt &amp;amp; pepper in the caf\u00c3\u00a9<br>today")
    'salt & pepper in the café today'
    """
    if caption.isascii() and "&" not in caption and "<" not in caption:
        return caption
    if _SURROGATE.search(caption):
        return caption
    fix, config = _fixer()
    text = caption
    for _ in range(_MOST_LAYERS):
        before = text
        if "&" in text:
            text = _SPACED_ENTITY.sub(lambda match: f"&{match[1].replace(' ', '')};", text)
        text = fix(text, config)
        if "<" in text:
            text = _UNSEEN.sub(" ", text)
            text = _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", text))
        if text == before:
            break
    return text


@lru_cache(maxsize=1)
def _fixer() -> tuple[Any, Any]:
    from ftfy import TextFixerConfig, fix_text

    # Only what was damaged: quotes, ligatures and widths are the author's.
    return fix_text, TextFixerConfig(
        unescape_html=True,
        remove_terminal_escapes=False,
        fix_encoding=True,
        restore_byte_a0=True,
        replace_lossy_sequences=True,
        decode_inconsistent_utf8=True,
        fix_c1_controls=True,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
