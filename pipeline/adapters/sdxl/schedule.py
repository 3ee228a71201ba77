"""Which noise levels SDXL steps through: the scheduler and its timesteps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipeline.adapters.quiet import array_copy_allowed, quiet_libraries
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.config.images import ImagesConfig

StepEnd = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]
"""What diffusers calls after each step; returns the tensors that it changed."""

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


def after_each_step(step_end: StepEnd | None, also: Callable[[], None] | None) -> StepEnd | None:
    """What the pipeline calls after a step: `also`, which may raise to end it, then `step_end`."""
    if also is None:
        return step_end

    def after(pipeline: Any, step: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        also()
        return step_end(pipeline, step, time, tensors) if step_end else {}

    return after
