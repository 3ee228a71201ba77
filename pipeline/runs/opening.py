"""Config → adapters → stages: the one module that knows which class serves which setting.

Each function takes the config of the run and hands every part its own section.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.config.run import RunConfig

if TYPE_CHECKING:
    from pipeline.adapters.llm.budget import Spend
    from pipeline.core.progress import StopSignal
    from pipeline.core.protocols import JointEncoder, PictureScorer, TextScorer, TokenCounter
    from pipeline.edits.balance.table import BalanceTable
    from pipeline.edits.checks import TextCheck
    from pipeline.edits.stage import EditStage
    from pipeline.scoring.questions import QuestionScorer
    from pipeline.scoring.stage import ScoreStage
    from pipeline.text_checks.stage import TextCheckStage


log = logging.getLogger(__name__)


def name_edit_stage(
    config: RunConfig,
    environ: Mapping[str, str],
    *,
    share: int = 1,
    spend: Spend | None = None,
    stop: StopSignal | None = None,
    balance: BalanceTable | None = None,
) -> EditStage:
    """Build the caption stage as far as its fingerprint needs it; it loads no model yet.

    Args:
        config: What is made.
        environ: The process environment, for API keys.
        share: Processes that share the language model's rates and budget.
        spend: The ledger to write; a new one if None.
        stop: Asked while the language model is waited for.
        balance: What was counted on the input; None for the table that the config names.

    Raises:
        ConfigError: The spaCy pipeline, the small model or a key is missing.
    """
    from pipeline.edits.stage import EditStage

    edits = config.edits
    # What chooses needs a choice; the checks cut each anchor's edits to the number asked.
    choices = config.checks.candidates if config.checks.chooses else 1
    if config.llm.provider == "none":
        return EditStage(edits, run_seed=config.seed, choices=choices, balance=balance)
    from pipeline.adapters.llm.opening import open_chat
    from pipeline.adapters.wordnet import describe_wordnet, open_wordnet
    from pipeline.edits.llm.chat_proposer import LlmProposer

    dictionary = open_wordnet(config.checks.wordnet)
    chat = open_chat(config.llm, environ, share=share, spend=spend, stop=stop)
    if dictionary is None and config.checks.wordnet != "off":
        log.warning("WordNet: %s", describe_wordnet("auto"))
    try:
        return EditStage(
            edits,
            run_seed=config.seed,
            proposer=LlmProposer(chat, config.llm, edits),
            choices=choices,
            dictionary=dictionary,
            text_check=early_text_check(config),
            balance=balance,
        )
    except BaseException:
        chat.close()
        raise


def early_text_check(config: RunConfig) -> TextCheck:
    """The cheap checks on text, asked while captions are chosen.

    What they refuse afterwards has taken a place that a rule's edit could have had.
    """
    from pipeline.text_checks.early import EarlyTextCheck

    return EarlyTextCheck(config.checks)


def load_edit_stage(stage: EditStage, config: RunConfig) -> EditStage:
    """Make the caption stage ready to write.

    Raises:
        ConfigError: The spaCy pipeline is missing or not fit.
    """
    if stage.load() and config.llm.provider == "none":
        set_apart_what_stays()
    return stage


def open_edit_stage(config: RunConfig, environ: Mapping[str, str]) -> EditStage:
    """Build the caption stage, ready to write.

    Raises:
        ConfigError: The spaCy pipeline, the small model or a key is missing.
    """
    return load_edit_stage(name_edit_stage(config, environ), config)


def set_apart_what_stays() -> None:
    """Take what lives as long as the process out of collections: parser and word tables.

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
        scenes_are_written=config.llm.provider != "none" and config.edits.max_full > 0,
    )


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
