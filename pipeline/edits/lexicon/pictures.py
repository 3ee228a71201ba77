"""How captions say that their picture was made, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Annotated

from pipeline.edits.lexicon.files import Phrase, Table, Words, filled, load_lexicon_file

_NONE: frozenset[str] = frozenset()


class Style(Table):
    """One way a picture is made or taken.

    Attributes:
        subkind: Label of its edits.
        said: Phrases that name it, without article.
        becomes: What may stand in its place.
        of: Nouns and groups behind "of" that it suits; empty for any.
        unless: Words whose presence forbids the exchange.
        behind: Words one of which follows the name.
    """

    subkind: str
    said: tuple[Phrase, ...]
    becomes: tuple[str, ...]
    of: frozenset[str] = _NONE
    unless: frozenset[str] = _NONE
    behind: frozenset[str] = frozenset({"of"})


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
    technique: Annotated[Mapping[str, Style], filled(subkind="technique")]
    art: Annotated[Mapping[str, Style], filled(subkind="technique")]
    distance: Annotated[Mapping[str, Style], filled(subkind="viewpoint")]
    side: Annotated[Mapping[str, Style], filled(subkind="viewpoint")]

    @cached_property
    def styles(self) -> Mapping[tuple[str, ...], tuple[Style, ...]]:
        """Words that name a way → the ways, which what follows tells apart."""
        found: dict[tuple[str, ...], tuple[Style, ...]] = {}
        families = (self.technique, self.art, self.distance, self.side)
        for style in (style for family in families for style in family.values()):
            for words in style.said:
                found[words] = (*found.get(words, ()), style)
        return found


@cache
def load_pictures() -> Pictures:
    """Read pictures.toml once."""
    return load_lexicon_file("pictures", Pictures)
