"""Puts pictures and texts into the joint space of a CLIP or SigLIP."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pipeline.adapters.clip.weights import LoadedClip, load_clip, locate_clip
from pipeline.adapters.device import choose_device, is_out_of_memory, release_memory
from pipeline.adapters.hub import ModelFolder
from pipeline.core.errors import PermanentError
from pipeline.core.ids import JsonValue, fingerprint

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from pipeline.config.scores import ScoresConfig

VERSION = 1
"""Raise it when the same weights would give the same picture or text another vector."""

_Item = TypeVar("_Item")

_log = logging.getLogger(__name__)


def open_joint_encoder(scores: ScoresConfig) -> ClipEncoder:
    """Find and name the model of `scores.clip`; the first picture or text loads it.

    Raises:
        ConfigError: Model or device is not there.
        PermanentError: The hub did not give the model.
    """
    weights = locate_clip(scores.clip, scores.clip_revision)
    device = choose_device(scores.device, "scores.device")
    return ClipEncoder(weights, device, scores.batch_size)


class ClipEncoder:
    """A CLIP or SigLIP in float32.

    The same picture or text gives the same vector on the same machine; beside others in a
    batch, or after the batch was halved, it can differ by about 1e-7.

    Attributes:
        batch_size: Most pictures or texts at once; halved for good when memory runs out.
    """

    def __init__(self, weights: ModelFolder, device: torch.device, batch_size: int) -> None:
        self.batch_size = batch_size
        self._weights = weights
        self._device = device
        self._loaded: LoadedClip | None = None
        self._is_closed = False

    @property
    def _identity(self) -> dict[str, JsonValue]:
        return {
            "adapter": f"clip.{VERSION}",
            "weights": self._weights.identity,
            "dtype": "float32",
        }

    @property
    def fingerprint(self) -> str:
        """Name of the weights with their tokenizer and preprocessor, and of the number format."""
        return fingerprint(self._identity)

    @property
    def provenance(self) -> Mapping[str, JsonValue]:
        """The settings of the fingerprint, where they came from, and library versions."""
        return {
            **self._identity,
            "model": self._weights.source,
            "commit": self._weights.commit,
            "device": str(self._device),
            "versions": {name: version(name) for name in ("torch", "transformers")},
        }

    @property
    def parts(self) -> LoadedClip:
        """The loaded model; loaded on first use.

        Raises:
            ConfigError: Its files are damaged or do not fit together.
            PermanentError: It does not fit on the device, or is closed.
        """
        if self._is_closed:
            raise PermanentError("scores: the joint encoder is closed; open a new one")
        if self._loaded is None:
            try:
                self._loaded = load_clip(self._weights, self._device)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                raise PermanentError(self._too_large("the model does")) from error
        return self._loaded

    def embed_pictures(self, pictures: Sequence[NDArray[np.uint8]], /) -> NDArray[np.float32]:
        """Unit vectors of pictures, each (height_px, width_px, 3) uint8 RGB: (pictures, width)."""
        return self._embed(pictures, self._encode_pictures)

    def embed_texts(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Unit vectors of texts: (texts, width); equal texts are read once, long ones cut."""
        distinct = list(dict.fromkeys(texts))
        row_of = {text: row for row, text in enumerate(distinct)}
        return self._embed(distinct, self._encode_texts)[[row_of[text] for text in texts]]

    def close(self) -> None:
        """Free the model. Safe to call twice; nothing can be embedded afterwards."""
        self._is_closed = True
        self._loaded = None
        release_memory(self._device)

    def _embed(
        self, items: Sequence[_Item], encode: Callable[[Sequence[_Item]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        if not items:
            return self._encode_texts([""])[:0]  # of the right width, which has no one name
        parts: list[NDArray[np.float32]] = []
        done = 0
        while done < len(items):
            batch = items[done : done + self.batch_size]
            vectors = self._encode_if_it_fits(batch, encode)
            if vectors is None:
                self._halve_batch(len(batch))
            else:
                parts.append(vectors)
                done += len(batch)
        return np.concatenate(parts)

    def _encode_if_it_fits(
        self, batch: Sequence[_Item], encode: Callable[[Sequence[_Item]], NDArray[np.float32]]
    ) -> NDArray[np.float32] | None:
        """The batch's vectors, or None if memory ran out.

        The retry must not happen in the except block: there the error's traceback still holds
        every tensor of the failed attempt.
        """
        try:
            return encode(batch)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) == 1:
                raise PermanentError(self._too_large("one picture or text alone does")) from error
            return None

    def _halve_batch(self, failed: int) -> None:
        self.batch_size = failed // 2
        _log.warning(
            "out of memory on %s scoring %d at once: going on with %d",
            self._device,
            failed,
            self.batch_size,
        )
        release_memory(self._device)

    def _too_large(self, what: str) -> str:
        return (
            f"scores.clip {self._weights.source}: {what} not fit in the memory of {self._device}; "
            "choose a smaller model or another scores.device (cpu), or stop what else uses it"
        )

    def _encode_pictures(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        import torch

        parts = self.parts
        # Without the layout, a picture of 3 px height could be taken for channels first.
        inputs = parts.processor(
            list(pictures), return_tensors="pt", input_data_format="channels_last"
        )
        with torch.inference_mode():
            output = parts.model.get_image_features(
                pixel_values=inputs["pixel_values"].to(self._device)
            )
        return _unit_vectors(output)

    def _encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch

        parts = self.parts
        tokens = parts.tokenizer(
            list(texts),
            padding="max_length" if parts.pads_to_max else "longest",
            truncation=True,
            max_length=parts.max_tokens,
            return_tensors="pt",
        )
        inputs = {"input_ids": tokens["input_ids"].to(self._device)}
        # SigLIP has seen its padding in training; a mask would change what it says.
        if not parts.pads_to_max and "attention_mask" in tokens:
            inputs["attention_mask"] = tokens["attention_mask"].to(self._device)
        with torch.inference_mode():
            output = parts.model.get_text_features(**inputs)
        return _unit_vectors(output)


def _unit_vectors(output: Any) -> NDArray[np.float32]:
    """Normalize what a model returns: a tensor, or an output that holds it as its pooled one.

    Raises:
        PermanentError: The model's numbers overflow, so no score would mean anything.
    """
    import torch

    tensor = output if isinstance(output, torch.Tensor) else output.pooler_output
    vectors: NDArray[np.float32] = (
        torch.nn.functional.normalize(tensor.float(), dim=-1).cpu().numpy()
    )
    if not np.isfinite(vectors).all():
        raise PermanentError("scores.clip: the model's numbers overflow; its weights are damaged")
    return vectors


__all__ = ["ClipEncoder", "open_joint_encoder"]
