"""Settings that a complete counterfactual may be moved to."""

from __future__ import annotations

SETTINGS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (phrase, frozenset(words.split()))
    for phrase, words in (
        ("in a snowy forest", "forest snow snowy winter woods tree trees"),
        ("on a sandy beach", "beach sand sandy sea ocean shore coast"),
        ("in a crowded market", "market crowd crowded shop store stall"),
        ("in the middle of a desert", "desert sand dune dunes"),
        ("in a meadow full of wildflowers", "meadow field flowers flower grass garden"),
        ("on a rainy city street at night", "street city night rain rainy road"),
        ("inside an old stone church", "church temple cathedral inside indoor"),
        ("in an empty parking garage", "garage parking car cars"),
        ("on the deck of a ship", "deck ship boat yacht sea"),
        ("on the roof of a tall building", "roof building skyscraper rooftop"),
        ("in front of a snow-covered mountain", "mountain mountains snow hill"),
        ("in a brightly lit gymnasium", "gym gymnasium stadium court"),
        ("beside a frozen lake", "lake river pond ice frozen water"),
        ("in a dark cave", "cave dark tunnel"),
        ("in a cornfield under a cloudy sky", "corn field sky cloudy farm"),
        ("on a wooden bridge in the fog", "bridge fog wooden mist"),
    )
)
"""Phrase, and the words whose presence in a caption makes it no change of setting."""
