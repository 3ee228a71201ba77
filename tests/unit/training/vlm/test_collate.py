"""Fixed shapes with masks, and the features that the losses take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from pipeline.training.vlm.collate import collate_sets
from tests.unit.training.vlm.small_sets import SETS, edit, one_set, picture, tokenize


def test_what_a_set_lacks_is_masked_and_empty() -> None:
    batch = collate_sets(SETS, max_edits=3, max_full=1, tokenizer=tokenize)
    assert batch["edit_mask"].tolist() == [[True, True, False], [False] * 3]
    assert batch["edit_has_image"].tolist() == [[True, False, False], [False] * 3]
    assert batch["edit_image_is_negative"].tolist() == batch["edit_has_image"].tolist()
    assert batch["pair_is_caption"].tolist() == [[True, False, False], [False] * 3]
    assert batch["edit_kind"].tolist() == [[2, 2, -1], [-1] * 3]
    assert batch["has_image"].tolist() == [True, False]
    assert batch["full_mask"].tolist() == batch["full_has_image"].tolist() == [[False], [True]]
    assert batch["image"].shape == (2, 3, 2, 2)
    assert batch["edit_image"].shape == (2, 3, 3, 2, 2)
    assert [float(p.mean()) for p in batch["image"]] == [1, 0]
    assert [float(p.mean()) for p in batch["edit_image"][0]] == [2, 0, 0]
    assert [float(p.mean()) for p in batch["full_image"][:, 0]] == [0, 3]
    assert torch.equal(batch["text"], tokenize(["caption"] * 2))
    assert torch.equal(batch["edit_text"][0], tokenize(["edit 0", "edit 1", ""]))
    assert torch.equal(batch["pair_text"][0], tokenize(["caption", "other", ""]))
    assert torch.equal(batch["full_text"][:, 0], tokenize(["", "full"]))


def test_weights_of_edits_stand_in_the_batch_zero_where_there_is_none() -> None:
    weighed = one_set(replace(edit(0), weight=0.25), edit(1))
    batch = collate_sets([weighed, one_set(edit(0))], max_edits=3)
    assert batch["edit_balance_weight"].tolist() == [[0.25, 1.0, 0.0], [1.0, 0.0, 0.0]]
    assert batch["edit_balance_weight"].dtype == torch.float32
    assert collate_sets([one_set()], max_edits=0)["edit_balance_weight"].shape == (1, 0)


def test_a_mapping_tokenizer_and_none() -> None:
    def mapping(texts: list[str]) -> dict[str, Tensor]:
        return {"input_ids": tokenize(texts), "attention_mask": tokenize(texts) > 0}

    batch = collate_sets(SETS, max_edits=2, tokenizer=mapping)
    assert set(batch["edit_text"]) == {"input_ids", "attention_mask"}
    assert batch["edit_text"]["attention_mask"].shape == (2, 2, 24)
    texts = collate_sets(SETS)
    assert texts["text"] == ["caption", "caption"]
    assert texts["edit_text"] == [["edit 0", "edit 1"], [None, None]]


def test_shapes_stay_without_pictures_and_without_edits() -> None:
    bare = collate_sets([one_set()], max_edits=0, max_full=2, tokenizer=tokenize, blank=picture(9))
    assert bare["image"].shape == (1, 3, 2, 2)
    assert bare["edit_image"].shape == (1, 0, 3, 2, 2)
    assert bare["full_image"].shape == (1, 2, 3, 2, 2)
    assert not bare["image"].any(), "the blank lends its shape, not its content"
    assert bare["edit_text"].shape == (1, 0, 24)
    assert bare["edit_mask"].shape == bare["pair_is_caption"].shape == (1, 0)
    assert "image" not in collate_sets([one_set()], tokenizer=tokenize)


def test_plain_pictures_are_bytes() -> None:
    plain = Image.new("RGB", (5, 4), (7, 8, 9))
    image = collate_sets([one_set(image=plain)])["image"]
    assert (image.shape, image.dtype) == ((1, 3, 4, 5), torch.uint8)
    assert image[0, :, 0, 0].tolist() == [7, 8, 9]


def test_what_cannot_be_one_batch_is_named() -> None:
    with pytest.raises(ValueError, match="a set has 2 and max_edits is 1"):
        collate_sets(SETS, max_edits=1)
    with pytest.raises(ValueError, match=r"shapes \(3, 4, 4\) and \(3, 2, 2\) cannot be"):
        collate_sets([SETS[0], one_set(image=np.zeros((3, 4, 4), np.float32))])
    with pytest.raises(ValueError, match="at least one set"):
        collate_sets([])
