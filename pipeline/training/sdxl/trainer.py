"""The training: the same settings and data give the same weights, stopped in between or not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import PermanentError
from pipeline.core.ids import JsonValue, derive_seed
from pipeline.core.progress import Observer, Silent, Step, Stopped
from pipeline.training.loop.average import Average
from pipeline.training.loop.checkpoint import (
    Snapshot,
    read_newest,
    refuse_other_settings,
    write_checkpoint,
)
from pipeline.training.loop.journal import Journal
from pipeline.training.loop.optimiser import learning_rate, load_moments, make_optimiser, moments
from pipeline.training.loop.session import locked, open_session
from pipeline.training.sdxl.data import prepare_data
from pipeline.training.sdxl.examples import Example
from pipeline.training.sdxl.export import LORA_FILE, export_weights, lora_bytes
from pipeline.training.sdxl.network import prepare_network, trained_weights
from pipeline.training.sdxl.objective import Objective, training_scheduler
from pipeline.training.sdxl.outcome import BaseModel, FinetuneOutcome, OnGrid
from pipeline.training.sdxl.validation import Validation, write_grid

if TYPE_CHECKING:
    from pipeline.training.sdxl.config import FinetuneConfig


def finetune(
    config: FinetuneConfig,
    model: BaseModel,
    examples: Callable[[], Iterable[Example]],
    *,
    observer: Observer | None = None,
    on_grid: OnGrid | None = None,
) -> FinetuneOutcome:
    """Fine-tune a model, or go on from the newest checkpoint in the output folder.

    Under `accelerate launch` every process calls this; the first one writes.

    Args:
        config: The settings.
        model: What to start from.
        examples: Opens the examples; always the same ones in the same order.
        observer: Told about progress, and asked whether to stop.
        on_grid: Called with the step and the file of every validation grid.

    Raises:
        ConfigError: Settings, data and checkpoint do not fit together, or another process
            works in the output folder.
        PermanentError: Memory or disk are full, or the loss is no number any more.
        Stopped: The user asked to stop; a checkpoint was written.
    """
    import torch

    with (
        open_session(
            device=config.device,
            precision=config.train.mixed_precision,
            accumulate=config.train.accumulate,
        ) as accelerator,
        locked(config.folder, accelerator.is_main_process),
    ):
        watched = observer if observer and accelerator.is_main_process else Silent()
        devices = [accelerator.device] if accelerator.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            try:
                trainer = Trainer(config, model, examples, accelerator, watched)
                return trainer.run(on_grid)
            except torch.OutOfMemoryError as error:
                raise PermanentError(
                    f"the training does not fit in the memory of {accelerator.device}; choose a "
                    "smaller train.batch_size, pictures.width_px and height_px, "
                    "train.gradient_checkpointing true, train.mixed_precision bf16, or method "
                    "lora with a smaller lora.rank"
                ) from error


class Trainer:
    """One training in one process; :func:`finetune` is the way in."""

    def __init__(
        self,
        config: FinetuneConfig,
        model: BaseModel,
        examples: Callable[[], Iterable[Example]],
        accelerator: Any,
        observer: Observer,
    ) -> None:
        import torch

        self._config = config
        self._model = model
        self._accelerator = accelerator
        self._observer = observer
        self._pipeline = model.load(torch.float32)
        scheduler = training_scheduler(self._pipeline)
        self._objective = Objective(scheduler, config)
        self._data = prepare_data(config, model, self._pipeline, examples(), accelerator, observer)
        self._snapshot = read_newest(config.folder / "checkpoints")
        if self._snapshot is not None:
            refuse_other_settings(self._snapshot, self._settings)
        self._prepare()

    @property
    def _settings(self) -> dict[str, JsonValue]:
        """What decides the training: the config, the data, the model, the number of processes."""
        return {
            **self._config.product(),
            "the data": self._data.index.digest,
            "the model": self._model.identity,
            "processes": self._accelerator.num_processes,
            "precision": self._accelerator.mixed_precision,
        }

    def _prepare(self) -> None:
        """Make the network, its optimiser and its average, as new or as the checkpoint has them."""
        import torch

        config, accelerator, snapshot = self._config, self._accelerator, self._snapshot
        dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(
            accelerator.mixed_precision, torch.float32
        )
        unet = self._pipeline.unet
        torch.manual_seed(derive_seed(config.seed, "weights", "first"))
        prepare_network(unet, config, dtype)
        weights = trained_weights(unet)
        if snapshot is not None:
            with torch.no_grad():
                for name, weight in weights.items():
                    weight.copy_(snapshot.weights[name])
        optimiser = make_optimiser(weights.values(), config.train)
        self._unet, self._optimiser = accelerator.prepare(unet, optimiser)
        self._unwrapped = accelerator.unwrap_model(self._unet)
        self._weights = trained_weights(self._unwrapped)
        self._average = Average(self._weights, config.train.ema_decay)
        if snapshot is not None:
            load_moments(self._optimiser, self._weights, snapshot.moments)
            self._average.load(snapshot.average, snapshot.average_steps)
            if accelerator.scaler is not None:
                accelerator.scaler.load_state_dict(dict(snapshot.scaler))

    def run(self, on_grid: OnGrid | None) -> FinetuneOutcome:
        """Train to the end; see :func:`finetune`."""
        config = self._config
        start = 0 if self._snapshot is None else self._snapshot.step
        self._snapshot = None  # its tensors are in use elsewhere now
        steps = max(start, config.train.steps)
        self._observer.total(Step.TRAINED, steps)
        self._observer.advance(Step.TRAINED, start)
        journal = Journal(config.folder / "losses.jsonl", start, self._accelerator.is_main_process)
        losses: list[float] = []
        grid = self._draw_grid(0, on_grid) if start == 0 else None
        for step in range(start, steps):
            loss, norm, stop = self._step(step)
            losses.append(loss)
            done = step + 1
            journal.add({"step": done, "loss": loss, "gradient_norm": norm})
            self._observer.advance(Step.TRAINED, 1)
            if stop or done % config.checkpoints.every == 0 or done == steps:
                self._save(done)
            if stop:
                raise Stopped(f"stopped after step {done}; the same command goes on from there")
            if done % (config.validation.every or steps + 1) == 0 or done == steps:
                grid = self._draw_grid(done, on_grid) or grid
        weights = self._export()
        return FinetuneOutcome(
            weights=weights,
            steps=steps,
            resumed_from=start,
            examples=len(self._data.index),
            trained=sum(weight.numel() for weight in self._weights.values()),
            losses=tuple(losses),
            cache=self._data.index.counts,
            grid=grid,
            is_main=self._accelerator.is_main_process,
        )

    def _step(self, step: int) -> tuple[float, float, bool]:
        """One optimiser step: mean loss, gradient norm, whether to stop."""
        import torch

        accelerator, train = self._accelerator, self._config.train
        total = torch.zeros(2, device=accelerator.device)
        norm: Any = 0.0
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(step, train)
        for micro in range(train.accumulate):
            with accelerator.accumulate(self._unet):
                batch = self._data.batch(
                    step * train.accumulate + micro,
                    self._config,
                    rank=accelerator.process_index,
                    world_size=accelerator.num_processes,
                    timesteps=self._objective.timesteps,
                )
                loss = self._objective.loss(self._unet, batch.to(accelerator.device))
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    norm = accelerator.clip_grad_norm_(self._weights.values(), train.max_grad_norm)
                self._optimiser.step()
                self._optimiser.zero_grad()
            total[0] += loss.detach() / train.accumulate
        total[1] = float(self._observer.stopping)
        shared = accelerator.reduce(total, reduction="mean")
        mean_loss, stop = float(shared[0]), float(shared[1]) > 0
        if not math.isfinite(mean_loss):
            raise PermanentError(
                f"the loss of step {step + 1} is {mean_loss}: the training has diverged. Delete "
                "what is in checkpoints, or start anew in another output, with a smaller "
                "train.learning_rate or train.mixed_precision bf16 or no"
            )
        if not accelerator.optimizer_step_was_skipped:
            self._average.step()
        return mean_loss, float(norm), stop

    def _save(self, step: int) -> None:
        accelerator, config = self._accelerator, self._config
        if accelerator.is_main_process:
            scaler = accelerator.scaler
            snapshot = Snapshot(
                step=step,
                settings=self._settings,
                weights={name: weight.data for name, weight in self._weights.items()},
                average=self._average.tensors(),
                average_steps=self._average.steps,
                moments=moments(self._optimiser, self._weights),
                scaler={} if scaler is None else scaler.state_dict(),
            )
            extra: dict[str, bytes] = {}
            if config.method == "lora":
                with self._average.applied():
                    extra[LORA_FILE] = lora_bytes(self._unwrapped, config.export.dtype)
            write_checkpoint(
                config.folder / "checkpoints", snapshot, keep=config.checkpoints.keep, extra=extra
            )
        accelerator.wait_for_everyone()

    def _draw_grid(self, step: int, on_grid: OnGrid | None) -> Path | None:
        """Draw the grid with the averaged weights, on the first process."""
        config, accelerator = self._config, self._accelerator
        if config.validation.every == 0:
            return None
        path = config.folder / "validation" / f"step-{step:06d}.png"
        if accelerator.is_main_process:
            self._pipeline.unet = self._unwrapped
            prompts, unconditional = self._data.prompts, self._data.unconditional
            validation = Validation(
                self._pipeline, prompts, unconditional, config, accelerator.device
            )
            with self._average.applied():
                rows = validation.draw()
            write_grid(path, rows, [prompt.text for prompt in prompts])
            if on_grid is not None:
                on_grid(step, path)
        accelerator.wait_for_everyone()
        return path

    def _export(self) -> Path:
        config, accelerator = self._config, self._accelerator
        target = config.folder
        if accelerator.is_main_process:
            with self._average.applied():
                target = export_weights(self._unwrapped, config, self._model.folder)
        accelerator.wait_for_everyone()
        return target
