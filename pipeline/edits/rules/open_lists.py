"""Whether a caption leaves open what else is there, so that another thing does not exclude it.

"bread, among other items" may lie beside ice cream, "near trees" may be near rocks, and a room
with plants, tables and chairs may have sofas too.
"""

from __future__ import annotations

from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption

SAID_OPEN = (
    ("among", "other"), ("and", "other"), ("or", "other"), ("&", "other"), ("and", "more"),
    ("such", "as"), ("including",), ("includes",), ("along", "with", "other"), ("etc",), ("etc.",),
)  # fmt: skip
BESIDE = frozenset({"near", "by", "beside", "with", "among", "amid", "alongside", "along"})
SCENERY = frozenset({"nature", "plant", "structure"})
"""Classes of what may stand beside anything without being told."""

LISTED = frozenset(
    {"food", "furniture", "plant", "thing", "container", "structure", "tool", "toy", "device"}
)
"""Classes whose lists seldom name all that is there."""

LONG_LIST = 3


def is_left_open(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether something else of its kind may be there as well."""
    noun, head = mention.noun, mention.head
    lower = parsed.lower
    for words in SAID_OPEN:
        for start in range(len(lower) - len(words) + 1):
            if lower[start : start + len(words)] == words:
                return True
    if noun.cls not in LISTED | SCENERY:
        return False
    if parsed.role(head) == "pobj" and lower[parsed.governor(head)] == "with":
        holder = parsed.mentions.get(parsed.heads[parsed.governor(head)])
        if holder is not None and holder.noun.cls == "place":
            # "a kitchen with a refrigerator" may have an oven, too.
            return True
    if noun.cls in SCENERY and parsed.role(head) == "pobj":
        return lower[parsed.governor(head)] in BESIDE and not _is_only_ground(parsed, mention)
    return noun.cls in LISTED and _list_length(parsed, head) >= LONG_LIST


def _is_only_ground(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether it is a single one that something is in touch with: "by the fence", "with a leaf"."""
    preposition = parsed.lower[parsed.governor(mention.head)]
    before = parsed.lower[mention.phrase_start - 1] if mention.phrase_start else ""
    return preposition in {"by", "along", "with"} and before in {"a", "an", "the"}


def _list_length(parsed: ParsedCaption, head: int) -> int:
    """How many nouns are joined with it, itself included."""
    first = head
    while parsed.deps[first] == "conj" and parsed.heads[first] != first:
        first = parsed.heads[first]
    joined, waiting = 0, [first]
    while waiting:
        token = waiting.pop()
        joined += 1
        waiting += [child for child in parsed.children[token] if parsed.deps[child] == "conj"]
    return joined
