"""Latents and embeddings on disk: made once, shared, named by what decided them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.core.errors import PermanentError
from pipeline.training.sdxl.cache import LatentCache, fill_cache
from pipeline.training.sdxl.encoders import Encoders
from pipeline.training.sdxl.run import open_examples, open_model, run_finetuning
from tests.integration.training.sdxl.conftest import MakeConfig

pytestmark = pytest.mark.integration


def test_what_is_cached_is_not_encoded_again(
    make_config: MakeConfig, tmp_path: Path, archive: Path
) -> None:
    cache = str(tmp_path / "cache")
    first = run_finetuning(make_config(data__cache=cache, train__steps=1)).cache
    assert (first.pictures_encoded, first.pictures_reused) == (4, 0)
    assert (first.texts_encoded, first.texts_reused) == (4, 0)
    # Another training, from another source with the same pictures.
    second = run_finetuning(
        make_config(
            data__cache=cache,
            train__steps=1,
            output=str(tmp_path / "second"),
            source__kind="webdataset",
            source__input=str(archive),
            method="full",
        )
    ).cache
    assert (second.pictures_encoded, second.pictures_reused) == (0, 4)
    assert (second.texts_encoded, second.texts_reused) == (0, 4)
    # Another size is another crop; the captions stay.
    third = run_finetuning(
        make_config(
            data__cache=cache,
            train__steps=1,
            output=str(tmp_path / "third"),
            pictures__width_px=32,
        )
    ).cache
    assert (third.pictures_encoded, third.texts_encoded) == (4, 0)


def test_a_share_of_the_work_gives_the_whole_index(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(pictures__encode_batch=1)
    model = open_model(config)
    encoders = Encoders(model.load(torch.float32), model.identity, torch.device("cpu"))
    cache = LatentCache(tmp_path, config.pictures, config.seed, model.identity)
    halves = [
        fill_cache(cache, open_examples(config), encoders, rank=number, world_size=2)
        for number in range(2)
    ]
    assert [half.counts.pictures_encoded for half in halves] == [2, 2]
    assert halves[0].digest == halves[1].digest


def test_a_damaged_entry_is_named_with_the_remedy(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(data__cache=str(tmp_path / "cache"), train__steps=1)
    run_finetuning(config)
    for file in (tmp_path / "cache" / "latents").rglob("*.safetensors"):
        file.write_bytes(b"short")
    with pytest.raises(PermanentError, match=r"latents.*cannot be read.*delete it"):
        run_finetuning(make_config(data__cache=str(tmp_path / "cache"), train__steps=2))
