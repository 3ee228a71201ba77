"""The caption stage: from an anchor to its set of counterfactual captions.

Longer than 300 lines because writing a set and tracing how it was written are one way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from pipeline.edits.complete.manner import in_manner_of
from pipeline.edits.complete.pool import CaptionPool
from pipeline.edits.complete.vocabulary import load_vocabulary
from pipeline.edits.complete.vocabulary_edits import FullComposer
from pipeline.edits.gate.gate import VERSION as GATE_VERSION
from pipeline.edits.gate.gate import Gate
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.llm.proposer import Proposer, ProposerItem, ProposerResult
from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.registry import all_rules

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from pipeline.core.protocols import WordRelations

TextCheck = Callable[[str, str, CaptionEdit | None], Fault | None]
"""A check of a caption beside its factual wording, and of the edit that made it."""

VERSION = 6
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

    Every result depends on its anchor, the config, the run seed and the pool alone.

    Attributes:
        parser: The pipeline that reads captions.
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
            self.parser.nlp.make_doc,
            run_seed=self._run_seed,
            balance=self._balance,
            choices=self._choices,
            extra_check=self._fault,
        )

    @cached_property
    def _gate(self) -> Gate:
        return Gate(
            self._config.demographics,
            lambda text: next(self.parser.parse([text])),
            dictionary=self._dictionary,
        )

    def load(self) -> bool:
        """Load what writing needs and the fingerprint does not; whether any of it was missing.

        Writing does it by itself when it begins; call this to be refused earlier.

        Raises:
            ConfigError: The spaCy pipeline is missing or not fit.
        """
        missing = "_chooser" not in vars(self)
        _ = self._chooser
        return missing

    @property
    def full_wanted(self) -> int:
        """Complete counterfactuals that are written for an anchor."""
        return self._config.max_full * self._choices

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
        docs = list(self.parser.parse(plain_text(anchor.caption) for anchor in batch))
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
        (doc,) = self.parser.parse([plain_text(anchor.caption)])
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
        blank = self.parser.nlp.make_doc("")
        for anchor, doc in zip(
            batch, self.parser.parse(plain_text(anchor.caption) for anchor in batch), strict=True
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
        blank = self.parser.nlp.make_doc("")
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
        full, fault = self._full(anchor, doc, sound, answer, refused)
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
        if fault is not None:
            refused.append(
                Rejected(
                    anchor.anchor_id, fault.reason, fault.detail, origin=anchor.origin, item="full"
                )
            )
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
        self,
        anchor: Anchor,
        doc: Doc,
        sound: list[Proposal],
        answer: ProposerResult,
        refused: list[Rejected],
    ) -> tuple[list[FullCaption], Fault | None]:
        """Complete counterfactuals, and why there is none: the model's first, then the rules'.

        Those of the rules are other captions of the source, or edits within a vocabulary.
        """
        full: list[FullCaption] = []
        for one in answer.full:
            fault = self._scene_fault(anchor, doc, one)
            if fault is None and not self._has_unknown_word(one.caption, anchor.caption):
                full.append(replace(one, caption=in_manner_of(anchor.caption, one.caption)))
            elif fault is not None:
                refused.append(
                    Rejected(
                        anchor.anchor_id,
                        fault.reason,
                        fault.detail,
                        origin=anchor.origin,
                        item="full",
                        caption=one.caption,
                    )  # fmt: skip
                )
        missing = self.full_wanted - len(full)
        if missing > 0 and self._composer is not None:
            made = self._composer.compose(anchor.anchor_id, doc, sound, missing)
            full += [replace(m, caption=in_manner_of(anchor.caption, m.caption)) for m in made]
        elif missing > 0 and self.pool is not None:
            found = self.pool.full_captions(
                anchor, parsed_caption(doc), missing, run_seed=self._run_seed
            )
            if isinstance(found, Fault):
                return full, None if full else found
            full += found
        return full[: self.full_wanted], None

    def _scene_fault(self, anchor: Anchor, doc: Doc, full: FullCaption) -> Fault | None:
        """What is wrong with a complete counterfactual of a language model."""
        plain = in_manner_of(doc.text, full.caption)
        found = self._gate.scene_fault(plain, full.caption, doc)
        if found is None and self._text_check is not None:
            found = self._text_check(plain, anchor.caption, None)
        return found

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

    def _fault(self, edit: CaptionEdit, doc: Doc | None) -> Fault | None:
        """What the vocabulary, the gate or a later check has against an edit.

        Args:
            edit: The edit.
            doc: The parsed caption where a language model worded the edit; else None.
        """
        if self._vocabulary is not None:
            strange = self._vocabulary.unknown_word(edit.caption, edit.factual)
            if strange is not None:
                return Fault("text.outside_vocabulary", strange)
        found = self._gate.edit_fault(edit)
        if found is None and doc is not None:
            found = self._gate.worded_fault(edit, doc)
        if found is None and self._text_check is not None:
            found = self._text_check(edit.caption, edit.factual, edit)
        return found


def _named_balance(config: EditsConfig) -> BalanceTable:
    """The table that a config names; an empty one for a vocabulary, whose world is its own."""
    if config.vocabulary is not None and config.balance_table == AUTO:
        return BalanceTable()
    return load_balance(config.balance_table)
