"""A language model as proposer: it words or chooses edits, code applies and checks them.

Large models get the open form and write `{kind, old, new}`; small ones get rails and choose
among the edits that the rules found. An answer that cannot be read gets one repair request.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pipeline.core.ids import JsonValue, derive_seed, fingerprint
from pipeline.core.prompts import Prompt, load_prompt
from pipeline.core.protocols import ChatFailure, ChatModel, ChatReply, ChatRequest
from pipeline.core.records import EditKind, FullCaption
from pipeline.core.stage import Fault, Rejected, TokenShare
from pipeline.edits.llm import answers
from pipeline.edits.llm.answers import AnswerError
from pipeline.edits.llm.open_form import propose
from pipeline.edits.llm.proposer import ProposerItem, ProposerResult
from pipeline.edits.llm.token_shares import FULL, NOTHING_READ, sum_shares, take_shares
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.rules.causal import rule as causal
from pipeline.edits.rules.causal.rule import load_causal_lexicon

if TYPE_CHECKING:
    from pipeline.config.edits import EditsConfig
    from pipeline.config.llm import LlmConfig
    from pipeline.edits.apply.proposal import Proposal

OPEN_PROMPT = "minimal_edit.v1"
RAILS_PROMPT = "minimal_edit_rails.v1"
FULL_PROMPT = "full.v1"
CAUSAL_PROMPT = "causal.v1"
REPAIR_PROMPT = "repair.v1"

MAX_OPTIONS = 6
"""Options of one kind that a small model chooses from; more only dilute its attention."""

OPTION = "{old} to {new}"
NOTHING = "nothing"
"""Stands in an option for what is inserted into or deleted from nothing."""

SPARE_EDITS = 2
"""Edits asked for beyond those wanted, as some will not pass the checks."""

REPAIRABLE = frozenset({"llm.truncated", "llm.empty", "llm.bad_answer"})
MAX_QUOTED_ANSWER = 2000
VERSION = 1
"""Raise it when this module turns the same answers into other proposals."""


class CausalComposer:
    """Words the causes and effects that a model names, with each connective equally often."""

    def __init__(self, spacy_model: str) -> None:
        """Load nothing yet: causal pairs are rare."""
        self._spacy_model = spacy_model
        self._parser: Parser | None = None

    def compose(self, anchor_id: str, effect: str, cause: str) -> Proposal:
        """Compose a causal caption and its swap.

        Raises:
            AnswerError: The two are no clauses or noun phrases that a connective can join.
        """
        if self._parser is None:
            self._parser = Parser(self._spacy_model)
        connectives = list(load_causal_lexicon().connectives)
        connective = connectives[derive_seed(0, anchor_id, "connective") % len(connectives)]
        made = causal.compose(effect, cause, connective, self._parser.nlp)
        if isinstance(made, Fault):
            raise AnswerError(made.reason, made.detail)
        return made


@dataclass(slots=True)
class _Tally:
    """What has come together for one anchor."""

    chosen: list[Proposal] = field(default_factory=list)
    full: list[FullCaption] = field(default_factory=list)
    refused: list[Rejected] = field(default_factory=list)
    tokens_in: int = 0
    tokens_out: int = 0
    shares: list[TokenShare] = field(default_factory=list)

    def result(self) -> ProposerResult:
        return ProposerResult(
            tuple(self.chosen),
            tuple(self.full),
            tuple(self.refused),
            self.tokens_in,
            self.tokens_out,
            sum_shares(self.shares),
        )


@dataclass(frozen=True, slots=True)
class _Question:
    """One request for one anchor, and how its answer is read into the tally.

    `read` gives the kind of everything that the answer proposed.
    """

    item: ProposerItem
    tally: _Tally
    request: ChatRequest
    read: Callable[[str], list[str]]
    about: str

    def refuse(self, reason: str, detail: str, *, kind: str = "", caption: str = "") -> None:
        anchor = self.item.anchor
        self.tally.refused.append(
            Rejected(anchor.anchor_id, reason, detail, anchor.origin, self.about, kind, caption)
        )


def uses_rails(llm: LlmConfig) -> bool:
    """Whether the model only chooses among edits that the parse allows."""
    auto = "rails" if llm.provider == "local" else "open"
    return (auto if llm.form == "auto" else llm.form) == "rails"


def prompt_names(llm: LlmConfig) -> tuple[str, ...]:
    """Versions of the prompts that the language model is asked with."""
    asked = (RAILS_PROMPT,) if uses_rails(llm) else (OPEN_PROMPT, FULL_PROMPT, CAUSAL_PROMPT)
    return (*asked, REPAIR_PROMPT)


class LlmProposer:
    """Asks a chat model for edits of every anchor of a batch at once."""

    def __init__(self, chat: ChatModel, llm: LlmConfig, edits: EditsConfig) -> None:
        """Load the prompts.

        Args:
            chat: The model; closed with this proposer.
            llm: The form in which it is asked.
            edits: Kinds and numbers of edits.

        Raises:
            ConfigError: A prompt is missing or broken.
        """
        self._chat = chat
        self._composer = CausalComposer(edits.spacy_model)
        self._rails = uses_rails(llm)
        self._kinds = tuple(kind for kind in edits.kinds if kind is not EditKind.CAUSAL_ORDER)
        self._causal = EditKind.CAUSAL_ORDER in edits.kinds
        self._max_minimal, self._max_full = edits.max_minimal, edits.max_full
        self._prompts = {name: load_prompt(name) for name in prompt_names(llm)}

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the answers: model, parameters, prompts, this code."""
        return fingerprint(
            [
                VERSION,
                self._chat.fingerprint,
                [prompt.cache_version for prompt in self._prompts.values()],
                [kind.value for kind in self._kinds],
                self._causal,
                self._max_minimal,
                self._max_full,
                [MAX_OPTIONS, SPARE_EDITS],
            ]
        )

    @property
    def name(self) -> str:
        """Provenance of what it chose, `llm:<model>`."""
        return f"llm:{self._chat.model}"

    def close(self) -> None:
        """Close the model. Safe to call twice."""
        self._chat.close()

    def choose(self, batch: Sequence[ProposerItem], /) -> Sequence[ProposerResult]:
        """Answer every item once, in order; a bad answer is a `refused` entry."""
        tallies = [_Tally() for _ in batch]
        questions: list[_Question] = []
        for item, tally in zip(batch, tallies, strict=True):
            ask = self._rails_questions if self._rails else self._open_questions
            questions += ask(item, tally)
        again = self._ask(questions, last=False)
        self._ask(again, last=True)
        return [tally.result() for tally in tallies]

    def _ask(self, questions: Sequence[_Question], *, last: bool) -> list[_Question]:
        """Ask, read and book; returns the repair questions."""
        if not questions:
            return []
        replies = self._chat.complete([question.request for question in questions])
        again: list[_Question] = []
        for question, reply in zip(questions, replies, strict=True):
            question.tally.tokens_in += reply.tokens_in
            question.tally.tokens_out += reply.tokens_out
            read = self._read(question, reply)
            fault, kinds = (read, []) if isinstance(read, ChatFailure) else (None, read)
            question.tally.shares += take_shares(
                question.request.stage, kinds or [NOTHING_READ], reply.tokens_in, reply.tokens_out
            )
            if fault is None:
                continue
            if last or fault.reason not in REPAIRABLE:
                question.refuse(fault.reason, fault.detail)
            else:
                answer = reply.text if isinstance(reply, ChatReply) else ""
                again.append(self._repair(question, answer, fault.detail))
        return again

    @staticmethod
    def _read(question: _Question, reply: ChatReply | ChatFailure) -> ChatFailure | list[str]:
        if isinstance(reply, ChatFailure):
            return reply
        try:
            return question.read(reply.text)
        except AnswerError as error:
            return ChatFailure(error.reason, str(error))

    def _repair(self, question: _Question, answer: str, problem: str) -> _Question:
        prompt, first = self._prompts[REPAIR_PROMPT], question.request
        system, user = prompt.render(
            instructions=first.system,
            data=first.user,
            answer=answer[:MAX_QUOTED_ANSWER],
            problem=problem,
        )
        request = ChatRequest(
            request_id=f"{first.request_id}-repair",
            system=system,
            user=user,
            schema_name=first.schema_name,
            schema=first.schema,
            prompt_version=prompt.cache_version,
            max_tokens=first.max_tokens,
        )
        return _Question(question.item, question.tally, request, question.read, question.about)

    def _request(
        self,
        item: ProposerItem,
        prompt: Prompt,
        schema: dict[str, JsonValue],
        max_tokens: int,
        **variables: JsonValue,
    ) -> ChatRequest:
        system, user = prompt.render(caption=item.anchor.caption, **variables)
        name = prompt.version.partition(".")[0]
        return ChatRequest(
            request_id=f"{item.anchor.anchor_id}-{name}",
            system=system,
            user=user,
            schema_name=name,
            schema=schema,
            prompt_version=prompt.cache_version,
            max_tokens=max_tokens,
        )

    def _rails_questions(self, item: ProposerItem, tally: _Tally) -> list[_Question]:
        """One question with an `enum` for each kind that the rules found something for."""
        menu = build_menu(item)
        if not menu or not self._max_minimal:
            return []
        options: dict[str, list[str]] = {kind: list(named) for kind, named in menu.items()}
        request = self._request(
            item,
            self._prompts[RAILS_PROMPT],
            answers.rails_schema(options),
            64 + 48 * len(options),
            options=options,
        )

        def read(text: str) -> list[str]:
            choices = answers.parse_choices(text, options)
            tally.chosen += [menu[kind][label] for kind, label in choices.items()]
            return list(choices)

        return [_Question(item, tally, request, read, "edit")]

    def _open_questions(self, item: ProposerItem, tally: _Tally) -> list[_Question]:
        questions: list[_Question] = []

        def add(
            name: str,
            schema: dict[str, JsonValue],
            read: Callable[[_Question, str], list[str]],
            about: str,
            max_tokens: int,
            **variables: JsonValue,
        ) -> None:
            request = self._request(item, self._prompts[name], schema, max_tokens, **variables)
            holder: list[_Question] = []
            question = _Question(item, tally, request, lambda text: read(holder[0], text), about)
            holder.append(question)
            questions.append(question)

        if self._max_minimal and self._kinds:
            wanted = self._max_minimal + SPARE_EDITS
            schema = answers.edits_schema(self._kinds)
            kinds = [kind.value for kind in self._kinds]
            limit = 100 + 60 * wanted
            add(OPEN_PROMPT, schema, self._read_edits, "edit", limit, kinds=kinds, wanted=wanted)
        if self._max_full:
            wanted = self._max_full
            limit = 100 + 160 * wanted
            add(FULL_PROMPT, answers.full_schema(), self._read_full, "full", limit, wanted=wanted)
        if self._causal and self._max_minimal:
            add(CAUSAL_PROMPT, answers.causal_schema(), self._read_causal, "edit", 200, wanted=2)
        return questions

    def _read_edits(self, question: _Question, text: str) -> list[str]:
        allowed = {kind.value for kind in self._kinds}
        entries = answers.parse_answer(text, answers.EditsAnswer).edits
        for entry in entries:
            try:
                if entry.kind not in allowed:
                    raise AnswerError("llm.unknown_kind", "a kind that was not asked for")
                made = propose(question.item.doc, entry, rule=OPEN_PROMPT)
            except AnswerError as error:
                kind = entry.kind if entry.kind in allowed else ""
                question.refuse(error.reason, str(error), kind=kind)
            else:
                question.tally.chosen.append(made)
        return [entry.kind if entry.kind in allowed else NOTHING_READ for entry in entries]

    def _read_full(self, question: _Question, text: str) -> list[str]:
        entries = answers.parse_answer(text, answers.FullAnswer).full[: self._max_full]
        for entry in entries:
            try:
                caption = answers.clean_full(entry.caption, question.item.anchor.caption)
            except AnswerError as error:
                question.refuse(error.reason, str(error))
                continue
            respects = tuple(word for word in answers.CONTRADICTS if word in entry.contradicts)
            full = FullCaption(caption, self.name, FULL_PROMPT, respects)
            question.tally.full.append(full)
        return [FULL] * len(entries)

    def _read_causal(self, question: _Question, text: str) -> list[str]:
        entries = answers.parse_answer(text, answers.CausalAnswer).pairs
        for entry in entries:
            try:
                effect, cause = (answers.clean_phrase(w) for w in (entry.effect, entry.cause))
                anchor_id = question.item.anchor.anchor_id
                made = self._composer.compose(anchor_id, effect, cause)
            except AnswerError as error:
                question.refuse(error.reason, str(error), kind=EditKind.CAUSAL_ORDER.value)
            else:
                question.tally.chosen.append(made)
        return [EditKind.CAUSAL_ORDER.value] * len(entries)


def build_menu(item: ProposerItem) -> dict[str, dict[str, Proposal]]:
    """Kind → option → the proposal behind it, at most :data:`MAX_OPTIONS` for each kind.

    Their order is a draw that depends on the anchor alone and favours heavier ones: small
    models mostly take what stands first, and a fixed order would make one option win always.
    """
    by_kind: dict[str, dict[str, Proposal]] = {}
    for proposal in item.proposals:
        label = OPTION.format(old=proposal.old or NOTHING, new=proposal.new or NOTHING)
        by_kind.setdefault(proposal.kind.value, {}).setdefault(label, proposal)
    draw = partial(_luck, item.anchor.anchor_id)
    menu: dict[str, dict[str, Proposal]] = {}
    for kind, named in by_kind.items():
        order = sorted(named, key=lambda label: draw(kind, label, named[label].weight))
        menu[kind] = {label: named[label] for label in order[:MAX_OPTIONS]}
    return menu


def _luck(anchor_id: str, kind: str, label: str, weight: float) -> float:
    """Waiting time of an option in a weighted draw without replacement; the least wins."""
    uniform = (derive_seed(0, anchor_id, f"{kind} {label}") + 1) / 2**63
    return -math.log(uniform) / weight
