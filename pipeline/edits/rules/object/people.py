"""Rule `object` for people: gender and age group, as far as the config's policy allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.people import load_people
from pipeline.edits.parse.doc_columns import text_of
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import GENDERED_PRONOUNS, ParsedCaption, parsed_caption
from pipeline.edits.rules.object.depicted import is_depicted

if TYPE_CHECKING:
    from spacy.tokens import Doc

Policy = Literal["allow", "balanced", "off"]
UNSURE_PERSONS = frozenset({"person", "actor", "artist", "player", "athlete", "politician"})


class PeopleRule:
    """Exchanges man and woman, boy and girl, child and adult, with their pronouns."""

    name = "object.people"
    kind = EditKind.OBJECT

    def __init__(self, policy: Policy, *, is_balanced: bool = False) -> None:
        """Load the table.

        Args:
            policy: `edits.demographics`.
            is_balanced: Whether edits are chosen so that both genders come equally often: more
                of them come through that than through a fixed share.
        """
        self._policy = policy
        self._is_balanced = is_balanced
        self._lexicon: Lexicon = load_lexicon()
        self._table = load_people()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the exchanges that the policy allows for this caption."""
        if self._policy == "off":
            return
        parsed = parsed_caption(doc)
        if parsed.is_conversational or not parsed.is_description:
            return
        for mention in parsed.mentions.values():
            for subkind, new, rate in self._table.exchanges.get(mention.noun.lemma, ()):
                thinned = self._policy == "balanced" and not (
                    self._is_balanced and subkind == "gender"
                )
                if thinned and not is_in_kept_share(text_of(doc), subkind, rate):
                    continue
                proposal = self._exchange(parsed, mention, subkind, new)
                if proposal is not None:
                    yield proposal

    def _exchange(
        self, parsed: ParsedCaption, mention: NounMention, subkind: str, new: str
    ) -> Proposal | None:
        other = self._lexicon.nouns.by_lemma[new]
        head = mention.head
        if mention.phrase_start != mention.start or parsed.is_nonreferential(head, frozenset()):
            return None
        if self._is_forbidden_by_cue(parsed, mention, subkind):
            return None
        if other.lemma in parsed.words or other.plural in parsed.words:
            return None
        if head + 1 < len(parsed) and parsed.lower[head + 1] in {"'s", "'", "s", "of"}:
            if mention.plural and other.plural.endswith("s") and parsed.lower[head + 1] == "'s":
                # "men's race": "boys's" is no word.
                return None
            owned = parsed.lower[parsed.heads[head]] in self._table.gender.owned
            if not owned or parsed.deps[head] != "poss":
                return None
        if not is_depicted(parsed, mention, under_any_verb=True) or parsed.role(head) == "attr":
            return None
        owner = parsed.child(head, "poss")
        if owner is not None and parsed.lower[owner] == "its":
            # "a hippo rests beside its mother": nobody sees which of its parents it is.
            return None
        if not _is_only_person(parsed, mention) and not (
            subkind == "gender" and self._pronouns_are_unambiguous(parsed, mention)
        ):
            return None
        pieces = [TokenPiece(mention.start, head + 1, other.plural if mention.plural else new)]
        if subkind == "gender":
            pieces += self._pronouns(parsed, mention)
        repair = article_repair(parsed, mention.start, new)
        if repair is not None:
            pieces.append(repair)
        old = " ".join(parsed.lower[mention.start : head + 1])
        return Proposal(
            self.kind, subkind, tuple(pieces), old, pieces[0].text, self.name, weight=0.5
        )

    def _is_forbidden_by_cue(
        self, parsed: ParsedCaption, mention: NounMention, subkind: str
    ) -> bool:
        """Whether a word of the caption forbids the exchange.

        A few count only as modifiers of the person: "black" is also a background.
        """
        found = self._table.cues[subkind] & (parsed.words - {mention.noun.lemma})
        if subkind != "gender" or not found <= self._table.gender.said:
            return bool(found)
        return any(parsed.lower[child] in found for child in parsed.children[mention.head])

    def _pronouns_are_unambiguous(self, parsed: ParsedCaption, mention: NounMention) -> bool:
        """Whether others in the caption leave it clear whose pronouns are whose.

        "woman teaching a class to adults", "a father posing with his children", "his mother".
        """
        head = mention.head
        if (
            mention.noun.lemma in self._table.gender.paired
            or self._table.gender.close & parsed.words
        ):
            return False
        if sum(other.noun is mention.noun for other in parsed.mentions.values()) > 1:
            return False
        if parsed.deps[head] == "appos" or parsed.child(head, "appos") is not None:
            return False
        return all(
            _is_possessor_of(parsed, token, head)
            or (token > head and not _is_preceded_by_other_person(parsed, mention, token))
            for token, word in enumerate(parsed.lower)
            if word in GENDERED_PRONOUNS
        )

    def _pronouns(self, parsed: ParsedCaption, mention: NounMention) -> list[TokenPiece]:
        """Repairs of every gendered pronoun that means the person."""
        pieces: list[TokenPiece] = []
        for token, word in enumerate(parsed.lower):
            if word not in GENDERED_PRONOUNS or _is_possessor_of(parsed, token, mention.head):
                continue
            new = self._table.pronouns.get(word, "")
            if word == "her":
                new = "his" if parsed.tags[token] == "PRP$" else "him"
            elif word == "hers":
                new = "his"
            pieces.append(TokenPiece(token, token + 1, new, Role.REPAIR))
        return pieces


def is_in_kept_share(text: str, subkind: str, rate: float) -> bool:
    """Whether the hash of the caption falls into the share that is kept."""
    return derive_seed(0, text, subkind) < rate * 2**63


def _is_only_person(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether nobody else is mentioned, so that pronouns and roles are clear.

    Words are looked up one by one, because the parse may miss a noun.
    """
    own = range(mention.start, mention.head + 1)
    forms = load_lexicon().nouns.forms
    for token, word in enumerate(parsed.lower):
        if token in own:
            continue
        entry = forms.get(word)
        if word in UNSURE_PERSONS or (entry is not None and entry[0].cls == "person"):
            return False
    return True


def _is_possessor_of(parsed: ParsedCaption, pronoun: int, head: int) -> bool:
    """Whether the pronoun says whose relative the person is: the "his" of "his mother"."""
    return parsed.deps[pronoun] == "poss" and parsed.heads[pronoun] == head


def _is_preceded_by_other_person(parsed: ParsedCaption, mention: NounMention, pronoun: int) -> bool:
    """Whether a pronoun may mean a single person other than this one, named before it."""
    forms = load_lexicon().nouns.forms
    own = range(mention.start, mention.head + 1)
    for token, word in enumerate(parsed.lower[:pronoun]):
        entry = forms.get(word)
        person = word in UNSURE_PERSONS or (entry is not None and entry[0].cls == "person")
        if token not in own and person and not (entry is not None and entry[1]):
            return True
    return False
