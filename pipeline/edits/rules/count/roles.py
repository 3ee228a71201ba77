"""Role nouns that are placeholders for a name: "actor attends the premiere" shows one actor.

What the role looks like is unknown, so no rule exchanges it; but its number is visible.
"""

from __future__ import annotations

from pipeline.edits.lexicon import Lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import PICTURES

PERSON = "person"
"""The placeholder for any name: one person."""

ROLES = frozenset(
    {PERSON, "actor", "actress", "politician", "artist", "player", "athlete", "celebrity",
     "footballer", "cricketer", "boxer", "wrestler", "singer", "dancer", "gymnast", "golfer",
     "musician"}
)  # fmt: skip
"""Last words of placeholders whose plural is ordinary."""

KINDS = frozenset(
    {"football", "soccer", "american", "baseball", "basketball", "cricket", "hockey", "tennis",
     "rugby", "volleyball", "ice", "golf", "pop", "rock", "country", "folk", "soul", "jazz",
     "blues", "hip", "hop", "hard", "indie", "punk", "reggae", "dance", "musical", "olympic",
     "electronic", "alternative", "martial", "recording", "visual", "latin", "heavy", "metal",
     "film", "theatre", "theater", "voice", "child", "opera", "comic", "stage"}
)  # fmt: skip
"""Modifiers of a role that belong to its name."""

VISIBLE_ACTIONS = frozenset(
    {"arrive", "attend", "walk", "pose", "perform", "train", "practice", "practise", "run",
     "stand", "sit", "smile", "wave", "dance", "leave", "enter", "applaud", "stretch", "jog",
     "swim", "dive", "kneel", "laugh", "play", "warm", "exercise", "rehearse", "board", "speak",
     "talk", "celebrate", "sing", "jump", "leap", "climb", "sign", "greet", "stumble", "fall",
     "yell", "shout", "cheer", "look", "watch", "march", "hike", "stroll", "wait", "relax",
     "rest", "ride", "cycle", "drive", "skate", "ski", "surf", "shop", "work", "eat", "drink",
     "cross", "stride", "step", "throw", "defend", "compete", "lie", "sleep", "read", "address",
     "gesture", "react", "testify", "pause", "lecture", "appear", "return", "participate",
     "prepare", "rap", "drum", "traverse", "install", "meet", "head", "await", "manoeuvre", "bow",
     "chat", "pray", "protest", "cook", "fish", "paint"}
)  # fmt: skip
"""Verbs that a picture can show several of them doing as well as one."""

PARTICIPLES_OF_SEEING = frozenset({"photographed", "pictured", "seen", "spotted", "filmed"})
WHERE = frozenset({"at", "during", "onstage", "backstage"})
VISIBLE_GROUNDS = frozenset(
    {"carpet", "stage", "street", "beach", "set", "pitch", "court", "field"}
)
WORDS_ABOUT_ONE_PERSON = frozenset(
    {"person", "role", "himself", "herself", "each", "others", "together", "vote", "hands",
     "winner", "winning", "goal", "title", "trophy", "hit", "scoring",
     "scored", "scores", "record", "award", "character", "wife", "husband", "girlfriend",
     "boyfriend", "daughter", "son", "mother", "father", "family", "coach", "debut", "funeral",
     "birthday", "number", "position", "trial", "accused", "arrested", "court", "speech", "like",
     "film", "injury", "wedding", "new", "who", "while"}
)  # fmt: skip
"""Words of captions that are about one of them, or that name another person."""

PREMIERES = frozenset({"premiere", "screening", "conference", "photocall", "festival"})
"""Occasions that a "film" may belong to."""


def role_at_start(parsed: ParsedCaption, lexicon: Lexicon) -> NounMention | None:
    """The role noun that a caption starts with, alone or behind `a`; None where two make no sense.

    "actor attends the premiere", "a tennis player at a tournament"
    """
    start = 1 if parsed.lower[:1] in {("a",), ("an",)} else 0
    head = start
    while head < len(parsed) and parsed.lower[head] in KINDS:
        head += 1
    if head >= len(parsed) - 1 or parsed.lower[head] not in ROLES:
        return None
    if parsed.lower[head] == PERSON and head:
        # "a person" is an ordinary noun, "ice person" none at all.
        return None
    entry = lexicon.nouns.forms.get(parsed.lower[head])
    if entry is None or not entry[0].countable or entry[1]:
        return None
    rest = parsed.lower[head + 1 :]
    after = set(rest)
    # "film" behind "of" names what the premiere is of; elsewhere what somebody plays in.
    about_one = after & WORDS_ABOUT_ONE_PERSON - ({"film"} if _is_premiere_of(rest) else set())
    if (
        about_one
        or ROLES & after
        or (PICTURES - {"up"}) & after
        or not _is_followed_by_visible_action(parsed, head)
    ):
        return None
    return NounMention(head, head, entry[0], False, start)


def _is_premiere_of(words: tuple[str, ...]) -> bool:
    return words[-2:] in {("of", "film"), ("film", ".")} or not PREMIERES.isdisjoint(words)


def _is_followed_by_visible_action(parsed: ParsedCaption, head: int) -> bool:
    """Whether what follows the role is seen, and several can do it."""
    word, tag = parsed.lower[head + 1], parsed.tags[head + 1]
    if word in WHERE and parsed.lower[head] != PERSON:
        return True
    if parsed.lower[head + 1 : head + 3] == ("in", "action") and parsed.lower[head] != PERSON:
        return True
    if (
        word in PARTICIPLES_OF_SEEING
        and tag == "VBN"
        and parsed.tags[head + 2] in {"IN", "RB", "VBG"}
    ):
        return True
    if word == "in" and "scene" in parsed.lower[head + 2 : head + 5]:
        return True
    if word == "on" and parsed.lower[head] != PERSON:
        return not VISIBLE_GROUNDS.isdisjoint(parsed.lower[head + 2 : head + 5])
    if tag not in {"VBZ", "VBG"} or parsed.heads[head] != head + 1 and tag == "VBZ":
        return False
    return verb_lemma(word, tag) in VISIBLE_ACTIONS and not _may_coordinate_another_person(
        parsed, head + 2
    )


def _may_coordinate_another_person(parsed: ParsedCaption, start: int) -> bool:
    """Whether "and" may bring in somebody else, or another who does it."""
    for token in range(start, len(parsed)):
        if parsed.lower[token] not in {"and", "&"}:
            continue
        following = range(token + 1, min(token + 4, len(parsed)))
        if any(
            i in parsed.protected
            or parsed.tags[i] in {"VBZ", "NNP"}
            or (i in parsed.mentions and parsed.mentions[i].noun.cls == "person")
            for i in following
        ):
            return True
    return False
