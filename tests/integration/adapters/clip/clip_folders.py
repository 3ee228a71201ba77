"""Tiny random CLIP and SigLIP folders, as `save_pretrained` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = ("a", "red", "green", "dog", "cat", "left", "right", "of", "the", "sees")


def build_clip_folder(folder: Path, seed: int = 0) -> Any:
    """Write a random `CLIPModel` that reads 32 px pictures and 12 tokens; returns it."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>"]
    vocabulary = {token: number for number, token in enumerate([*tokens, "<|endoftext|>"])}
    tokenizer = CLIPTokenizer(vocabulary, [], pad_token="<|endoftext|>")  # noqa: S106
    end = vocabulary["<|endoftext|>"]
    text = {
        "vocab_size": len(vocabulary),
        "max_position_embeddings": 12,
        "bos_token_id": end - 1,
        "eos_token_id": end,
        "pad_token_id": end,
    }
    torch.manual_seed(seed)
    model = CLIPModel(
        CLIPConfig(
            text_config=_tower(**text),
            vision_config=_tower(image_size=32, patch_size=8),
            projection_dim=24,
        )
    ).eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    ).save_pretrained(folder)
    return model


def build_siglip_folder(folder: Path) -> Any:
    """Write a random `SiglipModel` that reads 24 px pictures and 10 tokens; returns it."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        PreTrainedTokenizerFast,
        SiglipConfig,
        SiglipImageProcessorPil,
        SiglipModel,
    )

    vocabulary = {word: number for number, word in enumerate(("<pad>", "<unk>", *WORDS))}
    special = {"pad_token": "<pad>", "unk_token": "<unk>"}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=special["unk_token"]))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, **special)
    torch.manual_seed(0)
    model = SiglipModel(
        SiglipConfig(
            text_config=_tower(vocab_size=len(vocabulary), max_position_embeddings=10),
            vision_config=_tower(image_size=24, patch_size=8),
        )
    ).eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": 24, "width": 24}).save_pretrained(folder)
    return model


def _tower(**settings: int) -> dict[str, int]:
    return {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        **settings,
    }
