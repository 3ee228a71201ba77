"""SDXL's two text encoders: token counts, and the embeddings of a batch in one pass."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.quiet import quiet_libraries
from pipeline.adapters.sdxl.weights import locate_weights
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

    from pipeline.config.images import ImagesConfig

MAX_TOKENS = 77
"""What CLIP reads, with the start and the end; the rest of a prompt is cut off."""

TOKENIZERS = ("tokenizer", "tokenizer_2")
"""Folders of a model that hold them."""

TEXTS_PER_CALL = 8
"""Texts that the encoders always get, with empty ones in the places that are left."""

CACHED_PROMPTS = 256
"""Prompts whose embeddings are kept: 80 MB in half precision."""

_log = logging.getLogger(__name__)


class TokenCounter:
    """Counts tokens as SDXL does, to refuse captions of which it would read a part only."""

    def __init__(self, load: Callable[[], Sequence[Any]]) -> None:
        """Load nothing yet: a run that turns out to be finished counts no tokens.

        Args:
            load: Gives the two tokenizers; called once, when the first tokens are counted.
        """
        self._load = load

    @cached_property
    def _tokenizers(self) -> Sequence[Any]:
        return self._load()

    @cached_property
    def max_tokens(self) -> int:
        """What the model reads; :data:`MAX_TOKENS` but for miniatures."""
        return min([MAX_TOKENS, *(int(t.model_max_length) for t in self._tokenizers)])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text with start and end, the larger count of the two tokenizers.

        More than `max_tokens` means that the model does not see the whole text.
        """
        if not texts:
            return []
        counts = [
            [len(ids) for ids in tokenizer(list(texts), verbose=False).input_ids]
            for tokenizer in self._tokenizers
        ]
        return [max(pair) for pair in zip(*counts, strict=True)]


def open_token_counter(config: ImagesConfig) -> TokenCounter:
    """Find the model's tokenizers, to check captions where nothing is drawn.

    They are loaded when they first count. A hub id is downloaded whole; drawing will need it
    anyway.

    Raises:
        ConfigError: The model folder cannot be used.
        PermanentError: The hub did not give the model.
    """
    folder = locate_weights(config, to_load=False).folder
    for name in TOKENIZERS:
        if not (folder / name).is_dir():
            raise ConfigError(f"images.model {folder} has no tokenizers: {name}/ is missing")
    return TokenCounter(partial(_load_tokenizers, folder))


