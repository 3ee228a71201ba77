"""Pictures per second against a plain diffusers loop, in the same run.

With a GPU: SDXL of full size with random weights, whose speed is that of the real ones, in
the three workloads that matter; also the share of what the GPU's matrix products would
allow, and peak memory. Without one: the same ratios on a small model, and the full size is
built without memory, to count its parameters and arithmetic.

    python tests/bench/bench_render.py [--model FOLDER] [--compile regional] [--batches 3]
"""

from __future__ import annotations

import argparse
import gc
import io
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
from full_size import PARAMETERS, build_full, networks
from machine import describe_machine

from pipeline.adapters.quiet import quiet_libraries
from pipeline.adapters.sdxl import renderer as sdxl
from pipeline.adapters.sdxl.weights import Weights
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.runs.background_writer import write_in_background
from pipeline.shards.encode import encode_jpeg
from pipeline.tools.plan import image_tflop


@dataclass(frozen=True, slots=True)
class Workload:
    """What is drawn, and how many at once; `small` is the size for the small model."""

    name: str
    steps: int
    guidance_scale: float
    size_px: int
    batch_size: int
    goal: str
    small_px: int = 64


WORKLOADS = (
    Workload("30 steps guided 1024²", 30, 6.0, 1024, 16, "1.1/s on an H200; 2.5 × plain"),
    Workload("4 steps unguided 1024²", 4, 0.0, 1024, 32, "10/s on an H200; 5 × plain"),
    Workload("1 step 512²", 1, 0.0, 512, 64, "60/s on an H200", small_px=32),
)


