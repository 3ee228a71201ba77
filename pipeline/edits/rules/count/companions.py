"""What stands beside a thing and goes with one or with several: its companions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pipeline.edits.parse.noun_contexts import contexts_of
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption

SUBJECT_ROLES = frozenset({"nsubj", "nsubjpass", "ROOT", "attr"})
OFTEN = 8
"""Captions from which on a companion can speak against a number."""

GROUPS = frozenset({"group", "couple", "pair", "bunch", "herd", "flock", "crowd", "number", "lot"})

TELLING = ("VB", "JJ", "RB", "IN", "NN", "RP")
"""Tags of words that are companions; determiners and pronouns change with the number."""


def companions_of(parsed: ParsedCaption, mention: NounMention) -> Iterator[str]:
    """Names of what goes with a noun.

    Of a main thing all other words, nouns with their number and with what joins them ("on
    skateboard"); of anything else where it stands ("at: hold > umbrella", with " +" where several
    hold it).
    """
    head, start = mention.head, _start_of_main_phrase(parsed, mention)
    if start is None:
        doer = parsed.subject_of(parsed.governor(head))
        many = " +" if doer is not None and parsed.tags[doer].endswith("S") else ""
        for context in contexts_of(parsed, head):
            yield f"at: {context} {mention.noun.lemma}{many}"
            yield f"at: {context} @{mention.noun.group.name}{many}"
        return
    for token, tag in enumerate(parsed.tags):
        if start <= token <= head or not tag.startswith(TELLING) or parsed.pos[token] == "AUX":
            continue
        if not tag.startswith("NN"):
            yield parsed.lemmas[token]
            continue
        number = " +" if tag.endswith("S") else ""
        governor = parsed.governor(token)
        verbal = parsed.pos[governor] == "VERB"
        link = f"{parsed.verb_lemma(governor)} >" if verbal else parsed.lower[governor]
        other = parsed.mentions.get(token)
        yield f"{link} {parsed.lemmas[token] if other is None else other.noun.lemma}{number}"
        if other is not None:
            yield f"{link} @{other.noun.group.name}{number}"


def _start_of_main_phrase(parsed: ParsedCaption, mention: NounMention) -> int | None:
    """First token of a noun phrase that a caption is about, with the group that it is of."""
    head = mention.head
    if parsed.role(head) in SUBJECT_ROLES:
        return mention.phrase_start
    of = parsed.governor(head)
    whole = parsed.heads[of]
    main = parsed.role(whole) in SUBJECT_ROLES
    if main and parsed.lower[of] == "of" and parsed.lemmas[whole] in GROUPS:
        return whole
    return None


def count_companions(captions: Iterable[ParsedCaption]) -> Mapping[str, tuple[int, int]]:
    """The table of companions.toml: companion → captions with one, captions with several."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for parsed in captions:
        for mention in parsed.mentions.values():
            if mention.noun.countable or mention.noun.lemma == "people":
                for name in set(companions_of(parsed, mention)):
                    counts[name][mention.plural] += 1
    return {
        name: (one, several)
        for name, (one, several) in sorted(counts.items())
        if one + several >= OFTEN
    }
