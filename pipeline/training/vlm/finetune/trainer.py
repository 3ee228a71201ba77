"""The training: the same settings and data give the same weights, stopped in between or not.

Longer than 300 lines because the training is read from its first line to its last.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.core.errors import PermanentError
from pipeline.core.ids import JsonValue, derive_seed
from pipeline.core.progress import Observer, Silent, Step, Stopped
from pipeline.training.loop.checkpoint import (
    Snapshot,
    checkpoint_folder,
    read_newest,
    refuse_other_settings,
    write_checkpoint,
)
from pipeline.training.loop.journal import Journal
from pipeline.training.loop.optimiser import learning_rate, load_moments, make_optimiser, moments
from pipeline.training.loop.session import locked, open_session
from pipeline.training.vlm.finetune.batches import EndlessBatches, require_pictures
from pipeline.training.vlm.finetune.best import BestWeights
from pipeline.training.vlm.finetune.curves import draw_curves, read_losses
from pipeline.training.vlm.finetune.model import (
    MODEL_FOLDER,
    TrainedModel,
    open_trained_model,
    prepare_weights,
    replace_model,
    trained_weights,
)
from pipeline.training.vlm.finetune.outcome import OnCurves, VlmOutcome
from pipeline.training.vlm.finetune.towers import loss_of, make_towers
from pipeline.training.vlm.finetune.validation import (
    ValidationResult,
    validate,
    validation_batches,
)

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.training.vlm.collate import Batch
    from pipeline.training.vlm.finetune.config import VlmConfig

LOSSES: Final = "losses.jsonl"
"""The journal: a line for every step."""

PLACE: Final = "place.json"
"""In a checkpoint: where each process stands in the data, and the validations so far."""


def train_vlm(
    config: VlmConfig, *, observer: Observer | None = None, on_curves: OnCurves | None = None
) -> VlmOutcome:
    """Fine-tune a model, or go on from the newest checkpoint in the output folder.

    Under `accelerate launch` every process calls this; the first one writes.

    Args:
        config: The settings.
        observer: Told about progress, and asked whether to stop.
        on_curves: Called with the step and the file whenever the curves are drawn.

    Raises:
        ConfigError: Settings, data, model and checkpoint do not fit together, or another process
            works in the output folder.
        PermanentError: Memory or disk are full, or the loss is no number any more.
        Stopped: The user asked to stop; a checkpoint was written.
    """
    import torch

    require_pictures(
        config.run,
        None if config.sets.split == "all" else config.sets.split,
        neutral=config.neutral_weight > 0,
    )
    with (
        open_session(
            device=config.device,
            precision=config.train.mixed_precision,
            accumulate=config.train.accumulate,
            may_leave_weights_unused=True,
        ) as accelerator,
        locked(config.folder, accelerator.is_main_process),
    ):
        watched = observer if observer and accelerator.is_main_process else Silent()
        devices = [accelerator.device] if accelerator.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            try:
                return VlmTrainer(config, accelerator, watched).run(on_curves)
            except torch.OutOfMemoryError as error:
                raise PermanentError(
                    f"the training does not fit in the memory of {accelerator.device}; choose a "
                    "smaller train.batch_size with more train.accumulate, fewer sets.max_edits, "
                    "train.gradient_checkpointing true, train.mixed_precision bf16, or method lora"
                ) from error


class VlmTrainer:
    """One training in one process; :func:`train_vlm` is the way in."""

    def __init__(self, config: VlmConfig, accelerator: Any, observer: Observer) -> None:  # noqa: ANN401
        self._config = config
        self._accelerator = accelerator
        self._observer = observer
        self._model: TrainedModel = open_trained_model(config)
        self._batches = EndlessBatches(
            config, self._model, accelerator.process_index, accelerator.num_processes
        )
        self._held_out = validation_batches(config, self._model)
        self._best = BestWeights(config.folder / "best")
        self._snapshot = read_newest(self._checkpoints)
        if self._snapshot is not None:
            refuse_other_settings(self._snapshot, self._settings)
        self._prepare()

    @property
    def _checkpoints(self) -> Path:
        return self._config.folder / "checkpoints"

    @property
    def _settings(self) -> dict[str, JsonValue]:
        """What decides the training: the config, the model, the number of processes."""
        return {
            **self._config.product(),
            "the model": self._model.identity,
            "processes": self._accelerator.num_processes,
            "precision": self._accelerator.mixed_precision,
        }

    def _prepare(self) -> None:
        """Make network and optimiser, as new or as the checkpoint has them."""
        import torch

        config, accelerator, snapshot = self._config, self._accelerator, self._snapshot
        torch.manual_seed(derive_seed(config.seed, "weights", "first"))
        prepare_weights(self._model, config)
        weights = trained_weights(self._model.module)
        if snapshot is not None:
            with torch.no_grad():
                for name, weight in weights.items():
                    weight.copy_(snapshot.weights[name])
        optimiser = make_optimiser(weights.values(), config.train)
        towers = make_towers(self._model)
        self._towers, self._optimiser = accelerator.prepare(towers, optimiser)
        self._module = accelerator.unwrap_model(self._towers).module
        self._weights = trained_weights(self._module)
        if snapshot is not None:
            load_moments(self._optimiser, self._weights, snapshot.moments)
            if accelerator.scaler is not None:
                accelerator.scaler.load_state_dict(dict(snapshot.scaler))
            self._go_to(snapshot.step)

    def _go_to(self, step: int) -> None:
        """Take up the data and the validations where the checkpoint left them."""
        file = checkpoint_folder(self._checkpoints, step) / PLACE
        place = json.loads(file.read_text("utf-8"))
        self._batches.go_to(place["loaders"][self._accelerator.process_index])
        self._best.take_up(
            [ValidationResult(**found) for found in place["validations"]],
            step,
            is_main=self._accelerator.is_main_process,
        )

    def run(self, on_curves: OnCurves | None) -> VlmOutcome:
        """Train to the end; see :func:`train_vlm`."""
        config, every = self._config, self._config.validation.every
        start = 0 if self._snapshot is None else self._snapshot.step
        self._snapshot = None  # its tensors are in use elsewhere now
        steps = max(start, config.train.steps)
        self._observer.total(Step.TRAINED, steps)
        self._observer.advance(Step.TRAINED, start)
        journal = Journal(config.folder / LOSSES, start, self._accelerator.is_main_process)
        losses: list[float] = []
        curves = config.folder / "curves.png"
        if start == 0 and every:
            self._validate(0)
        for step in range(start, steps):
            entry, stop = self._step(step)
            done = step + 1
            losses.append(entry["loss"])
            journal.add({"step": done, **entry})
            self._observer.advance(Step.TRAINED, 1)
            is_validated = bool(every) and (done % every == 0 or done == steps)
            if is_validated:
                self._validate(done)
            if stop or is_validated or done % config.checkpoints.every == 0 or done == steps:
                self._save(done)
            if is_validated or done == steps:
                self._draw(curves, done, on_curves)
            if stop:
                raise Stopped(f"stopped after step {done}; the same command goes on from there")
        model, best_step = self._export(steps)
        return VlmOutcome(
            model=model,
            steps=steps,
            best_step=best_step,
            resumed_from=start,
            trained=sum(weight.numel() for weight in self._weights.values()),
            losses=tuple(losses),
            validations=tuple(self._best.validations),
            curves=curves,
            is_main=self._accelerator.is_main_process,
        )

    def _step(self, step: int) -> tuple[dict[str, float], bool]:
        """One optimiser step: the means of the loss and its parts, and whether to stop."""
        import torch

        accelerator, train = self._accelerator, self._config.train
        # Of dropout, where a model has any: a function of the step, so that none need be stored.
        torch.manual_seed(derive_seed(self._config.seed, "step", str(step)))
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(step, train)
        norm: Any = 0.0
        sums: dict[str, Tensor] = {}
        for _ in range(train.accumulate):
            with accelerator.accumulate(self._towers):
                _, parts = self._loss(next(self._batches))
                accelerator.backward(parts["loss"])
                if accelerator.sync_gradients:
                    norm = accelerator.clip_grad_norm_(self._weights.values(), train.max_grad_norm)
                self._optimiser.step()
                self._optimiser.zero_grad()
            for name, value in parts.items():
                sums[name] = sums.get(name, torch.zeros(())) + value.detach().cpu()
        values = torch.stack([*(v.float() for v in sums.values()), torch.tensor(0.0)])
        values = values / train.accumulate
        values[-1] = float(self._observer.stopping)
        shared = accelerator.reduce(values.to(accelerator.device), reduction="mean").tolist()
        entry = dict(zip(sums, shared, strict=False))
        if not math.isfinite(entry["loss"]):
            raise PermanentError(
                f"the loss of step {step + 1} is {entry['loss']}: the training has diverged. "
                "Delete what is in checkpoints, or start anew in another output, with a smaller "
                "train.learning_rate or train.mixed_precision bf16 or no"
            )
        return {**entry, "gradient_norm": float(norm)}, shared[-1] > 0

    def _loss(self, batch: Batch) -> tuple[Mapping[str, Tensor], Mapping[str, Tensor]]:
        """Features of a batch, and the parts of its loss."""
        with self._accelerator.autocast():
            features: Mapping[str, Tensor] = self._towers(batch, self._accelerator.device)
        return features, loss_of(self._config, features)

    def _validate(self, step: int) -> None:
        """Look at the held-out sets on the first process, and keep the weights if they are best."""
        import torch

        accelerator = self._accelerator
        if accelerator.is_main_process:

            def evaluate(batch: Batch) -> tuple[Mapping[str, Tensor], float]:
                features, parts = self._loss(batch)
                return features, float(parts["loss"])

            self._module.eval()
            with torch.no_grad():
                found = validate(step, self._held_out, evaluate)
            self._module.train()
            if found is not None:
                self._best.add(found, lambda: self._taken(step, {}))
        accelerator.wait_for_everyone()

    def _taken(self, step: int, optimiser: Mapping[str, Tensor]) -> Snapshot:
        scaler = self._accelerator.scaler
        return Snapshot(
            step=step,
            settings=self._settings,
            weights={name: weight.data for name, weight in self._weights.items()},
            average={},
            average_steps=0,
            moments=optimiser,
            scaler={} if scaler is None else scaler.state_dict(),
        )

    def _save(self, step: int) -> None:
        from dataclasses import asdict

        from accelerate.utils import gather_object

        accelerator, config = self._accelerator, self._config
        places = gather_object([self._batches.state()])
        if accelerator.is_main_process:
            place = {"loaders": places, "validations": [asdict(v) for v in self._best.validations]}
            write_checkpoint(
                self._checkpoints,
                self._taken(step, moments(self._optimiser, self._weights)),
                keep=config.checkpoints.keep,
                extra={PLACE: json.dumps(place, indent=1).encode() + b"\n"},
            )
        accelerator.wait_for_everyone()

    def _draw(self, path: Path, step: int, on_curves: OnCurves | None) -> None:
        if not self._accelerator.is_main_process:
            return
        losses = read_losses(self._config.folder / LOSSES)
        draw_curves(path, losses, self._best.validations)
        if on_curves is not None:
            on_curves(step, path)

    def _export(self, steps: int) -> tuple[Path, int]:
        """Write the best weights, or the last where nothing was held out."""
        target = self._config.folder / MODEL_FOLDER
        best_step = None
        if self._accelerator.is_main_process:
            best_step = self._best.load_into(self._weights)
            replace_model(target, self._model, self._module)
        self._accelerator.wait_for_everyone()
        return target, steps if best_step is None else best_step
