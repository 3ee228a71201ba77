"""The noun that an adjective describes, and whether other words of the caption depend on it."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.attributes import NearWords, Scale
from pipeline.edits.parse.parsed_caption import ParsedCaption

PREDICATES = frozenset({"acomp", "oprd"})


def near() -> NearWords:
    """Words near an adjective that give it another meaning."""
    return load_lexicon().qualities.near


def described_noun(parsed: ParsedCaption, token: int) -> int | None:
    """The noun that an adjective describes, as its modifier or predicate."""
    head = parsed.heads[token]
    dep = parsed.deps[token]
    while dep == "conj" and parsed.tags[head] in {"JJ", "NN"} and head not in parsed.mentions:
        dep, head = parsed.deps[head], parsed.heads[head]
    if dep in {"amod", "compound", "nmod"}:
        head = _head_of_compound(parsed, token, head)
        mention = parsed.mentions.get(head)
        if head <= token or (mention is not None and token >= mention.start):
            return None
        # The things between may be the first tokens of the noun itself: a "t - shirt".
        until = head if mention is None else mention.start
        return head if _only_modifiers_between(parsed, token, until) else None
    if dep in PREDICATES:
        if parsed.lower[head] in near().coloured:
            return parsed.subject_of(head)
        if parsed.lower[head] not in near().copulas:
            return None
        subject = parsed.child(head, "nsubj")
        if subject is not None and subject in parsed.mentions:
            return subject
    return None


def _head_of_compound(parsed: ParsedCaption, token: int, head: int) -> int:
    """The noun of the phrase where the parse gives the adjective to a word before that noun.

    "a black evening gown": it is the gown that is black. What can be seen by itself keeps its
    own qualities: "white sand beach", "a red wine glass".
    """
    forms = load_lexicon().nouns.forms
    while (
        head > token
        and head not in parsed.mentions
        and parsed.deps[head] in {"amod", "compound", "nmod"}
        and parsed.heads[head] > head
        and parsed.lower[head] not in near().backdrops
    ):
        entry = forms.get(parsed.lower[head])
        if entry is not None and entry[0].cls not in near().seldom_described:
            break
        head = parsed.heads[head]
    return head


def _only_modifiers_between(parsed: ParsedCaption, token: int, head: int) -> bool:
    """Whether nothing but adjectives and compounds stands between the two."""
    return all(
        parsed.tags[between] in {"JJ", "CC", ",", "NN", "VBN", "VBG", "JJR", "JJS"}
        for between in range(token + 1, head)
    )


def is_green_by_nature(parsed: ParsedCaption, token: int, head: int) -> bool:
    """Whether a green thing is said to grow well as well: "a lush green field"."""
    said = {parsed.lower[child] for child in parsed.children[head]}
    return parsed.lower[token] == "green" and not near().thriving.isdisjoint(said)


def is_shared_colour(parsed: ParsedCaption, colour: str) -> bool:
    """Whether two things have a colour of which one may be the other's: a cake and its frosting."""
    return parsed.lower.count(colour) > 1 or not near().matched.isdisjoint(parsed.words)


def is_implied_elsewhere(parsed: ParsedCaption, word: str, scale: Scale) -> bool:
    """Whether other words of the caption imply the same quality."""
    cues = load_lexicon().qualities.words_telling(scale)
    if not (cues - {word}).isdisjoint(parsed.words):
        # "a small boat beside a larger boat", "melts … ice sculpture"
        return True
    if scale.name == "size":
        # What is cut out shows no size: "isolated on white".
        return "white" in parsed.words and "background" in parsed.words
    # "bricks make up a brick house"
    return scale.subkind == "material" and f"{word}s" in parsed.words


def is_coordinated(parsed: ParsedCaption, token: int) -> bool:
    """Whether `and` joins the word to another participle or adjective: "torn and dirty".

    In "houses and narrow streets" it joins the nouns.
    """
    if parsed.deps[token] not in {"amod", "conj", "acomp"}:
        return False
    for joining, other in ((token - 1, token - 2), (token + 1, token + 2)):
        if not 0 <= joining < len(parsed) or parsed.lower[joining] not in {"and", "or", "&"}:
            continue
        if not 0 <= other < len(parsed) or parsed.tags[other] not in {"NN", "NNS"}:
            return True
    return False


def has_neighbour_on_scale(parsed: ParsedCaption, token: int, head: int, scale: Scale) -> bool:
    """Whether another adjective of the noun says the like of it: "large tall building"."""
    by_word = load_lexicon().qualities.by_word
    return any(
        other.subkind == scale.subkind
        for child in parsed.children[head]
        if child != token and parsed.deps[child] in {"amod", "compound"}
        for other in by_word.get(parsed.lower[child], ())
    )


def clashes_with_rest(parsed: ParsedCaption, token: int, head: int, new: str) -> bool:
    """Whether a new word contradicts the rest: "snowy summer morning", an empty road with a car."""
    things = {other.noun.cls for at, other in parsed.mentions.items() if at != head}
    words = (parsed.words | things) - {parsed.lower[token]}
    if new in near().no_degrees and token and parsed.lower[token - 1] in near().degrees:
        return True
    return load_lexicon().qualities.clashes(new, words)


def is_graded(parsed: ParsedCaption, token: int) -> bool:
    """Whether an adverb measures the adjective or goes with it alone: too, most, brightly."""
    if not token:
        return False
    before = parsed.lower[token - 1]
    manner = parsed.tags[token - 1] == "RB" and before.endswith("ly")
    return before in near().grading or (manner and parsed.lower[token].endswith("ed"))


def pole_of(poles: tuple[frozenset[str], ...], word: str) -> frozenset[str]:
    """The pole that a word belongs to; empty where it belongs to none."""
    return next((pole for pole in poles if word in pole), frozenset())