def dry_run() -> str:
    """Count parameters and arithmetic of the full size on torch's device without memory."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"), torch.no_grad():
        parts = networks()
        counts = {name: sum(p.numel() for p in parts[name].parameters()) for name in PARAMETERS}
        if counts != PARAMETERS:
            raise SystemExit(f"not SDXL base 1.0: {counts} parameters, expected {PARAMETERS}")
        with FlopCounterMode(display=False) as counter:
            parts["unet"](
                torch.empty(1, 4, 128, 128),
                torch.empty(()),
                torch.empty(1, 77, 2048),
                added_cond_kwargs={
                    "text_embeds": torch.empty(1, 1280),
                    "time_ids": torch.empty(1, 6),
                },
            )
    tflop = counter.get_total_flops() / 1e12
    return f"UNet {counts['unet']:,} parameters, {tflop:.3f} TFLOP a forward at 1024²"


def matmul_tflops() -> float:
    """What the GPU's bfloat16 matrix products sustain: the limit of this machine."""
    import torch

    size, times = 8192, 30
    left, right = (torch.randn(size, size, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for _ in range(5):
        left @ right
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(times):
        left @ right
    torch.cuda.synchronize()
    return times * 2 * size**3 / (time.perf_counter() - start) / 1e12


def prompts(count: int) -> list[str]:
    """Different captions of the usual length."""
    return [
        f"a photograph of {number} wooden boats on a calm lake below a mountain at dawn"
        for number in range(count)
    ]


def plain(pipeline: Any, config: ImagesConfig, count: int) -> float:
    """Pictures per second of the loop that everybody writes."""
    import torch

    def one(prompt: str, seed: int) -> None:
        picture = pipeline(
            prompt,
            num_inference_steps=config.steps,
            guidance_scale=config.guidance_scale,
            width=config.width_px,
            height=config.height_px,
            generator=torch.Generator("cpu").manual_seed(seed),
        ).images[0]
        picture.save(io.BytesIO(), format="JPEG", quality=config.jpeg_quality)

    one("warm up", 0)
    start = time.perf_counter()
    for seed, prompt in enumerate(prompts(count)):
        one(prompt, seed)
    return count / (time.perf_counter() - start)


def ours(
    make: Callable[[], Any], config: ImagesConfig, device: Any, dtype: Any, batches: int
) -> tuple[float, list[np.ndarray[Any, Any]]]:
    """Pictures per second as a run makes them: drawn in batches, encoded meanwhile."""
    # The renderer itself; only where its weights come from is another place.
    with mock.patch.object(sdxl, "load_pipeline", side_effect=lambda *_: make()):
        renderer = sdxl.SdxlRenderer(config, Weights("bench", None, "bench"), (), device, dtype)  # type: ignore[arg-type]
        size = config.batch_size
        draws = [
            Draw(str(seed), "full0", prompt, seed, "independent")
            for seed, prompt in enumerate(prompts(batches * size))
        ]
        renderer.draw([Draw("w", "full0", f"warm up {n}", n, "independent") for n in range(size)])
        kept: list[np.ndarray[Any, Any]] = []

        def pictures() -> Iterator[np.ndarray[Any, Any]]:
            for start in range(0, len(draws), size):
                yield from renderer.draw(draws[start : start + size])

        def encode(drawn: Iterator[np.ndarray[Any, Any]]) -> None:
            for pixels in drawn:
                encode_jpeg(pixels, quality=config.jpeg_quality)
                kept.append(pixels)

        start = time.perf_counter()
        write_in_background(pictures(), encode, ahead=size)
        seconds = time.perf_counter() - start
        renderer.close()
    return len(draws) / seconds, kept


def difference(one: list[Any], other: list[Any]) -> tuple[float, float]:
    """Mean absolute difference in grey levels, and PSNR in dB."""
    gap = np.stack(one).astype(np.float64) - np.stack(other)
    squared = float((gap**2).mean())
    return float(np.abs(gap).mean()), 10 * float(np.log10(255**2 / max(squared, 1e-12)))


def release() -> None:
    """Give memory back, and begin its peak anew."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def measure(
    workload: Workload, make: Callable[[], Any], arguments: argparse.Namespace, on_gpu: bool
) -> tuple[ImagesConfig, float, float]:
    """One workload, plain and ours: (config, plain per second, ours per second)."""
    import torch

    size_px = workload.size_px if on_gpu else workload.small_px
    config = ImagesConfig(
        renderer="sdxl",
        model="bench",
        steps=workload.steps,
        guidance_scale=workload.guidance_scale,
        width_px=size_px,
        height_px=size_px,
        batch_size=workload.batch_size if on_gpu else 8,
        compile=arguments.compile if on_gpu else "off",
        fuse_qkv="auto" if on_gpu else "on",
    )
    device = torch.device("cuda" if on_gpu else "cpu")
    dtype = torch.bfloat16 if on_gpu else torch.float32
    pipeline = make().to(device)
    alone = plain(pipeline, config, count=4 if on_gpu else 8)
    del pipeline
    release()
    together, pictures = ours(make, config, device, dtype, arguments.batches)
    peak = f", peak {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB" if on_gpu else ""
    release()
    shown = workload.name if on_gpu else f"{workload.name.rsplit(' ', 1)[0]} {size_px}²"
    print(
        f"{shown:<24} plain loop {alone:7.2f}/s   ours {together:7.2f}/s   "
        f"ratio {together / alone:5.2f}   batch {config.batch_size}{peak}   goal {workload.goal}"
    )
    if workload.steps > 4:
        cached = config.model_copy(update={"block_cache_interval": 2})
        faster, changed = ours(make, cached, device, dtype, arguments.batches)
        release()
        gap, psnr = difference(pictures, changed)
        _, other = difference(pictures[:1], pictures[1:2])
        print(
            f"{'  block cache, interval 2':<24} ours {faster:7.2f}/s   {faster / together:.2f} × "
            f"uncached   differs by {gap:.1f} of 255 grey levels, PSNR {psnr:.1f} dB (another "
            f"picture: {other:.1f} dB)"
        )
    return config, alone, together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--model", help="Real weights, as a folder, in place of random ones.")
    parser.add_argument("--compile", default="regional", choices=("off", "regional", "full"))
    parser.add_argument("--batches", type=int, default=3, help="Timed batches of each workload.")
    arguments = parser.parse_args()
    import torch

    with quiet_libraries():
        from diffusers import StableDiffusionXLPipeline

    from pipeline.adapters.sdxl.tiny import BUILTIN, resolve_model

    on_gpu = torch.cuda.is_available()
    print(describe_machine("torch", "diffusers"))
    print("full size, without memory:", dry_run())
    folder = resolve_model(arguments.model or BUILTIN)
    with quiet_libraries():
        loaded = StableDiffusionXLPipeline.from_pretrained(
            folder,
            dtype=torch.bfloat16 if on_gpu and arguments.model else torch.float32,
            use_safetensors=True,
            add_watermarker=False,
        )
    loaded.set_progress_bar_config(disable=True)

    def make() -> Any:
        if on_gpu and not arguments.model:
            return build_full(loaded, "cuda")
        # A fresh one: what one measurement fuses or caches must not help the next.
        import copy

        return copy.deepcopy(loaded)

    limit = 0.0
    if on_gpu:
        limit = matmul_tflops()
        print(f"{torch.cuda.get_device_name()}: bfloat16 matrix products {limit:.0f} TFLOP/s")
    for workload in WORKLOADS:
        config, _, together = measure(workload, make, arguments, on_gpu)
        if on_gpu:
            needed = image_tflop(config)
            print(
                f"{'':<24} {needed:.0f} TFLOP a picture: {together * needed / limit:.0%} of "
                f"the limit of {limit / needed:.2f}/s"
            )
    if not on_gpu:
        print(
            "no GPU here: these ratios are of a small model on the CPU, where batches save "
            "little; images per second, share of the limit and memory of full-size SDXL on a GPU "
            "are still owed"
        )


if __name__ == "__main__":
    sys.exit(main())
