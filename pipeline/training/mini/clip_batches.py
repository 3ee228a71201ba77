"""What the miniature CLIP learns from: pairs of scenes, degraded as drawn pictures are."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from pipeline.training.mini.clip import (
    IGNORED,
    PATCH_FACTS,
    SCENE_FACTS,
    ClipBatch,
    caption_labels,
    patch_labels,
    scene_labels,
    true_matches,
)
from pipeline.training.mini.text import MAX_TOKENS
from pipeline.training.mini.vae import to_tensor
from pipeline.training.world.captions import WorldCaption, describe
from pipeline.training.world.judge import PAIR_KINDS, Pair, draw_pair
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene, is_held_out
from pipeline.training.world.wording import draw_wording

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

KINDS: Final = (*PAIR_KINDS, "object", "colour", "count", "relation", "relation")
"""From which the kind of a pair is drawn: those that matter most stand twice."""

DECODED_PAIRS: Final = 1000
DECODED_SHARE: Final = 0.25
"""How many of a batch's pairs have passed the small SDXL's autoencoder."""

MOST_LATENT_NOISE: Final = 0.35
"""Noise on latents, in their standard deviations, as a denoiser leaves them."""


def draw_training_pair(random_state: random.Random) -> Pair:
    """A pair of which neither scene is held out."""
    while True:
        pair = draw_pair(
            random_state, random_state.choice(KINDS), lambda scene: not is_held_out(scene)
        )
        if not is_held_out(pair.scene):
            return pair


def decoded_pairs(seed: int) -> list[Pair]:
    """The pairs whose pictures :func:`decode_pairs` makes, in order."""
    state = random.Random(f"{seed} decoded")
    return [draw_training_pair(state) for _ in range(DECODED_PAIRS)]


def decode_pairs(renderer: Path, file: Path, seed: int) -> None:
    """Pass painted pairs through the autoencoder of an SDXL folder, with noise between.

    Writes (2 × pairs, 128, 128, 3) uint8, the two pictures of a pair beside each other.
    """
    import torch
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(renderer / "vae", torch_dtype=torch.float32)
    vae.to(memory_format=torch.channels_last).requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    scenes = [s for pair in decoded_pairs(seed) for s in (pair.scene, pair.edited_scene)]
    drawn = np.empty((len(scenes), *paint(scenes[0]).shape), np.uint8)
    for start in range(0, len(scenes), 20):
        pictures = to_tensor(np.stack([paint(scene) for scene in scenes[start : start + 20]]))
        with torch.autocast("cpu", torch.bfloat16):
            latents = vae.encode(pictures).latent_dist.mean.float()
            spread = latents.std() * MOST_LATENT_NOISE
            amount = torch.rand(len(latents), 1, 1, 1, generator=generator) * spread
            noise = torch.randn(latents.shape, generator=generator) * amount
            decoded = vae.decode(latents + noise).sample.float()
        pixels = ((decoded + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        drawn[start : start + 20] = pixels.permute(0, 2, 3, 1).numpy()
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file, drawn)


def degrade(picture: NDArray[np.uint8], random_state: random.Random) -> NDArray[np.uint8]:
    """Sometimes blur, light, dim, speckle or compress a picture a little."""
    chance = random_state.random
    image = Image.fromarray(picture)
    if chance() < 0.25:
        image = image.filter(ImageFilter.GaussianBlur(random_state.uniform(0.3, 1.4)))
    if chance() < 0.3:
        image = ImageEnhance.Brightness(image).enhance(random_state.uniform(0.88, 1.12))
    if chance() < 0.3:
        image = ImageEnhance.Contrast(image).enhance(random_state.uniform(0.85, 1.12))
    if chance() < 0.2:
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=random_state.randint(50, 95))
        image = Image.open(stream).convert("RGB")
    pixels = np.asarray(image)
    if chance() < 0.2:
        noise = np.random.default_rng(random_state.getrandbits(60))
        speckled = pixels + noise.normal(0, random_state.uniform(1, 7), pixels.shape)
        pixels = speckled.round().clip(0, 255).astype(np.uint8)
    return pixels


class ClipBatches:
    """Draws batches; the batch of a step depends on the seed and the step alone."""

    def __init__(self, tokenizer: Any, decoded: NDArray[np.uint8], seed: int) -> None:
        self._tokenizer = tokenizer
        self._decoded = decoded
        self._decoded_pairs = decoded_pairs(seed)
        self._seed = seed

    def draw(self, step: int, pairs: int) -> ClipBatch:
        """A batch of `pairs` pairs."""
        state = random.Random(f"{self._seed} clip {step}")
        scenes: list[Scene] = []
        contrasting: list[WorldCaption] = []
        pictures: list[NDArray[np.uint8]] = []
        for number in range(pairs):
            if number < pairs * DECODED_SHARE:
                chosen = state.randrange(len(self._decoded_pairs))
                pair = self._decoded_pairs[chosen]
                pictures += list(self._decoded[2 * chosen : 2 * chosen + 2])
            else:
                pair = draw_training_pair(state)
                pictures += [paint(pair.scene), paint(pair.edited_scene)]
            scenes += [pair.scene, pair.edited_scene]
            contrasting += [pair.caption, pair.edited]
        free = [describe(scene, draw_wording(state)) for scene in scenes]
        degraded = np.stack([degrade(picture, state) for picture in pictures])
        return self._batch(degraded, scenes, [*contrasting, *free])

    def _batch(
        self, pictures: NDArray[np.uint8], scenes: list[Scene], captions: list[WorldCaption]
    ) -> ClipBatch:
        import torch

        ids = self._tokenizer(
            [caption.text for caption in captions],
            padding="longest",
            truncation=True,
            max_length=MAX_TOKENS,
            return_tensors="pt",
        ).input_ids
        patches = [patch_labels(scene) for scene in scenes]
        stated = [
            caption_labels(scene, caption)
            for scene, caption in zip(scenes * 2, captions, strict=True)
        ]
        return ClipBatch(
            pictures=to_tensor(pictures),
            ids=ids,
            true=torch.from_numpy(true_matches(captions, scenes)),
            picture_facts=_class_numbers([scene_labels(scene) for scene in scenes]),
            text_facts=_class_numbers(stated),
            patch_facts={
                fact: torch.from_numpy(np.stack([p[fact].reshape(-1) for p in patches]))
                for fact in PATCH_FACTS
            },
        )


def _class_numbers(rows: list[dict[str, str]]) -> dict[str, torch.Tensor]:
    import torch

    return {
        fact: torch.tensor([values.index(row[fact]) if fact in row else IGNORED for row in rows])
        for fact, values in SCENE_FACTS.items()
    }
