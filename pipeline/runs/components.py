"""Config → adapters → stages: the one place that knows which class serves which setting."""

from __future__ import annotations

import gc
import threading
from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue, fingerprint

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.adapters.llm.budget import Spend
    from pipeline.core.protocols import (
        JointEncoder,
        PictureScorer,
        Renderer,
        TextScorer,
        TokenCounter,
    )
    from pipeline.edits.stage import EditStage
    from pipeline.render.stage import RenderStage
    from pipeline.scoring.questions import QuestionScorer
    from pipeline.scoring.stage import ScoreStage
    from pipeline.selection.selector import Selector
    from pipeline.text_checks.stage import TextCheckStage

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


class Components:
    """Opens the stages of one config when they are first needed, and closes them.

    Models are loaded once to a process however many shards it works on. Safe to use from
    several threads; what must not run twice at once is guarded by the two locks.

    Attributes:
        captions_lock: Held while captions are written: spaCy holds the interpreter anyway.
        render_lock: Held while pictures are drawn: one model, one device.
    """

    def __init__(self, config: RunConfig, environ: Mapping[str, str], *, share: int = 1) -> None:
        """Open nothing yet.

        Args:
            config: What is made.
            environ: The process environment, for API keys.
            share: Processes that share the language model's rates and budget.
        """
        self.config = config
        self._share = share
        self._spend: Spend | None = None
        self.captions_lock = threading.Lock()
        self.render_lock = threading.Lock()
        self._environ = environ
        self._opening = threading.Lock()
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

    def edit_stage(self) -> EditStage:
        """The caption stage: rules, and a language model where the config names one.

        Raises:
            ConfigError: The spaCy pipeline, the small model or a key is missing.
        """
        with self._opening:
            if self._edit_stage is None:
                self._edit_stage = open_edit_stage(
                    self.config, self._environ, share=self._share, spend=self._ledger()
                )
            return self._edit_stage

    @property
    def spend(self) -> Spend | None:
        """What was asked of the language model by this process; None without one."""
        return self._spend

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
            *(self.renderer(), self.config.seed, images.batch_size, images),
            hands_over=self.config.selects,
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
        found: dict[str, JsonValue] = {
            "edits": self.edit_stage().fingerprint,
            "text_checks": self.text_checks().fingerprint,
        }
        if self.draws:
            found["render"] = self.render_stage().fingerprint
        if self.config.selects:
            found["scores"] = self.score_stage().fingerprint
            found["selection"] = selection_fingerprint()
        return found

    def provenance(self) -> dict[str, JsonValue]:
        """Facts about the models and the checks, for run.json."""
        facts: dict[str, JsonValue] = {"text_checks": self.text_checks().description()}
        if self.draws:
            facts["image_model"] = dict(self.renderer().provenance)
        if self.config.selects:
            facts["scores"] = self.score_stage().description()
            facts["selection"] = describe_selection(self.config)
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


Workshop = Components
"""As the flow's context still calls it."""


def open_score_stage(
    config: RunConfig,
    environ: Mapping[str, str],
    *,
    share: int = 1,
    spend: Spend | None = None,
) -> ScoreStage:
    """Build the stage that measures pictures, with the scorers that the config names.

    Args:
        config: What is made.
        environ: The process environment, for API keys.
        share: Processes that share the language model's rates and budget.
        spend: The ledger to write; a new one if None.

    Raises:
        ConfigError: One of them is not there, or a key is missing.
        PermanentError: A hub does not give the model that the config names.
    """
    from pipeline.scoring.stage import ScoreStage

    scores = config.scores
    encoder: JointEncoder | None = None
    pictures: list[PictureScorer] = []
    if scores.clip != "none":
        from pipeline.adapters.clip.encoder import open_joint_encoder

        encoder = open_joint_encoder(scores)
    if scores.nsfw != "none":
        from pipeline.adapters.nsfw import open_nsfw_scorer

        pictures.append(open_nsfw_scorer(scores))
    questions: QuestionScorer | None = None
    if scores.questions != "none":
        questions = open_questions(config, environ, share=share, spend=spend)
    return ScoreStage(
        encoder=encoder, pictures=pictures, questions=questions, batch_size=scores.batch_size
    )


