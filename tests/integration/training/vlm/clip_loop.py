"""A training loop of one's own: a CLIP of transformers, this project's loader, CF-VLM's loss."""

from functools import partial
from pathlib import Path

import torch
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

from pipeline.training.vlm.features import encode_sets
from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
from pipeline.training.vlm.losses import compute_loss


def train(run: Path, name: str | Path, epochs: int, objective: str = "cf_vlm") -> list[float]:
    model = CLIPModel.from_pretrained(name, dtype=torch.float32)
    processor = CLIPImageProcessorPil.from_pretrained(name)
    length = model.config.text_config.max_position_embeddings
    tokenizer = partial(AutoTokenizer.from_pretrained(name), padding="max_length",
                        max_length=length, truncation=True, return_tensors="pt")  # fmt: skip
    dataset = CounterfactualDataset(
        run, transform=lambda image: processor(image, return_tensors="pt").pixel_values[0],
        decode_px=model.config.vision_config.image_size, max_edits=4, max_full=1,
    )  # fmt: skip
    loader = make_loader(dataset, batch_size=8, tokenizer=tokenizer)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)
    losses = []
    for _ in range(epochs):
        for batch in loader:
            features = encode_sets(
                batch,
                encode_image=lambda pixels: model.get_image_features(pixels).pooler_output,
                encode_text=lambda tokens: model.get_text_features(**tokens).pooler_output,
            )
            loss = compute_loss(objective, features, logit_scale=model.logit_scale.exp())["loss"]
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return losses
