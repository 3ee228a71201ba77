"""What makes a loaded SDXL faster or smaller without changing what it computes.

The block cache alone changes the pictures beyond float error; see its module.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.hub import user_cache_folder
from pipeline.adapters.quiet import quiet_libraries
from pipeline.adapters.sdxl.block_cache import BlockCache
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

    from pipeline.config.images import ImagesConfig
    from pipeline.core.draws import Row
    from pipeline.core.ids import JsonValue

BACKEND = "inductor"
"""What torch.compile makes code with."""


TILE_PX = 512
"""Width and height of the decoder's tiles. By default they are as large as the pictures that a
model was trained on, so that SDXL's usual ones of 1024 × 1024 were decoded whole."""


def speed_identity(config: ImagesConfig) -> dict[str, JsonValue]:
    """The settings of this module, and of its neighbours, that decide the pixels."""
    return {
        "timestep_spacing": config.timestep_spacing,
        "distilled": config.distilled,
        "fuse_lora": config.fuse_lora,
        "block_cache_interval": config.block_cache_interval,
        "vae_tiling": TILE_PX if config.vae_tiling else False,
    }


def prepare_for_speed(pipeline: Any, config: ImagesConfig, device: torch.device) -> None:
    """Do to a placed pipeline, with its LoRA files and scheduler, all that the config asks.

    LoRA files win over fused projections, which would leave them out, unless they are merged
    first. The attention of a strategy, which is set later, uses fused projections as well.

    Raises:
        ConfigError: The decoder or the device cannot do what is asked.
    """
    if config.fuse_lora and config.lora:
        with quiet_libraries():
            pipeline.fuse_lora()
            pipeline.unload_lora_weights()
    if config.fuse_qkv == "on" or (config.fuse_qkv == "auto" and _should_fuse(config, device)):
        pipeline.fuse_qkv_projections(vae=False)
    if device.type == "cuda":
        use_channels_last(pipeline)
    if config.vae_slicing:
        pipeline.vae.enable_slicing()
    if config.vae_tiling:
        use_tiles(pipeline.vae)
    if config.block_cache_interval > 1:
        BlockCache(pipeline, config.block_cache_interval)
    if config.compile != "off":
        compile_network(pipeline, config)
    if config.cpu_offload:
        if device.type == "cpu":
            raise ConfigError("images.cpu_offload is for a GPU; leave it out on the CPU")
        pipeline.enable_model_cpu_offload(device=device)


def _should_fuse(config: ImagesConfig, device: torch.device) -> bool:
    """Whether merged projections are worth the 1.2 GB by which they come on top."""
    has_adapters = bool(config.lora) and not config.fuse_lora
    is_short_of_memory = config.cpu_offload or config.release_text_encoders
    return device.type == "cuda" and not has_adapters and not is_short_of_memory


def use_tiles(vae: Any) -> None:
    """Have the decoder work in tiles of at most :data:`TILE_PX`."""
    vae.enable_tiling()
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    size_px = min(TILE_PX, int(vae.tile_sample_min_size))
    vae.tile_sample_min_size, vae.tile_latent_min_size = size_px, size_px // factor


def use_channels_last(pipeline: Any) -> None:
    """Lay out images with their channels last, as the convolutions of GPUs like it."""
    import torch

    for part in (pipeline.unet, pipeline.vae):
        part.to(memory_format=torch.channels_last)


def compile_network(pipeline: Any, config: ImagesConfig, *, backend: str = BACKEND) -> None:
    """Have the UNet compiled at its first call, for batches of one fixed shape.

    With `full` the decoder is compiled too. Compiled code is kept in a folder, so that the
    next process starts sooner.
    """
    import torch

    _set_compile_cache(config.compile_cache)
    # A strategy's attention may change between calls, each variant is compiled once.
    torch._dynamo.config.recompile_limit = max(32, torch._dynamo.config.recompile_limit)
    if config.compile == "regional":
        pipeline.unet.compile_repeated_blocks(backend=backend, dynamic=False)
    else:
        pipeline.unet.compile(backend=backend, dynamic=False)
        pipeline.vae.decoder.compile(backend=backend, dynamic=False)


def _set_compile_cache(folder: str | None) -> None:
    """Tell torch where; the environment is the only way to, and what stands there wins."""
    name = "TORCHINDUCTOR_CACHE_DIR"
    if folder is not None:
        os.environ[name] = str(Path(folder).expanduser().absolute())
    elif name not in os.environ:
        os.environ[name] = str(user_cache_folder() / "compiled")


def pad_rows(rows: Sequence[Row], size: int) -> tuple[Row, ...]:
    """Repeat the last row, for itself, until there are `size`; nobody sees the repeats.

    A compiled network is made for one batch size, and another would be compiled anew.
    """
    last = rows[-1]
    return (
        *rows,
        *(replace(last, source=n, is_shown=False) for n in range(len(rows), size)),
    )
