"""A language model as proposer: it words or chooses edits, code applies and checks them.

Large models get the open form and write edits, other scenes and causal pairs of several
captions in one answer; small ones get rails and choose among the edits that the rules found.
A caption that an answer leaves out is asked alone; what cannot be read, or quotes words that do
not stand in the caption, gets one repair request.

Longer than 300 lines because asking, reading and asking again share one state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.core.ids import JsonValue, fingerprint
from pipeline.core.prompts import load_prompt
from pipeline.core.protocols import ChatFailure, ChatModel, ChatReply, ChatRequest, Worth
from pipeline.core.records import EditKind, FullCaption
from pipeline.core.stage import READ
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.llm.answers import (
    CONTRADICTS,
    AnswerError,
    CaptionEntry,
    captions_schema,
    clean_full,
    clean_phrase,
    parse_answer,
    parse_choices,
    rails_schema,
)
from pipeline.edits.llm.causal_pairs import compose_pair
from pipeline.edits.llm.menu import MAX_OPTIONS, build_menu
from pipeline.edits.llm.open_form import propose
from pipeline.edits.llm.proposer import ProposerItem, ProposerResult
from pipeline.edits.llm.questions import (
    Answers,
    Asked,
    Heard,
    Question,
    Read,
    ask_again,
    make_request,
)
from pipeline.edits.llm.token_shares import FULL, NOTHING_READ, parts_of, take_shares
from pipeline.edits.llm.worth import worth_of_reading

if TYPE_CHECKING:
    from pipeline.config.edits import EditsConfig
    from pipeline.config.llm import LlmConfig

OPEN_PROMPT = "counterfactuals.v1"
RAILS_PROMPT = "minimal_edit_rails.v1"
REPAIR_PROMPT = "repair.v1"

SPARE_EDITS = 2
"""Edits asked for beyond those wanted, as some will not pass the checks."""

CAUSAL_PAIRS = 1
"""Causes and effects asked of a caption: most suggest none."""

EDIT_TOKENS, FULL_TOKENS, PAIR_TOKENS, CAPTION_TOKENS = 60, 120, 60, 40
"""Longest answer to each part, with its JSON."""

Written = tuple[str, Proposal | FullCaption | None]
"""Kind of what was written, and it, where it could be read."""

LEFT_OUT = "llm.left_out"
"""Reason of a caption for which an answer has no entry."""

REPAIRABLE = frozenset({"llm.truncated", "llm.empty", "llm.bad_answer"})
UNFOUND = frozenset({"llm.span_not_found", "llm.span_ambiguous"})
VERSION = 3
"""Raise it when this module turns the same answers into other proposals."""


def uses_rails(llm: LlmConfig) -> bool:
    """Whether the model only chooses among edits that the parse allows."""
    auto = "rails" if llm.provider == "local" else "open"
    return (auto if llm.form == "auto" else llm.form) == "rails"


def prompt_names(llm: LlmConfig) -> tuple[str, ...]:
    """Versions of the prompts that the language model is asked with."""
    asked = (RAILS_PROMPT,) if uses_rails(llm) else (OPEN_PROMPT,)
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
        self._rails = uses_rails(llm)
        self._kinds = tuple(kind for kind in edits.kinds if kind is not EditKind.CAUSAL_ORDER)
        self._causal = EditKind.CAUSAL_ORDER in edits.kinds
        self._max_minimal, self._max_full = edits.max_minimal, edits.max_full
        self._people = edits.demographics
        self._together = 1 if self._rails else llm.captions_per_request
        self._longest = llm.max_answer_tokens
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
                self._people,
                [MAX_OPTIONS, SPARE_EDITS, CAUSAL_PAIRS, self._together, self._longest],
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
        asked = [Asked(item, Answers(), self.name) for item in batch]
        if self._rails:
            questions = [question for one in asked for question in self._rails_questions(one)]
            self._ask(self._ask(questions, last=False), last=True)
        else:
            size = self._together
            groups = [asked[at : at + size] for at in range(0, len(asked), size)]
            self._ask_open([group for group in groups if self._wanted], alone=size == 1)
        return [one.answers.result() for one in asked]

    def _ask_open(self, groups: Sequence[Sequence[Asked]], *, alone: bool) -> None:
        """Ask for groups of captions, then for those without an answer, then for repairs."""
        again = self._ask([self._open_question(group) for group in groups], last=False)
        if not alone:
            single = [question for question in again if len(question.asked) == 1]
            apart = [
                self._open_question([one])
                for question in again
                if len(question.asked) > 1
                for one in question.asked
            ]
            again = single + self._ask(apart, last=False)
        self._ask(again, last=True)

    def _ask(self, questions: Sequence[Question], *, last: bool) -> list[Question]:
        """Ask, read and book; returns what is asked once more."""
        if not questions:
            return []
        by_request = {id(question.request): question for question in questions}
        heard: dict[int, Read | ChatFailure] = {}

        def judge(request: ChatRequest, reply: ChatReply) -> Worth:
            question = by_request[id(request)]
            heard[id(request)] = read = _read(question, reply)
            return worth_of_reading(question, read)

        requests = [question.request for question in questions]
        replies = self._chat.complete(requests, judge=judge)
        again: list[Question] = []
        for question, reply in zip(questions, replies, strict=True):
            # What was remembered, or asked once for equal questions, is read now.
            read = heard.get(id(question.request)) or _read(question, reply)
            fault, found = (read, None) if isinstance(read, ChatFailure) else (None, read)
            self._note(question, read)
            self._book(question, reply, found or [None] * len(question.asked))
            text = reply.text if isinstance(reply, ChatReply) else ""
            if fault is None:
                again += self._not_yet(question, found or [], text, last=last)
            elif len(question.asked) > 1:
                again.append(question)
            elif last or fault.reason not in REPAIRABLE:
                question.asked[0].refuse("answer", fault.reason, fault.detail)
            else:
                prompt = self._prompts[REPAIR_PROMPT]
                again.append(ask_again(question, prompt, text, fault.detail))
        return again

    def _note(self, question: Question, read: Read | ChatFailure) -> None:
        """Note for each caption whether the answer could be read for it."""
        for number, one in enumerate(question.asked):
            if isinstance(read, ChatFailure):
                one.answers.heard.append(read.reason)
            else:
                one.answers.heard.append(LEFT_OUT if read[number] is None else READ)

    def _book(self, question: Question, reply: ChatReply | ChatFailure, read: Read) -> None:
        """Share an answer's tokens among its captions, and there among their kinds."""
        number = len(question.asked)
        shares = zip(
            question.asked,
            parts_of(reply.tokens_in, number),
            parts_of(reply.tokens_out, number),
            read,
            strict=True,
        )
        for one, tokens_in, tokens_out, heard in shares:
            one.answers.tokens_in += tokens_in
            one.answers.tokens_out += tokens_out
            one.answers.shares += take_shares(
                question.request.stage,
                heard.kinds if heard else [NOTHING_READ],
                tokens_in,
                tokens_out,
            )

    def _not_yet(
        self, question: Question, read: Read, text: str, *, last: bool
    ) -> Iterator[Question]:
        """Captions that an answer left out, asked alone; and edits that can be mended."""
        for one, heard in zip(question.asked, read, strict=True):
            if heard is None and last:
                one.refuse("answer", LEFT_OUT, "the answer leaves the caption out")
            elif heard is None:
                yield self._open_question([one])
            elif one.answers.unfound and not last:
                problem = "; ".join(one.answers.unfound)
                one.answers.unfound.clear()
                prompt = self._prompts[REPAIR_PROMPT]
                yield ask_again(self._open_question([one]), prompt, text, problem)

    def _rails_questions(self, asked: Asked) -> Iterator[Question]:
        """One question with an `enum` for each kind that the rules found something for."""
        menu = build_menu(asked.item)
        if not menu or not self._max_minimal:
            return
        options: dict[str, list[str]] = {kind: list(named) for kind, named in menu.items()}
        request = make_request(
            asked.item.anchor.anchor_id,
            self._prompts[RAILS_PROMPT],
            rails_schema(options),
            self._longest or 64 + 48 * len(options),
            caption=asked.item.anchor.caption,
            options={kind: list(names) for kind, names in options.items()},
        )

        def read(question: Question, text: str) -> Read:
            choices = parse_choices(text, options)
            chosen = tuple(menu[kind][label] for kind, label in choices.items())
            asked.answers.chosen += chosen
            return [Heard(tuple(choices), chosen)]

        yield Question((asked,), request, read)

    @property
    def _wanted(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self._max_full or (self._max_minimal and (self._kinds or self._causal)))

    def _open_question(self, group: Sequence[Asked]) -> Question:
        """One question for all that is wanted of a group of captions."""
        edits = self._max_minimal + SPARE_EDITS if self._max_minimal and self._kinds else 0
        pairs = CAUSAL_PAIRS if self._causal and self._max_minimal else 0
        each = CAPTION_TOKENS + edits * EDIT_TOKENS + self._max_full * FULL_TOKENS
        captions: list[JsonValue] = [
            {"id": number, "caption": one.item.anchor.caption}
            for number, one in enumerate(group, start=1)
        ]
        request = make_request(
            group[0].item.anchor.anchor_id,
            self._prompts[OPEN_PROMPT],
            captions_schema(
                self._kinds, edits=bool(edits), complete=bool(self._max_full), causal=bool(pairs)
            ),
            self._longest or CAPTION_TOKENS + len(group) * (each + pairs * PAIR_TOKENS),
            len(group),
            captions=captions,
            kinds=[kind.value for kind in self._kinds],
            most_edits=edits,
            most_complete=self._max_full,
            most_pairs=pairs,
            people=self._people,
        )
        return Question(tuple(group), request, self._read_open)

    def _read_open(self, question: Question, text: str) -> Read:
        """Read the entries of an answer into the captions that they are for, by id."""
        entries = parse_answer(text, question.request.schema).captions
        by_id: dict[int, CaptionEntry] = {}
        if len(question.asked) == 1:
            by_id = {1: entries[0]} if entries else {}
        else:
            for entry in entries:
                if entry.id is not None:
                    by_id.setdefault(entry.id, entry)
        if not by_id:
            raise AnswerError("llm.bad_answer", "no entry has the id of a caption")
        return [
            self._read_entry(one, by_id[number]) if number in by_id else None
            for number, one in enumerate(question.asked, start=1)
        ]

    def _read_entry(self, asked: Asked, entry: CaptionEntry) -> Heard:
        """Add what was written for one caption."""
        before = len(asked.answers.refused)
        written = [*self._read_edits(asked, entry), *self._read_full(asked, entry)]
        written += self._read_causal(asked, entry)
        unusable = asked.answers.refused[before:]
        return Heard(
            # Nothing proposed is an answer too: the caption shows nothing.
            tuple(kind for kind, _ in written) or (NOTHING_READ,),
            tuple(one for _, one in written if one is not None),
            f"{unusable[0].reason}: {unusable[0].detail}" if unusable else "",
        )

    def _read_edits(self, asked: Asked, entry: CaptionEntry) -> Iterator[Written]:
        allowed = {kind.value for kind in self._kinds}
        for edit in entry.edits:
            made: Proposal | None = None
            kind = edit.kind if edit.kind in allowed else ""
            try:
                if not kind:
                    raise AnswerError("llm.unknown_kind", "a kind that was not asked for")
                made = asked.answers.choose(propose(asked.item.doc, edit, rule=OPEN_PROMPT))
            except AnswerError as error:
                asked.refuse("edit", error.reason, str(error), kind=kind)
                if error.reason in UNFOUND:
                    asked.answers.unfound.append(str(error))
            yield kind or NOTHING_READ, made

    def _read_full(self, asked: Asked, entry: CaptionEntry) -> Iterator[Written]:
        for one in entry.complete[: self._max_full]:
            full: FullCaption | None = None
            try:
                caption = clean_full(one.caption, asked.item.anchor.caption)
            except AnswerError as error:
                asked.refuse("full", error.reason, str(error), text=one.caption[:200])
            else:
                respects = tuple(word for word in CONTRADICTS if word in one.contradicts)
                full = FullCaption(caption, self.name, OPEN_PROMPT, respects)
                if full not in asked.answers.full:
                    asked.answers.full.append(full)
            yield FULL, full

    def _read_causal(self, asked: Asked, entry: CaptionEntry) -> Iterator[Written]:
        for pair in entry.causal:
            made: Proposal | None = None
            kind = EditKind.CAUSAL_ORDER.value
            try:
                pair_made = compose_pair(
                    asked.item.anchor.anchor_id,
                    asked.item.doc,
                    clean_phrase(pair.effect),
                    clean_phrase(pair.cause),
                    rule=OPEN_PROMPT,
                )
                made = asked.answers.choose(pair_made)
            except AnswerError as error:
                asked.refuse("edit", error.reason, str(error), kind=kind)
            yield kind, made


def _read(question: Question, reply: ChatReply | ChatFailure) -> ChatFailure | Read:
    if isinstance(reply, ChatFailure):
        return reply
    try:
        return question.read(question, reply.text)
    except AnswerError as error:
        return ChatFailure(error.reason, str(error))
