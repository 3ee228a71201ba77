"""Small causal language models with random weights, saved as transformers saves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def save_tiny_model(folder: Path, design: str) -> Path:
    """A random model of one of three designs; "bloom" takes no mask of ours."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import (
        BloomConfig,
        BloomForCausalLM,
        GPT2Config,
        GPT2LMHeadModel,
        LlamaConfig,
        LlamaForCausalLM,
        PreTrainedTokenizerFast,
    )

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate(["<s>", *alphabet])}
    core = Tokenizer(models.BPE(vocabulary, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    ends = {"bos_token": "<s>", "eos_token": "<s>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, **ends)
    torch.manual_seed(0)
    size: dict[str, Any] = {"vocab_size": len(vocabulary), "bos_token_id": 0, "eos_token_id": 0}
    size["initializer_range"] = 0.4  # likelihoods that differ from text to text
    model: Any
    if design == "llama":
        model = LlamaForCausalLM(
            LlamaConfig(
                **size,
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=4,
                num_key_value_heads=2,
            )
        )
    elif design == "gpt2":
        model = GPT2LMHeadModel(GPT2Config(**size, n_embd=32, n_layer=2, n_head=4, n_positions=256))
    else:
        model = BloomForCausalLM(BloomConfig(**size, hidden_size=32, n_layer=2, n_head=4))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session", params=["llama", "gpt2", "bloom"])
def any_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny model of each design in turn."""
    return save_tiny_model(tmp_path_factory.mktemp("lm") / request.param, request.param)


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny model."""
    return save_tiny_model(tmp_path_factory.mktemp("lm") / "llama", "llama")
