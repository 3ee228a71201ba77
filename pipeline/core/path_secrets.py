"""Tokens in the path of an address: what they look like, and the address without them.

A query has names, a path has none: a token there is known by its form (`hf_…`, `ghp_…`, a
JWT), by the part before it (`/token/…`), or, where losing a name does no harm, by being long
and random.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

MASK = "***"
"""What stands in the place of a secret."""

_KNOWN_FORMS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"hf_(?=[A-Za-z]*[0-9A-Z])[A-Za-z0-9]{8,}|api_org_[A-Za-z0-9]{8,}|"
    r"gh[pousr]_[A-Za-z0-9]{6,}|github_pat_\w{6,}|gl[a-z]{2,4}-[\w-]{16,}|"
    r"sk-(?:[a-z]+-)*[A-Za-z0-9_]{20,}|[sr]k_(?:live|test)_\w{10,}|xox[abeoprs]-[\w-]{10,}|"
    r"(?:AKIA|ASIA)[A-Z0-9]{12,}|AIza[\w-]{30,}|ya29\.[\w-]{10,}|npm_[A-Za-z0-9]{20,}|"
    r"pypi-[\w-]{20,}|dop_v1_\w{16,}|eyJ[\w-]{6,}(?:\.[\w-]+){1,2})"
)
_NAMES = re.compile(
    r"(?:(?:access|auth|api|refresh|bearer|id|user|download|share|session)?[-_]?tokens?|"
    r"(?:api|access|secret|auth|sas|account)[-_]?keys?|sig|signatures?|signed|sas|jwt|bearer|"
    r"auth(?:orization)?|pass(?:word|wd)?|pwd|(?:client[-_]?)?secrets?|credentials?)",
    re.IGNORECASE,
)
"""Parts of a path behind which a secret stands."""

_WEAK_NAMES = frozenset({"key", "keys", "k", "t", "s", "sharing", "private", "dl"})
"""The same, where what is behind them looks random."""

_REVISION_NAMES = frozenset({"resolve", "blob", "raw", "tree", "commit", "revision", "refs"})
"""Parts behind which a commit of a public repository stands."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SUFFIX = re.compile(r"((?:\.[A-Za-z][A-Za-z0-9]{0,8}){1,2})\Z")
_CLASS_CHANGE = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_UNSPEAKABLE = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_MIXED = re.compile(r"[a-z][A-Z0-9]*[A-Z]|[A-Z]\d+[a-zA-Z]*[a-z]")
_PARTS = re.compile(r"([/{},])")
_QUERY = re.compile(r"[?#].*", re.DOTALL)
_LONG, _SHORTER = 20, 12


def without_path_secrets(address: str, *, long_random_too: bool) -> str:
    """An address of which every token in the path is masked; suffixes of files are kept.

    Args:
        address: Without user and query, or with those that may stay.
        long_random_too: Mask long random parts, too. They may be what names a picture, so the
            addresses of pictures keep them.

    >>> without_path_secrets("https://host/token/abcdef/a.csv", long_random_too=True)
    'https://host/token/***/a.csv'
    """
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    if not slash:
        return address
    query = _QUERY.search(path)
    path, rest = (path[: query.start()], query[0]) if query else (path, "")
    kept: list[str] = []
    name = ""
    inside = ""
    for part in _PARTS.split(path):
        if part == "/":
            name, inside = inside, ""
        elif part not in {"{", "}", ","} and part:
            inside = part
            part = _masked(part, name, long_random_too)
        kept.append(part)
    return scheme + mark + host + slash + "".join(kept) + rest


def _masked(part: str, name: str, long_random_too: bool) -> str:
    plain = unquote(part)
    found = _SUFFIX.search(part)
    suffix = found[1] if found else ""
    stem = part.removesuffix(suffix)
    is_file = bool(suffix)
    if _KNOWN_FORMS.search(plain):
        masked = _KNOWN_FORMS.sub(MASK, part)
        # A JWT has dots of its own, which are no suffix.
        return masked if masked != part else MASK + suffix
    if "=" in plain:
        return _without_values(part, plain)
    if _NAMES.fullmatch(name) and not is_file and (long_random_too or _is_likely(stem)):
        return MASK
    if name.lower() in _WEAK_NAMES and (_is_random(stem) or (not is_file and _is_likely(stem))):
        return MASK + suffix
    if not long_random_too or (name.lower() in _REVISION_NAMES and _COMMIT.fullmatch(stem)):
        return part
    return MASK + suffix if _is_random(stem) else part


def _without_values(part: str, plain: str) -> str:
    """A part such as `token=abc` or `a;sig=1&se=2`, without the values of what names secrets."""
    settings = [setting.partition("=") for setting in re.split(r"[;&?]", plain)]
    names = {name.lower() for name, mark, _ in settings if mark}
    is_sas = {"sig", "sv"} <= names
    if not is_sas and not any(_NAMES.fullmatch(name) or name == "key" for name in names):
        return part
    # An escaped query is a query: all of it goes.
    return re.sub(
        r"([^;&=]*)=[^;&]*",
        lambda match: (
            f"{match[1]}={MASK}"
            if is_sas or _NAMES.fullmatch(match[1]) or match[1].lower() == "key"
            else match[0]
        ),
        plain.partition("?")[0],
    )


def _is_likely(text: str) -> bool:
    """Whether what stands behind a name such as `token` is a value, and no word of a path."""
    has_digit = any(character.isdigit() for character in text)
    has_letter = any(character.isalpha() for character in text)
    return len(text) >= _SHORTER or (has_digit and has_letter and len(text) >= 6)


def _is_random(text: str) -> bool:
    """Whether no person has named something so: digits and letters of both cases change often.

    Names join words and numbers with marks, so that what stands between two marks changes
    seldom; words that are joined by their capitals alone hold no digits.
    """
    if _UUID.fullmatch(text):
        return True
    if len(text) < _LONG:
        return False
    pieces = re.split(r"[^A-Za-z0-9]+", text)
    longest = max(pieces, key=len)
    if len(longest) >= _LONG and _UNSPEAKABLE.search(longest):
        return True
    if len(_DIGITS.findall(longest)) >= 2 and len(longest) >= _LONG:
        return 6 * len(_CLASS_CHANGE.findall(longest)) >= len(longest)
    # The base64 of addresses has marks of its own, and letters of both cases around them.
    changes = sum(len(_CLASS_CHANGE.findall(piece)) for piece in pieces)
    mixed = sum(bool(_MIXED.search(piece)) for piece in pieces)
    return len(longest) >= 8 and 4 * changes >= len(text) and 2 * mixed >= len(pieces)
