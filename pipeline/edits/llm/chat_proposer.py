"""A language model as proposer: it words or chooses edits, code applies and checks them.

Large models get the open form and write `{kind, old, new}`; small ones get rails and choose
among the edits that the rules found. An answer that cannot be read gets one repair request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.core.ids import fingerprint
from pipeline.core.prompts import load_prompt
from pipeline.core.protocols import ChatFailure, ChatModel, ChatReply
from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.llm.answers import (
    CONTRADICTS,
    AnswerError,
    CausalAnswer,
    EditsAnswer,
    FullAnswer,
    causal_schema,
    clean_full,
    clean_phrase,
    edits_schema,
    full_schema,
    parse_answer,
    parse_choices,
    rails_schema,
)
from pipeline.edits.llm.causal_pairs import CausalComposer
from pipeline.edits.llm.menu import MAX_OPTIONS, build_menu
from pipeline.edits.llm.open_form import propose
from pipeline.edits.llm.proposer import ProposerItem, ProposerResult
from pipeline.edits.llm.questions import Answers, Question, ask_again, make_request
from pipeline.edits.llm.token_shares import FULL, NOTHING_READ, take_shares

if TYPE_CHECKING:
    from pipeline.config.edits import EditsConfig
    from pipeline.config.llm import LlmConfig

OPEN_PROMPT = "minimal_edit.v1"
RAILS_PROMPT = "minimal_edit_rails.v1"
FULL_PROMPT = "full.v1"
CAUSAL_PROMPT = "causal.v1"
REPAIR_PROMPT = "repair.v1"

SPARE_EDITS = 2
"""Edits asked for beyond those wanted, as some will not pass the checks."""

REPAIRABLE = frozenset({"llm.truncated", "llm.empty", "llm.bad_answer"})
VERSION = 2
"""Raise it when this module turns the same answers into other proposals."""


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
        found = [Answers() for _ in batch]
        ask = self._rails_questions if self._rails else self._open_questions
        questions = [
            question
            for item, answers in zip(batch, found, strict=True)
            for question in ask(item, answers)
        ]
        again = self._ask(questions, last=False)
        self._ask(again, last=True)
        return [answers.result() for answers in found]

    def _ask(self, questions: Sequence[Question], *, last: bool) -> list[Question]:
        """Ask, read and book; returns the repair questions."""
        if not questions:
            return []
        replies = self._chat.complete([question.request for question in questions])
        again: list[Question] = []
        for question, reply in zip(questions, replies, strict=True):
            answers = question.answers
            answers.tokens_in += reply.tokens_in
            answers.tokens_out += reply.tokens_out
            read = _read(question, reply)
            fault, kinds = (read, []) if isinstance(read, ChatFailure) else (None, read)
            answers.shares += take_shares(
                question.request.stage, kinds or [NOTHING_READ], reply.tokens_in, reply.tokens_out
            )
            if fault is None:
                continue
            if last or fault.reason not in REPAIRABLE:
                question.refuse(fault.reason, fault.detail)
            else:
                answer = reply.text if isinstance(reply, ChatReply) else ""
                prompt = self._prompts[REPAIR_PROMPT]
                again.append(ask_again(question, prompt, answer, fault.detail))
        return again

    def _rails_questions(self, item: ProposerItem, answers: Answers) -> Iterator[Question]:
        """One question with an `enum` for each kind that the rules found something for."""
        menu = build_menu(item)
        if not menu or not self._max_minimal:
            return
        options: dict[str, list[str]] = {kind: list(named) for kind, named in menu.items()}
        limit = 64 + 48 * len(options)
        request = make_request(
            item, self._prompts[RAILS_PROMPT], rails_schema(options), limit, options=options
        )

        def read(question: Question, text: str) -> list[str]:
            choices = parse_choices(text, options)
            question.answers.chosen += [menu[kind][label] for kind, label in choices.items()]
            return list(choices)

        yield Question(item, answers, request, read, "edit")

    def _open_questions(self, item: ProposerItem, answers: Answers) -> Iterator[Question]:
        """A question each for edits, complete counterfactuals and causes, as far as wanted."""
        if self._max_minimal and self._kinds:
            wanted = self._max_minimal + SPARE_EDITS
            request = make_request(
                item,
                self._prompts[OPEN_PROMPT],
                edits_schema(self._kinds),
                100 + 60 * wanted,
                kinds=[kind.value for kind in self._kinds],
                wanted=wanted,
            )
            yield Question(item, answers, request, self._read_edits, "edit")
        if self._max_full:
            limit = 100 + 160 * self._max_full
            prompt = self._prompts[FULL_PROMPT]
            request = make_request(item, prompt, full_schema(), limit, wanted=self._max_full)
            yield Question(item, answers, request, self._read_full, "full")
        if self._causal and self._max_minimal:
            prompt = self._prompts[CAUSAL_PROMPT]
            request = make_request(item, prompt, causal_schema(), 200, wanted=2)
            yield Question(item, answers, request, self._read_causal, "edit")

    def _read_edits(self, question: Question, text: str) -> list[str]:
        allowed = {kind.value for kind in self._kinds}
        entries = parse_answer(text, EditsAnswer).edits
        for entry in entries:
            try:
                if entry.kind not in allowed:
                    raise AnswerError("llm.unknown_kind", "a kind that was not asked for")
                made = propose(question.item.doc, entry, rule=OPEN_PROMPT)
            except AnswerError as error:
                kind = entry.kind if entry.kind in allowed else ""
                question.refuse(error.reason, str(error), kind=kind)
            else:
                question.answers.chosen.append(made)
        return [entry.kind if entry.kind in allowed else NOTHING_READ for entry in entries]

    def _read_full(self, question: Question, text: str) -> list[str]:
        entries = parse_answer(text, FullAnswer).full[: self._max_full]
        for entry in entries:
            try:
                caption = clean_full(entry.caption, question.item.anchor.caption)
            except AnswerError as error:
                question.refuse(error.reason, str(error))
                continue
            respects = tuple(word for word in CONTRADICTS if word in entry.contradicts)
            full = FullCaption(caption, self.name, FULL_PROMPT, respects)
            question.answers.full.append(full)
        return [FULL] * len(entries)

    def _read_causal(self, question: Question, text: str) -> list[str]:
        entries = parse_answer(text, CausalAnswer).pairs
        anchor_id = question.item.anchor.anchor_id
        for entry in entries:
            try:
                effect, cause = clean_phrase(entry.effect), clean_phrase(entry.cause)
                made = self._composer.compose(anchor_id, effect, cause)
            except AnswerError as error:
                question.refuse(error.reason, str(error), kind=EditKind.CAUSAL_ORDER.value)
            else:
                question.answers.chosen.append(made)
        return [EditKind.CAUSAL_ORDER.value] * len(entries)


def _read(question: Question, reply: ChatReply | ChatFailure) -> ChatFailure | list[str]:
    if isinstance(reply, ChatFailure):
        return reply
    try:
        return question.read(question, reply.text)
    except AnswerError as error:
        return ChatFailure(error.reason, str(error))
