"""A miniature, real SDXL pipeline with random weights, built offline.

It is an ordinary ``StableDiffusionXLPipeline`` folder (safetensors, two tokenizers, two
text encoders, UNet, VAE) of a few megabytes. Everything that a real SDXL does happens in
it, only small; what it draws is colourful noise that depends on the caption and the seed.
Tests, dry runs and demonstrations use it where no graphics card or hub is at hand:

    python -m pipeline.adapters.sdxl.tiny FOLDER
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.hub import build_once, user_cache_folder
from pipeline.adapters.quiet import quiet_libraries
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

BUILTIN = "builtin:tiny"
"""Model name that stands for the miniature, built into the user's cache on first use."""

WORLD = "builtin:world"
"""Model name that stands for the trained miniature, which comes with the package."""

NATIVE_SIZE_PX = 64
"""Width and height that the miniature draws by default: latents of 16 × 16."""

BUILD_VERSION = 1
"""Raised when the same seed would give other weights, so that old caches are not used."""

_START, _END = "<|startoftext|>", "<|endoftext|>"
_MAX_TOKENS = 77
_VOCABULARY = 2048
_TEXT_WIDTH = 32

# Gains of the random weights, relative to "keeps the variance of its input". The cross
# attention is strengthened so that one changed word is visible: untrained, it averages over
# 77 tokens and would vanish beside the residual stream. Sharper attention (2.0) made the
# network chaotic: float error grew to 13 grey levels.
_GAINS = (
    ("unet", "attn2.to_v.weight", 4.0),
    ("unet", "attn2.to_q.weight", 1.4),
    ("unet", "attn2.to_k.weight", 1.4),
    ("vae", "decoder.conv_out.weight", 0.6),
)


def build_tiny_sdxl(folder: Path, seed: int = 0) -> None:
    """Write the miniature to `folder`: the same seed and library versions, the same bytes.

    Args:
        folder: Created with its parents; must not exist or be empty.
        seed: Seed of the weights.

    Raises:
        ConfigError: The folder holds something already, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} exists and is not empty; name a new folder")
    with quiet_libraries():
        from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline
        from transformers import CLIPTokenizer

        vocabulary, merges = _learn_vocabulary()
        tokenizers = [
            CLIPTokenizer(vocabulary, merges, pad_token=pad, model_max_length=_MAX_TOKENS)
            for pad in (_END, "!")  # as in SDXL, whose second tokenizer pads with "!"
        ]
        parts: dict[str, Any] = {
            "vae": _build_vae(),
            "text_encoder": _build_text_encoder(tokenizers[0], projected=False),
            "text_encoder_2": _build_text_encoder(tokenizers[1], projected=True),
            "unet": _build_unet(),
        }
        for name, module in parts.items():
            _fill_weights(name, module, seed)
        pipeline = StableDiffusionXLPipeline(
            **parts,
            tokenizer=tokenizers[0],
            tokenizer_2=tokenizers[1],
            # An untrained network predicts values of about one whatever the noise level.
            # Read as v they give latents of about one; read as noise they would leave it in.
            scheduler=EulerDiscreteScheduler(
                beta_start=0.00085,
                beta_end=0.012,
                beta_schedule="scaled_linear",
                prediction_type="v_prediction",
                timestep_spacing="trailing",
            ),
            force_zeros_for_empty_prompt=True,
            add_watermarker=False,
        )
        try:
            pipeline.save_pretrained(folder, safe_serialization=True)
        except OSError as error:
            raise ConfigError(f"{folder} cannot be written: {error}") from error


def resolve_model(name: str, *, cache_folder: Path | None = None) -> str | Path:
    """Turn a `builtin:` name into a folder; other names come back unchanged.

    `builtin:world` lies in the package; `builtin:tiny` is built once.

    Args:
        name: `images.model` of the config.
        cache_folder: Where the miniature is kept; the user's cache folder if None.

    Raises:
        ConfigError: An unknown `builtin:` name, or the cache cannot be written.
    """
    if not name.startswith("builtin:"):
        return name
    if name == WORLD:
        return Path(str(files("pipeline"))) / "models" / "world_sdxl"
    if name != BUILTIN:
        raise ConfigError(
            f"images.model {name!r} is unknown; the built-in ones are {WORLD!r} and {BUILTIN!r}"
        )
    return build_once(
        (cache_folder or user_cache_folder()) / f"tiny-sdxl-{_build_id()}", build_tiny_sdxl
    )


@cache
def _build_id() -> str:
    """Name of what decides the build: this version, the captions and the libraries."""
    import importlib.metadata as metadata

    parts = [str(BUILD_VERSION), "\n".join(_sample_captions())]
    parts += [metadata.version(name) for name in ("torch", "diffusers", "transformers")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _sample_captions() -> list[str]:
    """Captions of the packaged sample, in order."""
    sample = files("pipeline") / "sources" / "sample" / "cc3m_sample.tsv"
    return [row.split("\t")[0] for row in sample.read_text("utf-8").split("\n") if row]


def _learn_vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Learn byte pairs from the sample captions: token → id, and the merges in order.

    The ids are laid out as in CLIP: bytes, bytes at a word's end, merges, start, end. All
    bytes are in, so any text can be read.
    """
    import json

    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    clip = CLIPTokenizer().backend_tokenizer
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.normalizer, learner.pre_tokenizer = clip.normalizer, clip.pre_tokenizer
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters = [*alphabet, *(char + "</w>" for char in alphabet)]
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        min_frequency=2,
        # Letters at a word's end are named here because the trainer would otherwise number
        # them in the order of a random hash, and equally frequent pairs go by number.
        special_tokens=letters,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    learner.train_from_iterator(_sample_captions(), trainer)
    merges = [(left, right) for left, right in json.loads(learner.to_str())["model"]["merges"]]
    tokens = [*letters, *(left + right for left, right in merges), _START, _END]
    # Two merges can spell the same token; it keeps its first id.
    return {token: index for index, token in enumerate(dict.fromkeys(tokens))}, merges


