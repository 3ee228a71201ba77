"""SDXL's two text encoders: token counts, and the embeddings of a batch in one pass."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.adapters.sdxl_quiet import quiet_libraries
from pipeline.adapters.sdxl_weights import locate_weights
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import torch

    from pipeline.config import ImagesConfig

MAX_TOKENS = 77
"""What CLIP reads, with the start and the end; the rest of a prompt is cut off."""

_log = logging.getLogger(__name__)


class TokenCounter:
    """Counts tokens as SDXL does, to refuse captions of which it would read a part only."""

    def __init__(self, tokenizers: Sequence[Any]) -> None:
        self._tokenizers = tokenizers

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text with start and end, the larger count of the two tokenizers.

        More than :data:`MAX_TOKENS` means that the model does not see the whole text.
        """
        if not texts:
            return []
        counts = [
            [len(ids) for ids in tokenizer(list(texts), verbose=False).input_ids]
            for tokenizer in self._tokenizers
        ]
        return [max(pair) for pair in zip(*counts, strict=True)]


def open_token_counter(config: ImagesConfig) -> TokenCounter:
    """Load the model's tokenizers only, to check captions where nothing is drawn.

    A hub id is downloaded whole; drawing will need it anyway.

    Raises:
        ConfigError: The model folder cannot be used.
        PermanentError: The hub did not give the model.
    """
    folder = locate_weights(config).folder
    with quiet_libraries():
        from transformers import CLIPTokenizer

        try:
            return TokenCounter(
                [
                    CLIPTokenizer.from_pretrained(folder / name, local_files_only=True)
                    for name in ("tokenizer", "tokenizer_2")
                ]
            )
        except (OSError, ValueError) as error:
            raise ConfigError(f"images.model {folder} has no tokenizers: {error}") from error


@dataclass(frozen=True, slots=True)
class TextEmbeddings:
    """Embeddings of texts, on the device.

    Attributes:
        tokens: (texts, 77, width) embeddings of both encoders side by side.
        pooled: (texts, width) pooled embeddings of the second encoder.
    """

    tokens: torch.Tensor
    pooled: torch.Tensor

    def take(self, rows: Sequence[int]) -> TextEmbeddings:
        """The given rows, which may repeat."""
        return TextEmbeddings(self.tokens[list(rows)], self.pooled[list(rows)])


class PromptEncoder:
    """Encodes every distinct prompt of a batch once, and the negative prompt once for ever.

    A prompt over :data:`MAX_TOKENS` is cut, as the model demands; the text checks should
    have refused it. The first one is logged as a warning and all are counted.

    Attributes:
        cut_prompts: Prompts that were too long so far.
    """

    def __init__(self, pipeline: Any, negative_prompt: str) -> None:
        self._pipeline = pipeline
        self._negative_prompt = negative_prompt
        self._negative: TextEmbeddings | None = None
        self.counter = TokenCounter([pipeline.tokenizer, pipeline.tokenizer_2])
        self.cut_prompts = 0

    def encode(self, prompts: Sequence[str]) -> tuple[TextEmbeddings, dict[str, int]]:
        """Embeddings of the distinct prompts, and the row of each."""
        rows = {prompt: row for row, prompt in enumerate(dict.fromkeys(prompts))}
        long = [
            p
            for p, n in zip(rows, self.counter.count_tokens(list(rows)), strict=True)
            if n > MAX_TOKENS
        ]
        if long and not self.cut_prompts:
            _log.warning(
                "a prompt has more than %d tokens and the model reads only its start (later "
                "ones are not logged): %r",
                MAX_TOKENS,
                long[0][:200],
            )
        self.cut_prompts += len(long)
        # diffusers logs each cut prompt once more, in every batch.
        with quiet_libraries() if long else nullcontext():
            return self._encode(list(rows)), rows

    @property
    def negative(self) -> TextEmbeddings:
        """One row: the negative prompt, or what the model takes for none.

        Without a negative prompt, SDXL base was trained to take zeros, which its config
        says; an encoded empty text is something else.
        """
        import torch

        if self._negative is None:
            text = self._encode([self._negative_prompt])
            if not self._negative_prompt and self._pipeline.config.force_zeros_for_empty_prompt:
                text = TextEmbeddings(torch.zeros_like(text.tokens), torch.zeros_like(text.pooled))
            self._negative = text
        return self._negative

    def _encode(self, prompts: list[str]) -> TextEmbeddings:
        tokens, _, pooled, _ = self._pipeline.encode_prompt(
            prompts, device=self._pipeline.device, do_classifier_free_guidance=False
        )
        return TextEmbeddings(tokens, pooled)
