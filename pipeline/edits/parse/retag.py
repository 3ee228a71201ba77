"""Corrections of what the tagger gets wrong in captions, by the lexicon.

Captions in lower case, without articles and verbs, are not what taggers are trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.doc_columns import Strings

NOUN_TAGS = frozenset({"NN", "NNS"})
MISTAKEN = frozenset({"JJ", "RB", "VB", "UH", "FW"})
"""Tags that the tagger gives to rare nouns."""
FINITE = frozenset({"VBD", "VBZ", "VBP"})
ORDERS = frozenset({"VB", "VBP", "UH"})
"""Tags of the first word of a thing that is taken for an order: "stop sign on a pole"."""

NOUN_ROLES = frozenset({"nsubj", "nsubjpass", "dobj", "pobj"})
PLAIN_CLASSES = frozenset(
    {"animal", "vehicle", "furniture", "clothing", "food", "container", "instrument"}
)
STILL_CLASSES = frozenset({"place", "building", "structure", "nature", "scenery", "event", "time"})
"""Classes of nouns before which a gerund is a sport or a purpose: "mountain biking"."""
DONE_TO_ANIMALS = frozenset(
    {"watch", "groom", "milk", "feed", "hunt", "train", "shear", "breed", "farm"}
)
"""Verbs whose gerund behind an animal names what is done to it: "horse riding on the beach"."""

DESCRIBED = frozenset({"NN", "NNS", "JJ", "NNP", "NNPS"})
"""Tags behind an adjective that it may belong to."""
MODIFIERS = frozenset({"compound", "nmod", "amod"})
"""Dependencies of words before the noun that they belong to."""
CLAUSES = frozenset({"xcomp", "advcl", "pcomp", "ccomp"})
"""Dependencies of a participle on what is no verb, which then describes it."""


@dataclass(slots=True)
class Tree:
    """What the parse says, token by token; the corrections below change it.

    Attributes:
        tags: Penn tags.
        pos: Universal parts of speech.
        deps: Dependency labels.
        heads: Index of each token's head.
    """

    tags: list[str]
    pos: list[str]
    deps: list[str]
    heads: list[int]

    def name(self, token: int, *, plural: bool) -> None:
        """Make a noun of a token."""
        self.tags[token], self.pos[token] = ("NNS" if plural else "NN"), "NOUN"

    def take_place(self, token: int, other: int) -> None:
        """Give a token the place of one that depended on it from above."""
        root = self.heads[other] == other
        self.deps[token], self.heads[token] = self.deps[other], token if root else self.heads[other]


def correct(written: Sequence[str], lower: Strings, tree: Tree, lexicon: Lexicon) -> None:
    """Correct names that are none, nouns, things of two words, and who does something."""
    if "PROPN" in tree.pos:
        _correct_names(written, lower, tree, lexicon)
    _correct_nouns(lower, tree, lexicon)
    if "RP" in tree.tags:
        _correct_ways(lower, tree, lexicon)
    for first, last in pairwise(range(len(lower))):
        if lower[first] in _first_words():
            _correct_thing(lower, tree, first, last, lexicon)
        if lower[last].endswith(("ing", "s")) and lower[first] in lexicon.nouns.forms:
            _correct_doer(lower, tree, first, last, lexicon)


def _correct_names(written: Sequence[str], lower: Strings, tree: Tree, lexicon: Lexicon) -> None:
    """Make everyday words of those that were tagged as names.

    Where a caption is all in lower case the tagger guesses: "bridge in the sunrise", "cowboy
    talking on a phone". Beside another name the word stays part of it, and so does one with a
    capital that does not begin the caption.
    """
    forms, qualities = lexicon.nouns.forms, lexicon.qualities
    named = [
        part == "PROPN"
        and not (
            (written[token].islower() or not token)
            and (word in forms or word in qualities.colours.words or word in qualities.by_word)
        )
        for token, (part, word) in enumerate(zip(tree.pos, lower, strict=True))
    ]
    for token, part in enumerate(tree.pos):
        if part != "PROPN":
            continue
        word = lower[token]
        if any(" ".join(pair) in forms for pair in pairwise(lower[max(token - 1, 0) : token + 2])):
            # "christmas tree", "teddy bear"
            tree.name(token, plural=tree.tags[token] == "NNPS")
        elif any(named[max(token - 1, 0) : token + 2]):
            continue
        elif word in forms:
            tree.name(token, plural=forms[word][1])
        elif tree.deps[token] in MODIFIERS:
            tree.tags[token], tree.pos[token] = "JJ", "ADJ"


def _correct_nouns(lower: Strings, tree: Tree, lexicon: Lexicon) -> None:
    """Make nouns of the lexicon's nouns where they stand like nouns.

    "bulldog with" is no order, the "dragonfly resting on a branch" no adverb.
    """
    forms = lexicon.nouns.forms
    for token, tag in enumerate(tree.tags):
        begun = not token and tag in FINITE and tree.tags[1:2] == ["IN"]
        if not (tag in MISTAKEN or begun) or lower[token] not in forms:
            continue
        dep, entry = tree.deps[token], forms[lower[token]]
        opens = not token and (tag == "VB" or dep == "ROOT" or tree.tags[1:2] == ["IN"])
        if opens or (dep in NOUN_ROLES and entry[0].cls in PLAIN_CLASSES):
            tree.tags[token] = "NNS" if entry[1] else "NN"


def _correct_ways(lower: Strings, tree: Tree, lexicon: Lexicon) -> None:
    """Make a preposition of "down" before a way: "skiing down the slope"."""
    tags, deps, heads = tree.tags, tree.deps, tree.heads
    for token, tag in enumerate(tags):
        verb = heads[token]
        if tag != "RP" or lower[token] != "down":
            continue
        way = next((i for i in range(token + 1, len(tags)) if heads[i] == verb), token)
        entry = lexicon.nouns.forms.get(lower[way])
        if deps[way] != "dobj" or entry is None:
            continue
        if entry[0].cls in STILL_CLASSES or entry[0].lemma == "track":
            tags[token], tree.pos[token], deps[token] = "IN", "ADP", "prep"
            deps[way], heads[way] = "pobj", token


@cache
def _first_words() -> frozenset[str]:
    """First words of things that have two."""
    forms = load_lexicon().nouns.forms
    return frozenset(form.split()[0] for form in forms if form.count(" ") == 1)


def _correct_thing(lower: Strings, tree: Tree, first: int, last: int, lexicon: Lexicon) -> None:
    """Make one noun of a thing of two words that is taken for something else.

    The "hydrant" of "a red fire hydrant on a street" is parsed as an adjective, the "teddy bears
    sitting" there as a verb, and a "stop sign on a pole" as an order.
    """
    entry = lexicon.nouns.forms.get(f"{lower[first]} {lower[last]}")
    tags, heads = tree.tags, tree.heads
    ordered = not first and tags[0] in ORDERS
    if entry is None or not (ordered or tags[last] not in NOUN_TAGS or tree.deps[last] == "amod"):
        return
    if tags[last + 1 : last + 2] and tags[last + 1] in DESCRIBED:
        return
    if entry[1] and first and lower[first - 1] in {"a", "an"}:
        # "a bus stops"
        return
    tree.name(last, plural=entry[1])
    if ordered:
        tree.name(first, plural=False)
    if heads[last] == first:
        tree.take_place(last, first)
    elif heads[first] != last:
        return
    for token, head in enumerate(heads):
        if head == first and token != last:
            heads[token] = last
        if heads[token] == last != token and tree.deps[token] in CLAUSES and tags[token] == "VBG":
            tree.deps[token] = "acl"
    tree.deps[first], heads[first] = "compound", last


def _correct_doer(lower: Strings, tree: Tree, doer: int, doing: int, lexicon: Lexicon) -> None:
    """Correct who does something where the parse takes both words for a noun.

    "A zebra standing on a field" is parsed as "a mountain hike on a trail" is, "a cow stares" as
    "the office chairs", and "Horse grazing in a field" as "mountain biking on a trail".
    """
    noun, plural = lexicon.nouns.forms[lower[doer]]
    tags, deps, heads = tree.tags, tree.deps, tree.heads
    part = heads[doer] == doing and deps[doer] in MODIFIERS
    if noun.cls in STILL_CLASSES:
        return
    if part and deps[doing] == "ROOT" and tags[doing] == "VBG":
        deps[doer] = "nsubj"
        return
    if not _is_doing(lower, tags, doer, doing, lexicon):
        return
    gerund = lower[doing].endswith("ing")
    if tags[doer] not in NOUN_TAGS:
        tree.name(doer, plural=plural)
    tags[doing], tree.pos[doing] = ("VBG" if gerund else "VBZ"), "VERB"
    if not part:
        return
    for token in range(doer):
        if heads[token] == doing:
            heads[token] = doer
    if gerund:
        # The noun takes the place of the verb, which then says what it does.
        tree.take_place(doer, doing)
        deps[doing], heads[doing] = "acl", doer
    else:
        deps[doer] = "nsubj"


def _is_doing(lower: Strings, tags: Sequence[str], doer: int, doing: int, lexicon: Lexicon) -> bool:
    """Whether a noun behind an article or "of" does what the word behind it says.

    The words between are taken for adjectives, the word itself for a noun or a verb.
    """
    nouns, actions = lexicon.nouns, lexicon.actions
    first = doer
    while first and tags[first - 1] in {"JJ", "NN", "VBN"}:
        first -= 1
    if not first or tags[doing + 1 : doing + 2] not in (["IN"], ["RP"], ["RB"]):
        return False
    if lower[doing + 1] == "of":
        return False
    if not lower[doing].endswith("ing"):
        # What "a" stands before is no plural.
        single = tags[doing] == "NNS" and lower[first - 1] in {"a", "an"}
        return single and verb_lemma(lower[doing], "VBZ") in actions.by_verb
    if tags[first - 1] not in {"DT", "CD", "PRP$"} and lower[first - 1] != "of":
        return False
    if lower[doing] in nouns.forms or tags[doing] not in {"NN", "VBG"}:
        return False
    verb, noun = verb_lemma(lower[doing], "VBG"), nouns.forms[lower[doer]][0]
    if noun.cls != "animal":
        return verb in actions.by_verb
    ridden = verb == "ride" and nouns.fits_any(noun, actions.fits["ride"])
    return not ridden and verb not in DONE_TO_ANIMALS
