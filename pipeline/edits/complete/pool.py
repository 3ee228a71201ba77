"""The pool: real captions of the source, each with its counterparts among them.

It is made once for a run, in a pass over a sample of the source, and kept in the run directory:
every worker, rank and resume reads the same one. What it holds follows from the source, the
config and this code alone.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.core.ids import JsonValue, canonical_json, derive_seed
from pipeline.core.records import Anchor, FullCaption, SourceCaption
from pipeline.edits.apply.case import plain_text
from pipeline.edits.complete.manner import in_manner_of
from pipeline.edits.complete.mining import CaptionIndex, Match, PooledCaption, exchange
from pipeline.edits.complete.place_phrases import PlaceIndex, PlacePhrase, place_phrases
from pipeline.edits.complete.scene_facts import SceneFacts, scene_facts
from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.parse.spacy_pipeline import PARSE_BATCH, Parser

RULE = "full.mined"
DRAWN_FROM = 8
"""Best captions of which an anchor outside of the pool takes one."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A caption that stands against another.

    Attributes:
        number: Its place in the pool.
        contradicts: In what it contradicts the other.
    """

    number: int
    contradicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One caption of the pool as the file holds it.

    Attributes:
        source: The caption and where it stands.
        counterparts: What stands against it, the best first.
        facts_json: Its facts; taken apart only where an anchor outside of the pool asks.
        phrases: How it says where it is.
    """

    source: SourceCaption
    counterparts: tuple[Counterpart, ...]
    facts_json: str
    phrases: tuple[PlacePhrase, ...] = ()


class CaptionPool:
    """Gives anchors their complete counterfactuals: other captions of the same source."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Hold the entries, in the order of their ids."""
        self._entries = entries
        self._numbers = {entry.source.anchor_id: n for n, entry in enumerate(entries)}

    def __len__(self) -> int:
        return len(self._entries)

    @cached_property
    def _index(self) -> CaptionIndex:
        return CaptionIndex(
            [
                PooledCaption(e.source, SceneFacts.from_json(json.loads(e.facts_json)))
                for e in self._entries
            ]
        )

    @cached_property
    def places(self) -> PlaceIndex:
        """Where the captions say that something is."""
        return PlaceIndex(phrase for entry in self._entries for phrase in entry.phrases)

    def full_captions(
        self, anchor: Anchor, facts: SceneFacts, wanted: int, *, run_seed: int
    ) -> list[FullCaption]:
        """Up to `wanted` captions for an anchor, in its manner; none where none is akin.

        An anchor of the pool has its own counterparts, so that each caption is one as often as
        it has one. Another takes from those that go best with it, by a draw of the run seed.
        """
        number = self._numbers.get(anchor.anchor_id)
        if number is not None:
            found: Sequence[Counterpart] = self._entries[number].counterparts
        else:
            found = self._draw(anchor, facts, wanted, run_seed)
        return [
            FullCaption(
                in_manner_of(anchor.caption, self._entries[one.number].source.caption),
                "rules",
                RULE,
                one.contradicts,
            )
            for one in found[:wanted]
        ]

    def _draw(
        self, anchor: Anchor, facts: SceneFacts, wanted: int, run_seed: int
    ) -> list[Counterpart]:
        own = SourceCaption(anchor.anchor_id, anchor.caption, url=anchor.url)
        best = self._index.matches(own, facts)[: max(wanted, DRAWN_FROM)]
        # Not for secrets: a reproducible draw.
        draw = random.Random(derive_seed(run_seed, anchor.anchor_id, RULE))  # noqa: S311
        draw.shuffle(best)
        return [Counterpart(match.number, match.contradicts) for match in best]

    def lines(self) -> Iterator[bytes]:
        """The file's lines: a head with the checksum of the rest, then an entry each."""
        written = [canonical_json(_entry_json(entry)).encode() + b"\n" for entry in self._entries]
        head: dict[str, JsonValue] = {"captions": len(written), "sha256": _checksum(written)}
        yield canonical_json(head).encode() + b"\n"
        yield from written


def read_lines(lines: Iterable[bytes]) -> CaptionPool:
    """Read back what :meth:`CaptionPool.lines` gave.

    Raises:
        ValueError: They are damaged.
    """
    first, *rest = lines
    if json.loads(first)["sha256"] != _checksum(rest):
        raise ValueError("its checksum does not fit its content")
    return CaptionPool([_read_entry(json.loads(line)) for line in rest])


def build_pool(
    captions: Sequence[SourceCaption],
    parser: Parser,
    rounds: int,
    between_batches: Callable[[], None] = lambda: None,
) -> CaptionPool:
    """Parse captions and find each its counterparts.

    Args:
        captions: Sorted by id; those that show no scene are left out.
        parser: The pipeline of the run.
        rounds: Counterparts of each caption.
        between_batches: Called now and then; what it raises ends the work.
    """
    pool: list[PooledCaption] = []
    phrases: list[tuple[PlacePhrase, ...]] = []
    texts: set[str] = set()
    for start in range(0, len(captions), PARSE_BATCH):
        between_batches()
        batch = captions[start : start + PARSE_BATCH]
        plain = [plain_text(one.caption) for one in batch]
        for one, text, doc in zip(batch, plain, parser.parse(plain), strict=True):
            parsed = parsed_caption(doc)
            facts = scene_facts(parsed)
            if isinstance(facts, SceneFacts) and text not in texts:
                texts.add(text)
                phrases.append(tuple(one for one, _, _ in place_phrases(parsed)))
                pool.append(
                    PooledCaption(SourceCaption(one.anchor_id, text, one.row, one.url), facts)
                )
    index = CaptionIndex(pool)
    matches: dict[int, Sequence[Match]] = {}
    for number, pooled in enumerate(pool):
        if number % PARSE_BATCH == 0:
            between_batches()
        matches[number] = index.matches(pooled.source, pooled.facts)
    counterparts = _share_out(matches, len(pool), rounds)
    return CaptionPool(
        [
            Entry(one.source, tuple(those), canonical_json(one.facts.to_json()), said)
            for one, those, said in zip(pool, counterparts, phrases, strict=True)
        ]
    )


def _share_out(
    matches: Mapping[int, Sequence[Match]], captions: int, rounds: int
) -> list[list[Counterpart]]:
    """Counterparts of each caption, a different one from every round."""
    found: list[list[Counterpart]] = [[] for _ in range(captions)]
    taken: set[tuple[int, int]] = set()
    for _ in range(rounds):
        for one, match in exchange(matches, taken).items():
            found[one].append(Counterpart(match.number, match.contradicts))
            taken.add((one, match.number))
    return found


def _checksum(lines: Iterable[bytes]) -> str:
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _entry_json(entry: Entry) -> dict[str, JsonValue]:
    source = entry.source
    return {
        "id": source.anchor_id,
        "caption": source.caption,
        "row": source.row,
        "url": source.url,
        "counterparts": [[one.number, *one.contradicts] for one in entry.counterparts],
        "facts": json.loads(entry.facts_json),
        "phrases": [
            [one.behind, one.sort, one.text, one.place, *sorted(one.sorts)] for one in entry.phrases
        ],
    }


def _read_entry(value: Mapping[str, Any]) -> Entry:
    return Entry(
        SourceCaption(value["id"], value["caption"], value["row"], value["url"]),
        tuple(
            Counterpart(number, tuple(contradicts))
            for number, *contradicts in value["counterparts"]
        ),
        canonical_json(value["facts"]),
        tuple(
            PlacePhrase(behind, sort, text, place, frozenset(sorts))
            for behind, sort, text, place, *sorts in value["phrases"]
        ),
    )
