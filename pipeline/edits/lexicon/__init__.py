"""The lexicon: what things, qualities and actions look like, as readable TOML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.edits.lexicon.actions import Actions
from pipeline.edits.lexicon.attributes import Qualities
from pipeline.edits.lexicon.files import lexicon_fingerprint, load_lexicon_file
from pipeline.edits.lexicon.objects import NounGroups, Nouns, read_nouns
from pipeline.edits.lexicon.protected import Protected


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What every rule knows about words; the folder's other files belong to a single rule.

    Attributes:
        nouns: Visible things.
        qualities: Colours, sizes, materials, states, ages.
        actions: Visible actions.
        protected: Phrases that stay as they are.
        fingerprint: Name of the content of every file in the folder.
    """

    nouns: Nouns
    qualities: Qualities
    actions: Actions
    protected: Protected
    fingerprint: str


@cache
def load_lexicon() -> Lexicon:
    """Read and validate the files once.

    Raises:
        ConfigError: A file contradicts itself; the message names file, table and word.
    """
    return Lexicon(
        nouns=read_nouns(load_lexicon_file("objects", NounGroups).root),
        qualities=load_lexicon_file("attributes", Qualities),
        actions=load_lexicon_file("actions", Actions),
        protected=load_lexicon_file("protected", Protected),
        fingerprint=lexicon_fingerprint(),
    )
