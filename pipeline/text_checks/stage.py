"""The checks on text: what was written is measured, refused or chosen before it is drawn.

Cheap checks (unsafe text, length, WordNet) look at each caption alone. Fluency compares two
likelihoods. The balance looks at a whole shard, so :meth:`TextCheckStage.run` is given all
sets of a shard at once; its results depend on them and on nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from pipeline.config.checks import ChecksConfig
from pipeline.core.ids import JsonValue, fingerprint
from pipeline.core.protocols import TextScorer, TokenCounter, WordRelations
from pipeline.core.records import CaptionEdit, CounterfactualSet, EditKind
from pipeline.core.stage import Fault, Rejected
from pipeline.text_checks.examined import Examined, Made, leave_out_long
from pipeline.text_checks.fluency import DEFAULT_BANDS, SCORE_DIGITS, gap, outside
from pipeline.text_checks.likelihood_balance import Candidate, choose_balanced, choose_in_order
from pipeline.text_checks.pair_balance import surplus
from pipeline.text_checks.repeated_scenes import repeated_scenes
from pipeline.text_checks.unsafe import load_unsafe_terms

VERSION = 3
"""Raise it when the same sets and config would give other results."""

PARTS: dict[EditKind, Literal["noun", "verb", "adj"]] = {
    EditKind.OBJECT: "noun",
    EditKind.ATTRIBUTE: "adj",
    EditKind.ACTION: "verb",
}
"""Kinds that put a word in the place of one of its own part of speech."""

CLIP_PIECES = re.compile(r"'(?:s|t|re|ve|m|ll|d)\b|[^\W\d_]+|\d|(?:[^\w\s]|_)+", re.IGNORECASE)
"""The pieces that CLIP's tokenizer never joins, so each costs at least one token."""

START_AND_END = 2


def length_lower_bound(text: str) -> int:
    """CLIP tokens that a text costs at least, by its words alone."""
    return len(CLIP_PIECES.findall(text)) + START_AND_END


