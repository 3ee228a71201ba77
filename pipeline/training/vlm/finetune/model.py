"""The model that is trained: a CLIP or SigLIP of transformers, or one of open_clip.

Both sides are told apart here alone; the training sees two functions, a temperature and a bias.
"""

from __future__ import annotations

import copy
import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.adapters.clip.open_clip_encoder import PREFIX, load_open_clip
from pipeline.adapters.clip.weights import load_clip, locate_clip
from pipeline.adapters.quiet import quiet_libraries
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.ids import fingerprint

if TYPE_CHECKING:
    import torch
    from PIL import Image

    from pipeline.training.vlm.finetune.config import VlmConfig

MODEL_FOLDER: Final = "model"
"""Folder of what was trained, below the output."""

_ATTENTION: Final = r".*self_attn\.(q_proj|k_proj|v_proj|out_proj)"
_OPEN_CLIP_MLP: Final = r".*mlp\.(c_fc|c_proj)"
_MOST_SCALE: Final = 100.0
"""Highest inverse temperature, as in CLIP's own training (Radford et al. 2021, section 2.5)."""


@dataclass(frozen=True, slots=True)
class PictureReader:
    """A picture as the model takes it; goes to worker processes.

    Attributes:
        processor: Image processor of transformers.
    """

    processor: Any

    def __call__(self, picture: Image.Image) -> torch.Tensor:
        """(3, height_px, width_px) float32."""
        found: torch.Tensor = self.processor(picture, return_tensors="pt").pixel_values[0]
        return found


@dataclass(frozen=True, slots=True)
class TextReader:
    """Texts as the model takes them; long ones are cut.

    Attributes:
        tokenizer: Of transformers.
        max_tokens: Longest text.
        pads_to_max: Whether all are filled up to it, as SigLIP was trained, and unmasked.
    """

    tokenizer: Any
    max_tokens: int
    pads_to_max: bool

    def __call__(self, texts: list[str]) -> dict[str, torch.Tensor]:
        """`input_ids` and mostly `attention_mask`, each (texts, tokens)."""
        tokens = self.tokenizer(
            texts,
            padding="max_length" if self.pads_to_max else "longest",
            truncation=True,
            max_length=self.max_tokens,
            return_tensors="pt",
        )
        names = ["input_ids"] if self.pads_to_max else ["input_ids", "attention_mask"]
        return {name: tokens[name] for name in names if name in tokens}


@dataclass(slots=True)
class TrainedModel:
    """A model with what the training needs of it.

    Attributes:
        module: The network, on the CPU, in float32.
        identity: Name of its weights.
        transform: Pictures.
        tokenizer: Texts.
        side_px: Width and height that it sees.
        encode_image: (pictures, 3, height, width) → (pictures, dim).
        encode_text: Tokens → (texts, dim).
        save: Writes the network, as its library loads it, into an empty folder.
        default_layers: Which layers get LoRA weights.
        enable_checkpointing: Turns gradient checkpointing on.
    """

    module: Any
    identity: str
    transform: Callable[[Image.Image], torch.Tensor]
    tokenizer: Callable[[list[str]], Any]
    side_px: int
    encode_image: Callable[[Any, torch.Tensor], torch.Tensor]
    encode_text: Callable[[Any, Any], torch.Tensor]
    save: Callable[[Any, Path], None]
    default_layers: str
    enable_checkpointing: Callable[[Any], None]
    has_lora: bool = False

    def logit_scale(self, module: Any) -> torch.Tensor:  # noqa: ANN401
        """The inverse temperature, at most that of CLIP's own training."""
        scale: torch.Tensor = module.logit_scale.exp().clamp(max=_MOST_SCALE)
        return scale

    def logit_bias(self, module: Any) -> torch.Tensor | None:  # noqa: ANN401
        """SigLIP's bias; None where the model has none."""
        bias: torch.Tensor | None = getattr(module, "logit_bias", None)
        return bias


def open_trained_model(config: VlmConfig) -> TrainedModel:
    """Find and load the model on the CPU.

    Raises:
        ConfigError: There is no such model, it does not load, or it does not suit the loss.
        PermanentError: The hub did not give it.
    """
    try:
        if config.model.startswith(PREFIX):
            model = _of_open_clip(config.model)
        else:
            model = _of_transformers(config.model, config.revision)
    except ConfigError as error:
        raise ConfigError(str(error).replace("scores.clip", "model")) from error
    if config.objective == "siglip" and model.logit_bias(model.module) is None:
        raise ConfigError(
            f"the loss siglip needs a model with a bias, which {config.model} has not; choose a "
            "SigLIP, or another objective"
        )
    return model


