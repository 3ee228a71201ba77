"""Writes an anchor's complete counterfactuals.

Those of a language model first; then the anchor's own caption with several edits, or, within a
vocabulary, what is composed of its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.records import Anchor, FullCaption
from pipeline.core.stage import Fault, Rejected
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.complete.eligibility import allows_another_scene
from pipeline.edits.complete.manner import in_manner_of, in_register_of
from pipeline.edits.complete.several_edits import Judge, compose_several
from pipeline.edits.complete.vocabulary import Vocabulary
from pipeline.edits.complete.vocabulary_edits import FullComposer
from pipeline.edits.parse.parsed_caption import parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

NO_FULL = "text.no_full"

SceneCheck = Callable[[str, str, "Doc"], Fault | None]
"""What is wrong with another scene: it as it was written, the anchor's caption, and that parsed in
its plain letters."""


NOTHING_KNOWN: Mapping[str, Fault | None] = {}


class FullWriter:
    """Gives an anchor complete counterfactuals, a language model's before all others.

    What it gives depends on the anchor, the config and the run seed alone.

    Attributes:
        wanted: Complete counterfactuals that are written for an anchor.
    """

    def __init__(
        self, wanted: int, *, run_seed: int, vocabulary: Vocabulary | None, check: SceneCheck
    ) -> None:
        """Remember what decides.

        Args:
            wanted: Captions for an anchor.
            run_seed: Seed of every draw.
            vocabulary: The words that may be used, where they are few: then captions are composed
                of them and of its settings.
            check: What is wrong with a scene that a language model wrote.
        """
        self.wanted = wanted
        self._run_seed = run_seed
        self._vocabulary = vocabulary
        self._composer = FullComposer(run_seed, vocabulary) if vocabulary else None
        self._check = check

    def write(
        self,
        anchor: Anchor,
        doc: Doc,
        *,
        written: Sequence[FullCaption],
        sound: Sequence[Proposal],
        judge: Judge,
        known: Mapping[str, Fault | None] = NOTHING_KNOWN,
        refused: list[Rejected],
    ) -> tuple[list[FullCaption], Fault | None]:
        """The captions, in the manner of the anchor's own; and why there is none.

        Args:
            anchor: The anchor.
            doc: Its parsed caption.
            written: What a language model wrote.
            sound: Proposals of the rules that were not refused, to compose of.
            judge: What is asked of each before it stands in a caption together with others.
            known: What is wrong with some of `written`, by its text, where that was asked before.
            refused: What is refused of `written` is added here.
        """
        full: list[FullCaption] = []
        for one in written:
            if one.caption in known:
                fault = known[one.caption]
            else:
                fault = self._check(one.caption, anchor.caption, doc)
            if fault is None:
                full.append(replace(one, caption=in_register_of(anchor.caption, one.caption)))
            else:
                refused.append(
                    Rejected(
                        anchor.anchor_id,
                        fault.reason,
                        fault.detail,
                        origin=anchor.origin,
                        item="full",
                        caption=one.caption,
                        proposer=one.proposer,
                    )
                )
        missing = self.wanted - len(full)
        if missing > 0 and self._composer is not None:
            made = self._composer.compose(anchor.anchor_id, doc, sound, missing)
            full += [replace(m, caption=in_manner_of(anchor.caption, m.caption)) for m in made]
        elif missing > 0:
            full += self._of_its_own(anchor, doc, sound, judge, missing)
            return full, None if full else Fault(NO_FULL, "no two edits of it go together")
        return full[: self.wanted], None

    def _of_its_own(
        self, anchor: Anchor, doc: Doc, sound: Sequence[Proposal], judge: Judge, wanted: int
    ) -> list[FullCaption]:
        """The anchor's own caption with several edits."""
        parsed = parsed_caption(doc)
        if not allows_another_scene(parsed):
            return []
        made = compose_several(
            anchor.anchor_id, doc, parsed, sound, judge, wanted, run_seed=self._run_seed
        )
        return [replace(one, caption=in_manner_of(anchor.caption, one.caption)) for one in made]
