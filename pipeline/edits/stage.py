"""The caption stage: from an anchor to its set of counterfactual captions.

Longer than 300 lines because writing a set and tracing how it was written are one way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.config.edits import EditsConfig
from pipeline.core.errors import StageContractError
from pipeline.core.ids import JsonValue, fingerprint
from pipeline.core.records import Anchor, CaptionEdit, CounterfactualSet, FullCaption
from pipeline.core.stage import Fault, Rejected
from pipeline.edits.apply.case import letter_case, plain_text
from pipeline.edits.apply.choose import RULES, Decision, EditChooser
from pipeline.edits.apply.proposal import Proposal, Rule
from pipeline.edits.balance.fit import Offer, fit_balance
from pipeline.edits.balance.table import AUTO, BalanceTable, load_balance
from pipeline.edits.complete.scenes import SceneComposer
from pipeline.edits.complete.vocabulary import load_vocabulary
from pipeline.edits.complete.vocabulary_edits import FullComposer
from pipeline.edits.complete.wording import in_manner_of
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.llm.proposer import Proposer, ProposerItem, ProposerResult
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.registry import all_rules

if TYPE_CHECKING:
    from spacy.tokens import Doc

VERSION = 5
"""Raise it when the same caption and config would give other edits."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How the stage decided on one anchor.

    Attributes:
        doc: The parsed caption.
        by_rule: Every rule with what became of each of its proposals, in the order of the text.
        result: What the stage returned.
    """

    doc: Doc
    by_rule: tuple[tuple[Rule, tuple[Decision, ...]], ...]
    result: CounterfactualSet | Rejected


class EditStage:
    """Writes minimal and complete counterfactual captions for anchors.

    Every result depends on its anchor, the config and the run seed alone.
    """

    def __init__(
        self,
        config: EditsConfig,
        *,
        run_seed: int = 0,
        proposer: Proposer | None = None,
        choices: int = 1,
        balance: BalanceTable | None = None,
    ) -> None:
        """Load the lexicon; what is large or slow to load waits for :meth:`load`.

        Args:
            config: What is written.
            run_seed: Seed of every draw.
            proposer: A language model that proposes beside the rules.
            choices: Edits written for each one kept, where later checks choose among them.
            balance: What was counted on the input; None for the table that the config names.
        """
        self._config = config
        self._choices = choices
        self._parser = Parser(config.spacy_model)
        self._rules = all_rules(config, choices)
        self._balance = balance or _named_balance(config)
        self._vocabulary = load_vocabulary(config.vocabulary) if config.vocabulary else None
        self._composer = FullComposer(run_seed, self._vocabulary) if self._vocabulary else None
        self._proposer = proposer
        self._run_seed = run_seed

    @cached_property
    def _chooser(self) -> EditChooser:
        return EditChooser(
            self._config,
            self._parser.nlp.make_doc,
            run_seed=self._run_seed,
            balance=self._balance,
            choices=self._choices,
            extra_check=self._vocabulary_fault,
        )

    @cached_property
    def _scenes(self) -> SceneComposer:
        return SceneComposer(self._run_seed)

    def load(self) -> bool:
        """Load what writing needs and the fingerprint does not; whether any of it was missing.

        Writing does it by itself when it begins; call this to be refused earlier.

        Raises:
            ConfigError: The spaCy pipeline is missing or not fit.
        """
        missing = "_chooser" not in vars(self)
        _ = self._chooser, self._scenes
        return missing

    @property
    def fingerprint(self) -> str:
        """Name of the rules, the lexicon, the parser, the config and the proposer."""
        decides: dict[str, JsonValue] = {
            "version": VERSION,
            "config": self._config.model_dump(mode="json"),
            "seed": self._run_seed,
            "choices": self._choices,
            "parser": self._parser.fingerprint,
            "lexicon": load_lexicon().fingerprint,
            "balance": self._balance.fingerprint,
            "rules": [rule.name for rule in self._rules],
            "proposer": self._proposer.fingerprint if self._proposer else None,
            "vocabulary": self._vocabulary.fingerprint if self._vocabulary else None,
        }
        return fingerprint(decides)

    def run(self, batch: Sequence[Anchor], /) -> Sequence[CounterfactualSet | Rejected]:
        """Write the set of every anchor, in order; one without any edit is rejected.

        Raises:
            TransientError: The proposer failed and may work later.
            PermanentError: The proposer cannot work.
        """
        docs = list(self._parser.parse(plain_text(anchor.caption) for anchor in batch))
        if self._proposer is None:
            return self._by_rules(batch, docs)
        proposals = [self.propose(doc) for doc in docs]
        answers = self._ask(self._proposer, batch, docs, proposals)
        return [
            self._finish(anchor, doc, offered, answer)
            for anchor, doc, offered, answer in zip(batch, docs, proposals, answers, strict=True)
        ]

    def propose(self, doc: Doc) -> list[Proposal]:
        """Every proposal of every rule for a parsed caption, in a fixed order."""
        return self._known(
            doc, [proposal for rule in self._rules for proposal in rule.propose(doc)]
        )

    def trace(self, anchor: Anchor) -> Trace:
        """How :meth:`run` decides on an anchor without a language model, every step kept."""
        (doc,) = self._parser.parse([plain_text(anchor.caption)])
        by_rule = [(rule, tuple(rule.propose(doc))) for rule in self._rules]
        found = [proposal for _, proposals in by_rule for proposal in proposals]
        known = self._known(doc, found)
        case = letter_case(anchor.caption)
        decisions = self._chooser.choose(anchor.anchor_id, doc, known, case=case, to_the_end=True)
        by_proposal = {id(decision.proposal): decision for decision in decisions}
        if self._vocabulary is not None:
            for proposal in found:
                word = self._vocabulary.unknown_word_of(proposal, doc.text)
                if word is not None:
                    fault = Fault("text.outside_vocabulary", word)
                    by_proposal[id(proposal)] = Decision(proposal, None, "refused", fault)
        return Trace(
            doc,
            tuple((rule, tuple(by_proposal[id(p)] for p in found)) for rule, found in by_rule),
            self._finish(anchor, doc, known, ProposerResult()),
        )

    def offers(self, batch: Sequence[Anchor]) -> list[Offer]:
        """All that the rules offer for each anchor, applied and checked and nothing chosen."""
        found = []
        blank = self._parser.nlp.make_doc("")
        for anchor, doc in zip(
            batch, self._parser.parse(plain_text(anchor.caption) for anchor in batch), strict=True
        ):
            proposals = self.propose(doc)
            sound = [(one, self._chooser.make(doc, one)) for one in proposals]
            # Without the docs that they were made of, which would fill the memory.
            light = [
                (replace(one, wording=blank) if one.wording is not None else one, made)
                for one, made in sound
            ]
            found.append(
                Offer(
                    anchor.anchor_id,
                    tuple(one for one, _ in light),
                    {id(one): made for one, made in light},
                )
            )
        return found

    def fit_balance(self, offers: Sequence[Offer], captions: int) -> BalanceTable:
        """The balance table of what :meth:`offers` gave for so many captions."""
        blank = self._parser.nlp.make_doc("")
        return fit_balance(
            [one for one in offers if one.proposals], self._config, blank, captions=captions
        )

    def _known(self, doc: Doc, proposals: list[Proposal]) -> list[Proposal]:
        """The proposals that the vocabulary allows: all of them without one."""
        if self._vocabulary is None or not proposals:
            return proposals
        return self._vocabulary.known(doc.text, proposals)

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
        for rule in self._rules:
            for doc, proposals in zip(docs, offered, strict=True):
                proposals.extend(self._known(doc, list(rule.propose(doc))))
        docs.reverse()
        offered.reverse()
        return [
            self._finish(anchor, docs.pop(), offered.pop(), ProposerResult()) for anchor in batch
        ]

    def _ask(
        self,
        proposer: Proposer,
        batch: Sequence[Anchor],
        docs: Sequence[Doc],
        proposals: Sequence[list[Proposal]],
    ) -> Sequence[ProposerResult]:
        items = [
            ProposerItem(anchor, doc, offered)
            for anchor, doc, offered in zip(batch, docs, proposals, strict=True)
        ]
        answers = proposer.choose(items)
        if len(answers) != len(items):
            raise StageContractError(
                f"{proposer.name} gave {len(answers)} answers for {len(items)} anchors"
            )
        return answers

    def _finish(
        self, anchor: Anchor, doc: Doc, offered: list[Proposal], answer: ProposerResult
    ) -> CounterfactualSet | Rejected:
        """Apply, check and choose for one anchor."""
        refused = list(answer.refused)
        minimal, sound = self._minimal(anchor, doc, offered, answer, refused)
        full = self._full(anchor, doc, sound, answer)
        if not minimal and not full:
            why = "no rule found anything to edit"
            if refused:
                why = "every proposal was refused"
            elif offered or answer.chosen:
                why = "edits.kind_weights, or the share of a rule, left out all that was found"
            return Rejected(
                anchor.anchor_id, "text.no_edit", why, origin=anchor.origin,
                refused=tuple(refused), tokens_in=answer.tokens_in, tokens_out=answer.tokens_out,
                shares=answer.shares,
            )  # fmt: skip
        return CounterfactualSet(
            anchor,
            tuple(minimal),
            tuple(full),
            tuple(refused),
            answer.tokens_in,
            answer.tokens_out,
            answer.shares,
        )

    def _full(
        self, anchor: Anchor, doc: Doc, sound: list[Proposal], answer: ProposerResult
    ) -> list[FullCaption]:
        """Complete counterfactuals: the model's, then scenes, or edits within a vocabulary."""
        wanted = self._config.max_full * self._choices
        full = [f for f in answer.full if not self._has_unknown_word(f.caption, anchor.caption)]
        missing = wanted - len(full)
        if self._composer is not None:
            full += self._composer.compose(anchor.anchor_id, doc, sound, missing)
        else:
            full += self._scenes.compose(anchor.anchor_id, doc, missing)
        return [
            replace(one, caption=in_manner_of(anchor.caption, one.caption)) for one in full[:wanted]
        ]

    def _has_unknown_word(self, text: str, caption: str) -> bool:
        """Whether a text has words outside the vocabulary."""
        if self._vocabulary is None:
            return False
        return self._vocabulary.unknown_word(text, caption) is not None

    def _minimal(
        self,
        anchor: Anchor,
        doc: Doc,
        offered: list[Proposal],
        answer: ProposerResult,
        refused: list[Rejected],
    ) -> tuple[list[CaptionEdit], list[Proposal]]:
        """Edits to keep, and the offered proposals that were not refused."""
        edits: list[CaptionEdit] = []
        bad: set[int] = set()
        for decision in self._chooser.choose(
            anchor.anchor_id,
            doc,
            offered,
            preferred=answer.chosen,
            preferred_by=self._proposer.name if self._proposer else RULES,
            case=letter_case(anchor.caption),
        ):
            if decision.outcome == "refused":
                bad.add(id(decision.proposal))
                refused.append(decision.rejected(anchor))
            elif decision.outcome == "unbalanced":
                refused.append(decision.rejected(anchor))
            elif decision.outcome == "kept" and decision.edit is not None:
                edits.append(decision.edit)
        return edits, [p for p in offered if id(p) not in bad]

    def _vocabulary_fault(self, edit: CaptionEdit) -> Fault | None:
        """A word of an edit that the vocabulary lacks."""
        if self._vocabulary is None:
            return None
        strange = self._vocabulary.unknown_word(edit.caption, edit.factual)
        return Fault("text.outside_vocabulary", strange) if strange is not None else None


def _named_balance(config: EditsConfig) -> BalanceTable:
    """The table that a config names; an empty one for a vocabulary, whose world is its own."""
    if config.vocabulary is not None and config.balance_table == AUTO:
        return BalanceTable()
    return load_balance(config.balance_table)
