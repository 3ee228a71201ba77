"""TRL's own trainer learns from the exported preferences, with a tiny random LLaVA."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.clients.client_packages import run_client
from tests.unit.export.exported_run import exported

pytestmark = pytest.mark.integration

TRAIN = """
import copy, json, sys
import datasets, torch
from transformers import (AutoTokenizer, CLIPImageProcessorPil, CLIPVisionConfig, LlamaConfig,
                          LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor)
from trl import DPOConfig, DPOTrainer

world, data, output = sys.argv[1:]
torch.manual_seed(0)
tokenizer = AutoTokenizer.from_pretrained(world)
tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"], "pad_token": "<pad>"})
template = ("{% for m in messages %}{{ m['role'] }}: {% for part in m['content'] %}"
            "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
            "{% endfor %} {% endfor %}{% if add_generation_prompt %}assistant: {% endif %}")
processor = LlavaProcessor(
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
    tokenizer, patch_size=16, vision_feature_select_strategy="default", chat_template=template,
    num_additional_image_tokens=1,
)
model = LlavaForConditionalGeneration(LlavaConfig(
    vision_config=CLIPVisionConfig(hidden_size=16, intermediate_size=16, num_hidden_layers=2,
                                   num_attention_heads=1, image_size=32, patch_size=16),
    text_config=LlamaConfig(vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16,
                            num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1),
    image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    vision_feature_layer=-1,
))
rows = datasets.concatenate_datasets(
    list(datasets.load_dataset(data, cache_dir=output).values()))
trainer = DPOTrainer(
    model=model, ref_model=copy.deepcopy(model), processing_class=processor, train_dataset=rows,
    args=DPOConfig(output_dir=output, max_steps=30, per_device_train_batch_size=5,
                   learning_rate=1e-2, logging_steps=1, report_to="none", use_cpu=True, bf16=False,
                   max_length=None, activation_checkpointing=False, save_strategy="no"),
)
trainer.train()
losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
print(json.dumps(losses))
"""


def test_its_dpo_trainer_learns(trl_packages: Path, tmp_path: Path) -> None:
    output, _ = exported(tmp_path, "dpo")
    world = Path(__file__).resolve().parents[3] / "pipeline" / "models" / "world_clip"
    printed = run_client(trl_packages, TRAIN, world, output, tmp_path / "trained")
    losses = json.loads(printed.splitlines()[-1])
    assert len(losses) == 30
    assert losses[0] == pytest.approx(0.693, abs=0.01), "equal to its reference at the start"
    assert min(losses[-10:]) < 0.6
