"""Rule `object` for people: gender and age group, as far as the config's policy allows."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from pipeline.edits.grammar import article_repair
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import GENDERED_PRONOUNS, NounMention, Reading, read, text_of
from pipeline.edits.shown import is_shown
from pipeline.identity import derive_seed
from pipeline.records import EditKind, Role

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
        if self._table.cues[subkind] & (reading.words - {mention.noun.lemma}):
            return None
        if other.lemma in reading.words or other.plural in reading.words:
            return None
        if head + 1 < len(reading) and reading.lower[head + 1] in {"'s", "'", "s", "of"}:
            return None
        if not is_shown(reading, mention) or reading.role(head) == "attr":
            return None
        if not _is_only_person(reading, mention):
            return None
        pieces = [TokenPiece(mention.start, head + 1, other.plural if mention.plural else new)]
        if subkind == "gender":
            pieces += self._pronouns(reading)
        repair = article_repair(reading, mention.start, new)
        if repair is not None:
            pieces.append(repair)
        old = " ".join(reading.lower[mention.start : head + 1])
        return Proposal(
            self.kind, subkind, tuple(pieces), old, pieces[0].text, self.name, weight=0.5
        )

    def _pronouns(self, reading: Reading) -> list[TokenPiece]:
        """Repairs of every gendered pronoun of a caption with a single person."""
        pieces: list[TokenPiece] = []
        for token, word in enumerate(reading.lower):
            if word not in GENDERED_PRONOUNS:
                continue
            new = self._table.pronouns.get(word, "")
            if word == "her":
                new = "his" if reading.tags[token] == "PRP$" else "him"
            elif word == "hers":
                new = "his"
            pieces.append(TokenPiece(token, token + 1, new, Role.REPAIR))
        return pieces


class PeopleTable:
    """The content of people.toml.

    Attributes:
        exchanges: Noun → (subkind, new noun, share kept under `balanced`).
        cues: Subkind → words that forbid it.
        pronouns: Pronoun → its counterpart.
    """

    def __init__(self, text: str) -> None:
        table = tomllib.loads(text)
        self.cues = {kind: frozenset(table[kind]["cues"]) for kind in ("gender", "age_group")}
        self.pronouns: dict[str, str] = dict(table["pronouns"])
        self.exchanges: dict[str, tuple[tuple[str, str, float], ...]] = {}
        for kind in ("gender", "age_group"):
            for one, other, ratio in table[kind]["pairs"]:
                self._add(one, (kind, other, min(1.0, 1.0 / ratio)))
                self._add(other, (kind, one, min(1.0, ratio)))

    def _add(self, noun: str, exchange: tuple[str, str, float]) -> None:
        self.exchanges[noun] = (*self.exchanges.get(noun, ()), exchange)


@cache
def load_people() -> PeopleTable:
    """Read people.toml once."""
    folder = files("pipeline.edits.lexicon")
    return PeopleTable((folder / "people.toml").read_text(encoding="utf-8"))


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
