"""What the pipeline asks of the outside world. Adapters implement these; nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from pipeline.core.draws import Draw as Draw
from pipeline.core.stage import Fault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.core.ids import JsonValue


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to a language model whose answer must fit a JSON schema.

    Attributes:
        request_id: Unique in a batch; for logs and for batch files.
        system: Instructions.
        user: The data, quoted so that it cannot act as instructions.
        schema_name: Name of the schema, `[a-zA-Z0-9_-]+`.
        schema: JSON schema that the answer must fit.
        prompt_version: Such as "minimal_edit.v1"; part of the cache key.
        max_tokens: Longest answer.
        stage: Stage that asks, for the token counts.
    """

    request_id: str
    system: str
    user: str
    schema_name: str
    schema: Mapping[str, JsonValue] = field(hash=False)
    prompt_version: str
    max_tokens: int = 512
    stage: str = "edits"
    parts: int = 1
    """Captions that it asks about."""
    picture: bytes = field(default=b"", repr=False)
    """JPEG, PNG or WebP file that the question is about; empty for none."""


@dataclass(frozen=True, slots=True)
class ChatReply:
    """An answer: untrusted text that claims to be JSON of the asked schema.

    Attributes:
        text: The raw answer.
        tokens_in: Tokens read for it, when it was first asked for.
        tokens_out: Tokens written for it, likewise: what a sample records is the same
            whether its answer was asked for or remembered.
        cached: Whether it was remembered, and so cost nothing this time.
    """

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class ChatFailure:
    """A request that got no usable answer, such as a refusal; an item's failure, no error.

    Attributes:
        reason: Slug such as "llm.refused", "llm.empty", "llm.truncated".
        detail: What the model or its server answered.
        tokens_in: Tokens read all the same.
        tokens_out: Tokens written all the same.
    """

    reason: str
    detail: str = ""
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Worth:
    """What an answer is good for.

    Attributes:
        useful: Of what the request asks about, how many parts got something usable.
        is_kept: Whether the answer is worth remembering: nothing in it was in vain.
        why: What is wrong with it, where it is not.
    """

    useful: int
    is_kept: bool
    why: str = ""


Judge = Callable[[ChatRequest, ChatReply], Worth]
"""Says what an answer that fits its schema is good for."""


class ChatModel(Protocol):
    """A language model behind any API."""

    @property
    def fingerprint(self) -> str:
        """Name of the model and of the parameters that decide its answers."""
        ...

    @property
    def model(self) -> str:
        """Model name, for provenance."""
        ...

    def complete(
        self, requests: Sequence[ChatRequest], /, *, judge: Judge | None = None
    ) -> Sequence[ChatReply | ChatFailure]:
        """Answer every request, in order, with whatever concurrency the adapter allows.

        Args:
            requests: What to ask.
            judge: Asked once of every answer that comes in, and not of remembered ones: only what
                it keeps is remembered. Without one that is every answer of the schema.

        Raises:
            TransientError: Retries are used up and the whole batch may be tried later.
            PermanentError: Wrong model name, refused key, budget reached.
        """
        ...

    def close(self) -> None:
        """Stop what was started (a server, connections). Safe to call twice."""
        ...


class Renderer(Protocol):
    """A text-to-image model."""

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the pixels: weights, scheduler, steps, size, dtype."""
        ...

    @property
    def provenance(self) -> Mapping[str, JsonValue]:
        """Model, revision, LoRA files, scheduler and settings, for run.json."""
        ...

    def check(self) -> None:
        """Refuse, before anything is loaded, what would not load.

        Raises:
            ConfigError: Weights are missing, or do not fit each other.
        """
        ...

    def draw(
        self, draws: Sequence[Draw], /, *, between_steps: Callable[[], None] | None = None
    ) -> Sequence[NDArray[np.uint8] | Fault]:
        """Draw every request, in order: (height_px, width_px, 3) uint8 RGB each.

        The initial noise of a draw depends on its seed alone. A picture that did not come out is
        a fault that says why; the others are not touched by it.

        Args:
            draws: The requests.
            between_steps: Called after each denoising step; what it raises ends the drawing.

        Raises:
            PermanentError: The model does not fit on the device even one picture at a time.
        """
        ...

    def close(self) -> None:
        """Free the model. Safe to call twice."""
        ...


class JointEncoder(Protocol):
    """A model that puts pictures and texts into one space, such as CLIP or SigLIP."""

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the embeddings: weights, preprocessing, number format."""
        ...

    @property
    def provenance(self) -> Mapping[str, JsonValue]:
        """Model, revision and settings, for run.json."""
        ...

    def embed_pictures(self, pictures: Sequence[NDArray[np.uint8]], /) -> NDArray[np.float32]:
        """Unit vectors of pictures, each (height_px, width_px, 3) uint8 RGB: (pictures, width).

        A vector does not depend on the other pictures, but for the last digits.

        Raises:
            ConfigError: The model does not load.
            PermanentError: It does not fit on the device.
        """
        ...

    def embed_texts(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Unit vectors of texts: (texts, width). Longer texts than the model reads are cut."""
        ...

    def close(self) -> None:
        """Free the model. Safe to call twice."""
        ...


class PictureScorer(Protocol):
    """Gives pictures numbers by looking at each alone, such as how likely it is unsafe."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scores that it gives; members of :data:`pipeline.core.scores.SCORES`."""
        ...

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the scores."""
        ...

    def score(self, pictures: Sequence[NDArray[np.uint8]], /) -> Sequence[Mapping[str, float]]:
        """Scores by name of pictures, each (height_px, width_px, 3) uint8 RGB, in order."""
        ...

    def close(self) -> None:
        """Free the model. Safe to call twice."""
        ...


class FactFinder(Protocol):
    """Says what a caption states, as phrases that can be looked for one by one."""

    def facts(self, captions: Sequence[str], /) -> Sequence[tuple[str, ...]]:
        """For each caption its facts, such as ("a red car", "a dog", "a dog on a sofa")."""
        ...


class TextScorer(Protocol):
    """A language model that says how likely texts are."""

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the scores: weights, number format, way of scoring."""
        ...

    def score(self, texts: Sequence[str], /) -> NDArray[np.float64]:
        """Negative log-likelihood of each text in nats, summed over its tokens: (texts,).

        A score does not depend on the other texts, but for the last digits.

        Raises:
            ConfigError: The model does not load.
            PermanentError: It does not fit on the device.
        """
        ...

    def close(self) -> None:
        """Free the model. Safe to call twice."""
        ...


class TokenCounter(Protocol):
    """Counts tokens as the image model does."""

    def count_tokens(self, texts: Sequence[str], /) -> Sequence[int]:
        """Tokens of each text, with start and end."""
        ...


class WordRelations(Protocol):
    """A dictionary that knows which words mean nearly the same."""

    @property
    def fingerprint(self) -> str:
        """Name of the dictionary's content and of how it is read."""
        ...

    def relation(
        self,
        old: str,
        new: str,
        part: Literal["noun", "verb", "adj"],
        /,
        *,
        any_sense: bool = False,
    ) -> str | None:
        """How `new` is akin to `old`: "synonym", "hypernym", "hyponym"; None if it is not.

        With `any_sense` rare senses of the two count too.
        """
        ...
