"""The miniature's denoiser and what it is trained to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipeline.training.mini.text import POOLED, WIDTH
from pipeline.training.mini.vae import CHANNELS, FACTOR
from pipeline.training.world.scene import SIZE_PX

if TYPE_CHECKING:
    import torch

TEXT_DROPOUT: Final = 0.1
"""Share of the captions that are hidden, for classifier-free guidance."""

TIME_SKEW: Final = 0.75
"""Exponent of the drawn time: below 1 there is more of the high noise, where a picture's facts
are decided."""


def build_unet() -> Any:
    """An untrained `UNet2DConditionModel` with SDXL's conditioning, on two levels."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=SIZE_PX // FACTOR,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        block_out_channels=(96, 192),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(3, 6),
        transformer_layers_per_block=(1, 1),
        use_linear_projection=True,
        cross_attention_dim=2 * WIDTH,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        # Six micro-conditioning numbers of eight each, and the pooled text.
        projection_class_embeddings_input_dim=6 * 8 + POOLED,
        norm_num_groups=16,
    )


def build_scheduler() -> Any:
    """Noise that ends in noise alone (Lin et al., arXiv 2305.08891), predicting v."""
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=0,
    )


def time_ids(count: int) -> torch.Tensor:
    """SDXL's size and crop numbers of an uncut picture: (count, 6)."""
    import torch

    return torch.tensor([[SIZE_PX, SIZE_PX, 0, 0, SIZE_PX, SIZE_PX]]).float().repeat(count, 1)


def unet_loss(
    unet: Any,
    scheduler: Any,
    latents: torch.Tensor,
    text: tuple[torch.Tensor, torch.Tensor],
    generator: torch.Generator,
) -> torch.Tensor:
    """Mean squared error of v (Salimans and Ho, arXiv 2202.00512) at random times.

    Args:
        unet: The denoiser.
        scheduler: Gives the noise level of each time.
        latents: (n, channels, 16, 16), deviation about 1.
        text: Embeddings of the words and of the whole: (n, tokens, width), (n, width).
        generator: For times, noise and hidden captions.
    """
    import torch

    count = len(latents)
    steps = scheduler.config.num_train_timesteps
    uniform = (torch.rand(1, generator=generator) + torch.arange(count) / count) % 1
    times = (uniform**TIME_SKEW * steps).long().clamp(max=steps - 1)
    noise = torch.randn(latents.shape, generator=generator)
    alpha = scheduler.alphas_cumprod[times].sqrt()[:, None, None, None]
    sigma = (1 - scheduler.alphas_cumprod[times]).sqrt()[:, None, None, None]
    has_caption = (torch.rand(count, generator=generator) >= TEXT_DROPOUT).float()
    conditions = {"text_embeds": text[1] * has_caption[:, None], "time_ids": time_ids(count)}
    noisy = (alpha * latents + sigma * noise).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        guess = unet(
            noisy, times, text[0] * has_caption[:, None, None], added_cond_kwargs=conditions
        ).sample
    wanted = alpha * noise - sigma * latents
    loss: torch.Tensor = (guess.float() - wanted).square().mean()
    return loss
