"""Asks a vision-language model about drawn pictures: a question a fact, and one for the edit."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.core.ids import JsonValue, content_id, fingerprint
from pipeline.core.json_answers import find_answer
from pipeline.core.prompts import load_prompt
from pipeline.core.protocols import ChatFailure, ChatModel, ChatReply, ChatRequest, FactFinder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUESTIONS_VERSION: Final = 2
"""Raised when the same caption would be asked about otherwise, or the same answers would give
other scores."""

PROMPT: Final = "picture_questions.v1"
EDIT: Final = "edit"
UNANSWERED: Final = -1.0
"""Score of a picture of which the model gave no usable answer: below any band."""

ANSWER_TOKENS: Final = 200
JPEG_QUALITY: Final = 92


@dataclass(frozen=True, slots=True)
class PictureQuestion:
    """One picture to ask about.

    Attributes:
        pixels: (height_px, width_px, 3) uint8, RGB.
        caption: What it should show.
        old: Decisive words of the factual wording; empty where it is no minimal edit.
        new: Their counterpart.
    """

    pixels: NDArray[np.uint8]
    caption: str
    old: str = ""
    new: str = ""


class QuestionScorer:
    """Gives the scores `questions` and, for minimal edits, `question_edit`.

    A refusal, or an answer that does not fit the schema, gives -1: no band of a share passes it.
    """

    def __init__(self, chat: ChatModel, finder: FactFinder) -> None:
        self._chat = chat
        self._finder = finder
        self._prompt = load_prompt(PROMPT)

    @property
    def fingerprint(self) -> str:
        """Name of the model, the prompt and the version of this code."""
        return fingerprint(
            {
                "questions": QUESTIONS_VERSION,
                "model": self._chat.fingerprint,
                "prompt": self._prompt.digest,
            }
        )

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._chat.model

    def ask(self, items: Sequence[PictureQuestion], /) -> list[dict[str, float]]:
        """Ask about every picture, one request each; scores by name, in order.

        Raises:
            TransientError: The server may answer later.
            PermanentError: Wrong model name, refused key, budget reached.
        """
        facts = self._finder.facts([item.caption for item in items])
        questions = [_questions(item, found) for item, found in zip(items, facts, strict=True)]
        requests = [
            self._request(item, asked) for item, asked in zip(items, questions, strict=True)
        ]
        answers = self._chat.complete(requests)
        return [_scores(asked, answer) for asked, answer in zip(questions, answers, strict=True)]

    def close(self) -> None:
        """Close the connection. Safe to call twice."""
        self._chat.close()

    def _request(self, item: PictureQuestion, questions: Mapping[str, str]) -> ChatRequest:
        system, user = self._prompt.render(questions=dict(questions))
        picture = _jpeg(item.pixels)
        return ChatRequest(
            request_id=f"picture-{content_id(picture, user)}",
            system=system,
            user=user,
            schema_name="answers",
            schema=_schema(tuple(questions)),
            prompt_version=self._prompt.cache_version,
            max_tokens=ANSWER_TOKENS,
            stage="images",
            picture=picture,
        )


def _questions(item: PictureQuestion, facts: Sequence[str]) -> dict[str, str]:
    """The questions by name: q0, q1, … for the facts, and `edit`."""
    statements = facts or (item.caption,)
    found = {f"q{i}": f"Does the picture show {fact}?" for i, fact in enumerate(statements)}
    if item.new and item.old:
        found[EDIT] = f"Does the picture show {item.new} rather than {item.old}?"
    return found


def _schema(names: Sequence[str]) -> dict[str, JsonValue]:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "enum": ["yes", "no"]} for name in names},
        "required": list(names),
        "additionalProperties": False,
    }


def _scores(questions: Mapping[str, str], answer: ChatReply | ChatFailure) -> dict[str, float]:
    """Shares of yes; -1 for each score where the answer cannot be used."""
    yes = _read(answer, questions) if isinstance(answer, ChatReply) else None
    names = [name for name in questions if name != EDIT]
    found = {"questions": UNANSWERED if yes is None else sum(yes[n] for n in names) / len(names)}
    if EDIT in questions:
        found["question_edit"] = UNANSWERED if yes is None else float(yes[EDIT])
    return found


def _read(answer: ChatReply, questions: Mapping[str, str]) -> dict[str, bool] | None:
    """Whether each answer is yes; None where any is missing or is neither yes nor no."""
    answers = find_answer(answer.text, _schema(tuple(questions)))
    if answers is None:
        return None
    return {name: answers[name] == "yes" for name in questions}


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    import numpy as np
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        buffer, format="JPEG", quality=JPEG_QUALITY, subsampling="4:2:0", optimize=False
    )
    return buffer.getvalue()
