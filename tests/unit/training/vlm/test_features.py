"""Features are set where they belong, each text and picture computed once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pipeline.training.vlm.collate import collate_sets
from pipeline.training.vlm.features import encode_sets
from pipeline.training.vlm.losses import OBJECTIVES, compute_loss
from pipeline.training.vlm.sample import NeutralText
from tests.unit.training.vlm.small_sets import SETS, edit, one_set, picture, tokenize


def test_features_are_set_where_they_belong_and_computed_once() -> None:
    batch = collate_sets(SETS, max_edits=3, max_full=1, tokenizer=tokenize)
    calls: list[int] = []

    def encode_text(tokens: Tensor) -> Tensor:
        calls.append(len(tokens))
        return tokens[:, :8].float()

    def encode_image(images: Tensor) -> Tensor:
        calls.append(len(images))
        return images.mean((2, 3)).repeat(1, 3)[:, :8] + 1

    features = encode_sets(batch, encode_image=encode_image, encode_text=encode_text)
    assert calls == [2 + 2 + 1 + 1, 1 + 1 + 1], "captions, edits, own wording, full; pictures"
    assert torch.equal(features["edit_text"][0, :2], tokenize(["edit 0", "edit 1"])[:, :8].float())
    assert torch.equal(features["pair_text"][0, 1], tokenize(["other"])[0, :8].float())
    assert features["edit_image"][0, 0].tolist() == [3.0] * 8
    assert features["full_image"][1, 0].tolist() == [4.0] * 8
    for name, mask in [("edit_text", "edit_mask"), ("image", "has_image")]:
        assert not features[name][~features[mask]].any()
    for name in sorted(OBJECTIVES):
        settings = {} if name == "neutral" else {"logit_scale": 2.0}
        settings |= {"logit_bias": 0.0} if name == "siglip" else {}
        assert torch.isfinite(compute_loss(name, features, **settings)["loss"]), name


def test_no_picture_at_all_is_no_call_of_the_image_tower() -> None:
    batch = collate_sets([one_set(edit(0))], tokenizer=tokenize, blank=picture(0))

    def never(images: Tensor) -> Tensor:
        raise AssertionError("there is no picture")

    features = encode_sets(
        batch, encode_image=never, encode_text=lambda tokens: tokens[:, :4].float()
    )
    assert features["image"].shape == (1, 4)
    assert float(compute_loss("neg_clip", features, logit_scale=2.0)["loss"]) == 0.0


def test_neutral_variants_are_encoded_where_they_are() -> None:
    texts = tuple(NeutralText(f"neutral{n}", "order", f"reworded {n}") for n in range(2))
    sets = [replace(SETS[0], neutral=texts), SETS[1]]
    batch = collate_sets(sets, max_neutral=3, tokenizer=tokenize)
    assert batch["neutral_mask"].tolist() == [[True, True, False], [False] * 3]
    assert batch["neutral_text"].shape == (2, 3, 24)
    assert not batch["neutral_text"][1].any(), "the empty text, not a copy"
    features = encode_sets(
        batch,
        encode_image=lambda images: images.mean((2, 3)).repeat(1, 3)[:, :8] + 1,
        encode_text=lambda tokens: tokens[:, :8].float(),
    )
    assert torch.equal(features["neutral_text"][0, 1], tokenize(["reworded 1"])[0, :8].float())
    assert not features["neutral_text"][1].any()
    moved = compute_loss("neutral", features)
    assert 0 < float(moved["difference"]) < 1
    with pytest.raises(ValueError, match="max_neutral is 1"):
        collate_sets(sets, max_neutral=1)