def open_questions(
    config: RunConfig, environ: Mapping[str, str], *, share: int = 1, spend: Spend | None = None
) -> QuestionScorer:
    """Build what asks a vision-language model, with the limits and the cache of `llm`.

    Raises:
        ConfigError: The key, a price or the spaCy pipeline is missing.
    """
    from pipeline.adapters.llm.opening import open_chat
    from pipeline.edits.parse.facts import SpacyFacts
    from pipeline.edits.parse.spacy_pipeline import Parser
    from pipeline.scoring.questions import QuestionScorer

    asked = config.llm.model_copy(
        update={
            "provider": "openai",
            "mode": "online",
            "model": config.scores.questions,
            "base_url": config.scores.questions_url or config.llm.base_url,
        }
    )
    finder = SpacyFacts(Parser(config.edits.spacy_model))
    return QuestionScorer(open_chat(asked, environ, share=share, spend=spend), finder)


def selection_fingerprint() -> str:
    """Name of the code that chooses pictures; the config says the rest."""
    from pipeline.selection.selector import SELECTION_VERSION

    return fingerprint({"selection": SELECTION_VERSION})


def describe_selection(config: RunConfig) -> dict[str, JsonValue]:
    """How pictures are chosen, for run.json: the bands as they apply to each group."""
    from pipeline.selection.bands import resolve_all

    resolved = resolve_all(config.selection.bands)
    bands: dict[str, JsonValue] = {
        group: {name: list(band) for name, band in bands.items()}
        for group, bands in resolved.items()
    }
    return {**config.selection.model_dump(mode="json", exclude={"bands"}), "bands": bands}


def open_edit_stage(
    config: RunConfig,
    environ: Mapping[str, str],
    *,
    share: int = 1,
    spend: Spend | None = None,
) -> EditStage:
    """Build the caption stage.

    Args:
        config: What is made.
        environ: The process environment, for API keys.
        share: Processes that share the language model's rates and budget.
        spend: The ledger to write; a new one if None.

    Raises:
        ConfigError: The spaCy pipeline, the small model or a key is missing.
    """
    from pipeline.edits.stage import EditStage

    edits = config.edits
    # What chooses needs a choice; the checks cut each anchor's edits to the number asked.
    choices = config.checks.candidates if config.checks.chooses else 1
    if config.llm.provider == "none":
        stage = EditStage(edits, run_seed=config.seed, choices=choices)
        _set_apart_what_stays()
        return stage
    from pipeline.adapters.llm.opening import open_chat
    from pipeline.edits.llm.chat_proposer import LlmProposer

    chat = open_chat(config.llm, environ, share=share, spend=spend)
    try:
        proposer = LlmProposer(chat, config)
        return EditStage(edits, run_seed=config.seed, proposer=proposer, choices=choices)
    except BaseException:
        chat.close()
        raise


def _set_apart_what_stays() -> None:
    """Take the parser and the word tables, which live as long as the process, out of collections.

    The garbage collector would walk their million objects again and again for what the rules
    throw away: a tenth of the caption stage's time.
    """
    from pipeline.edits.lexicon.inflection import load_verbs

    load_verbs()
    gc.collect()
    gc.freeze()


def open_text_checks(config: RunConfig) -> TextCheckStage:
    """Build the checks on text, each with its tool where the config or the machine has it.

    Raises:
        ConfigError: The language model, the tokenizers or WordNet are not where the config says.
        PermanentError: A hub does not give the model that the config names.
    """
    from pipeline.adapters.wordnet import open_wordnet
    from pipeline.text_checks.stage import TextCheckStage

    checks = config.checks
    counter: TokenCounter | None = None
    if config.images.renderer == "sdxl":
        from pipeline.adapters.sdxl.text import open_token_counter

        counter = open_token_counter(config.images)
    scorer: TextScorer | None = None
    if checks.fluency_model != "none":
        from pipeline.adapters.language_model.scorer import open_text_scorer

        scorer = open_text_scorer(checks)
    return TextCheckStage(
        checks,
        max_minimal=config.edits.max_minimal,
        max_full=config.edits.max_full,
        counter=counter,
        dictionary=open_wordnet(checks.wordnet),
        scorer=scorer,
    )
