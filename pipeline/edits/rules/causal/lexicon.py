"""The connectives and patterns of `lexicon/connectives.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pipeline.edits.rules.causal.patterns import Pattern, read_patterns

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Connective:
    """One way to say that something brings something about.

    Attributes:
        name: Name in tables, such as "is due to".
        effect_first: Which of the two stands before it.
        words: Its words; `{be}` and verbs in braces agree with what stands first.
        effect: "clause" or "nominal": the form of the effect beside it.
        cause: The form of the cause beside it.
    """

    name: str
    effect_first: bool
    words: str
    effect: str
    cause: str


@dataclass(frozen=True, slots=True)
class CausalLexicon:
    """The content of `lexicon/connectives.toml` but for what the miner reads."""

    connectives: Mapping[str, Connective]
    patterns: tuple[Pattern, ...]


@cache
def load_causal_lexicon() -> CausalLexicon:
    """Read `lexicon/connectives.toml` once."""
    text = files("pipeline.edits.lexicon").joinpath("connectives.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    connectives = {
        entry["name"]: Connective(
            entry["name"],
            entry["first"] == "effect",
            entry["words"],
            entry["effect"],
            entry["cause"],
        )
        for entry in table["connective"]
    }
    return CausalLexicon(connectives, read_patterns(table["pattern"]))