def _load_tokenizers(folder: Path) -> Sequence[Any]:
    with quiet_libraries():
        from transformers import CLIPTokenizer

        try:
            return [
                CLIPTokenizer.from_pretrained(folder / name, local_files_only=True)
                for name in TOKENIZERS
            ]
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
    """Encodes every distinct prompt once, and remembers the last few hundred.

    A prompt's embeddings do not depend on its company: the encoders always get
    :data:`TEXTS_PER_CALL` texts, and on one machine equal shapes give equal numbers. So what was
    remembered, and what was not, changes no picture.

    A prompt that is too long is cut, as the model demands; the text checks should
    have refused it. The first one is logged as a warning and all are counted.

    Attributes:
        truncated_prompts: Prompts that were too long so far.
    """

    def __init__(self, pipeline: Any, negative_prompt: str, *, release: bool = False) -> None:
        """Encode nothing yet.

        Args:
            pipeline: The placed model.
            negative_prompt: What to keep out of every picture.
            release: Move the encoders to the CPU's memory while they are not needed.
        """
        self._pipeline = pipeline
        self._negative_prompt = negative_prompt
        self._negatives: OrderedDict[str, TextEmbeddings] = OrderedDict()
        self._release = release
        self._known: OrderedDict[str, tuple[torch.Tensor, torch.Tensor]] = OrderedDict()
        self.counter = TokenCounter(lambda: [pipeline.tokenizer, pipeline.tokenizer_2])
        self.truncated_prompts = 0

    def encode(self, prompts: Sequence[str]) -> tuple[TextEmbeddings, dict[str, int]]:
        """Embeddings of the distinct prompts, and the row of each."""
        rows = {prompt: row for row, prompt in enumerate(dict.fromkeys(prompts))}
        new = [prompt for prompt in rows if prompt not in self._known]
        long = self._count_long(list(rows))
        # diffusers logs each cut prompt once more, in every batch.
        with quiet_libraries() if long else nullcontext():
            found = {prompt: self._known[prompt] for prompt in rows if prompt in self._known}
            found |= zip(new, self._encode(new), strict=True)
        self._cache(found)
        return _stack([found[prompt] for prompt in rows]), rows

    @property
    def negative(self) -> TextEmbeddings:
        """One row: the negative prompt of the settings, or what the model takes for none."""
        return self.negatives([""])

    def negatives(self, prompts: Sequence[str]) -> TextEmbeddings:
        """One row for each: that negative prompt, or for an empty one that of the settings.

        Without a negative prompt, SDXL base was trained to take zeros, which its config
        says; an encoded empty text is something else.
        """
        import torch

        for text in dict.fromkeys(prompt or self._negative_prompt for prompt in prompts):
            if text in self._negatives:
                self._negatives.move_to_end(text)
                continue
            found = _stack(self._encode([text]))
            if not text and self._pipeline.config.force_zeros_for_empty_prompt:
                found = TextEmbeddings(
                    torch.zeros_like(found.tokens), torch.zeros_like(found.pooled)
                )
            self._negatives[text] = found
        rows = [self._negatives[prompt or self._negative_prompt] for prompt in prompts]
        while len(self._negatives) > CACHED_PROMPTS:
            self._negatives.popitem(last=False)
        return TextEmbeddings(
            torch.cat([row.tokens for row in rows]), torch.cat([row.pooled for row in rows])
        )

    def _count_long(self, prompts: Sequence[str]) -> int:
        counts = self.counter.count_tokens(prompts)
        long = [p for p, n in zip(prompts, counts, strict=True) if n > self.counter.max_tokens]
        if long and not self.truncated_prompts:
            _log.warning(
                "a prompt has more than %d tokens and the model reads only its start (later "
                "ones are not logged): %r",
                self.counter.max_tokens,
                long[0][:200],
            )
        self.truncated_prompts += len(long)
        return len(long)

    def _cache(self, found: Mapping[str, tuple[torch.Tensor, torch.Tensor]]) -> None:
        for prompt, embeddings in found.items():
            self._known[prompt] = embeddings
            self._known.move_to_end(prompt)
        while len(self._known) > CACHED_PROMPTS:
            self._known.popitem(last=False)

    def _encode(self, prompts: Sequence[str]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Embeddings of each prompt, a text on its own: (77, width) and (width,)."""
        if not prompts:
            return []
        found: list[tuple[torch.Tensor, torch.Tensor]] = []
        with self._encoders_on_device():
            for start in range(0, len(prompts), TEXTS_PER_CALL):
                part = list(prompts[start : start + TEXTS_PER_CALL])
                tokens, _, pooled, _ = self._pipeline.encode_prompt(
                    part + [""] * (TEXTS_PER_CALL - len(part)),
                    device=self._pipeline._execution_device,
                    do_classifier_free_guidance=False,
                )
                # Copies: a view would keep all of them in memory for the sake of one.
                found += [(tokens[n].clone(), pooled[n].clone()) for n in range(len(part))]
        return found

    @contextmanager
    def _encoders_on_device(self) -> Iterator[None]:
        """Have the encoders where the model draws, and away again if they are to be released."""
        if not self._release:
            yield
            return
        device = self._pipeline.unet.device
        encoders = (self._pipeline.text_encoder, self._pipeline.text_encoder_2)
        for encoder in encoders:
            encoder.to(device)
        try:
            yield
        finally:
            for encoder in encoders:
                encoder.to("cpu")


def _stack(rows: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> TextEmbeddings:
    import torch

    tokens, pooled = zip(*rows, strict=True)
    return TextEmbeddings(torch.stack(tokens), torch.stack(pooled))
