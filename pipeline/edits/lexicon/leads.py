"""What the main thing of a complete counterfactual within a vocabulary may become."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.edits.lexicon.files import Table, load_lexicon_file


class Lead(Table):
    """What the main thing of one class may become, in leads.toml.

    Attributes:
        put: Nouns that may take its place.
        never: Nouns of the class that stay.
    """

    put: tuple[str, ...]
    never: frozenset[str]


@cache
def load_leads() -> Mapping[str, Lead]:
    """Read leads.toml once: class of nouns → what its main things may become."""
    return load_lexicon_file("leads", dict[str, Lead])
