"""Role nouns that are placeholders for a name: "actor attends the premiere" shows one actor.

What the role looks like is unknown, so no rule exchanges it; but its number is visible.
"""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.counts import load_counts
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import PICTURES
from pipeline.edits.rules.object.depicted import is_visible_action

PERSON = "person"
"""The placeholder for any name: one person."""

WHERE = frozenset({"at", "during", "onstage", "backstage"})


def role_at_start(parsed: ParsedCaption) -> NounMention | None:
    """The role noun that a caption starts with, alone or behind `a`; None where two make no sense.

    "actor attends the premiere", "a tennis player at a tournament"
    """
    table = load_counts()
    start = head = 1 if parsed.lower[:1] in {("a",), ("an",)} else 0
    while head < len(parsed) and parsed.lower[head] in table.role_modifiers:
        head += 1
    if head >= len(parsed) - 1 or parsed.lower[head] not in table.roles:
        return None
    entry = load_lexicon().nouns.forms.get(parsed.lower[head])
    person = parsed.lower[head] == PERSON
    if entry is None or not entry[0].countable or entry[1] or (person and head):
        # "a person" is an ordinary noun, "ice person" none at all.
        return None
    rest = set(parsed.lower[head + 1 :])
    if rest & (table.about_one_role | table.roles | (PICTURES - {"up"})):
        return None
    after = head + 1
    subject = parsed.deps[head] == "nsubj" and parsed.heads[head] == after
    doing = subject and parsed.tags[after] == "VBZ"
    doing = doing or parsed.tags[after] in {"VBG", "VBN"}
    seen = doing and is_visible_action(parsed, after)
    if not seen and (person or parsed.lower[after] not in WHERE):
        return None
    return NounMention(head, head, entry[0], False, start)