def _build_text_encoder(tokenizer: Any, *, projected: bool) -> Any:
    """CLIP text encoder; the second one of SDXL has the projection that gives pooled text."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=_TEXT_WIDTH,
        intermediate_size=2 * _TEXT_WIDTH,
        projection_dim=_TEXT_WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=_MAX_TOKENS,
        hidden_act="gelu" if projected else "quick_gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModelWithProjection(config) if projected else CLIPTextModel(config)


def _build_unet() -> Any:
    """UNet with SDXL's text-and-time conditioning, two levels."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=NATIVE_SIZE_PX // 4,
        in_channels=4,
        out_channels=4,
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        transformer_layers_per_block=(1, 2),
        use_linear_projection=True,
        cross_attention_dim=2 * _TEXT_WIDTH,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        # Six micro-conditioning numbers of eight each, and the pooled text.
        projection_class_embeddings_input_dim=6 * 8 + _TEXT_WIDTH,
        norm_num_groups=8,
    )


def _build_vae() -> Any:
    """Autoencoder with four latent channels and a scale factor of 4."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        sample_size=NATIVE_SIZE_PX,
        block_out_channels=(16, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        scaling_factor=1.0,
        force_upcast=True,
    )


def _fill_weights(name: str, module: torch.nn.Module, seed: int) -> None:
    """Draw every weight from its own generator, so that no library's initial values count.

    Matrices get the standard deviation gain/sqrt(inputs), embeddings gain, biases 0;
    scales of norms stay 1.
    """
    import torch

    norms = {
        f"{path}.weight"
        for path, part in module.named_modules()
        if isinstance(part, torch.nn.GroupNorm | torch.nn.LayerNorm)
    }
    for path, weight in sorted(module.named_parameters()):
        if path in norms:
            values = torch.ones(weight.shape)
        elif weight.ndim < 2:
            values = torch.zeros(weight.shape)
        else:
            digest = hashlib.sha256(f"{seed} {name} {path}".encode()).digest()
            generator = torch.Generator("cpu").manual_seed(int.from_bytes(digest[:7], "big"))
            gain = math.prod(g for n, end, g in _GAINS if n == name and path.endswith(end))
            inputs = 1 if "embedding.weight" in path else math.prod(weight.shape[1:])
            values = torch.randn(weight.shape, generator=generator) * (gain / math.sqrt(inputs))
        with torch.no_grad():
            weight.copy_(values)


def main(arguments: list[str] | None = None) -> int:
    """Build the miniature into the folder named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.adapters.sdxl.tiny",
        description="Build a miniature random-weight SDXL pipeline, offline.",
    )
    parser.add_argument("folder", type=Path, help="new or empty folder")
    parser.add_argument("--seed", type=int, default=0, help="seed of the weights (default 0)")
    options = parser.parse_args(arguments)
    try:
        build_tiny_sdxl(options.folder, options.seed)
    except ConfigError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(f"{options.folder}: a miniature SDXL, {NATIVE_SIZE_PX} px\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
