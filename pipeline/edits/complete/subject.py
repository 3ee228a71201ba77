"""What a caption is about: its main thing, and the stand-ins for names that may be one."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.complete import load_complete
from pipeline.edits.parse.parsed_caption import ParsedCaption

SUBJECTS = frozenset({"ROOT", "nsubj", "nsubjpass"})
PLACEHOLDER_NOUNS = frozenset(
    {"person", "actor", "actress", "politician", "artist", "player", "athlete", "celebrity",
     "competitor", "footballer", "cricketer", "boxer", "wrestler", "monarch", "author",
     "species", "founder", "leader"}
)  # fmt: skip
"""Last words of stand-ins for somebody's name."""


def main_thing(parsed: ParsedCaption) -> int | None:
    """Token of the thing that a caption is about: a known noun, or a stand-in for a name."""
    names = {end - 1 for _, end in stand_ins(parsed) if parsed.lower[end - 1] in PLACEHOLDER_NOUNS}
    known = [token for token in range(len(parsed)) if token in parsed.mentions or token in names]
    behind_of = next((token for token in known if is_content(parsed, token)), None)
    if behind_of is not None:
        return behind_of
    return next((token for token in known if parsed.role(token) in SUBJECTS), None)


def is_content(parsed: ParsedCaption, token: int) -> bool:
    """Whether a noun is what a picture or a group is of: "a close-up of the front of a tram"."""
    words, whole = load_complete(), token
    while parsed.deps[whole] == "pobj" and parsed.lower[parsed.heads[whole]] == "of":
        whole = parsed.heads[parsed.heads[whole]]
        if parsed.lower[whole] not in words.wrappers | words.neutral:
            return False
    return whole != token and parsed.role(whole) in SUBJECTS


def stand_ins(parsed: ParsedCaption) -> list[tuple[int, int]]:
    """Half-open token spans of the phrases that stand for a name."""
    phrases = load_lexicon().protected
    return list(phrases.find(phrases.placeholders, parsed.lower))
