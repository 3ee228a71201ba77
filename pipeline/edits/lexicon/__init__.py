"""The lexicon: what things, qualities and actions look like, as readable TOML."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.edits.lexicon.actions import Actions, read_actions
from pipeline.edits.lexicon.attributes import Qualities, read_qualities
from pipeline.edits.lexicon.objects import Nouns, read_nouns
from pipeline.edits.lexicon.protected import Protected, read_protected

TABLES = ("objects", "attributes", "actions", "protected", "frequency")
"""Tables that make the lexicon; the others of the folder belong to a single rule."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that the rules know about words.

    Attributes:
        nouns: Visible things.
        qualities: Colours, sizes, materials, states, ages.
        actions: Visible actions.
        protected: Phrases that stay as they are.
        frequency: Kind of edit → word → how often captions hold it where it can be edited.
        fingerprint: Name of the content of every table in the folder.
    """

    nouns: Nouns
    qualities: Qualities
    actions: Actions
    protected: Protected
    frequency: Mapping[str, Mapping[str, float]]
    fingerprint: str


@cache
def load_lexicon() -> Lexicon:
    """Read and validate the tables once.

    Raises:
        ValueError: A table contradicts itself; the message names table and word.
    """
    folder = files(__name__)
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }
    tables = {name: tomllib.loads(texts[name]) for name in TABLES}
    # Whatever table a rule reads for itself decides its edits too.
    named = (part for item in texts.items() for part in item)
    digest = hashlib.sha256("\0".join(named).encode()).hexdigest()
    return Lexicon(
        nouns=read_nouns(tables["objects"]),
        qualities=read_qualities(tables["attributes"]),
        actions=read_actions(tables["actions"]),
        protected=read_protected(tables["protected"]),
        frequency=tables["frequency"],
        fingerprint=digest[:16],
    )
