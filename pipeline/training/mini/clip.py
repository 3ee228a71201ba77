"""The miniature CLIP: its two towers, what they are taught beside matching, and the losses.

Matching alone teaches slowly, so both towers also learn the facts of a scene: linear probes on
the joint embedding, the *same* for pictures and texts, say which thing stands where and what it
looks like; so a fact has one direction in the space, whichever side it comes from. Further
probes say of each patch which thing covers it. All probes are thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pipeline.training.mini.contrast import contrast_loss, pair_loss
from pipeline.training.mini.text import MAX_TOKENS
from pipeline.training.world.captions import WorldCaption
from pipeline.training.world.judge import judge
from pipeline.training.world.painter import (
    CRATE_PX,
    HAT_CENTRE,
    HAT_PX,
    SKY_CENTRE,
    SKY_PX,
    centres,
)
from pipeline.training.world.scene import (
    COLOURS,
    COUNTS,
    CRATE,
    LAYOUTS,
    SETTINGS,
    SIZE_PX,
    SIZES,
    STATES,
    THINGS,
    WEATHERS,
    Scene,
)

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

PATCH_PX: Final = 16
PATCHES: Final = SIZE_PX // PATCH_PX
WIDTH: Final = 192
LAYERS: Final = 4
JOINT_WIDTH: Final = 128
IGNORED: Final = -100

_NAMES: Final = (*THINGS, CRATE, "umbrella")
_STATES: Final = ("", *(state for states in STATES.values() for state in states))

SCENE_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "layout": LAYOUTS,
    "setting": SETTINGS,
    "weather": ("", *WEATHERS),
    "hat": ("no", "yes"),
    "count": tuple(str(count) for count in COUNTS),
    "name0": _NAMES,
    "colour0": COLOURS,
    "size0": SIZES,
    "state0": _STATES,
    "name1": ("", *_NAMES),
    "colour1": ("", *COLOURS),
    "size1": ("", *SIZES),
}
"""What the joint embedding learns, with the values; 0 and 1 are the scene's own things, so the
left, upper or inner one and the other."""

PATCH_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("", *_NAMES, "hat", *WEATHERS),
    "colour": ("", *COLOURS),
    "size": ("", *SIZES),
    "state": _STATES,
}
"""What a patch learns of the thing that covers its middle."""

WEIGHTS: Final = {"contrast": 1.0, "pair": 2.0, "picture": 0.3, "text": 0.3, "patch": 0.7}
"""How much each loss counts."""


def build_clip(tokenizer: Any) -> Any:
    """An untrained `CLIPModel` for pictures of 128 × 128 and captions of 40 tokens."""
    from transformers import CLIPConfig, CLIPModel

    text = {
        "hidden_size": 96,
        "intermediate_size": 288,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": MAX_TOKENS,
        "hidden_act": "gelu",
        "projection_dim": JOINT_WIDTH,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {
        "hidden_size": WIDTH,
        "intermediate_size": 3 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "image_size": SIZE_PX,
        "patch_size": PATCH_PX,
        "hidden_act": "gelu",
        "projection_dim": JOINT_WIDTH,
    }
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=JOINT_WIDTH)
    # Plain attention: in bfloat16 on a CPU it trains nearly twice as fast as the fused one.
    return CLIPModel._from_config(config, attn_implementation="eager")


def start_patches(model: Any, pictures: torch.Tensor) -> None:
    """Let the patch embedding begin as the patches' whitened principal components, in place."""
    import torch

    weight = model.vision_model.embeddings.patch_embedding.weight
    patches = torch.nn.functional.unfold(pictures, PATCH_PX, stride=PATCH_PX)
    rows = patches.transpose(1, 2).reshape(-1, weight[0].numel())
    rows = rows - rows.mean(0)
    values, directions = torch.linalg.eigh(rows.T @ rows / len(rows))
    best = directions[:, -len(weight) :] / (values[-len(weight) :].sqrt() + 0.03)
    with torch.no_grad():
        # Mixed, so that no channel is louder or more informative than another.
        mix = torch.linalg.qr(torch.randn(len(weight), len(weight)))[0]
        weight.copy_((best @ mix).T.reshape(weight.shape))


def build_heads() -> Any:
    """Linear probes of the facts; thrown away after the training."""
    from torch import nn

    scene = {fact: nn.Linear(JOINT_WIDTH, len(v)) for fact, v in SCENE_FACTS.items()}
    patch = {f"patch_{fact}": nn.Linear(WIDTH, len(v)) for fact, v in PATCH_FACTS.items()}
    return nn.ModuleDict(scene | patch | {"norm": nn.LayerNorm(WIDTH)})


def scene_labels(scene: Scene) -> dict[str, str]:
    """Every fact of a scene."""
    labels = {
        "layout": scene.layout,
        "setting": scene.setting,
        "weather": scene.weather,
        "hat": "yes" if scene.hat else "no",
        "count": str(scene.things[0].count),
        "name1": "",
        "colour1": "",
        "size1": "",
    }
    for number, thing in enumerate(scene.things):
        labels |= {f"{of}{number}": getattr(thing, of) for of in ("name", "colour", "size")}
    return labels | {"state0": scene.things[0].state}


