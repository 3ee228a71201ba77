"""The joint encoder on real, tiny CLIP and SigLIP models, and on the one that is shipped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.clip.encoder import ClipEncoder, open_joint_encoder
from pipeline.config.scores import ScoresConfig
from pipeline.core.errors import PermanentError
from pipeline.core.protocols import JointEncoder
from tests.integration.adapters.clip.clip_folders import build_clip_folder, build_siglip_folder

pytestmark = pytest.mark.integration


TEXTS = ["a red dog", "the cat sees a green dog left of the red cat", "a cat", "a red dog"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("clip")
    return folder, build_clip_folder(folder)


@pytest.fixture(scope="module")
def siglip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("siglip")
    return folder, build_siglip_folder(folder)


def pictures() -> list[NDArray[np.uint8]]:
    noise = np.random.default_rng(0)
    sizes = [(40, 64), (32, 32), (3, 90), (100, 33), (24, 24)]
    return [noise.integers(0, 256, (*size, 3), np.uint8) for size in sizes]


def open_folder(folder: Path, **settings: Any) -> ClipEncoder:
    return open_joint_encoder(ScoresConfig(clip=str(folder), device="cpu", **settings))


def reference(folder: Path, model: Any, pad: str) -> tuple[NDArray[np.float32], ...]:
    """What transformers itself makes of the pictures and texts, one at a time."""
    import torch
    from transformers import AutoTokenizer, CLIPImageProcessorPil, SiglipImageProcessorPil

    kind = CLIPImageProcessorPil if "CLIP" in type(model).__name__ else SiglipImageProcessorPil
    processor, tokenizer = kind.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    length = model.config.text_config.max_position_embeddings
    with torch.no_grad():
        seen = [
            model.get_image_features(
                **processor(p, return_tensors="pt", input_data_format="channels_last")
            ).pooler_output
            for p in pictures()
        ]
        read = [
            model.get_text_features(
                input_ids=tokenizer(
                    text, padding=pad, truncation=True, max_length=length, return_tensors="pt"
                ).input_ids
            ).pooler_output
            for text in TEXTS
        ]
    found = (torch.cat(seen).numpy(), torch.cat(read).numpy())
    return tuple(rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in found)


@pytest.mark.parametrize("batch_size", [1, 2, 32])
def test_clip_embeds_what_transformers_does(clip: tuple[Path, Any], batch_size: int) -> None:
    folder, model = clip
    encoder: JointEncoder = open_folder(folder, batch_size=batch_size)
    seen, read = encoder.embed_pictures(pictures()), encoder.embed_texts(TEXTS)
    wanted_seen, wanted_read = reference(folder, model, "longest")
    np.testing.assert_allclose(seen, wanted_seen, atol=2e-6)
    np.testing.assert_allclose(read, wanted_read, atol=2e-6)
    assert (seen.shape, read.shape) == ((5, 24), (4, 24))
    assert seen.dtype == read.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-6)
    assert not np.allclose(read[0], read[2], atol=1e-3)


def test_siglip_gets_its_texts_filled_up_as_in_its_training(siglip: tuple[Path, Any]) -> None:
    folder, model = siglip
    encoder = open_folder(folder)
    wanted_seen, wanted_read = reference(folder, model, "max_length")
    np.testing.assert_allclose(encoder.embed_pictures(pictures()), wanted_seen, atol=2e-6)
    np.testing.assert_allclose(encoder.embed_texts(TEXTS), wanted_read, atol=2e-6)
    _, short = reference(folder, model, "longest")
    assert not np.allclose(short, wanted_read, atol=1e-3), "padding makes a difference here"


def test_the_same_again_gives_the_same_bytes(clip: tuple[Path, Any]) -> None:
    one, other = open_folder(clip[0]), open_folder(clip[0])
    assert one.embed_pictures(pictures()).tobytes() == other.embed_pictures(pictures()).tobytes()
    assert one.embed_texts(TEXTS).tobytes() == other.embed_texts(TEXTS).tobytes()
    assert one.embed_texts([TEXTS[0]] * 3).tobytes() == one.embed_texts([TEXTS[0]]).tobytes() * 3


def test_nothing_is_no_error(clip: tuple[Path, Any], siglip: tuple[Path, Any]) -> None:
    for (folder, _), width in ((clip, 24), (siglip, 32)):
        encoder = open_folder(folder)
        assert encoder.embed_pictures([]).shape == (0, width)
        assert encoder.embed_texts([]).shape == (0, width)


def test_the_fingerprint_is_of_weights_and_preprocessing(
    clip: tuple[Path, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(clip[0], folder)
    (folder / "README.md").write_text("About it.")
    before = open_folder(clip[0]).fingerprint
    assert open_folder(folder, batch_size=7).fingerprint == before
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    settings["image_mean"] = [0.1, 0.2, 0.3]
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    changed = open_folder(folder).fingerprint
    build_clip_folder(folder, seed=1)
    assert len({before, changed, open_folder(folder).fingerprint}) == 3


def limited(model: Any, most: int) -> Callable[..., Any]:
    """The model's picture side on a device with memory for so many pictures."""
    import torch

    whole = model.get_image_features

    def embed(*, pixel_values: Any) -> Any:
        if len(pixel_values) > most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return whole(pixel_values=pixel_values)

    return embed


def test_a_batch_is_halved_when_memory_runs_out(clip: tuple[Path, Any]) -> None:
    encoder = open_folder(clip[0], batch_size=5)
    wanted = encoder.embed_pictures(pictures())
    encoder.parts.model.get_image_features = limited(encoder.parts.model, 2)
    np.testing.assert_allclose(encoder.embed_pictures(pictures()), wanted, atol=2e-6)
    assert encoder.batch_size == 2
    encoder.parts.model.get_image_features = limited(encoder.parts.model, 0)
    with pytest.raises(PermanentError, match=r"memory of cpu; choose .*scores\.device"):
        encoder.embed_pictures(pictures())


def test_a_closed_encoder_says_so(clip: tuple[Path, Any]) -> None:
    encoder = open_folder(clip[0])
    encoder.embed_texts(TEXTS)
    encoder.close()
    encoder.close()
    with pytest.raises(PermanentError, match="closed"):
        encoder.embed_texts(TEXTS)
