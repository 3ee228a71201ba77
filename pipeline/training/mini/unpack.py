"""Take a packed miniature apart to train it further: `python -m …mini.unpack MODEL FOLDER`.

The parts get the names and the number format that the trainers read. `train_decoder` and
`train_unet` then go on from the weights; the optimizers start anew, as they are not packed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def unpack(model: Path, folder: Path) -> None:
    """Write `folder/tokenizer`, `text_encoder`, `text_encoder_2`, `vae` and `unet` in float32.

    Raises:
        FileExistsError: The folder has parts already, which may be trained further.
    """
    import torch
    from diffusers import StableDiffusionXLPipeline

    if (folder / "unet").exists() or (folder / "vae").exists():
        raise FileExistsError(f"{folder} holds parts of a training; name an empty folder")
    pipeline = StableDiffusionXLPipeline.from_pretrained(model, dtype=torch.float32)
    pipeline.tokenizer.save_pretrained(folder / "tokenizer")
    for name in ("text_encoder", "text_encoder_2", "vae", "unet"):
        getattr(pipeline, name).save_pretrained(folder / name)
    # The packed autoencoder's latents are standardized already: see `latents.write_latents`.
    (folder / "latents").mkdir()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    unpack(options.model, options.folder)
    sys.stdout.write(f"{options.folder}: go on with train_decoder, latents and train_unet\n")
