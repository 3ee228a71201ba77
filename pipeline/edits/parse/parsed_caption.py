"""A parsed caption by columns: the model that rules ask by the index of a token.

:class:`ParsedCaption` is for rules that look at single tokens and their neighbours: objects,
attributes, counts and actions. It adds to spaCy's parse what the lexicon knows: nouns that a
picture shows, tokens that must not change, and whether the caption is a description at all.
Rules that walk the dependency tree, from heads to children and over noun chunks, use
:class:`~pipeline.edits.parse.word_tree.WordTree`, which is built from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.caption_type import is_conversational, is_description
from pipeline.edits.parse.doc_columns import (
    CHAR_SPANS,
    COLUMNS,
    CharSpans,
    Strings,
    label_strings,
    lemma_strings,
    text_of,
    with_verb_lemmas,
)
from pipeline.edits.parse.noun_mentions import NounMention, noun_mentions
from pipeline.edits.parse.protected_tokens import protected_tokens
from pipeline.edits.parse.retag import MODIFIERS, Tree, correct

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.parsed_caption"
GENDERED_PRONOUNS = frozenset({"he", "she", "his", "her", "him", "hers", "himself", "herself"})
PRONOUNS = GENDERED_PRONOUNS | {
    "it", "its", "itself", "they", "their", "them", "themselves", "theirs",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedCaption:
    """One caption for the rules; every sequence is indexed by token.

    Attributes:
        text: The caption as written.
        lower: Lower-case words.
        lemmas: Lower-case lemmas.
        tags: Penn tags.
        pos: Universal parts of speech.
        deps: Dependency labels.
        heads: Index of each token's head.
        children: Indexes of each token's children.
        char_spans: Half-open character span of each token.
        punctuation: 1 for punctuation, 0 for words.
        protected: Tokens that no rule touches.
        mentions: Visible nouns by head token.
        words: All lower-case words and the lemmas of visible nouns, to look up what is there.
        is_description: Whether it states what is seen, and does not ask, advise or order.
        is_conversational: Whether it talks about its picture; then only plain nouns and
            adjectives change.
    """

    text: str
    lower: Strings
    lemmas: Strings
    tags: Strings
    pos: Strings
    deps: Strings
    heads: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]
    char_spans: CharSpans
    punctuation: tuple[int, ...]
    protected: frozenset[int]
    mentions: dict[int, NounMention]
    words: frozenset[str]
    is_description: bool
    is_conversational: bool

    def __len__(self) -> int:
        return len(self.lower)

    def child(self, token: int, *deps: str) -> int | None:
        """First child with one of the labels."""
        for child in self.children[token]:
            if self.deps[child] in deps:
                return child
        return None

    def subject_of(self, verb: int) -> int | None:
        """What does the action: its subject, the noun it describes, or that of the main verb."""
        steps = 0
        while steps < 4:
            subject = self.child(verb, "nsubj", "nsubjpass")
            if subject is not None:
                if self.lower[subject] in {"who", "that", "which"} and self.deps[verb] == "relcl":
                    return self.heads[verb]
                return subject
            if self.deps[verb] in {"acl", "relcl"}:
                return self.heads[verb]
            if self.deps[verb] not in {"conj", "advcl"}:
                return None
            verb = self.heads[verb]
            steps += 1
        return None

    def subtree(self, token: int) -> Iterator[int]:
        """The token and everything below it."""
        yield token
        for child in self.children[token]:
            yield from self.subtree(child)

    def governor(self, token: int) -> int:
        """Token that governs a noun phrase; for joined phrases, that of the first."""
        while self.deps[token] in {"conj", "appos"} and self.heads[token] != token:
            token = self.heads[token]
        return self.heads[token]

    def role(self, token: int) -> str:
        """Dependency label of a noun phrase; for joined phrases, that of the first."""
        while self.deps[token] in {"conj", "appos"} and self.heads[token] != token:
            token = self.heads[token]
        return self.deps[token]

    def verb_lemma(self, token: int) -> str:
        """Base form of the verb at a token."""
        return verb_lemma(self.lower[token], self.tags[token])

    def determiner(self, token: int) -> int | None:
        """Article, demonstrative or quantifier of a noun."""
        return self.child(token, "det")

    def is_nonreferential(self, token: int, unseen: frozenset[str]) -> bool:
        """Whether a noun phrase refers to nothing in the picture: "like a dog", "no bed".

        Args:
            token: Head of the noun phrase.
            unseen: Nouns of things that no picture shows.
        """
        head = self.governor(token)
        if self.role(token) == "pobj" and self.lower[head] in {"like", "as", "without", "than"}:
            return True
        det = self.determiner(token)
        if det is not None and self.lower[det] in {"no", "any", "every", "each", "which", "what"}:
            return True
        return self.lower[token] in unseen


def parsed_caption(doc: Doc) -> ParsedCaption:
    """The columns of a doc; worked out at the first call and kept with the doc."""
    kept = doc.user_data.get(KEY)
    if isinstance(kept, ParsedCaption):
        return kept
    parsed = _parse(doc, load_lexicon())
    doc.user_data[KEY] = parsed
    return parsed


def _parse(doc: Doc, lexicon: Lexicon) -> ParsedCaption:
    text = text_of(doc)
    if not len(doc):
        return _empty(text)
    rows = doc.to_array(COLUMNS).view("int64").T.tolist()
    known = doc.vocab.strings
    tags, pos, deps = [label_strings(row, known) for row in rows[:3]]
    # A head is stored as its distance, negative to the left.
    heads = [token + distance for token, distance in enumerate(rows[4])]
    spans = tuple([(start, start + length) for start, length in zip(rows[5], rows[6], strict=True)])
    doc.user_data[CHAR_SPANS] = spans
    lower = tuple([text[start:end].lower() for start, end in spans])
    tree = Tree(list(tags), list(pos), list(deps), heads)
    correct([text[start:end] for start, end in spans], lower, tree, lexicon)
    tags, pos, deps = tuple(tree.tags), tuple(tree.pos), tuple(tree.deps)
    children: list[list[int]] = [[] for _ in lower]
    for token, head in enumerate(heads):
        if head != token:
            children[head].append(token)
    mentions = noun_mentions(lower, tags, pos, lexicon)
    protected = protected_tokens(lower, pos, tags, mentions, lexicon)
    mentions = {
        head: mention
        for head, mention in mentions.items()
        if deps[head] not in MODIFIERS
        and not protected.intersection(range(mention.start, head + 1))
    }
    words = frozenset(lower) | {mention.noun.lemma for mention in mentions.values()}
    return ParsedCaption(
        text=text,
        lower=lower,
        lemmas=with_verb_lemmas(lower, lemma_strings(rows[3], known)),
        tags=tags,
        pos=pos,
        deps=deps,
        heads=tuple(heads),
        children=tuple(map(tuple, children)),
        char_spans=spans,
        punctuation=tuple(rows[7]),
        protected=protected,
        mentions=mentions,
        words=words,
        is_description=is_description(tags, lower),
        is_conversational=is_conversational(lower),
    )


def _empty(text: str) -> ParsedCaption:
    """A doc without tokens."""
    return ParsedCaption(
        text, (), (), (), (), (), (), (), (), (), frozenset(), {}, frozenset(),
        is_description=True, is_conversational=False,
    )  # fmt: skip
