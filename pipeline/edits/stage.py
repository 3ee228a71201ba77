"""The caption stage: from an anchor to its set of counterfactual captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pipeline.config.edits import EditsConfig
from pipeline.core.errors import StageContractError
from pipeline.core.ids import JsonValue, fingerprint
from pipeline.core.records import Anchor, CaptionEdit, CounterfactualSet
from pipeline.core.stage import Rejected
from pipeline.edits.apply.case import letter_case, plain_text
from pipeline.edits.apply.choose import NOTHING_MADE, RULES, EditChooser, Made
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.balance.table import BalanceTable, table_of
from pipeline.edits.checks import CaptionChecks, TextCheck
from pipeline.edits.complete.pool import CaptionPool
from pipeline.edits.complete.several_edits import Judge
from pipeline.edits.complete.vocabulary import load_vocabulary
from pipeline.edits.complete.writer import NOTHING_KNOWN, FullWriter
from pipeline.edits.gate.gate import VERSION as GATE_VERSION
from pipeline.edits.judged import JudgedCandidates
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.llm.proposer import Proposer, ProposerItem, ProposerResult
from pipeline.edits.neutral.writer import write_neutral
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.registry import all_rules

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from pipeline.core.protocols import WordRelations

VERSION = 8
"""Raise it when the same caption and config would give other edits."""


class EditStage:
    """Writes minimal and complete counterfactual captions for anchors.

    Every result depends on its anchor, the config, the run seed and the pool alone.

    Attributes:
        parser: The pipeline that reads captions.
        rules: What proposes edits, in a fixed order.
        vocabulary: The words that may be used, where they are few.
        pool: Captions of the source that may be complete counterfactuals; None leaves those to
            the language model.
    """

    def __init__(
        self,
        config: EditsConfig,
        *,
        run_seed: int = 0,
        proposer: Proposer | None = None,
        choices: int = 1,
        dictionary: WordRelations | None = None,
        text_check: TextCheck | None = None,
        balance: BalanceTable | None = None,
    ) -> None:
        """Load the lexicon; what is large or slow to load waits for :meth:`load`.

        Args:
            config: What is written.
            run_seed: Seed of every draw.
            proposer: A language model that proposes beside the rules.
            choices: Edits written for each one kept, where later checks choose among them.
            dictionary: WordNet, by which the gate knows synonyms.
            text_check: What the later checks will refuse, where a place of theirs shall be
                filled again from the rules.
            balance: What was counted on the input; None for the table that the config names.
        """
        self._config = config
        self._dictionary = dictionary
        self._text_check = text_check
        self._choices = choices
        self.parser = Parser(config.spacy_model)
        self.pool: CaptionPool | None = None
        self.rules = all_rules(config, choices)
        self._balance = balance or table_of(config)
        self.vocabulary = load_vocabulary(config.vocabulary) if config.vocabulary else None
        self._checks = CaptionChecks(
            config.demographics,
            self.parser,
            vocabulary=self.vocabulary,
            dictionary=dictionary,
            text_check=text_check,
        )
        self._full = FullWriter(
            config.max_full * choices,
            run_seed=run_seed,
            vocabulary=self.vocabulary,
            check=self._checks.scene_fault,
        )
        self._proposer = proposer
        self._run_seed = run_seed

    @cached_property
    def chooser(self) -> EditChooser:
        """What decides on proposals."""
        return EditChooser(
            self._config,
            self.parser.nlp.make_doc,
            run_seed=self._run_seed,
            balance=self._balance,
            choices=self._choices,
            extra_check=self._checks.edit_fault,
        )

    def load(self) -> bool:
        """Load what writing needs and the fingerprint does not; whether any of it was missing.

        Writing does it by itself when it begins; call this to be refused earlier.

        Raises:
            ConfigError: The spaCy pipeline is missing or not fit.
        """
        missing = "chooser" not in vars(self)
        _ = self.chooser
        return missing

    @property
    def full_wanted(self) -> int:
        """Complete counterfactuals that are written for an anchor."""
        return self._full.wanted

    @property
    def fingerprint(self) -> str:
        """Name of the rules, the lexicon, the parser, the config and the proposer."""
        decides: dict[str, JsonValue] = {
            "version": [VERSION, GATE_VERSION],
            "dictionary": self._dictionary.fingerprint if self._dictionary else None,
            "text_check": self._text_check is not None,
            "config": self._config.model_dump(mode="json"),
            "seed": self._run_seed,
            "choices": self._choices,
            "parser": self.parser.fingerprint,
            "lexicon": load_lexicon().fingerprint,
            "balance": self._balance.fingerprint,
            "rules": [rule.name for rule in self.rules],
            "proposer": self._proposer.fingerprint if self._proposer else None,
            "vocabulary": self.vocabulary.fingerprint if self.vocabulary else None,
        }
        return fingerprint(decides)

    def run(self, batch: Sequence[Anchor], /) -> Sequence[CounterfactualSet | Rejected]:
        """Write the set of every anchor, in order; one without any edit is rejected.

        Raises:
            TransientError: The proposer failed and may work later.
            PermanentError: The proposer cannot work.
        """
        docs = list(self.parser.parse(plain_text(anchor.caption) for anchor in batch))
        if self._proposer is None:
            return self._by_rules(batch, docs)
        proposals = [self.propose(doc) for doc in docs]
        judged = [
            JudgedCandidates(
                anchor, doc, offered,
                chooser=self.chooser, checks=self._checks, proposer=self._proposer.name,
            )
            for anchor, doc, offered in zip(batch, docs, proposals, strict=True)
        ]  # fmt: skip
        items = [
            ProposerItem(anchor, doc, offered, known.fault_of)
            for anchor, doc, offered, known in zip(batch, docs, proposals, judged, strict=True)
        ]
        answers = self._proposer.choose(items)
        if len(answers) != len(items):
            raise StageContractError(
                f"{self._proposer.name} gave {len(answers)} answers for {len(items)} anchors"
            )
        return [
            self.finish(item.anchor, item.doc, list(item.proposals), answer, known)
            for item, answer, known in zip(items, answers, judged, strict=True)
        ]

    def propose(self, doc: Doc) -> list[Proposal]:
        """Every proposal of every rule for a parsed caption, in a fixed order."""
        return self.known(doc, [proposal for rule in self.rules for proposal in rule.propose(doc)])

    def make(self, doc: Doc, proposal: Proposal) -> Made:
        """What a proposal of a rule makes of a parsed caption, and what is wrong with it."""
        return self.chooser.make(doc, proposal)

    def known(self, doc: Doc, proposals: list[Proposal]) -> list[Proposal]:
        """The proposals that the vocabulary allows: all of them without one."""
        if self.vocabulary is None or not proposals:
            return proposals
        return self.vocabulary.known(doc.text, proposals)

    def close(self) -> None:
        """Release the proposer. Safe to call twice."""
        if self._proposer is not None:
            self._proposer.close()

    def _by_rules(
        self, batch: Sequence[Anchor], docs: list[Doc]
    ) -> Sequence[CounterfactualSet | Rejected]:
        """Finish the batch without a language model, emptying `docs`.

        One rule sees all docs before the next rule does, because parser and rules in turns
        drive each other from the processor's caches. A doc goes with all that is kept with it
        as soon as it is done, so the garbage collector has little to walk.
        """
        offered: list[list[Proposal]] = [[] for _ in docs]
        for rule in self.rules:
            for doc, proposals in zip(docs, offered, strict=True):
                proposals.extend(self.known(doc, list(rule.propose(doc))))
        docs.reverse()
        offered.reverse()
        return [
            self.finish(anchor, docs.pop(), offered.pop(), ProposerResult()) for anchor in batch
        ]

    def finish(
        self,
        anchor: Anchor,
        doc: Doc,
        offered: list[Proposal],
        answer: ProposerResult,
        judged: JudgedCandidates | None = None,
    ) -> CounterfactualSet | Rejected:
        """Apply, check and choose for one anchor, without asking again what was judged."""
        refused = list(answer.refused)
        made = judged.made if judged else NOTHING_MADE
        minimal, sound = self._minimal(anchor, doc, offered, answer, made, refused)
        full, fault = self._full.write(
            anchor,
            doc,
            written=answer.full,
            sound=sound,
            judge=Judge(
                self.chooser.drawn,
                partial(self.chooser.odds, doc),
                partial(self.chooser.is_sound, doc),
            ),
            pool=self.pool,
            known=judged.scenes if judged else NOTHING_KNOWN,
            refused=refused,
        )
        if not minimal and not full:
            why = "no rule found anything to edit"
            if refused or offered or answer.chosen:
                left_out = "edits.kind_weights, or the share of a rule, left out all that was found"
                why = "every proposal was refused" if refused else left_out
            return Rejected(
                anchor.anchor_id, "text.no_edit", why, origin=anchor.origin,
                refused=tuple(refused), tokens_in=answer.tokens_in, tokens_out=answer.tokens_out,
                shares=answer.shares, answers=answer.answers,
            )  # fmt: skip
        if fault is not None:
            refused.append(
                Rejected(
                    anchor.anchor_id, fault.reason, fault.detail, origin=anchor.origin, item="full"
                )
            )
        return CounterfactualSet(
            anchor, tuple(minimal), tuple(full), tuple(refused),
            answer.tokens_in, answer.tokens_out, answer.shares, answer.answers,
            write_neutral(
                doc, anchor, self._config.max_neutral, run_seed=self._run_seed,
                taken=(*minimal, *full), vocabulary=self.vocabulary,
            ),
        )  # fmt: skip

    def _minimal(
        self,
        anchor: Anchor,
        doc: Doc,
        offered: list[Proposal],
        answer: ProposerResult,
        made: Mapping[int, Made],
        refused: list[Rejected],
    ) -> tuple[list[CaptionEdit], list[Proposal]]:
        """Edits to keep, and the offered proposals that were not refused."""
        edits: list[CaptionEdit] = []
        bad: set[int] = set()
        for decision in self.chooser.choose(
            anchor.anchor_id,
            doc,
            offered,
            preferred=answer.chosen,
            preferred_by=self._proposer.name if self._proposer else RULES,
            case=letter_case(anchor.caption),
            made=made,
        ):
            if decision.outcome == "refused":
                bad.add(id(decision.proposal))
                refused.append(decision.rejected(anchor))
            elif decision.outcome == "unbalanced":
                refused.append(decision.rejected(anchor))
            elif decision.outcome == "kept" and decision.edit is not None:
                edits.append(decision.edit)
        return edits, [p for p in offered if id(p) not in bad]
