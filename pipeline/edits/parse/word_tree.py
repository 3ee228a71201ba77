"""A parsed caption as a dependency tree: the model of the rules that walk from word to word.

:class:`WordTree` is for rules that follow heads, children and noun chunks: relations, negations,
swaps, and causes and effects. Its :class:`Word` has the fields of a spaCy token, but is made once:
spaCy makes a token anew every time a doc is iterated or indexed, which costs more than all that
a rule does with it. Tags and lemmas are those of
:class:`~pipeline.edits.parse.parsed_caption.ParsedCaption`, from which the tree is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, overload

from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

KEY = "counterfactory.word_tree"
PHRASE_DEPS = frozenset(
    {"oprd", "nsubj", "dobj", "nsubjpass", "pcomp", "pobj", "dative", "appos", "attr", "ROOT"}
)
"""Dependencies of the heads of base noun phrases, as in spaCy's own iterator for English."""


class Word:
    """One word with its place in the tree; the fields are those of a spaCy token.

    Attributes:
        words: The caption.
        i: Its index.
        text: As written.
        space: Whether a space follows.
        lower: Lower-case form.
        lemma: Lower-case lemma.
        tag: Penn tag.
        pos: Universal part of speech.
        dep: Dependency label.
        head: What it depends on; the root depends on itself.
        children: What depends on it, in the order of the text.
        is_punct: Whether it is punctuation.
        first: Index of the first word of its subtree.
    """

    __slots__ = (
        "children", "dep", "first", "head", "i", "is_punct", "lemma", "lower", "pos", "space",
        "tag", "text", "words",
    )  # fmt: skip

    children: list[Word]
    head: Word

    def __init__(self, words: WordTree, i: int, parsed: ParsedCaption, end: int) -> None:
        start, stop = parsed.char_spans[i]
        self.words = words
        self.i = i
        self.text = parsed.text[start:stop]
        self.lemma = parsed.lemmas[i]
        self.lower = parsed.lower[i]
        self.tag = parsed.tags[i]
        self.pos = parsed.pos[i]
        self.dep = parsed.deps[i]
        self.space = stop < end
        self.is_punct = parsed.punctuation[i] == 1
        self.first = i

    @property
    def lefts(self) -> list[Word]:
        """Children before it."""
        return [child for child in self.children if child.i < self.i]

    @property
    def rights(self) -> list[Word]:
        """Children behind it."""
        return [child for child in self.children if child.i > self.i]

    @property
    def subtree(self) -> list[Word]:
        """The word and everything below it, in the order of the text."""
        found, waiting = [self], list(self.children)
        while waiting:
            word = waiting.pop()
            found.append(word)
            waiting += word.children
        return sorted(found, key=lambda word: word.i)

    @property
    def last(self) -> int:
        """Index of the last word of its subtree."""
        edge = self.i
        for child in self.children:
            edge = max(edge, child.last)
        return edge


class Phrase:
    """A half-open span of words, like a spaCy span."""

    __slots__ = ("end", "start", "words")

    def __init__(self, words: WordTree, start: int, end: int) -> None:
        self.words = words
        self.start = start
        self.end = end

    def __len__(self) -> int:
        return self.end - self.start

    def __iter__(self) -> Iterator[Word]:
        return iter(self.words.all[self.start : self.end])

    def __getitem__(self, index: int) -> Word:
        return self.words.all[self.start : self.end][index]

    @property
    def root(self) -> Word:
        """The last word, which is the head of a base noun phrase."""
        return self.words.all[self.end - 1]

    @property
    def before(self) -> list[Word]:
        """Its words before the root."""
        return self.words.all[self.start : self.end - 1]

    @property
    def text(self) -> str:
        """As written, without the space behind it."""
        return self.words.text_of(self.start, self.end)


class WordTree:
    """All words of a caption, indexed by token.

    Attributes:
        all: The words.
        text: The caption as written.
        lower: Lower-case words.
        parsed: The caption by columns.
        vocab: The parser's vocabulary, for docs with another wording.
        chunks: Base noun phrases, in the order of the text.
    """

    __slots__ = ("all", "chunks", "lower", "parsed", "text", "vocab")

    def __init__(self, doc: Doc) -> None:
        parsed = parsed_caption(doc)
        self.parsed = parsed
        self.lower = parsed.lower
        self.text = parsed.text
        self.vocab: Vocab = doc.vocab
        # A token begins where the one before it ends, unless a space stands between.
        begins = [*(start for start, _ in parsed.char_spans[1:]), len(parsed.text)]
        words = self.all = [Word(self, i, parsed, begins[i]) for i in range(len(parsed))]
        heads = parsed.heads
        for i, word in enumerate(words):
            word.head = words[heads[i]]
            word.children = [words[child] for child in parsed.children[i]]
            # The first below a word reaches it from the left, so the first to come is the edge.
            above = word.head
            while above.first > i:
                above.first = i
                above = words[heads[above.i]]
        self.chunks = [Phrase(self, start, end) for start, end in _noun_phrases(self.all)]

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Word]:
        return iter(self.all)

    @overload
    def __getitem__(self, index: int) -> Word: ...

    @overload
    def __getitem__(self, index: slice) -> list[Word]: ...

    def __getitem__(self, index: int | slice) -> Word | list[Word]:
        return self.all[index]

    def text_of(self, start: int, end: int) -> str:
        """The words [start, end) as written; "" for none."""
        if start >= end:
            return ""
        return self.text[self.parsed.char_spans[start][0] : self.parsed.char_spans[end - 1][1]]

    @property
    def whole(self) -> Phrase:
        """All of them."""
        return Phrase(self, 0, len(self.all))

    def sentence(self, index: int) -> tuple[int, int]:
        """Half-open range of the sentence that holds a word."""
        root = self.all[index]
        while root.head is not root:
            root = root.head
        return root.first, root.last + 1

    def phrase(self, start: int, end: int) -> Phrase:
        """The words [start, end)."""
        return Phrase(self, start, end)


def word_tree(doc: Doc) -> WordTree:
    """Tree of a doc; made at the first call and kept with the doc."""
    kept = doc.user_data.get(KEY)
    if isinstance(kept, WordTree):
        return kept
    words = doc.user_data[KEY] = WordTree(doc)
    return words


def _noun_phrases(words: list[Word]) -> Iterator[tuple[int, int]]:
    """Base noun phrases exactly as spaCy's `noun_chunks` finds them, without its tokens."""
    done = -1
    for word in words:
        if word.pos not in {"NOUN", "PROPN", "PRON"}:
            continue
        governor = word
        if word.dep == "conj":
            governor = word.head
            while governor.dep == "conj" and governor.head.i < governor.i:
                governor = governor.head
        if governor.dep not in PHRASE_DEPS:
            continue
        start = word.first
        if start > done:
            done = word.i
            yield start, word.i + 1
