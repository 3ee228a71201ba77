"""A list of the words that edits may bring in, for image models that draw few things."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue, fingerprint
from pipeline.edits.apply.proposal import Proposal

WORLD: Final = "builtin:world"
"""What the image model that comes with the package can draw."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What edits may bring in.

    Attributes:
        words: Every word in every form, in lower case; an edit may also use the caption's own.
        settings: For each place, the phrases that take a scene there, for complete
            counterfactuals.
        never: What the image model cannot draw though it knows the words: regular expressions
            that are looked for in a caption without its settings.
    """

    words: frozenset[str]
    settings: tuple[tuple[str, ...], ...] = ()
    never: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Name of the content."""
        content: dict[str, JsonValue] = {
            "words": sorted(self.words),
            "settings": [list(place) for place in self.settings],
        }
        return fingerprint({**content, "never": list(self.never)} if self.never else content)

    def unknown_word(self, text: str, caption: str) -> str | None:
        """What of a caption the image model does not know: a strange word, or a combination.

        What stands in the source's own caption is not asked about.
        """
        strange = self._strange_word(text, caption)
        return strange if strange is not None else self.undrawable(text, caption)

    def undrawable(self, text: str, caption: str) -> str | None:
        """The words by which a text, and not its source's caption, asks for what is never drawn."""
        return None if self._undrawable(caption) is not None else self._undrawable(text)

    def _undrawable(self, text: str) -> str | None:
        if not self.never:
            return None
        bare = f" {text.lower()} "
        for phrase in sorted(chain(*self.settings), key=len, reverse=True):
            bare = bare.replace(f" {phrase} ", " ").replace(f" {phrase}, ", " ")
        found = next(filter(None, (re.search(pattern, bare) for pattern in self.never)), None)
        return " ".join(filter(None, found.groups())) or found[0].strip() if found else None

    def _strange_word(self, text: str, caption: str) -> str | None:
        """The first word of `text` that is neither listed nor in the caption."""
        own = set(_WORD.findall(caption.lower()))
        words: list[str] = _WORD.findall(text.lower())
        for word in words:
            if word not in self.words and word not in own:
                return word
        return None

    def elsewhere(self, caption: str) -> list[str]:
        """Phrases of the places of which the caption has none."""
        padded = f" {caption.lower()} "
        return [
            phrase
            for place in self.settings
            if not any(f" {other} " in padded for other in place)
            for phrase in place
        ]

    def setting_span(self, words: Sequence[str]) -> tuple[int, int] | None:
        """Half-open tokens of the longest of the settings that a caption names, if it names one.

        Args:
            words: The caption's words in lower case.
        """
        spans = [
            (start, start + len(phrase))
            for phrase in (tuple(one.split()) for place in self.settings for one in place)
            for start in range(len(words) - len(phrase) + 1)
            if tuple(words[start : start + len(phrase)]) == phrase
        ]
        return max(spans, key=lambda span: span[1] - span[0], default=None)

    def unknown_word_of(self, proposal: Proposal, caption: str) -> str | None:
        """The first strange word that a proposal writes, its own factual wording included."""
        wording = [proposal.wording.text] if proposal.wording is not None else []
        texts = (*wording, proposal.new, *(piece.text for piece in proposal.pieces))
        return self._strange_word(" ".join(texts), caption)

    def known(self, caption: str, proposals: Sequence[Proposal]) -> list[Proposal]:
        """The proposals that bring in nothing strange."""
        return [p for p in proposals if self.unknown_word_of(p, caption) is None]


class _VocabularyFile(BaseModel):
    """What stands in the file of a vocabulary."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    words: tuple[str, ...] = Field(min_length=1)
    settings: tuple[tuple[str, ...], ...] = ()
    never: tuple[str, ...] = ()

    @field_validator("never")
    @classmethod
    def _are_expressions(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"never: {pattern!r} is no regular expression: {error}") from error
        return patterns


def load_vocabulary(name: str) -> Vocabulary:
    """Read a vocabulary: a TOML file with `words` and, if you like, `settings` and `never`.

    Raises:
        ConfigError: The file is missing or is not such a file.
    """
    place = Path(name).expanduser()
    if name == WORLD:
        place = Path(str(files("pipeline"))) / "models" / "world_sdxl" / "vocabulary.toml"
    elif name.startswith("builtin:"):
        raise ConfigError(f"edits.vocabulary {name!r} is unknown; the built-in one is {WORLD!r}")
    try:
        found = _VocabularyFile.model_validate(tomllib.loads(place.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"edits.vocabulary {place} cannot be read: {error}") from error
    except ValidationError as error:
        raise ConfigError(
            f'edits.vocabulary {place}: write words = ["dog", "dogs", …] and, for complete '
            'counterfactuals, settings = [["on the beach", "by the sea"], ["in the snow"], …]'
        ) from error
    except ValueError as error:
        raise ConfigError(f"edits.vocabulary {place} is no TOML file: {error}") from error
    texts = [*found.words, *(phrase for phrases in found.settings for phrase in phrases)]
    allowed = {word for text in texts for word in _WORD.findall(text.lower())}
    return Vocabulary(frozenset(allowed), found.settings, found.never)
