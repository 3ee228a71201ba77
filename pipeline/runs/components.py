"""The stages of one run, opened when they are first needed and closed together."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue
from pipeline.core.progress import StopSignal
from pipeline.runs.opening import (
    load_edit_stage,
    name_edit_stage,
    open_score_stage,
    open_text_checks,
)

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.adapters.llm.budget import Spend
    from pipeline.core.protocols import Renderer
    from pipeline.edits.balance.table import BalanceTable
    from pipeline.edits.stage import EditStage
    from pipeline.render.stage import RenderStage
    from pipeline.scoring.stage import ScoreStage
    from pipeline.selection.selector import Selector
    from pipeline.text_checks.stage import TextCheckStage


class Components:
    """Opens the stages of one config when they are first needed, and closes them.

    Models are loaded once to a process however many shards it works on. Safe to use from
    several threads; what must not run twice at once is guarded by the two locks.

    Attributes:
        stop_signal: Asked while a language model is waited for.
        captions_lock: Held while captions are written: spaCy holds the interpreter anyway.
        render_lock: Held while pictures are drawn: one model, one device.
    """

    def __init__(
        self,
        config: RunConfig,
        environ: Mapping[str, str],
        *,
        share: int = 1,
        spend: Spend | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            config: What is made.
            environ: The process environment, for API keys.
            share: Processes that share the language model's rates and budget.
            spend: The ledger to write, if it is not one of this process's own.
        """
        self.config = config
        self._share = share
        self._spend = spend
        self.stop_signal = StopSignal()
        self.captions_lock = threading.Lock()
        self.render_lock = threading.Lock()
        self._environ = environ
        self._opening = threading.Lock()
        self._balance: BalanceTable | None = None
        self._edit_stage: EditStage | None = None
        self._text_checks: TextCheckStage | None = None
        self._renderer: Renderer | None = None
        self._scores: ScoreStage | None = None

    def __enter__(self) -> Components:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything, also after an error."""
        self.close()

    @property
    def draws(self) -> bool:
        """Whether the config asks for pictures."""
        return self.config.images.renderer != "none"

    def use_balance(self, table: BalanceTable | None) -> None:
        """Balance edits by what was counted on the input; call it before the caption stage opens.

        Args:
            table: None for the table that the config names.
        """
        self._balance = table

    def edit_stage(self) -> EditStage:
        """The caption stage: rules, and a language model where the config names one.

        Raises:
            ConfigError: The spaCy pipeline, the small model or a key is missing.
        """
        with self._opening:
            return load_edit_stage(self._named_edit_stage(), self.config)

    def _named_edit_stage(self) -> EditStage:
        """The caption stage as far as its fingerprint needs it; call with `_opening` held."""
        if self._edit_stage is None:
            self._edit_stage = name_edit_stage(
                self.config,
                self._environ,
                share=self._share,
                spend=self._ledger(),
                stop=self.stop_signal,
                balance=self._balance,
            )
        return self._edit_stage

    @property
    def spend(self) -> Spend | None:
        """What was asked of the language model so far; None without one."""
        return self._ledger()

    def _ledger(self) -> Spend | None:
        """One ledger for their life, so that it outlives a stage that is closed."""
        asks = self.config.llm.provider != "none" or self.config.scores.questions != "none"
        if self._spend is None and asks:
            from pipeline.adapters.llm.budget import Spend

            self._spend = Spend()
        return self._spend

    def text_checks(self) -> TextCheckStage:
        """The checks on what the caption stage wrote.

        Raises:
            ConfigError: The language model, the tokenizers or WordNet are not where the config
                says.
            PermanentError: A hub does not give the model that the config names.
        """
        with self._opening:
            if self._text_checks is None:
                self._text_checks = open_text_checks(self.config)
            return self._text_checks

    def render_stage(self) -> RenderStage:
        """The stage that draws.

        Raises:
            ConfigError: The config asks for no pictures, or names a model that is not there.
        """
        from pipeline.render.stage import RenderStage

        images = self.config.images
        return RenderStage(
            renderer=self.renderer(),
            run_seed=self.config.seed,
            batch_size=images.batch_size,
            config=images,
            all_candidates=self.config.selects,
        )

    def renderer(self) -> Renderer:
        """The image model; its weights are loaded when it first draws.

        Raises:
            ConfigError: The config asks for no pictures, or names a model that is not there.
        """
        if not self.draws:
            raise ConfigError("images.renderer is none: this run draws no pictures")
        from pipeline.adapters.sdxl.renderer import open_renderer

        with self._opening:
            if self._renderer is None:
                self._renderer = open_renderer(self.config.images)
            return self._renderer

    def score_stage(self) -> ScoreStage:
        """The stage that measures drawn pictures; its models are loaded when they first look.

        Raises:
            ConfigError: A scorer that the config names is not there.
        """
        with self._opening:
            if self._scores is None:
                self._scores = open_score_stage(
                    self.config, self._environ, share=self._share, spend=self._ledger()
                )
            return self._scores

    def selector(self) -> Selector:
        """What keeps the best pictures: a new one for each shard, whose pictures it remembers."""
        from pipeline.selection.selector import Selector

        return Selector(self.config.selection, keep_candidates=self.config.images.keep_candidates)

    def stage_fingerprints(self) -> dict[str, JsonValue]:
        """What decides the results beyond the config: code versions, prompts, weights."""
        with self._opening:
            edits = self._named_edit_stage().fingerprint
        found: dict[str, JsonValue] = {
            "edits": edits,
            "text_checks": self.text_checks().fingerprint,
        }
        if self.draws:
            found["render"] = self.render_stage().fingerprint
        if self.config.selects:
            found["scores"] = self.score_stage().fingerprint
            found["selection"] = self.selector().fingerprint
        return found

    def provenance(self) -> dict[str, JsonValue]:
        """Facts about the models and the checks, for run.json."""
        facts: dict[str, JsonValue] = {"text_checks": self.text_checks().description()}
        if self.draws:
            facts["image_model"] = dict(self.renderer().provenance)
        if self.config.selects:
            facts["scores"] = self.score_stage().description()
            facts["selection"] = self.selector().description()
        return facts

    def close(self) -> None:
        """Close what was opened; safe to call twice."""
        with self._opening:
            if self._edit_stage is not None:
                self._edit_stage.close()
                self._edit_stage = None
            if self._text_checks is not None:
                self._text_checks.close()
                self._text_checks = None
            if self._renderer is not None:
                self._renderer.close()
                self._renderer = None
            if self._scores is not None:
                self._scores.close()
                self._scores = None
