"""Config → adapters → stages: the one place that knows which class serves which setting."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.config import RunConfig
from pipeline.errors import ConfigError
from pipeline.identity import JsonValue

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.edits.stage import EditStage
    from pipeline.ports import Renderer
    from pipeline.render.stage import RenderStage

LIBRARIES = ("spacy", "torch", "diffusers", "transformers", "peft", "openai", "pillow", "pyarrow")
"""Libraries whose version can change what is made; recorded in run.json."""


def library_versions(names: tuple[str, ...] = LIBRARIES) -> dict[str, str]:
    """Installed versions; "absent" where a library is missing."""
    found = {"counterfactory": __version__}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


class Workshop:
    """Opens the stages of one config when they are first needed, and closes them.

    Models are loaded once to a process however many shards it works on. Safe to use from
    several threads; what must not run twice at once is guarded by the two locks.

    Attributes:
        captions_lock: Held while captions are written: spaCy holds the interpreter anyway.
        render_lock: Held while pictures are drawn: one model, one device.
    """

    def __init__(self, config: RunConfig, environ: Mapping[str, str]) -> None:
        self.config = config
        self.captions_lock = threading.Lock()
        self.render_lock = threading.Lock()
        self._environ = environ
        self._opening = threading.Lock()
        self._edit_stage: EditStage | None = None
        self._renderer: Renderer | None = None

    def __enter__(self) -> Workshop:
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

    def edit_stage(self) -> EditStage:
        """The caption stage: rules, and a language model where the config names one.

        Raises:
            ConfigError: The spaCy pipeline, the small model or a key is missing.
        """
        with self._opening:
            if self._edit_stage is None:
                self._edit_stage = open_edit_stage(self.config, self._environ)
            return self._edit_stage

    def render_stage(self) -> RenderStage:
        """The stage that draws.

        Raises:
            ConfigError: The config asks for no pictures, or names a model that is not there.
        """
        from pipeline.render.stage import RenderStage

        return RenderStage(self.renderer(), self.config.seed, self.config.images.batch_size)

    def renderer(self) -> Renderer:
        """The image model; its weights are loaded when it first draws.

        Raises:
            ConfigError: The config asks for no pictures, or names a model that is not there.
        """
        if not self.draws:
            raise ConfigError("images.renderer is none: this run draws no pictures")
        from pipeline.adapters.sdxl import open_renderer

        with self._opening:
            if self._renderer is None:
                self._renderer = open_renderer(self.config.images)
            return self._renderer

    def stage_fingerprints(self) -> dict[str, JsonValue]:
        """What decides the results beyond the config: code versions, prompts, weights."""
        found: dict[str, JsonValue] = {"edits": self.edit_stage().fingerprint}
        if self.draws:
            found["render"] = self.render_stage().fingerprint
        return found

    def provenance(self) -> dict[str, JsonValue]:
        """Facts about the models, for run.json and every sample."""
        return {"image_model": dict(self.renderer().provenance)} if self.draws else {}

    def close(self) -> None:
        """Close what was opened; safe to call twice."""
        with self._opening:
            if self._edit_stage is not None:
                self._edit_stage.close()
                self._edit_stage = None
            if self._renderer is not None:
                self._renderer.close()
                self._renderer = None


def open_edit_stage(config: RunConfig, environ: Mapping[str, str]) -> EditStage:
    """Build the caption stage.

    Raises:
        ConfigError: The spaCy pipeline, the small model or a key is missing.
    """
    from pipeline.edits.stage import EditStage

    if config.llm.provider == "none":
        return EditStage(config.edits, run_seed=config.seed)
    from pipeline.adapters.openai_chat import open_chat
    from pipeline.edits.llm import LlmProposer

    chat = open_chat(config.llm, environ)
    try:
        proposer = LlmProposer(chat, config)
        return EditStage(config.edits, run_seed=config.seed, proposer=proposer)
    except BaseException:
        chat.close()
        raise
