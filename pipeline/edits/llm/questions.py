"""One question to a chat model about one anchor, and what its answers come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipeline.core.ids import JsonValue
from pipeline.core.prompts import Prompt
from pipeline.core.protocols import ChatRequest
from pipeline.core.records import FullCaption
from pipeline.core.stage import Rejected, TokenShare
from pipeline.edits.llm.proposer import ProposerItem, ProposerResult
from pipeline.edits.llm.token_shares import sum_shares

if TYPE_CHECKING:
    from pipeline.edits.apply.proposal import Proposal

MAX_QUOTED_ANSWER = 2000


@dataclass(slots=True)
class Answers:
    """What the answers for one anchor have come to so far."""

    chosen: list[Proposal] = field(default_factory=list)
    full: list[FullCaption] = field(default_factory=list)
    refused: list[Rejected] = field(default_factory=list)
    tokens_in: int = 0
    tokens_out: int = 0
    shares: list[TokenShare] = field(default_factory=list)

    def result(self) -> ProposerResult:
        """All of it, as the stage takes it."""
        return ProposerResult(
            chosen=tuple(self.chosen),
            full=tuple(self.full),
            refused=tuple(self.refused),
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            shares=sum_shares(self.shares),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """One request for one anchor.

    Attributes:
        item: The anchor.
        answers: Where what is read from the answer is added.
        request: What the model is sent.
        read: Adds what an answer to the question proposes, and gives the kind of each proposal.
        about: What is asked for: "edit" or "full".
    """

    item: ProposerItem
    answers: Answers
    request: ChatRequest
    read: Callable[[Question, str], list[str]]
    about: str

    def refuse(self, reason: str, detail: str, *, kind: str = "") -> None:
        """Record that an answer, or a part of it, cannot be used."""
        anchor = self.item.anchor
        self.answers.refused.append(
            Rejected(
                anchor_id=anchor.anchor_id,
                reason=reason,
                detail=detail,
                origin=anchor.origin,
                item=self.about,
                kind=kind,
            )
        )


def make_request(
    item: ProposerItem,
    prompt: Prompt,
    schema: dict[str, JsonValue],
    max_tokens: int,
    **variables: JsonValue,
) -> ChatRequest:
    """Ask a prompt about an anchor."""
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


def ask_again(question: Question, prompt: Prompt, answer: str, problem: str) -> Question:
    """The same question once more, which quotes the answer and says what is wrong with it."""
    first = question.request
    system, user = prompt.render(
        instructions=first.system,
        data=first.user,
        answer=answer[:MAX_QUOTED_ANSWER],
        problem=problem,
    )
    request = replace(
        first,
        request_id=f"{first.request_id}-repair",
        system=system,
        user=user,
        prompt_version=prompt.cache_version,
    )
    return replace(question, request=request)
