"""One question to a chat model about one or more anchors, and what its answers come to."""

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
    heard: list[str] = field(default_factory=list)
    """Of each answer "read", or why nothing of it could be."""
    unfound: list[str] = field(default_factory=list)
    """Edits whose words do not stand in the caption, or not once: these can be mended."""

    def choose(self, made: Proposal) -> Proposal:
        """Add a proposal; an answer that was mended repeats those that needed no mending.

        Returns:
            It, or the same one of an earlier answer.
        """
        said = made.kind, made.old, made.new
        for known in self.chosen:
            if (known.kind, known.old, known.new) == said:
                return known
        self.chosen.append(made)
        return made

    def result(self) -> ProposerResult:
        """All of it, as the stage takes it."""
        return ProposerResult(
            chosen=tuple(self.chosen),
            full=tuple(self.full),
            refused=tuple(self.refused),
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            shares=sum_shares(self.shares),
            answers=tuple(self.heard),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """One caption of a question.

    Attributes:
        item: The anchor.
        answers: Where what is read from the answer is added.
        proposer: Provenance of what the model writes.
    """

    item: ProposerItem
    answers: Answers
    proposer: str = ""

    def refuse(
        self, about: str, reason: str, detail: str, *, kind: str = "", text: str = ""
    ) -> None:
        """Record that an answer, or a part of it, cannot be used.

        Args:
            about: "edit" or "full".
            reason: Slug.
            detail: For a person.
            kind: Kind of the edit.
            text: The caption that was written.
        """
        anchor = self.item.anchor
        self.answers.refused.append(
            Rejected(
                anchor_id=anchor.anchor_id,
                reason=reason,
                detail=detail,
                origin=anchor.origin,
                item=about,
                kind=kind,
                caption=text,
                proposer=self.proposer,
            )
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read in an answer for one caption.

    Attributes:
        kinds: Kind of each thing that was written; ("none",) where nothing was.
        usable: What of it could be read.
        why: What is wrong with the first thing that could not.
    """

    kinds: tuple[str, ...]
    usable: tuple[Proposal | FullCaption, ...] = ()
    why: str = ""


Read = list[Heard | None]
"""For each caption of a question what was heard; None where it has no answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request for one anchor or for several.

    Attributes:
        asked: The captions.
        request: What the model is sent.
        read: Adds what an answer to the question proposes.
    """

    asked: tuple[Asked, ...]
    request: ChatRequest
    read: Callable[[Question, str], Read]


def make_request(
    name: str,
    prompt: Prompt,
    schema: dict[str, JsonValue],
    max_tokens: int,
    parts: int = 1,
    **variables: JsonValue,
) -> ChatRequest:
    """Ask a prompt about `parts` anchors; `name` tells the request from others."""
    system, user = prompt.render(**variables)
    about = prompt.version.partition(".")[0]
    return ChatRequest(
        request_id=f"{name}-{about}",
        system=system,
        user=user,
        schema_name=about,
        schema=schema,
        prompt_version=prompt.cache_version,
        max_tokens=max_tokens,
        parts=parts,
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
