"""Models of open_clip, where that is installed: the same two verbs as any joint encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pipeline.adapters.device import choose_device, release_memory
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.ids import JsonValue, fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

PREFIX: Final = "open_clip:"
_WHOLE: Final = ("hf-hub:", "local-dir:")


@dataclass(frozen=True, slots=True)
class LoadedOpenClip:
    """A loaded model of open_clip, in float32.

    Attributes:
        model: With `encode_image` and `encode_text`.
        preprocess: From a picture to what the model takes.
        tokenizer: From texts to tokens.
        architecture: open_clip's description of the network.
        preprocessing: Its description of size, mean and deviation of pictures.
        device: Where it is.
    """

    model: Any
    preprocess: Any
    tokenizer: Any
    architecture: Mapping[str, Any]
    preprocessing: Mapping[str, Any]
    device: Any


def open_open_clip(name: str, *, device: str = "auto", batch_size: int = 32) -> OpenClipEncoder:
    """Load a model of open_clip as an encoder; `batch_size` is the most that it takes at once.

    Raises:
        ConfigError: open_clip is not installed, or the name is none.
        PermanentError: The weights cannot be loaded.
    """
    loaded = load_open_clip(name, device)
    return OpenClipEncoder(
        name, loaded.model, loaded.preprocess, loaded.tokenizer, loaded.device, batch_size
    )


def load_open_clip(name: str, device: str = "auto") -> LoadedOpenClip:
    """Load a model of open_clip.

    Args:
        name: `open_clip:ARCHITECTURE/PRETRAINED`, where PRETRAINED is a tag of open_clip or a
            file of weights; or `open_clip:hf-hub:OWNER/NAME`, `open_clip:local-dir:FOLDER`.
        device: As `scores.device`.

    Raises:
        ConfigError: open_clip is not installed, or the name is none.
        PermanentError: The weights cannot be loaded.
    """
    named = name.removeprefix(PREFIX)
    architecture, _, pretrained = (
        (named, "", "") if named.startswith(_WHOLE) else named.partition("/")
    )
    if not architecture or not (pretrained or named.startswith(_WHOLE)):
        raise ConfigError(
            f"{name!r} names no weights; write {PREFIX}ARCHITECTURE/PRETRAINED, such as "
            f"{PREFIX}ViT-B-32/openai, or a file of weights behind the slash"
        )
    try:
        import open_clip
    except ImportError as error:
        raise ConfigError(
            f"{name!r} needs open_clip, which is not installed: `pip install open_clip_torch`"
        ) from error
    where = choose_device(device, setting="scores.device")
    try:
        model, _, preprocess = open_clip.create_model_and_transforms(
            architecture, pretrained=pretrained or None, device=where, precision="fp32"
        )
        tokenizer = open_clip.get_tokenizer(architecture)
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        said = str(error).strip().split("\n")[0]
        raise PermanentError(f"{name!r} cannot be loaded: {said}") from error
    model.eval()
    return LoadedOpenClip(
        model, preprocess, tokenizer, open_clip.get_model_config(architecture) or {},
        getattr(model.visual, "preprocess_cfg", {}), where,
    )  # fmt: skip


class OpenClipEncoder:
    """A loaded model of open_clip, in float32."""

    def __init__(
        self,
        name: str,
        model: Any,  # noqa: ANN401
        preprocess: Any,  # noqa: ANN401
        tokenizer: Any,  # noqa: ANN401
        device: Any,  # noqa: ANN401
        batch_size: int,
    ) -> None:
        self.batch_size = batch_size
        self._name = name
        self._model = model
        self._preprocess = preprocess
        self._tokenizer = tokenizer
        self._device = device

    @property
    def fingerprint(self) -> str:
        """Name of the model as it was asked for; not of the content of a file."""
        return fingerprint({"open_clip": self._name})

    @property
    def provenance(self) -> Mapping[str, JsonValue]:
        """What was asked for, and library versions."""
        return {
            "model": self._name,
            "device": str(self._device),
            "versions": {name: version(name) for name in ("torch", "open_clip_torch")},
        }

    def embed_pictures(self, pictures: Sequence[NDArray[np.uint8]], /) -> NDArray[np.float32]:
        """Unit vectors of pictures, each (height_px, width_px, 3) uint8 RGB: (pictures, width)."""
        import torch
        from PIL import Image

        def read(batch: Sequence[NDArray[np.uint8]]) -> Any:  # noqa: ANN401
            shown = [self._preprocess(Image.fromarray(picture)) for picture in batch]
            return self._model.encode_image(torch.stack(shown).to(self._device), normalize=True)

        return self._embed(pictures, read)

    def embed_texts(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Unit vectors of texts: (texts, width); long ones are cut."""

        def read(batch: Sequence[str]) -> Any:  # noqa: ANN401
            return self._model.encode_text(
                self._tokenizer(list(batch)).to(self._device), normalize=True
            )

        return self._embed(texts, read)

    def close(self) -> None:
        """Free the model. Safe to call twice; nothing can be embedded afterwards."""
        self._model = None
        release_memory(self._device)

    def _embed(self, items: Sequence[Any], read: Any) -> NDArray[np.float32]:  # noqa: ANN401
        import torch

        with torch.inference_mode():
            parts = [
                read(items[start : start + self.batch_size]).float().cpu().numpy()
                for start in range(0, len(items), self.batch_size)
            ]
        return np.concatenate(parts)
