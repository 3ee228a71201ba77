"""Rule `count`: another number of a visible thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.rules.count.agreement import change_number
from pipeline.edits.rules.count.clause import is_part_of_counted
from pipeline.edits.rules.count.context import (
    allows_other_number,
    could_be_one_of_several,
    is_followed_by_of_or_owner,
    rest_requires_one,
)
from pipeline.edits.rules.count.groups import few_of_many, other_than_several
from pipeline.edits.rules.count.noun_phrases import (
    follows_toed,
    goes_on_behind_noun,
    is_ball_in_play,
    is_main_phrase,
    start_of_bare_phrase,
)
from pipeline.edits.rules.count.roles import PERSON, role_at_start
from pipeline.edits.rules.count.wording import (
    ONE,
    applied_to_wording_with_one,
    decisive_words,
    other_numbers,
    piece_without_number,
    with_noun,
    wording_with_one,
)
from pipeline.edits.rules.count.words import (
    COUNTED_IN_UNCOUNTED_CLASSES,
    COUNTED_WITHOUT_ARTICLE,
    COUNTED_WITHOUT_ARTICLE_TOO,
    DOWN,
    HALVES,
    NEVER_ALONE,
    NEVER_COUNTED,
    NUMBERS,
    OPENING,
    ORDINALS,
    PARTITIVE,
    PICTURES,
    QUANTIFIED,
    SEVERAL,
    UNCOUNTED,
    WORDS,
)

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

KEY = "counterfactory.counts"


class CountRule:
    """Changes numerals, `a`, `many` and bare nouns, with all the agreement that this demands.

    The decisive words of a proposal are number and noun, without the adjectives between
    them: "a man" → "two men", "dogs" → "a single dog", "three cars" → "five cars".
    """

    name = "count.number"
    kind = EditKind.COUNT

    def __init__(self) -> None:
        self._lexicon: Lexicon = load_lexicon()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield other numbers for every counted noun.

        They are found once and kept with the doc, because contrasts ask for them too.
        """
        kept = doc.user_data.get(KEY)
        if kept is None:
            kept = doc.user_data[KEY] = tuple(self._all(doc))
        yield from kept

    def _all(self, doc: Doc) -> Iterator[Proposal]:
        parsed = parsed_caption(doc)
        if parsed.is_conversational or not parsed.is_description or "mouth" in parsed.words:
            # "three people with a mouth full of food"
            return
        if any(is_part_of_counted(parsed, token) for token in range(len(parsed))):
            return
        for mention in parsed.mentions.values():
            noun = mention.noun
            if parsed.is_nonreferential(mention.head, self._lexicon.protected.unreal):
                continue
            if follows_toed(parsed, mention) or is_ball_in_play(parsed, mention):
                continue
            if noun.lemma in NEVER_COUNTED or parsed.deps[mention.head] == "appos":
                continue
            if not (noun.countable or noun.lemma == "people"):
                continue
            if is_followed_by_of_or_owner(parsed, mention) or goes_on_behind_noun(parsed, mention):
                continue
            yield from self._numerals(parsed, mention)
            if noun.countable:
                if mention.plural:
                    yield from few_of_many(parsed, mention, self.name)
                else:
                    yield from self._articles(parsed, mention, doc.vocab)
            if mention.plural:
                yield from self._bare_plural(parsed, mention)
                yield from other_than_several(parsed, mention, self.name)
        yield from self._placeholder_role(parsed, doc.vocab)

    def _placeholder_role(self, parsed: ParsedCaption, vocab: Vocab) -> Iterator[Proposal]:
        """Several actors instead of the one that stands for a name."""
        mention = role_at_start(parsed, self._lexicon)
        if mention is None:
            return
        repairs = change_number(parsed, mention, plural=True)
        if repairs is None or rest_requires_one(parsed, mention):
            return
        verb = mention.head + 1
        if parsed.tags[verb] == "VBZ" and all(repair.start != verb for repair in repairs):
            # The parse gives the verb to something else, and so the repair is missing.
            return
        if mention.noun.lemma == PERSON:
            yield from self._people(mention, repairs)
        else:
            yield from self._several_instead_of_one(
                parsed, mention, vocab, (0, mention.phrase_start), repairs
            )

    def _people(self, mention: NounMention, repairs: list[TokenPiece]) -> Iterator[Proposal]:
        """Several people instead of the placeholder for one name."""
        kept = tuple(repair for repair in repairs if repair.start != mention.start)
        for new in ("two people", "three people", "people"):
            piece = TokenPiece(mention.start, mention.head + 1, new)
            yield Proposal(self.kind, "number", (piece, *kept), PERSON, new, self.name)

    def _numerals(self, parsed: ParsedCaption, mention: NounMention) -> Iterator[Proposal]:
        token = parsed.child(mention.head, "nummod")
        if token is None or token in parsed.protected or token > mention.head:
            return
        word = parsed.lower[token]
        digits = word.isascii() and word.isdigit() and len(word) <= 2
        number = int(word) if digits else NUMBERS.get(word, 0)
        if not 1 <= number <= 20 or (number == 1) == mention.plural or parsed.children[token]:
            return
        others = other_numbers(number)
        lower = sum(other < number for other in others)
        for other in others:
            if other == 1 and parsed.lower[token - 1 : token] == ("of",):
                # "a group of two people"
                continue
            if (other == 1) != (number == 1):
                said = range(token, token + 1)
                repairs = change_number(parsed, mention, plural=other != 1, said=said)
                if repairs is None:
                    continue
            else:
                repairs = []
            if number == 1 and rest_requires_one(parsed, mention):
                continue
            new = str(other) if digits else WORDS[other]
            piece = TokenPiece(token, token + 1, new)
            if other == 1 and mention.noun.lemma == "people":
                piece, repairs = with_noun(parsed, mention, piece, PERSON, repairs)
            # Upwards and downwards about equally often, however many numbers each way has.
            weight = 1.0 / lower if other < number else 1.0 / (len(others) - lower)
            yield self._proposal(mention, piece, word, new, repairs, other != 1, weight)

    def _articles(
        self, parsed: ParsedCaption, mention: NounMention, vocab: Vocab
    ) -> Iterator[Proposal]:
        article = parsed.determiner(mention.head)
        if article is None:
            yield from self._bare_singular(parsed, mention, vocab)
            return
        old = parsed.lower[article]
        if old not in {"a", "an", "the"} or (article and parsed.lower[article - 1] in HALVES):
            return
        if mention.noun.cls in UNCOUNTED and mention.noun.lemma not in COUNTED_IN_UNCOUNTED_CLASSES:
            return
        if old == "the" and not could_be_one_of_several(parsed, mention, article):
            return
        if not allows_other_number(parsed, mention) or rest_requires_one(parsed, mention):
            return
        repairs = change_number(parsed, mention, plural=True)
        if repairs is None or any(
            parsed.lower[child] in ORDINALS for child in parsed.children[mention.head]
        ):
            return
        yield from self._several_instead_of_one(
            parsed, mention, vocab, (article, article + 1), repairs
        )

    def _several_instead_of_one(
        self,
        parsed: ParsedCaption,
        mention: NounMention,
        vocab: Vocab,
        place: tuple[int, int],
        repairs: list[TokenPiece],
    ) -> Iterator[Proposal]:
        """Several instead of one, beside the caption's own wording and beside "one"."""
        start, end = place
        old = parsed.lower[start] if start < end else ""
        person = mention.noun.lemma == PERSON
        plain = old != "the" and not person
        one = wording_with_one(parsed, vocab, start, end) if plain else None
        for new in SEVERAL:
            piece, kept = TokenPiece(start, end, new), repairs
            if person:
                piece, kept = with_noun(parsed, mention, piece, mention.noun.plural, repairs)
            made = self._proposal(mention, piece, old, new, kept, True, 1)
            yield made
            if one is not None:
                yield applied_to_wording_with_one(made, one)
        if old != "the" and mention.noun.plural != mention.noun.lemma:  # "fish" may be one
            piece, kept = piece_without_number(parsed, mention, place, repairs)
            some = self._proposal(mention, piece, old, "", kept, True, 1.0)
            # Of the place of the number, where other numbers compete with it.
            yield replace(some, place=place)

    def _bare_singular(
        self, parsed: ParsedCaption, mention: NounMention, vocab: Vocab
    ) -> Iterator[Proposal]:
        """Telegraphic captions: "young woman on a beach" → "two young women on a beach"."""
        follower = parsed.lower[mention.head + 1 : mention.head + 2]
        if follower == ("and",):
            return
        if (
            mention.noun.cls not in COUNTED_WITHOUT_ARTICLE
            and mention.noun.lemma not in COUNTED_WITHOUT_ARTICLE_TOO
        ):
            return
        first = start_of_bare_phrase(parsed, mention)
        if first is None or not is_main_phrase(parsed, first):
            return
        # "sheep in a field" may be several already.
        other_role = parsed.role(mention.head) not in {"ROOT", "nsubj", "nsubjpass", "pobj"}
        if mention.noun.plural == mention.noun.lemma or other_role:
            return
        repairs = change_number(parsed, mention, plural=True)
        if repairs is None or rest_requires_one(parsed, mention):
            return
        if any(parsed.lower[child] in ORDINALS for child in parsed.children[mention.head]):
            return
        yield from self._several_instead_of_one(parsed, mention, vocab, (first, first), repairs)

    def _bare_plural(self, parsed: ParsedCaption, mention: NounMention) -> Iterator[Proposal]:
        """One instead of some: "dogs on a beach" → "a single dog on a beach"."""
        noun = mention.noun
        if noun.cls in UNCOUNTED or noun.cls in NEVER_ALONE or noun.lemma in NEVER_ALONE:
            return
        if noun.plural == noun.lemma and noun.lemma != "people":
            # "fish on a reef" may be one already.
            return
        first = start_of_bare_phrase(parsed, mention)
        if first is None or not allows_other_number(parsed, mention):
            return
        joined = parsed.deps[mention.head] == "conj" and parsed.lower[first - 1] == "and"
        if first and parsed.tags[first - 1] not in OPENING and not joined:
            return
        if not QUANTIFIED.isdisjoint(parsed.lower[first : mention.start]):
            return
        pictured = first > 1 and parsed.lower[first - 2] in PICTURES
        if first and parsed.lower[first - 1] in PARTITIVE and not pictured:
            return
        repairs = change_number(parsed, mention, plural=False)
        if repairs is None:
            return
        person = noun.lemma == "people"
        after = parsed.lower[first] if first < mention.start else noun.lemma
        for single in ("a single", ONE, article_for("person" if person else after)):
            piece, kept = TokenPiece(first, first, single), repairs
            if person:
                piece, kept = with_noun(parsed, mention, piece, PERSON, repairs)
            yield self._proposal(mention, piece, "", single, kept, False, DOWN)

    def _proposal(
        self,
        mention: NounMention,
        piece: TokenPiece,
        old: str,
        new: str,
        repairs: list[TokenPiece],
        plural: bool,
        weight: float,
    ) -> Proposal:
        named, made = decisive_words(mention, old, new, plural)
        return Proposal(
            self.kind, "number", (piece, *repairs), named, made, self.name, weight=weight
        )
