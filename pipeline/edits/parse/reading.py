"""What the rules know about one parsed caption, worked out once and shared by all rules.

A :class:`Reading` holds plain tuples: reading a spaCy token attribute costs far more than
reading a tuple, and every rule asks for the same few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.retag import MODIFIERS, with_common_words, with_doers, with_nouns

if TYPE_CHECKING:
    from spacy.strings import StringStore
    from spacy.tokens import Doc

Words = tuple[str, ...]
Places = tuple[tuple[int, int], ...]
COLUMNS: list[int | str] = [
    "TAG", "POS", "DEP", "LEMMA", "HEAD", "IDX", "LENGTH", "IS_PUNCT",
]  # fmt: skip
KEY = "counterfactory.reading"
TEXT = "counterfactory.text"
PLACES = "counterfactory.places"
HYPHENATED = 3
"""Tokens of a word with a hyphen."""

UNSIGNED = 2**64 - 1
"""spaCy's numbers for strings are unsigned; the columns are read as signed for the heads."""

MOST_REMEMBERED = 100_000
"""Lemmas kept at hand; then they are asked of spaCy's table anew."""

LABELS: dict[int, str] = {}
LEMMAS: dict[int, str] = {}
GENDERED_PRONOUNS = frozenset({"he", "she", "his", "her", "him", "hers", "himself", "herself"})
TALK = frozenset(
    {"how", "why", "?", "should", "might", "must", "tips", "reasons", "ways", "guide",
     "recipe", "recipes", "let", "wish", "definition", "meaning", "quotes", "quote", "facts",
     "vs", "vs.", "versus", "instructions", "nobody", "until", "unless", "anyone"}
)  # fmt: skip
"""Words of captions that ask, advise or tell of what is not there."""

CHAT = frozenset(
    {"i", "i'm", "i've", "you", "if", "would", "could", "never", "ever", "always", "every", "idea",
     "ideas", "without", "someone", "something", "things", "'ll", "sale", "buy", "rent", "we",
     "let's", "my", "your", "our", "us", "me", "want", "need", "love", "will"}
)  # fmt: skip
"""Words of captions that talk about a picture more than they describe it."""

DESCRIBING = frozenset({"DT", "JJ", "CD", "PRP$", "VBG", "VBN", "NN", "JJR", "JJS", "POS", "NNS"})
"""Tags before an everyday word that show it to be no stand-in for a name."""

VERB_LEMMAS = {
    "riding": "ride", "rides": "ride", "staring": "stare", "bathing": "bathe", "bathed": "bathe",
    "wading": "wade", "waded": "wade",
}  # fmt: skip
"""Verbs that the lemmatiser gets wrong: it makes "rid" of "riding"."""

VERBS = frozenset(VERB_LEMMAS)
CONTENTS = ("image", "may", "contain", ":")
"""How some captions begin that list what a picture shows."""

BEGINNING = frozenset({"DT", "PRP", "PRP$", "WRB", "WP"})
"""Tags behind a dash that begin something new: "red belt - a perfect accessory"."""

SINGULAR = frozenset({"a", "an", "this", "one", "single"})
"""Words that show a noun like "sheep" to be one; without any, several are meant."""

WHEN = frozenset({"today", "tomorrow", "yesterday", "tonight", "last", "next", "this"})
"""Words behind a noun that begin a time."""

