"""The miniature's two text encoders, taught what captions of the world say before it draws.

CLIP's text model is causal: a word knows what stands before it. So a noun's embedding learns
what its phrase has said by then: which thing of the caption it is, its name, colour, size, state
and number; the pooled embedding, from the end of the text, learns what concerns the whole
picture and where the first thing of the caption stands. A place in the picture then finds in
the pooled text which thing belongs there and in that thing's words what it looks like: so its
cross-attention is on these words, which is what prompt-to-prompt editing builds on.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.training.world.captions import WorldCaption, describe
from pipeline.training.world.scene import (
    COLOURS,
    COUNTS,
    CRATE,
    LAYOUTS,
    SETTINGS,
    SIZES,
    THINGS,
    WEATHERS,
    Scene,
    draw_scene,
)
from pipeline.training.world.wording import SETTING_PHRASES, SIZE_WORDS, draw_wording, noun

if TYPE_CHECKING:
    import torch

WIDTH: Final = 96
"""Width of each encoder; the denoiser sees both side by side."""

POOLED: Final = 64
MAX_TOKENS: Final = 40
"""Tokens that are read, with start and end. SDXL's encoders read 77; padding costs time."""

VOCABULARY: Final = 1200
START, END = "<|startoftext|>", "<|endoftext|>"

WORD_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "place": ("0", "1"),
    "name": (*THINGS, CRATE, "umbrella"),
    "colour": ("unsaid", *COLOURS),
    "size": ("unsaid", *SIZES),
    "state": ("unsaid", "open", "closed", "blooming", "wilted"),
    "count": tuple(str(count) for count in COUNTS),
    "setting": SETTINGS,
}
"""What words learn, with the values: those of a thing about it, those of a setting its name."""

WHOLE_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "layout": LAYOUTS,
    "first": ("group", "left", "right", "above", "below", "inside", "around", "weather"),
    "count": tuple(str(count) for count in COUNTS),
    "setting": ("unsaid", *SETTINGS),
    "weather": ("unsaid", *WEATHERS),
    "hat": ("unsaid", "yes", "no"),
}
"""What the pooled embedding learns; `first` is where the thing is that the caption names first."""

IGNORED: Final = -100


def learn_tokenizer(seed: int = 0, captions: int = 20_000, more: list[str] | None = None) -> Any:
    """A CLIP tokenizer whose byte pairs come from captions of the world, and from `more`.

    Every word of the world is one token; other words are spelled in pieces.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    state = random.Random(f"{seed} tokenizer")
    texts = [describe(draw_scene(state), draw_wording(state)).text for _ in range(captions)]
    clip = CLIPTokenizer().backend_tokenizer
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.normalizer, learner.pre_tokenizer = clip.normalizer, clip.pre_tokenizer
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters = [*alphabet, *(char + "</w>" for char in alphabet)]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=2,
        # Named, so that the trainer does not number them in the order of a random hash.
        special_tokens=letters,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    learner.train_from_iterator([*texts, *(more or [])], trainer)
    merges = [(left, right) for left, right in json.loads(learner.to_str())["model"]["merges"]]
    tokens = dict.fromkeys([*letters, *(a + b for a, b in merges), START, END])
    vocabulary = {token: index for index, token in enumerate(tokens)}
    return CLIPTokenizer(vocabulary, merges, pad_token=END, model_max_length=MAX_TOKENS)


def build_text_encoders(tokenizer: Any) -> tuple[Any, Any]:
    """The untrained pair: `CLIPTextModel` and `CLIPTextModelWithProjection`."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    def config(act: str) -> Any:
        return CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=3 * WIDTH,
            projection_dim=POOLED,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=MAX_TOKENS,
            hidden_act=act,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )

    return CLIPTextModel(config("quick_gelu")), CLIPTextModelWithProjection(config("gelu"))