def prepare_weights(model: TrainedModel, config: VlmConfig) -> None:
    """Choose what is trained; draws the first LoRA weights from torch's global generator.

    Raises:
        ConfigError: `lora.layers` names no layer.
    """
    if config.method == "lora":
        _add_lora(model, config)
    else:
        model.module.requires_grad_(True)
    if config.train.gradient_checkpointing:
        model.enable_checkpointing(model.module)
    model.module.train()


def trained_weights(module: Any) -> dict[str, torch.nn.Parameter]:  # noqa: ANN401
    """Name → what is trained, in a fixed order."""
    return {name: w for name, w in module.named_parameters() if w.requires_grad}


def replace_model(target: Path, model: TrainedModel, module: Any) -> None:  # noqa: ANN401
    """Write the model; the folder has its name only when it is complete.

    LoRA weights are merged, so that its library loads it plainly.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        with quiet_libraries():
            model.save(copy.deepcopy(module).merge_and_unload() if model.has_lora else module,
                       partial)  # fmt: skip
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    except OSError as error:
        raise PermanentError(
            f"cannot write {target}: {error.strerror}; free some space, then run again: the last "
            "checkpoint is kept"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _add_lora(model: TrainedModel, config: VlmConfig) -> None:
    import peft

    lora = config.lora
    layers = lora.layers or model.default_layers
    settings = peft.LoraConfig(
        r=lora.rank,
        lora_alpha=lora.rank if lora.alpha is None else lora.alpha,
        target_modules=layers,
        init_lora_weights="gaussian",
    )
    try:
        with warnings.catch_warnings():
            # peft asks transformers by a name that is to go in the next major version.
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
            model.module = peft.get_peft_model(model.module, settings)
    except ValueError as error:
        raise ConfigError(
            f"lora.layers {layers!r} names no layer of {config.model} that can have LoRA weights: "
            f"{error}"
        ) from error
    model.has_lora = True


def _of_transformers(name: str, revision: str | None) -> TrainedModel:
    import torch

    weights = locate_clip(name, revision)
    loaded = load_clip(weights, torch.device("cpu"))

    def enable(module: Any) -> None:  # noqa: ANN401
        # The first is its name in newer versions of transformers.
        names = ("activation_checkpointing_enable", "gradient_checkpointing_enable")
        turn_on = next(getattr(module, name) for name in names if hasattr(module, name))
        turn_on({"use_reentrant": False})

    def save(module: Any, folder: Path) -> None:  # noqa: ANN401
        module.save_pretrained(folder)
        # Tokenizer and preprocessor byte for byte, whatever version wrote them.
        for file in sorted(weights.folder.iterdir()):
            is_setting = file.suffix in {".json", ".txt", ".model"} and file.is_file()
            if is_setting and not (folder / file.name).exists() and "safetensors" not in file.name:
                shutil.copyfile(file, folder / file.name)

    return TrainedModel(
        module=loaded.model,
        identity=weights.identity,
        transform=PictureReader(loaded.processor),
        tokenizer=TextReader(loaded.tokenizer, loaded.max_tokens, loaded.pads_to_max),
        side_px=int(loaded.model.config.vision_config.image_size),
        encode_image=lambda module, pixels: _pooled(module.get_image_features(pixel_values=pixels)),
        encode_text=lambda module, tokens: _pooled(module.get_text_features(**tokens)),
        save=save,
        default_layers=_ATTENTION,
        enable_checkpointing=enable,
    )


def _pooled(output: Any) -> torch.Tensor:  # noqa: ANN401
    """What a model returns: a tensor, or an output that holds it as its pooled one."""
    import torch

    pooled: torch.Tensor = output if isinstance(output, torch.Tensor) else output.pooler_output
    return pooled


def _of_open_clip(name: str) -> TrainedModel:
    loaded = load_open_clip(name, "cpu")

    def save(module: Any, folder: Path) -> None:  # noqa: ANN401
        from safetensors.torch import save_model

        save_model(module, str(folder / "open_clip_model.safetensors"))
        about = {"model_cfg": loaded.architecture, "preprocess_cfg": loaded.preprocessing}
        text = json.dumps(about, indent=2, sort_keys=True)
        (folder / "open_clip_config.json").write_text(f"{text}\n", "utf-8")

    size = loaded.model.visual.image_size
    return TrainedModel(
        module=loaded.model,
        identity=fingerprint({"open_clip": name}),
        transform=loaded.preprocess,
        tokenizer=loaded.tokenizer,
        side_px=int(size if isinstance(size, int) else max(size)),
        encode_image=lambda module, pixels: module.encode_image(pixels),
        encode_text=lambda module, tokens: module.encode_text(tokens),
        save=save,
        default_layers=_OPEN_CLIP_MLP,
        enable_checkpointing=lambda module: module.set_grad_checkpointing(),
    )
