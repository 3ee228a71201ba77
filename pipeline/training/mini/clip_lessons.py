"""What the miniature CLIP learns from: pairs of scenes, worn as drawn pictures are."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from pipeline.training.mini.clip import (
    IGNORED,
    PATCH_FACTS,
    SCENE_FACTS,
    Lesson,
    caption_labels,
    patch_labels,
    scene_labels,
    truths,
)
from pipeline.training.mini.text import MAX_TOKENS
from pipeline.training.mini.vae import to_tensor
from pipeline.training.world.captions import WorldCaption, describe, draw_wording
from pipeline.training.world.judge import PAIR_KINDS, Pair, draw_pair
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene, is_held_out

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from pipeline.training.mini.clip_drawn import DrawnPicture

KINDS: Final = (*PAIR_KINDS, "object", "colour", "count", "relation", "relation")
"""From which the kind of a pair is drawn: those that matter most stand twice."""

DECODED_PAIRS: Final = 1000
DECODED_SHARE: Final = 0.25
"""How many of a batch's pairs have passed the small SDXL's autoencoder."""

DRAWN_SHARE: Final = 0.25
"""How many of a batch's pairs the small SDXL has drawn, where there are such."""

JUDGED: Final = 24
"""Drawn pictures in a batch that show their captions, and as many that do not."""

JUDGED_WEAR: Final = 0.3
"""Their wear, as a share of the usual: blur is what makes many of them wrong."""

MOST_LATENT_NOISE: Final = 0.35
"""Noise on latents, in their standard deviations, as a denoiser leaves them."""


def draw_seen_pair(random_state: random.Random) -> Pair:
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
    return [draw_seen_pair(state) for _ in range(DECODED_PAIRS)]


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


def wear(
    picture: NDArray[np.uint8], random_state: random.Random, amount: float = 1.0
) -> NDArray[np.uint8]:
    """Sometimes blur, light, dim, speckle or compress a picture a little.

    Args:
        picture: (height, width, 3).
        random_state: Source of the draws.
        amount: Factor of how often.
    """

    def chance() -> float:
        return random_state.random() / amount

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


class Lessons:
    """Draws batches; the batch of a step depends on the seed and the step alone.

    Args:
        tokenizer: The CLIP's.
        decoded: What :func:`decode_pairs` wrote.
        seed: Of the lessons.
        drawn: What the small SDXL made of captions, if that is to be learnt too.
    """

    def __init__(
        self,
        tokenizer: Any,
        decoded: NDArray[np.uint8],
        seed: int,
        drawn: Sequence[tuple[DrawnPicture, DrawnPicture]] = (),
    ) -> None:
        self._tokenizer = tokenizer
        self._drawn = [pair for pair in drawn if pair[0].is_clear and pair[1].is_clear]
        self._right = [one for pair in drawn for one in pair if one.is_right]
        self._wrong = [one for pair in drawn for one in pair if not one.is_right]
        self._decoded = decoded
        self._decoded_pairs = decoded_pairs(seed)
        self._seed = seed

    def draw(self, step: int, pairs: int) -> Lesson:
        """A batch of `pairs` pairs."""
        state = random.Random(f"{self._seed} clip {step}")
        scenes: list[Scene] = []
        telling: list[WorldCaption] = []
        pictures: list[NDArray[np.uint8]] = []
        from_drawn = round(pairs * DRAWN_SHARE) if self._drawn else 0
        for one, other in state.sample(self._drawn, from_drawn):
            for picture in (one, other):
                pictures.append(picture.pixels)
                scenes.append(picture.seen)
                wording = describe(picture.seen, draw_wording(state))
                telling.append(picture.caption if picture.is_right else wording)
        for number in range(pairs - from_drawn):
            if number < pairs * DECODED_SHARE:
                chosen = state.randrange(len(self._decoded_pairs))
                pair = self._decoded_pairs[chosen]
                pictures += list(self._decoded[2 * chosen : 2 * chosen + 2])
            else:
                pair = draw_seen_pair(state)
                pictures += [paint(pair.scene), paint(pair.edited_scene)]
            scenes += [pair.scene, pair.edited_scene]
            telling += [pair.caption, pair.edited]
        free = [describe(scene, draw_wording(state)) for scene in scenes]
        worn = np.stack([wear(picture, state) for picture in pictures])
        lesson = self._lesson(worn, scenes, [*telling, *free])
        if not self._wrong:
            return lesson
        judged = state.sample(self._right, JUDGED) + state.sample(self._wrong, JUDGED)
        return replace(
            lesson,
            judged=to_tensor(np.stack([wear(one.pixels, state, JUDGED_WEAR) for one in judged])),
            judged_ids=self._ids([one.caption for one in judged]),
        )

    def _ids(self, captions: Sequence[WorldCaption]) -> torch.Tensor:
        ids: torch.Tensor = self._tokenizer(
            [caption.text for caption in captions],
            padding="longest",
            truncation=True,
            max_length=MAX_TOKENS,
            return_tensors="pt",
        ).input_ids
        return ids

    def _lesson(
        self, pictures: NDArray[np.uint8], scenes: list[Scene], captions: list[WorldCaption]
    ) -> Lesson:
        import torch

        patches = [patch_labels(scene) for scene in scenes]
        said = [
            caption_labels(scene, caption)
            for scene, caption in zip(scenes * 2, captions, strict=True)
        ]
        return Lesson(
            pictures=to_tensor(pictures),
            ids=self._ids(captions),
            true=torch.from_numpy(truths(captions, scenes)),
            picture_facts=_class_numbers([scene_labels(scene) for scene in scenes]),
            text_facts=_class_numbers(said),
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
