"""What tests of the loader share: the keys of the sets, and pictures as small arrays."""

from __future__ import annotations

import numpy as np
from PIL import Image

from pipeline.training.vlm.loader import CounterfactualDataset


def to_array(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((8, 8)), dtype=np.float32).transpose(2, 0, 1)


def keys(dataset: CounterfactualDataset) -> list[str]:
    return [one.key for one in dataset]


ALL = [f"{number:020x}" for number in range(22)]