def embed(encoders: tuple[Any, Any], ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What SDXL takes from its encoders: (n, tokens, 2 × width) and pooled (n, width).

    The words come from the layer before the last of each, as in SDXL's pipeline.
    """
    import torch

    first = encoders[0](ids, output_hidden_states=True)
    second = encoders[1](ids, output_hidden_states=True)
    words = torch.cat([first.hidden_states[-2], second.hidden_states[-2]], dim=-1)
    return words, second.text_embeds


@dataclass(frozen=True, slots=True)
class TextBatch:
    """A batch of captions with what their words say.

    Attributes:
        ids: (n, tokens) token ids.
        words: By fact, (n, tokens) class numbers; `IGNORED` where a token says nothing.
        whole: By fact, (n,) class numbers.
    """

    ids: torch.Tensor
    words: dict[str, torch.Tensor]
    whole: dict[str, torch.Tensor]


def draw_batch(tokenizer: Any, random_state: random.Random, count: int) -> TextBatch:
    """Captions of new scenes with their labels."""
    import torch

    scenes = [draw_scene(random_state) for _ in range(count)]
    captions = [describe(scene, draw_wording(random_state)) for scene in scenes]
    read = tokenizer(
        [caption.text for caption in captions],
        padding="max_length",
        truncation=True,
        max_length=MAX_TOKENS,
        return_offsets_mapping=True,
    )
    words = {fact: torch.full((count, MAX_TOKENS), IGNORED) for fact in WORD_FACTS}
    whole = {fact: torch.full((count,), IGNORED) for fact in WHOLE_FACTS}
    for row, (scene, caption) in enumerate(zip(scenes, captions, strict=True)):
        labels = word_labels(scene, caption)
        for column, (start, end) in enumerate(read["offset_mapping"][row]):
            for fact, value in labels[start].items() if end > start else ():
                words[fact][row, column] = WORD_FACTS[fact].index(value)
        for fact, value in whole_labels(scene, caption).items():
            whole[fact][row] = WHOLE_FACTS[fact].index(value)
    return TextBatch(torch.tensor(read["input_ids"]), words, whole)


def word_labels(scene: Scene, caption: WorldCaption) -> list[dict[str, str]]:
    """For every character of the caption's text, what its word can know."""
    text = caption.text
    labels: list[dict[str, str]] = [{} for _ in text]
    words: dict[int, set[str]] = {about: set() for about in caption.order}
    end = 0
    for piece in caption.pieces:
        if not piece.text:
            continue
        start = text.index(piece.text, end)
        end = start + len(piece.text)
        found: dict[str, str] = {}
        if piece.about is not None:
            words[piece.about].add(piece.text)
            found = _thing_labels(scene, caption, piece.about, words[piece.about])
        elif piece.text in SETTING_PHRASES[scene.setting]:
            found = {"setting": scene.setting}
        labels[start:end] = [found] * len(piece.text)
    return labels


def _thing_labels(
    scene: Scene, caption: WorldCaption, about: int, words: set[str]
) -> dict[str, str]:
    """What is known of a thing once `words` have been said of it."""
    thing = scene.things[about]
    place = caption.order.index(about)
    labels = {"place": str(place)}
    if noun(thing.name, thing.count) not in words:
        return labels
    labels |= {"name": thing.name, "count": str(thing.count)}
    stated = {fact.of: fact.value for fact in caption.facts if fact.holds}
    for fact, synonyms in (
        ("colour", (thing.colour,)),
        ("size", SIZE_WORDS[thing.size]),
        ("state", (thing.state,)),
    ):
        if f"{fact}{place}" not in stated:
            labels[fact] = "unsaid"
        elif words.intersection(synonyms):
            labels[fact] = stated[f"{fact}{place}"]
    return labels


def whole_labels(scene: Scene, caption: WorldCaption) -> dict[str, str]:
    """What the caption says of the whole picture."""
    stated = {fact.of: fact.value for fact in caption.facts if fact.holds}
    labels = {
        "setting": stated.get("setting", "unsaid"),
        "weather": stated.get("weather", "unsaid"),
        "hat": stated.get("hat", "unsaid"),
        "count": str(scene.things[0].count),
    }
    if caption.places:
        labels["layout"] = scene.layout
        labels["first"] = {
            "beside": ("left", "right"),
            "above": ("above", "below"),
            "inside": ("inside", "around"),
        }.get(scene.layout, (scene.layout,))[caption.order[0]]
    return labels


def build_heads() -> Any:
    """Linear probes of the facts; thrown away after the training."""
    from torch import nn

    return nn.ModuleDict(
        {f"word_{fact}": nn.Linear(2 * WIDTH, len(v)) for fact, v in WORD_FACTS.items()}
        | {f"whole_{fact}": nn.Linear(POOLED, len(v)) for fact, v in WHOLE_FACTS.items()}
    )


def text_loss(
    encoders: tuple[Any, Any], heads: Any, batch: TextBatch
) -> tuple[torch.Tensor, dict[str, float]]:
    """Cross-entropy over all facts, and the share that is read right, by fact."""
    import torch
    from torch.nn import functional

    words, pooled = embed(encoders, batch.ids)
    total = words.new_zeros(())
    right: dict[str, float] = {}
    for kind, features, facts in (("word", words, batch.words), ("whole", pooled, batch.whole)):
        for fact, labels in facts.items():
            scores = heads[f"{kind}_{fact}"](features)
            total = total + functional.cross_entropy(
                scores.flatten(0, -2), labels.flatten(), ignore_index=IGNORED
            )
            known = labels != IGNORED
            hits = (scores.argmax(-1) == labels)[known].float()
            right[f"{kind}_{fact}"] = float(hits.mean()) if hits.numel() else 1.0
    return total + 1e-4 * torch.mean(words.square()), right
