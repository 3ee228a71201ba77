"""The loss: what the network must predict, and how much each noise level counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

    from pipeline.training.sdxl.batch import Batch
    from pipeline.training.sdxl.config import FinetuneConfig

Prediction = Literal["epsilon", "v_prediction", "sample"]


def min_snr_weights(snr: torch.Tensor, gamma: float, prediction: Prediction) -> torch.Tensor:
    """Min-SNR weights of the squared error: (batch,) float, 0 or more.

    Hang et al., "Efficient Diffusion Training via Min-SNR Weighting Strategy",
    arXiv 2303.09556, section 3.4: the error of the predicted picture counts min(SNR, γ). As
    an error of the noise that is min(SNR, γ) / SNR, as one of v it is min(SNR, γ) / (SNR + 1).

    Args:
        snr: (batch,) signal-to-noise ratios, 0 or more; 0 is pure noise.
        gamma: γ; the paper takes 5.
        prediction: What the network predicts.
    """
    import torch

    capped = snr.clamp(max=gamma)
    if prediction == "epsilon":
        # The same as capped / snr, and 1 also where the ratio is 0.
        return torch.clamp(gamma / snr, max=1.0)
    return capped / (snr + 1) if prediction == "v_prediction" else capped


def training_scheduler(pipeline: Any) -> Any:
    """The pipeline's noise schedule, in the form that training needs.

    Raises:
        ConfigError: The model was not made by ordinary discrete-time diffusion.
    """
    from diffusers import DDPMScheduler

    own = pipeline.scheduler
    name = type(own).__name__
    prediction = own.config.get("prediction_type")
    known = {"epsilon", "v_prediction", "sample"}
    if prediction not in known or name.startswith(("EDM", "FlowMatch")):
        raise ConfigError(
            f"model: its scheduler {name} predicts {prediction!r}; only {sorted(known)} of an "
            "ordinary noise schedule can be fine-tuned"
        )
    if pipeline.unet.config.time_cond_proj_dim is not None:
        raise ConfigError(
            "model: it was distilled and takes the guidance scale as an input; fine-tune the "
            "model that it was made from, and use the distilled one's LoRA beside yours"
        )
    return DDPMScheduler.from_config(own.config)


class Objective:
    """The loss of a batch.

    Attributes:
        timesteps: Number of noise levels.
        prediction: What the network predicts, as the model's scheduler says.
    """

    def __init__(self, scheduler: Any, config: FinetuneConfig) -> None:
        self._scheduler = scheduler
        self._gamma = config.train.min_snr_gamma
        self.timesteps: int = scheduler.config.num_train_timesteps
        self.prediction: Prediction = scheduler.config.prediction_type

    def target(self, batch: Batch) -> torch.Tensor:
        """What the network should say: noise, v or the latents themselves."""
        if self.prediction == "epsilon":
            return batch.noise
        if self.prediction == "sample":
            return batch.latents
        velocity: torch.Tensor = self._scheduler.get_velocity(
            batch.latents, batch.noise, batch.timesteps
        )
        return velocity

    def loss(self, unet: Any, batch: Batch) -> torch.Tensor:
        """Mean weighted squared error, a float32 scalar."""
        import torch

        noisy = self._scheduler.add_noise(batch.latents, batch.noise, batch.timesteps)
        prediction = unet(
            noisy,
            batch.timesteps,
            encoder_hidden_states=batch.tokens,
            added_cond_kwargs={"text_embeds": batch.pooled, "time_ids": batch.time_ids},
            return_dict=False,
        )[0]
        error = torch.nn.functional.mse_loss(
            prediction.float(), self.target(batch), reduction="none"
        )
        each = error.mean(dim=(1, 2, 3))
        if self._gamma is None:
            return each.mean()
        from diffusers.training_utils import compute_snr

        snr = compute_snr(self._scheduler, batch.timesteps)
        return (each * min_snr_weights(snr, self._gamma, self.prediction)).mean()
