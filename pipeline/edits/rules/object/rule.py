"""Rule `object`: a visible thing becomes another of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.contexts import load_contexts
from pipeline.edits.lexicon.counts import load_counts
from pipeline.edits.lexicon.objects import Noun, NounGroup
from pipeline.edits.parse.noun_contexts import goes_with, is_attested, keeps_other_company
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.rules.object.context import (
    caption_omits_articles,
    identifying_words,
    is_singular_without_article_behind_preposition,
    lacks_determiner,
    preposition_fits,
)
from pipeline.edits.rules.object.depicted import fits_height, is_depicted
from pipeline.edits.rules.object.noun_phrase import (
    KEPT_COMPOUNDS,
    has_gerund_of_purpose,
    is_followed_by_of,
    is_mentioned_again,
    is_one_unprotected_phrase,
    is_verb_form,
    keeps_meaning_without_compound,
    needs_attestation,
)
from pipeline.edits.rules.object.replacement import (
    adjectives_fit,
    is_compatible_with_rest,
    verbs_of,
)
from pipeline.edits.rules.open_lists import is_left_open

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.objects"


class ObjectRule:
    """Exchanges the head noun of a phrase within its lexicon group."""

    name = "object.group"
    kind = EditKind.OBJECT

    def __init__(self) -> None:
        self._lexicon: Lexicon = load_lexicon()
        self._contexts = load_contexts()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield an exchange for every noun and every member of its group that fits.

        They are found once and kept with the doc, because contrasts ask for them too.
        """
        kept = doc.user_data.get(KEY)
        if kept is None:
            parsed = parsed_caption(doc)
            kept = tuple(self._all(parsed)) if parsed.is_description else ()
            doc.user_data[KEY] = kept
        yield from kept

    def _all(self, parsed: ParsedCaption) -> Iterator[Proposal]:
        for mention in parsed.mentions.values():
            if self._can_be_exchanged(parsed, mention):
                yield from self._exchanges(parsed, mention)

    def _can_be_exchanged(self, parsed: ParsedCaption, mention: NounMention) -> bool:
        noun, head = mention.noun, mention.head
        if mention.phrase_start < mention.start and not keeps_meaning_without_compound(
            parsed, mention
        ):
            return False
        if parsed.role(head) == "attr" and parsed.child(parsed.governor(head), "expl") is None:
            # "be a wolf", "it is a church": a predicate, not a second thing.
            return False
        said = {parsed.lower[child] for child in parsed.children[head]}
        several = not load_counts().many.isdisjoint(said)
        if not mention.plural and (several or parsed.child(head, "nummod") is not None):
            # "several giraffe"
            return False
        if noun.cls in {"event", "place", "building"} and parsed.child(head, "poss") is not None:
            return False
        if noun.cls == "time" and any(
            other.noun.group is noun.group and other.head != head
            for other in parsed.mentions.values()
        ):
            return False
        if is_verb_form(parsed, mention) or is_left_open(parsed, mention):
            return False
        if not noun.editable or parsed.is_nonreferential(head, self._lexicon.protected.unreal):
            return False
        if not is_depicted(parsed, mention, under_any_verb=True) or has_gerund_of_purpose(
            parsed, mention
        ):
            return False
        if not is_one_unprotected_phrase(parsed, mention):
            return False
        if is_followed_by_of(parsed, head) and not (noun.group.of or noun.group.of_only):
            return False
        if not _is_where_group_stands(parsed, mention, noun.group):
            return False
        if is_singular_without_article_behind_preposition(
            parsed, mention
        ) and not caption_omits_articles(parsed, mention):
            return False
        if parsed.is_conversational and parsed.determiner(head) is None and not mention.plural:
            return False
        return not is_mentioned_again(parsed, mention, self._lexicon)

    def _exchanges(self, parsed: ParsedCaption, mention: NounMention) -> Iterator[Proposal]:
        old = " ".join(parsed.lower[mention.phrase_start : mention.head + 1])
        start = mention.phrase_start
        if start < mention.start and parsed.lower[start] in KEPT_COMPOUNDS:
            if mention.start - start > 1:
                return
            start, old = mention.start, " ".join(parsed.lower[mention.start : mention.head + 1])
        weight = 1.0 if start == mention.start else 0.3
        telling = identifying_words(parsed, mention)
        for other in self._candidates(parsed, mention):
            if telling and not self._goes_with(parsed, mention, other, telling):
                continue
            if self._can_replace(parsed, mention, other):
                new = other.plural if mention.plural else other.lemma
                pieces = [TokenPiece(start, mention.head + 1, new)]
                repair = article_repair(parsed, start, new)
                if repair:
                    pieces.append(repair)
                yield Proposal(
                    self.kind, mention.noun.group.name, tuple(pieces), old, new, self.name,
                    weight=weight,
                )  # fmt: skip

    def _candidates(self, parsed: ParsedCaption, mention: NounMention) -> Iterator[Noun]:
        """What the group puts in, then what comes back where captions hold it."""
        yield from self._lexicon.nouns.exchanges(mention.noun)
        bare = lacks_determiner(parsed, mention) and parsed.role(mention.head) in {"dobj", "pobj"}
        if bare or self._says_material(parsed, mention):
            # "eating cake" is no "eating donut", and "a glass table" no glass bed.
            return
        for other in self._lexicon.nouns.returns(mention.noun):
            if (
                other.group.unless.isdisjoint(parsed.words)
                and self._lexicon.qualities.colours.words.isdisjoint(other.lemma.split())
                and _is_where_group_stands(parsed, mention, other.group)
                and is_attested(parsed, mention.head, other, self._contexts)
            ):
                yield other

    def _goes_with(
        self, parsed: ParsedCaption, mention: NounMention, other: Noun, telling: frozenset[str]
    ) -> bool:
        """Whether captions hold the other noun in the same place and with the same words."""
        return goes_with(other, telling, self._contexts) and is_attested(
            parsed, mention.head, other, self._contexts
        )

    def _says_material(self, parsed: ParsedCaption, mention: NounMention) -> bool:
        """Whether a word before the noun says what it is made of."""
        if parsed.lower[mention.phrase_start] in KEPT_COMPOUNDS:
            return True
        scales = (
            self._lexicon.qualities.scale_of(parsed.lower[child], mention.noun)
            for child in parsed.children[mention.head]
            if parsed.deps[child] == "amod"
        )
        return any(scale is not None and scale.subkind == "material" for scale in scales)

    def _can_replace(self, parsed: ParsedCaption, mention: NounMention, other: Noun) -> bool:
        nouns, actions = self._lexicon.nouns, self._lexicon.actions
        # The "boat" of a "fishing boat" goes with it.
        own = parsed.lower[mention.start : mention.head]
        own = (*own, parsed.lower[mention.head]) if own else own
        if any(akin in parsed.words and akin not in own for akin in nouns.akin(other.lemma)):
            return False
        if other.plural in parsed.words or not is_compatible_with_rest(parsed, mention, other):
            return False
        head, only = mention.head, mention.noun.group.of_only
        if keeps_other_company(parsed, head, mention.noun, other, self._contexts):
            return False
        if needs_attestation(parsed, mention) and not is_attested(
            parsed, head, other, self._contexts
        ):
            return False
        if only and other.lemma not in only and is_followed_by_of(parsed, head):
            return False
        role, governor = parsed.role(head), parsed.governor(head)
        if role == "pobj" and not preposition_fits(parsed.lower[governor], mention.noun, other):
            return False
        if not fits_height(parsed, mention, other, self._lexicon):
            return False
        if role == "dobj":
            allowed = actions.fits.get(parsed.verb_lemma(governor))
            if allowed is not None and not nouns.fits_any(other, allowed):
                return False
        for verb in verbs_of(parsed, head):
            allowed = actions.does.get(parsed.verb_lemma(verb))
            if allowed is not None and not nouns.fits_any(other, allowed):
                return False
        return adjectives_fit(parsed, head, other, self._lexicon)


def _is_where_group_stands(parsed: ParsedCaption, mention: NounMention, group: NounGroup) -> bool:
    """Whether the noun stands behind the words that a group asks for."""
    head = mention.head
    if (
        group.preps
        and parsed.role(head) == "pobj"
        and parsed.lower[parsed.governor(head)] not in group.preps
    ):
        return False
    return not group.after or _is_governed_by(parsed, head, group.after)


def _is_governed_by(parsed: ParsedCaption, head: int, words: frozenset[str]) -> bool:
    """Whether one of the verbs or prepositions governs the noun."""
    governor = parsed.governor(head)
    role = parsed.role(head)
    if role == "pobj":
        return parsed.lower[governor] in words
    if role == "nsubj" and "fall" in words:
        # "as rain falls"
        return parsed.verb_lemma(governor) == "fall"
    return role == "dobj" and parsed.verb_lemma(governor) in words