def caption_labels(scene: Scene, caption: WorldCaption) -> dict[str, str]:
    """The facts of a scene that its caption states, about the scene's own things."""
    stated = {fact.of: fact.value for fact in caption.facts if fact.holds}
    labels: dict[str, str] = {
        of: stated[of] for of in ("setting", "weather", "hat", "count") if of in stated
    }
    if not caption.places:
        return labels
    labels["layout"] = scene.layout
    for place, about in enumerate(caption.order):
        for of in ("name", "colour", "size", "state"):
            if f"{of}{place}" in stated and f"{of}{about}" in SCENE_FACTS:
                labels[f"{of}{about}"] = stated[f"{of}{place}"]
    return labels


def patch_labels(scene: Scene) -> dict[str, NDArray[np.int64]]:
    """By fact, the class number of each patch: (8, 8) int64; 0 where nothing stands."""
    found = {fact: np.zeros((PATCHES, PATCHES), np.int64) for fact in PATCH_FACTS}

    def lay(values: dict[str, str], side_px: int, centre: tuple[int, int]) -> None:
        middles = np.arange(PATCHES) * PATCH_PX + PATCH_PX / 2
        columns, rows = (np.abs(middles - middle) < side_px / 2 for middle in centre)
        for fact, value in values.items():
            found[fact][np.ix_(rows, columns)] = PATCH_FACTS[fact].index(value)

    def facts_of(number: int) -> dict[str, str]:
        thing = scene.things[number]
        return {of: getattr(thing, of) for of in PATCH_FACTS}

    if scene.layout == "inside":
        lay(facts_of(1), CRATE_PX, (64, 72))
    for thing, side_px, centre in centres(scene):
        lay(facts_of(scene.things.index(thing)), side_px, centre)
    nothing = {"colour": "", "size": "", "state": ""}
    if scene.hat:
        lay(nothing | {"name": "hat"}, HAT_PX, HAT_CENTRE)
    if scene.weather:
        lay(nothing | {"name": scene.weather}, SKY_PX, SKY_CENTRE)
    return found


def true_matches(captions: Sequence[WorldCaption], scenes: Sequence[Scene]) -> NDArray[np.bool_]:
    """Which caption is true of which scene: (captions, scenes) bool."""
    names = [{thing.name for thing in scene.things} for scene in scenes]
    found = np.zeros((len(captions), len(scenes)), bool)
    for row, caption in enumerate(captions):
        named = {fact.value for fact in caption.facts if fact.of in ("name0", "name1")}
        for column, scene in enumerate(scenes):
            if named == names[column]:
                found[row, column] = all(judge(caption, scene).values())
    return found


@dataclass(frozen=True, slots=True)
class ClipBatch:
    """A batch: pairs of scenes one fact apart, each scene with a picture and two captions.

    Attributes:
        pictures: (n, 3, 128, 128) float32 in −1…1; the two of a pair beside each other.
        ids: (2n, tokens) token ids; caption `i` and `n + i` are of picture `i`, the first of
            these stating what differs within the pair.
        true: (2n, n) bool: which caption is true of which picture.
        picture_facts: By fact, (n,) class numbers.
        text_facts: By fact, (2n,) class numbers; `IGNORED` where nothing is stated.
        patch_facts: By fact, (n, 64) class numbers.
    """

    pictures: torch.Tensor
    ids: torch.Tensor
    true: torch.Tensor
    picture_facts: dict[str, torch.Tensor]
    text_facts: dict[str, torch.Tensor]
    patch_facts: dict[str, torch.Tensor]


def clip_loss(model: Any, heads: Any, batch: ClipBatch) -> tuple[torch.Tensor, dict[str, float]]:
    """All losses by :data:`WEIGHTS`, and what a person watches."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    vision = model.vision_model(batch.pictures, output_hidden_states=True)
    pictures = normalize(model.visual_projection(vision.pooler_output).float(), dim=-1)
    text = model.text_model(batch.ids)
    texts = normalize(model.text_projection(text.pooler_output).float(), dim=-1)
    scores = model.logit_scale.exp().clamp(max=100) * texts @ pictures.T
    contrast = contrast_loss(scores, batch.true)
    pair, preferred = pair_loss(scores, batch.true)
    # Unit vectors are short for a linear probe.
    vectors = {"picture": pictures * 16, "text": texts * 16}
    losses = {"contrast": contrast, "pair": pair}
    for side, facts in (("picture", batch.picture_facts), ("text", batch.text_facts)):
        fact_losses = []
        for fact, labels in facts.items():
            values = heads[fact](vectors[side]).float()
            lost = cross_entropy(values, labels, ignore_index=IGNORED, reduction="sum")
            # A batch in which no caption states the fact has no mean.
            fact_losses.append(lost / (labels != IGNORED).sum().clamp(min=1))
        losses[side] = torch.stack(fact_losses).sum()
    # The last layer is left to the pooling.
    patches = heads["norm"](vision.hidden_states[-2][:, 1:])
    losses["patch"] = torch.stack(
        [
            cross_entropy(heads[f"patch_{fact}"](patches).float().flatten(0, 1), labels.flatten())
            for fact, labels in batch.patch_facts.items()
        ]
    ).sum()
    total = torch.stack([WEIGHTS[name] * loss for name, loss in losses.items()]).sum()
    metrics = {name: float(loss.detach()) for name, loss in losses.items()}
    metrics |= {"preferred": preferred, "scale": float(model.logit_scale.detach().exp())}
    for fact in ("name0", "colour0", "count", "name1"):
        hits = heads[fact](vectors["picture"]).argmax(-1) == batch.picture_facts[fact]
        metrics[fact] = float(hits.float().mean())
    return total, metrics
