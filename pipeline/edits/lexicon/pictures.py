"""How captions say that their picture was made, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Annotated

from pipeline.edits.lexicon.files import Phrase, Table, Words, filled, load_lexicon_file

_NONE: frozenset[str] = frozenset()


class Way(Table):
    """One way a picture is made or taken.

    Attributes:
        subkind: Label of its edits.
        said: Phrases that name it, without article.
        becomes: What may stand in its place.
        photographed: Whether what is shown must be such that it can be photographed.
        of: Nouns and groups behind "of" that it suits; empty for any.
        unless: Words whose presence forbids the exchange.
        behind: Words one of which follows the name; "" for the end of the caption.
        ends: Whether the name ends the caption, and does not open it.
        stand_ins: Whether it suits those who stand in for a name, too: "portrait of person".
    """

    subkind: str
    said: tuple[Phrase, ...]
    becomes: tuple[str, ...]
    photographed: bool = False
    of: frozenset[str] = _NONE
    unless: frozenset[str] = _NONE
    behind: frozenset[str] = frozenset({"of"})
    ends: bool = False
    stand_ins: bool = False


class SeenFrom(Table):
    """Viewpoints that a verb and "from" tell: "seen from above".

    Attributes:
        verbs: Words before "from".
        opposite: Words behind "from" → those of the opposite viewpoint.
        unless: Words of captions that forbid the exchange.
    """

    verbs: Words
    opposite: Mapping[Phrase, str]
    unless: frozenset[str]


class Pictures(Table):
    """The content of pictures.toml.

    Attributes:
        undrawn: Words of captions that show what cannot be photographed.
        coloured: Words of captions, besides colours, that pencil cannot show.
        before: Words that may stand between an article and a name.
        seen_from: Viewpoints.
        technique: Techniques, by name; and so on for each family of ways.
    """

    undrawn: Words
    coloured: Words
    before: Words
    seen_from: SeenFrom
    technique: Annotated[Mapping[str, Way], filled(subkind="technique")]
    art: Annotated[Mapping[str, Way], filled(subkind="technique")]
    distance: Annotated[Mapping[str, Way], filled(subkind="viewpoint")]
    side: Annotated[Mapping[str, Way], filled(subkind="viewpoint")]
    ending: Annotated[Mapping[str, Way], filled(subkind="technique", ends=True)]
    ending_distance: Annotated[Mapping[str, Way], filled(subkind="viewpoint", ends=True)]

    @cached_property
    def ways(self) -> Mapping[tuple[str, ...], tuple[Way, ...]]:
        """Words that name a way → the ways, which what follows tells apart."""
        found: dict[tuple[str, ...], tuple[Way, ...]] = {}
        families = (
            self.technique, self.art, self.distance, self.side, self.ending, self.ending_distance,
        )  # fmt: skip
        for way in (way for family in families for way in family.values()):
            for words in way.said:
                found[words] = (*found.get(words, ()), way)
        return found


@cache
def load_pictures() -> Pictures:
    """Read pictures.toml once."""
    return load_lexicon_file("pictures", Pictures)
