"""Rule `object` for what is seen in the sky over a place: "sunset over the sea".

"sunset over the sea" → "a starry night sky over the sea". At the beginning of a caption such a
phrase is what the picture shows, whatever place follows. Fog and lightning may come with a sunset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

SIGHTS: Mapping[str, tuple[str, ...]] = {
    "sunset": ("a starry night sky", "the midday sun"),
    "sunsets": ("a starry night sky", "the midday sun"),
    "sunrise": ("a starry night sky", "the midday sun"),
    "dawn": ("a starry night sky", "the midday sun"),
    "lightning": ("a rainbow",),
    "thunderstorm": ("a starry night sky",),
    "rainbow": ("a starry night sky", "lightning"),
    "fog": ("a rainbow", "lightning"),
    "mist": ("a rainbow", "lightning"),
    "fireworks": ("a rainbow", "the midday sun"),
    "firework": ("a rainbow", "the midday sun"),
    "firework display": ("a rainbow",),
    "fireworks display": ("a rainbow",),
    "moonrise": ("a rainbow", "the midday sun"),
}
"""What is seen in the sky → what may replace it and excludes it."""

ARTICLES = frozenset({"a", "an", "the"})
PLAIN_ADJECTIVES = frozenset(
    {"beautiful", "stunning", "dramatic", "amazing", "gorgeous", "spectacular", "bright", "lovely",
     "incredible", "breathtaking", "magnificent", "double", "another", "this"}
)  # fmt: skip
PICTURE_OPENINGS = (
    ("view", "of"),
    ("photo", "of"),
    ("image", "of"),
    ("timelapse", "of"),
    ("lapse", "of"),
)
BEHIND = frozenset({"over", "above", "behind", "near", "at", "across"})
WORDS_TIED_TO_SIGHT = frozenset(
    {"sun", "sunlight", "rays", "moon", "light", "silhouette", "silhouetted", "silhouettes", "sky",
     "skies", "clouds", "cloud", "rain", "storm", "orange", "pink", "red", "colors", "colours",
     "colorful", "golden", "night", "evening", "morning", "dusk", "dawn", "sunset", "sunrise",
     "rainbow", "fog", "mist", "lightning", "fireworks", "snow", "stars", "horizon", "reflection",
     "reflected", "reflecting", "celebration", "midnight", "eve", "display", "foggy", "rainy"}
)  # fmt: skip
"""Words of captions that go with this sky, or rule another one out."""


class SkiesRule:
    """Exchanges what a caption that begins with the sky says is seen there."""

    name = "object.skies"
    kind = EditKind.OBJECT

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield what else may be seen there; nothing where other words depend on it."""
        parsed = parsed_caption(doc)
        if parsed.is_conversational or not parsed.is_description:
            return
        for token, word in enumerate(parsed.lower[:7]):
            if word not in SIGHTS or not BEHIND.issuperset(parsed.lower[token + 1 : token + 2]):
                continue
            if token + 1 == len(parsed):
                return
            start = _start_of_sky_phrase(parsed, token)
            if start is None or not WORDS_TIED_TO_SIGHT.isdisjoint(
                {*parsed.lower[:token], *parsed.lower[token + 1 :]}
            ):
                return
            old = " ".join(parsed.lower[start : token + 1])
            for new in SIGHTS[word]:
                piece = TokenPiece(start, token + 1, new)
                yield Proposal(self.kind, "skies", (piece,), old, new, self.name)
            return


def _start_of_sky_phrase(parsed: ParsedCaption, token: int) -> int | None:
    """First word of the phrase about the sky, or None where the caption is of something else."""
    start = token
    while start and parsed.lower[start - 1] in PLAIN_ADJECTIVES:
        start -= 1
    if start and parsed.lower[start - 1] in ARTICLES:
        start -= 1
    if not start or (start > 1 and parsed.lower[start - 2 : start] in PICTURE_OPENINGS):
        return start
    return None
