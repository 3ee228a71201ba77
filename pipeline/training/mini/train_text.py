"""Train the text encoders: `python -m pipeline.training.mini.train_text FOLDER`."""

from __future__ import annotations

import argparse
import random
import sys
from importlib.resources import files
from pathlib import Path

from pipeline.training.mini.progress import Training
from pipeline.training.mini.text import (
    build_heads,
    build_text_encoders,
    draw_batch,
    learn_tokenizer,
    text_loss,
)

BATCH = 128


def train_text(folder: Path, captions: int, seed: int = 0) -> None:
    """Train on `captions` captions of the world; goes on from `folder` where it stopped.

    Writes `folder/tokenizer`, `folder/text_encoder` and `folder/text_encoder_2`.
    """
    import torch

    torch.manual_seed(seed)
    sample = files("pipeline") / "sources" / "sample" / "cc3m_sample.tsv"
    more = [row.split("\t")[0] for row in sample.read_text("utf-8").split("\n") if row]
    tokenizer = learn_tokenizer(seed, more=more)
    encoders = build_text_encoders(tokenizer)
    heads = build_heads()
    modules = {"one": encoders[0], "two": encoders[1], "heads": heads}
    training = Training(modules, folder / "text.pt", steps=captions // BATCH, rate=2e-3)
    while not training.is_done:
        batch = draw_batch(tokenizer, random.Random(f"{seed} text {training.step}"), BATCH)
        loss, right = text_loss(encoders, heads, batch)
        value = training.update(loss)
        if training.step % 50 == 0:
            read = " ".join(f"{fact} {share:.3f}" for fact, share in right.items())
            sys.stdout.write(f"text step {training.step} loss {value:.3f} {read}\n")
            sys.stdout.flush()
        if training.step % 500 == 0:
            training.save()
    training.save()
    training.use_averages()
    tokenizer.save_pretrained(folder / "tokenizer")
    encoders[0].save_pretrained(folder / "text_encoder")
    encoders[1].save_pretrained(folder / "text_encoder_2")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--captions", type=int, default=128_000)
    options = parser.parse_args()
    train_text(options.folder, options.captions)