NOUN_TAGS = frozenset({"NN", "NNS", "NNP", "NNPS"})
PRONOUNS = GENDERED_PRONOUNS | {
    "it", "its", "itself", "they", "their", "them", "themselves", "theirs",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NounMention:
    """A visible noun of the lexicon where it stands.

    Attributes:
        start: First token of the noun ("hot" of "hot air balloon").
        head: Its last token, which is the head.
        noun: The entry.
        plural: Whether it stands in the plural here.
        phrase_start: First token of compounds before it; `start` where there are none.
    """

    start: int
    head: int
    noun: Noun
    plural: bool
    phrase_start: int


@dataclass(frozen=True, slots=True)
class Reading:
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
        places: Half-open character span of each token.
        punctuation: 1 for punctuation, 0 for words.
        protected: Tokens that no rule touches.
        mentions: Visible nouns by head token.
        words: All lower-case words and the lemmas of visible nouns, for "already there".
        describes: Whether the caption tells what is seen, and does not ask, advise or order.
        chats: Whether it talks about the picture; then only plain nouns and adjectives change.
    """

    text: str
    lower: tuple[str, ...]
    lemmas: tuple[str, ...]
    tags: tuple[str, ...]
    pos: tuple[str, ...]
    deps: tuple[str, ...]
    heads: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]
    places: Places
    punctuation: tuple[int, ...]
    protected: frozenset[int]
    mentions: dict[int, NounMention]
    words: frozenset[str]
    describes: bool
    chats: bool

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
        seen = 0
        while seen < 4:
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
            seen += 1
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

    def determiner(self, token: int) -> int | None:
        """Article, demonstrative or quantifier of a noun."""
        return self.child(token, "det")

    def is_unreal(self, token: int, unreal: frozenset[str]) -> bool:
        """Whether the noun belongs to a word such as `like`, `no` or `without`."""
        head = self.governor(token)
        if self.role(token) == "pobj" and self.lower[head] in {"like", "as", "without", "than"}:
            return True
        det = self.determiner(token)
        if det is not None and self.lower[det] in {"no", "any", "every", "each", "which", "what"}:
            return True
        return self.lower[token] in unreal


def text_of(doc: Doc) -> str:
    """The doc's text, worked out once: spaCy builds it from its tokens at every call."""
    kept = doc.user_data.get(TEXT)
    if isinstance(kept, str):
        return kept
    text: str = doc.text
    doc.user_data[TEXT] = text
    return text


def keep_text(doc: Doc, text: str) -> None:
    """Spare :func:`text_of` the work for a doc parsed from `text`."""
    doc.user_data[TEXT] = text


def places_of(doc: Doc) -> Places:
    """Half-open character span of each token, worked out once and without making Tokens."""
    kept = doc.user_data.get(PLACES)
    if isinstance(kept, tuple):
        return kept
    rows = doc.to_array(["IDX", "LENGTH"]).tolist()
    places = doc.user_data[PLACES] = tuple([(start, start + length) for start, length in rows])
    return places


def read(doc: Doc) -> Reading:
    """Reading of a doc; worked out at the first call and kept with the doc."""
    kept = doc.user_data.get(KEY)
    if isinstance(kept, Reading):
        return kept
    reading = _read(doc, load_lexicon())
    doc.user_data[KEY] = reading
    return reading


def _read(doc: Doc, lexicon: Lexicon) -> Reading:
    text = text_of(doc)
    if not len(doc):
        return _nothing(text)
    rows = doc.to_array(COLUMNS).view("int64").T.tolist()
    known = doc.vocab.strings
    tags, pos, deps = [_named(row, known, LABELS) for row in rows[:3]]
    # A head is stored as its distance, negative to the left.
    heads = tuple([token + distance for token, distance in enumerate(rows[4])])
    places = tuple(
        [(start, start + length) for start, length in zip(rows[5], rows[6], strict=True)]
    )
    doc.user_data[PLACES] = places
    lower = tuple([text[start:end].lower() for start, end in places])
    if "PROPN" in pos:
        written = [text[start:end] for start, end in places]
        tags, pos = with_common_words(written, tags, pos, deps, lexicon)
    tags = with_nouns(lower, tags, deps, lexicon)
    deps = with_doers(lower, tags, deps, heads, lexicon)
    children: list[list[int]] = [[] for _ in lower]
    for token, head in enumerate(heads):
        if head != token:
            children[head].append(token)
    mentions = _mentions(lower, tags, pos, lexicon)
    protected = _protected(lower, pos, tags, mentions, lexicon)
    mentions = {
        head: mention
        for head, mention in mentions.items()
        if deps[head] not in MODIFIERS
        and not protected.intersection(range(mention.start, head + 1))
    }
    words = frozenset(lower) | {mention.noun.lemma for mention in mentions.values()}
    return Reading(
        text=text,
        lower=lower,
        lemmas=_with_verbs(lower, _lemmas(rows[3], known)),
        tags=tags,
        pos=pos,
        deps=deps,
        heads=heads,
        children=tuple(map(tuple, children)),
        places=places,
        punctuation=tuple(rows[7]),
        protected=protected,
        mentions=mentions,
        words=words,
        describes=TALK.isdisjoint(lower) and not orders(tags, lower),
        chats=not CHAT.isdisjoint(lower),
    )


def _nothing(text: str) -> Reading:
    """Reading of a doc without tokens."""
    return Reading(
        text, (), (), (), (), (), (), (), (), (), frozenset(), {}, frozenset(),
        describes=True, chats=False,
    )  # fmt: skip


def _named(row: list[int], known: StringStore, names: dict[int, str]) -> Words:
    """The strings that numbers stand for; a number means the same string in every doc."""
    try:
        return tuple([names[number] for number in row])
    except KeyError:
        names.update((number, known[number & UNSIGNED]) for number in row)
        return tuple([names[number] for number in row])


def _lemmas(row: list[int], known: StringStore) -> Words:
    try:
        return tuple([LEMMAS[number] for number in row])
    except KeyError:
        if len(LEMMAS) > MOST_REMEMBERED:
            LEMMAS.clear()
        LEMMAS.update((number, known[number & UNSIGNED].lower()) for number in row)
        return tuple([LEMMAS[number] for number in row])


def _with_verbs(lower: Words, lemmas: Words) -> Words:
    """Lemmas, with verbs put right that the lemmatiser takes for others."""
    if VERBS.isdisjoint(lower):
        return lemmas
    return tuple([VERB_LEMMAS.get(word, lemma) for word, lemma in zip(lower, lemmas, strict=True)])


def lists_contents(lower: Words) -> bool:
    """Whether a caption is a list of what the picture shows, a person first."""
    return lower[: len(CONTENTS) + 1] == (*CONTENTS, "person")


def orders(tags: tuple[str, ...], lower: tuple[str, ...]) -> bool:
    """Whether the caption starts like an instruction: "find a shop near your home"."""
    if (
        tags[:1] != ("VB",)
        or lower[0] in {"close", "view", "head", "portrait"}
        or lower[1:2] == ("of",)
    ):
        return False
    # "cute kitten in a helmet": the tagger takes adjectives for verbs.
    return lower[0] not in load_lexicon().qualities.general


def _mentions(
    lower: tuple[str, ...], tags: tuple[str, ...], pos: tuple[str, ...], lexicon: Lexicon
) -> dict[int, NounMention]:
    """Longest lexicon noun that ends at each noun token which is not a modifier itself."""
    forms, longest = lexicon.nouns.forms, lexicon.nouns.longest
    found: dict[int, NounMention] = {}
    head = len(lower) - 1
    while head >= 0:
        step = 1
        if tags[head] in {"NN", "NNS"} and not _modifies(head, lower, tags):
            for width in range(min(longest, head + 1), 0, -1):
                start = head - width + 1
                form = " ".join(lower[start : head + 1]) if width > 1 else lower[head]
                if width == HYPHENATED and lower[head - 1] == "-":
                    form = form.replace(" - ", "-")
                entry = forms.get(form)
                if entry is None:
                    continue
                noun, plural = entry
                if noun.plural == noun.lemma and not noun.mass and not plural:
                    plural = tags[head] == "NNS" or not SINGULAR.intersection(lower[:start])
                begin = start
                while begin and tags[begin - 1] in NOUN_TAGS and pos[begin - 1] != "ADJ":
                    begin -= 1
                found[head] = NounMention(start, head, noun, plural, begin)
                step = width
                break
        head -= step
    return found


def _modifies(token: int, lower: tuple[str, ...], tags: tuple[str, ...]) -> bool:
    """Whether a noun belongs to the next word, whatever the parse says.

    "pencil skirt", "snow covered mountain", "the panther like cat".
    """
    after = tags[token + 1 : token + 3]
    if not after:
        return False
    if lower[token + 1] in WHEN:
        # "will reach a city today", "riding her horse last week"
        return False
    if after[0] in NOUN_TAGS or lower[token + 1] in {"like", "shaped", "themed", "style"}:
        return True
    return len(after) == 2 and after[0] in {"VBN", "VBD", "JJ"} and after[1] in NOUN_TAGS


def _protected(
    lower: tuple[str, ...],
    pos: tuple[str, ...],
    tags: tuple[str, ...],
    mentions: dict[int, NounMention],
    lexicon: Lexicon,
) -> frozenset[int]:
    """Tokens of names, frozen phrases, placeholders, hyphenated words and possessives."""
    whole = {(mention.start, mention.head + 1) for mention in mentions.values()}
    tokens = {i for i, part in enumerate(pos) if part == "PROPN"}
    phrases = lexicon.protected
    for start, end in phrases.find(phrases.frozen, lower):
        # A phrase that the lexicon knows as one thing is edited as a whole or not at all.
        if (start, end) not in whole:
            tokens.update(range(start, end))
    for start, end in phrases.find(phrases.placeholders, lower):
        phrase = " ".join(lower[start:end])
        before = tags[start - 1] if start else ""
        described = before in DESCRIBING
        if end - start == 1 and phrase in phrases.everyday:
            # A stand-in stands alone: "business woman", "a city", "books" are themselves.
            modifies = tags[end : end + 1] in {("NN",), ("NNS",)}
            if described or modifies or tags[start] == "NNS":
                continue
        tokens.update(range(start, end))
    for i, word in enumerate(lower):
        if word in {"-", "/", "#", "–"}:
            if (i - 1, i + 2) in whole:
                # "t-shirt"
                continue
            after = min(i + 1, len(lower) - 1)
            tokens.add(i)
            if word == "#" or tags[after] not in BEGINNING:
                tokens.update({max(i - 1, 0), after})
        if word.startswith("#") or word.startswith("@"):
            tokens.add(i)
    return frozenset(tokens)