class TextCheckStage:
    """Refuses captions that are unsafe, too long, no change of meaning or not fluent.

    With a scorer it also chooses, among more edits than are wanted, those that do not give
    the factual caption away.
    """

    def __init__(
        self,
        config: ChecksConfig,
        *,
        max_minimal: int,
        max_full: int,
        counter: TokenCounter | None = None,
        dictionary: WordRelations | None = None,
        scorer: TextScorer | None = None,
        scenes_are_written: bool = False,
    ) -> None:
        """Make the stage from opened parts; a part that is None is a check that is off.

        Args:
            config: The `checks` section.
            max_minimal: Minimal edits kept for an anchor.
            max_full: Complete counterfactuals kept for an anchor.
            counter: The image model's tokenizers. Without one only captions are refused of
                which it is certain, by their number of words, that they are too long.
            dictionary: WordNet.
            scorer: The language model.
            scenes_are_written: Whether a language model writes complete counterfactuals, of which
                a weak one gives the same to many anchors: then a whole shard is looked at.
        """
        self._scenes_are_written = scenes_are_written
        self._config = config
        self._max_minimal, self._max_full = max_minimal, max_full
        self._counter = counter
        self._dictionary = dictionary
        self._scorer = scorer
        self._unsafe = load_unsafe_terms() if config.unsafe else None
        self._bands = {**DEFAULT_BANDS, **config.bands}

    @property
    def balances(self) -> bool:
        """Whether edits are chosen by likelihood."""
        return self._scorer is not None and self._config.balances

    @property
    def chooses(self) -> bool:
        """Whether edits are chosen among more, for which a whole shard must be at hand."""
        limited = self._config.pair_cap is not None or self._config.direction_ratio is not None
        return self.balances or limited

    @property
    def needs_whole_shard(self) -> bool:
        """Whether what is refused depends on all sets of a shard."""
        return self.chooses or self._scenes_are_written

    @property
    def fingerprint(self) -> str:
        """Name of the config, the word list, the dictionary, the tokenizers and the model."""
        return fingerprint({"version": VERSION, **self.description()})

    def description(self) -> dict[str, JsonValue]:
        """Which checks are on and with what; None for one that is off."""
        bands: dict[str, JsonValue] = {
            str(kind): list(band) for kind, band in sorted(self._bands.items())
        }
        return {
            "max_minimal": self._max_minimal,
            "max_full": self._max_full,
            "max_tokens": self._config.max_tokens,
            "tokens": "image model" if self._counter else "lower bound",
            "unsafe": self._unsafe.fingerprint if self._unsafe else None,
            "wordnet": self._dictionary.fingerprint if self._dictionary else None,
            "fluency": self._scorer.fingerprint if self._scorer else None,
            "bands": bands if self._scorer else None,
            "balance": self._config.blind_accuracy if self.balances else None,
            "pair_cap": self._config.pair_cap,
            "direction_ratio": self._config.direction_ratio,
        }

    def run(self, batch: Sequence[CounterfactualSet], /) -> list[CounterfactualSet | Rejected]:
        """Check the sets of one shard, in order; one of which nothing is left is rejected.

        Raises:
            ConfigError: The language model does not load.
        """
        sets = [Examined(cfset, list(cfset.minimal), list(cfset.full)) for cfset in batch]
        self._check_anchors(sets)
        sound = [one for one in sets if one.fault is None]
        self._refuse_where(sound, repeated_scenes(sound))
        self._refuse_where(sound, self._cheap_faults(sound))
        leave_out_long(sound, self._too_long)
        if self._scorer is None:
            self._limit_pairs(sound)
            self._cut(sound)
        else:
            self._check_likelihood(sound, self._scorer)
        return [one.result() for one in sets]

    def close(self) -> None:
        """Free the language model. Safe to call twice."""
        if self._scorer is not None:
            self._scorer.close()

    def _check_anchors(self, sets: Sequence[Examined]) -> None:
        long = self._too_long([one.cfset.anchor.caption for one in sets])
        for one, too_long in zip(sets, long, strict=True):
            one.fault = self._unsafe_fault(one.cfset.anchor.caption) or too_long

    def _cheap_faults(self, sets: Sequence[Examined]) -> Callable[[Made], Fault | None]:
        """A function that knows the length of every caption already, counted in one go."""
        texts = list(dict.fromkeys(text for one in sets for text in one.texts()))
        long = dict(zip(texts, self._too_long(texts), strict=True))

        def fault(made: Made) -> Fault | None:
            found = self._unsafe_fault(made.caption) or long[made.caption]
            if found is None and isinstance(made, CaptionEdit):
                found = self._unsafe_fault(made.factual) or long[made.factual]
                return found or self._related_words(made)
            return found

        return fault

    def _refuse_where(
        self,
        sets: Iterable[Examined],
        fault_of: Callable[[Made], Fault | None],
    ) -> None:
        for one in sets:
            bad: set[int] = set()
            for made in one.left():
                fault = fault_of(made)
                if fault is not None:
                    one.refuse(made, fault)
                    bad.add(id(made))
            one.drop(bad)

    def _unsafe_fault(self, text: str) -> Fault | None:
        term = self._unsafe.find(text) if self._unsafe else None
        return Fault("text.unsafe", term) if term else None

    def _too_long(self, texts: Sequence[str]) -> list[Fault | None]:
        most = self._config.max_tokens
        if self._counter is not None:
            counts, about = list(self._counter.count_tokens(texts)), ""
        else:
            counts = [length_lower_bound(text) for text in texts]
            about = "at least "
        return [
            Fault("text.too_long", f"{about}{count} CLIP tokens, at most {most}")
            if count > most
            else None
            for count in counts
        ]

    def _related_words(self, edit: CaptionEdit) -> Fault | None:
        """Old and new words that mean the same, or of which one is a kind of the other."""
        part = PARTS.get(edit.kind)
        if self._dictionary is None or part is None:
            return None
        relation = self._dictionary.relation(edit.old, edit.new, part)
        if relation is None:
            return None
        return Fault(f"text.{relation}", f"WordNet: {edit.new!r} is a {relation} of {edit.old!r}")

    def _check_likelihood(self, sets: Sequence[Examined], scorer: TextScorer) -> None:
        pairs = [
            (made.caption, _factual_wording(one, made))
            for one in sets
            for made in (one.left() if self.balances else one.minimal)
        ]
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        nats = dict(zip(texts, scorer.score(texts).tolist(), strict=True))

        def gap_of(one: Examined, made: Made) -> float:
            return gap(nats[made.caption], nats[_factual_wording(one, made)])

        for one in sets:
            bad: set[int] = set()
            for edit in one.minimal:
                why = outside(gap_of(one, edit), self._bands[edit.kind])
                if why is not None:
                    one.refuse(edit, Fault("text.fluency", why))
                    bad.add(id(edit))
            one.drop(bad)
        self._limit_pairs(sets)
        if not self.balances:
            self._cut(sets)
            return
        minimal = [
            Candidate(index, edit, gap_of(one, edit))
            for index, one in enumerate(sets)
            for edit in one.minimal
        ]
        full = [
            Candidate(index, made, gap_of(one, made))
            for index, one in enumerate(sets)
            for made in one.full
        ]
        self._balance(sets, minimal, self._max_minimal)
        self._balance(sets, full, self._max_full)

    def _limit_pairs(self, sets: Sequence[Examined]) -> None:
        """Leave out what the shard has too many of."""
        edits = [(one, edit) for one in sets for edit in one.minimal]
        found = surplus(
            [(one.cfset.anchor.anchor_id, edit) for one, edit in edits],
            self._config.pair_cap,
            self._config.direction_ratio,
        )
        for index, why in found.items():
            one, edit = edits[index]
            one.refuse(edit, Fault("text.frequent_pair", why))
            one.drop({id(edit)})

    def _balance(self, sets: Sequence[Examined], candidates: list[Candidate], most: int) -> None:
        choice = choose_balanced(candidates, most, self._config.blind_accuracy)
        for index, candidate in enumerate(candidates):
            if index in choice.kept:
                continue
            one, made = sets[candidate.anchor], candidate.made
            one.drop({id(made)})
            if index in choice.giveaway:
                side = "less likely" if candidate.gap_nats > 0 else "likelier"
                one.refuse(
                    made,
                    Fault(
                        "text.giveaway",
                        f"{abs(candidate.gap_nats):.{SCORE_DIGITS}f} nats {side} than the factual "
                        f"wording; no {candidate.kind} caption of the shard weighs it up",
                    ),
                )

    def _cut(self, sets: Iterable[Examined]) -> None:
        """Leave each anchor as many as wanted; of more for the same words, the first ones."""
        for one in sets:
            if self.chooses:
                candidates = [Candidate(0, edit, 0.0) for edit in one.minimal]
                kept = choose_in_order(candidates, self._max_minimal)
                one.minimal = [edit for i, edit in enumerate(one.minimal) if i in kept]
            del one.minimal[self._max_minimal :]
            del one.full[self._max_full :]


def _factual_wording(one: Examined, made: Made) -> str:
    """The factual wording that a caption is compared with."""
    return made.factual if isinstance(made, CaptionEdit) else one.cfset.anchor.caption
