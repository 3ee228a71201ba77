"""Which noise levels SDXL steps through: the scheduler and its timesteps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.adapters.quiet import array_copy_allowed, quiet_libraries
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.config.images import ImagesConfig

_SCHEDULERS = {
    "euler": "EulerDiscreteScheduler",
    "euler_a": "EulerAncestralDiscreteScheduler",
    "dpmpp_2m": "DPMSolverMultistepScheduler",
    "ddim": "DDIMScheduler",
    "lcm": "LCMScheduler",
    "unipc": "UniPCMultistepScheduler",
}

_MANY_STEPS = 50
# Below this many, the last second-order step of DPM++ leaves artefacts in SDXL's pictures;
# diffusers' page on SDXL advises an Euler step there.


def set_scheduler(pipeline: Any, config: ImagesConfig) -> None:
    """Replace the scheduler, keeping the model's noise schedule and prediction type.

    Raises:
        ConfigError: The scheduler cannot do that many steps.
    """
    changes: dict[str, Any] = {}
    if config.timestep_spacing != "default":
        changes["timestep_spacing"] = config.timestep_spacing
    if config.distilled == "dmd2":
        # 999, 749, 499, 249, as it was trained; of 50 origins LCM would take 999, 759, …
        changes["original_inference_steps"] = config.steps
    if config.scheduler == "dpmpp_2m" and config.steps < _MANY_STEPS:
        changes["euler_at_final"] = True
    if config.scheduler != "default" or changes:
        with quiet_libraries(), array_copy_allowed():
            import diffusers

            own = type(pipeline.scheduler)
            name = _SCHEDULERS.get(config.scheduler)
            kind = own if name is None else getattr(diffusers, name)
            pipeline.scheduler = kind.from_config(pipeline.scheduler.config, **changes)
    try:
        with array_copy_allowed():
            pipeline.scheduler.set_timesteps(config.steps)
    except (ValueError, IndexError) as error:
        raise ConfigError(
            f"{type(pipeline.scheduler).__name__} cannot do images.steps = {config.steps}: {error}"
        ) from error
