"""SDXL base 1.0 of full size: its true shapes, with random weights or with none at all."""

from __future__ import annotations

from typing import Any

PARAMETERS = {"unet": 2_567_463_684, "vae": 83_653_863}
"""Of SDXL base 1.0."""

UNET: dict[str, Any] = {
    "sample_size": 128,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (320, 640, 1280),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
VAE = {
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
    "sample_size": 1024,
    "scaling_factor": 0.13025,
}
TEXT = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12}
TEXT_2 = {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32}


def unet_shape(most_layers: int = 99) -> dict[str, Any]:
    """Arguments of the UNet, with at most so many of the equal layers of each block."""
    layers: tuple[int, ...] = UNET["transformer_layers_per_block"]
    return UNET | {"transformer_layers_per_block": tuple(min(n, most_layers) for n in layers)}


def networks(*, most_layers: int = 99) -> dict[str, Any]:
    """SDXL base 1.0 with random weights, on torch's current device and in its format.

    Args:
        most_layers: Transformer layers of a block, and of a text encoder. They are all alike,
            so that a test that only wants every kind of operation can do with fewer.
    """
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    texts = [shape | {"num_hidden_layers": min(shape["num_hidden_layers"], most_layers)}
             for shape in (TEXT, TEXT_2)]  # fmt: skip
    text = CLIPTextConfig(num_attention_heads=12, hidden_act="quick_gelu", **texts[0])
    text_2 = CLIPTextConfig(
        num_attention_heads=20, hidden_act="gelu", projection_dim=1280, **texts[1]
    )
    return {
        "unet": UNet2DConditionModel(**unet_shape(most_layers)),
        "vae": AutoencoderKL(**VAE),
        "text_encoder": CLIPTextModel(text),
        "text_encoder_2": CLIPTextModelWithProjection(text_2),
    }


def build_full(tiny: Any, device: str, *, dtype: str = "bfloat16", most_layers: int = 99) -> Any:
    """A pipeline of full size; tokenizers and scheduler type are the small one's."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline

    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, dtype))
    try:
        with torch.device(device):
            torch.manual_seed(0)
            parts = networks(most_layers=most_layers)
    finally:
        torch.set_default_dtype(before)
    for part in parts.values():
        part.requires_grad_(False).eval()
    pipeline = StableDiffusionXLPipeline(
        **parts,
        tokenizer=tiny.tokenizer,
        tokenizer_2=tiny.tokenizer_2,
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            timestep_spacing="leading",
            steps_offset=1,
        ),
        add_watermarker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
