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
from pipeline.edits.parse.reading import GENDERED_PRONOUNS, NounMention, Reading, read, text_of
from pipeline.edits.rules.object.depicted import is_shown

if TYPE_CHECKING:
    from spacy.tokens import Doc

Policy = Literal["allow", "balanced", "off"]
UNSURE_PERSONS = frozenset({"person", "actor", "artist", "player", "athlete", "politician"})


class PeopleRule:
    """Exchanges man and woman, boy and girl, child and adult, with their pronouns."""

    name = "object.people"
    kind = EditKind.OBJECT

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._lexicon: Lexicon = load_lexicon()
        self._table = load_people()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the exchanges that the policy allows for this caption."""
        if self._policy == "off":
            return
        reading = read(doc)
        if reading.chats or not reading.describes:
            return
        for mention in reading.mentions.values():
            for subkind, new, rate in self._table.exchanges.get(mention.noun.lemma, ()):
                if self._policy == "balanced" and not drawn(text_of(doc), subkind, rate):
                    continue
                proposal = self._exchange(reading, mention, subkind, new)
                if proposal is not None:
                    yield proposal

    def _exchange(
        self, reading: Reading, mention: NounMention, subkind: str, new: str
    ) -> Proposal | None:
        other = self._lexicon.nouns.by_lemma[new]
        head = mention.head
        if mention.phrase_start != mention.start or reading.is_unreal(head, frozenset()):
            return None
        if self._is_cued(reading, mention, subkind):
            return None
        if other.lemma in reading.words or other.plural in reading.words:
            return None
        if head + 1 < len(reading) and reading.lower[head + 1] in {"'s", "'", "s", "of"}:
            if mention.plural and other.plural.endswith("s") and reading.lower[head + 1] == "'s":
                # "men's race": "boys's" is no word.
                return None
            owned = reading.lower[reading.heads[head]] in self._table.gender.owned
            if not owned or reading.deps[head] != "poss":
                return None
        if not is_shown(reading, mention) or reading.role(head) == "attr":
            return None
        owner = reading.child(head, "poss")
        if _is_author(reading, head) or (owner is not None and reading.lower[owner] == "its"):
            # "a hippo rests beside its mother": nobody sees which of its parents it is.
            return None
        if not _is_only_person(reading, mention) and not (
            subkind == "gender" and self._is_told_apart(reading, mention)
        ):
            return None
        pieces = [TokenPiece(mention.start, head + 1, other.plural if mention.plural else new)]
        if subkind == "gender":
            pieces += self._pronouns(reading, mention)
        repair = article_repair(reading, mention.start, new)
        if repair is not None:
            pieces.append(repair)
        old = " ".join(reading.lower[mention.start : head + 1])
        return Proposal(
            self.kind, subkind, tuple(pieces), old, pieces[0].text, self.name, weight=0.5
        )

    def _is_cued(self, reading: Reading, mention: NounMention, subkind: str) -> bool:
        """Whether a word of the caption forbids the exchange.

        A few matter only where they are said of the person: "black" is also a background.
        """
        found = self._table.cues[subkind] & (reading.words - {mention.noun.lemma})
        if subkind != "gender" or not found <= self._table.gender.said:
            return bool(found)
        return any(reading.lower[child] in found for child in reading.children[mention.head])

    def _is_told_apart(self, reading: Reading, mention: NounMention) -> bool:
        """Whether others in the caption leave it clear whose pronouns are whose.

        "woman teaching a class to adults", "a father posing with his children", "his mother".
        """
        head, gender = mention.head, self._table.gender
        if mention.noun.lemma in gender.paired or gender.close & reading.words:
            return False
        if sum(other.noun is mention.noun for other in reading.mentions.values()) > 1:
            return False
        if reading.deps[head] == "appos" or reading.child(head, "appos") is not None:
            return False
        return all(
            _is_owner_of(reading, token, head)
            or (token > head and not _is_other_before(reading, mention, token))
            for token, word in enumerate(reading.lower)
            if word in GENDERED_PRONOUNS
        )

    def _pronouns(self, reading: Reading, mention: NounMention) -> list[TokenPiece]:
        """Repairs of every gendered pronoun that means the person."""
        pieces: list[TokenPiece] = []
        for token, word in enumerate(reading.lower):
            if word not in GENDERED_PRONOUNS or _is_owner_of(reading, token, mention.head):
                continue
            new = self._table.pronouns.get(word, "")
            if word == "her":
                new = "his" if reading.tags[token] == "PRP$" else "him"
            elif word == "hers":
                new = "his"
            pieces.append(TokenPiece(token, token + 1, new, Role.REPAIR))
        return pieces


def drawn(text: str, subkind: str, rate: float) -> bool:
    """Whether the hash of the caption falls into the share that is kept."""
    return derive_seed(0, text, subkind) < rate * 2**63


def _is_only_person(reading: Reading, mention: NounMention) -> bool:
    """Whether nobody else is mentioned, so that pronouns and roles are clear.

    Words are looked up one by one, because the parse may miss a noun.
    """
    own = range(mention.start, mention.head + 1)
    forms = load_lexicon().nouns.forms
    for token, word in enumerate(reading.lower):
        if token in own:
            continue
        entry = forms.get(word)
        if word in UNSURE_PERSONS or (entry is not None and entry[0].cls == "person"):
            return False
    return True


def _is_owner_of(reading: Reading, pronoun: int, head: int) -> bool:
    """Whether the pronoun says whose relative the person is: the "his" of "his mother"."""
    return reading.deps[pronoun] == "poss" and reading.heads[pronoun] == head


def _is_other_before(reading: Reading, mention: NounMention, pronoun: int) -> bool:
    """Whether a pronoun may mean a single person other than this one, named before it."""
    forms = load_lexicon().nouns.forms
    own = range(mention.start, mention.head + 1)
    for token, word in enumerate(reading.lower[:pronoun]):
        entry = forms.get(word)
        person = word in UNSURE_PERSONS or (entry is not None and entry[0].cls == "person")
        if token not in own and person and not (entry is not None and entry[1]):
            return True
    return False


def _is_author(reading: Reading, head: int) -> bool:
    """Whether a thing is said to be by the person, and nothing is seen done: "art by woman"."""
    preposition = reading.governor(head)
    if reading.role(head) != "pobj" or reading.lower[preposition] != "by":
        return False
    return reading.tags[reading.heads[preposition]] in {"NN", "NNS"}
