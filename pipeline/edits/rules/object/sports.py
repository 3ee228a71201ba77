"""Rule `object` for players of a sport: "a rugby player in action" → "a tennis player in action".

Captions that lost a name often kept the trade: "tennis player during a training session". Where
one is seen playing, what one wears and has in hand tells the sport. So it is with games: "images
from the girls basketball game" → "images from the girls volleyball game".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

SPORTS = {
    ("football",): "football", ("soccer",): "football", ("american", "football"): "football",
    ("rugby",): "football", ("basketball",): "basketball", ("tennis",): "tennis",
    ("ice", "hockey"): "ice hockey", ("hockey",): "ice hockey", ("baseball",): "baseball",
    ("cricket",): "baseball", ("volleyball",): "volleyball", ("golf",): "golf",
}  # fmt: skip
"""Words before "player" → the sport, where several names are one to the eye."""

SPORT_WORDS = frozenset(words[-1] for words in SPORTS)
REPLACEMENT_SPORTS = ("tennis", "basketball", "football", "ice hockey", "volleyball")
GAMES = {
    "game": ("basketball", "volleyball", "football", "baseball"),
    "games": ("basketball", "volleyball", "football", "baseball"),
    "match": ("volleyball", "tennis", "football"),
    "matches": ("volleyball", "tennis", "football"),
}
"""What is played → the sports that may replace its modifier."""

GROUNDS = frozenset(
    {"beach", "street", "snow", "pool", "video", "mud", "throws", "catches", "runs", "uniform",
     "uniforms", "jersey", "jerseys", "helmet", "helmets", "sport", "gym", "park", "table",
     "cheerleaders", "cheerleader", "band", "dribbling", "defends", "bowl", "series", "tickets",
     "college", "professional", "american", "pitcher", "save", "saves", "saved", "batter",
     "yard", "fantasy", "world"}
)  # fmt: skip
"""Words of captions that go with some games only."""

PLAYERS = frozenset({"player", "players"})
WORDS_OF_PLAY = frozenset(
    {"action", "training", "practice", "trains", "practices", "match", "game", "playing", "warms",
     "warming", "drill", "workout"}
)  # fmt: skip
"""Words of captions whose player is dressed and equipped for the game."""

WORDS_OF_FEW_SPORTS = frozenset(
    {"ball", "team", "teams", "goal", "goals", "coach", "pitch", "court", "club", "league", "field",
     "inning", "innings", "touchdown", "dunk", "dunks", "basket", "hoop", "racket", "bat", "bats",
     "wicket", "puck", "ice", "net", "serve", "serves", "shot", "shots", "set", "sets", "quarter",
     "half", "quarterback", "goalkeeper", "defender", "striker", "midfielder", "teammate",
     "teammates", "tournament", "final", "finals", "singles", "doubles", "open", "cup", "scores",
     "scored", "scoring", "tackle", "tackles", "tackled", "kick", "kicks", "penalty", "season",
     "championship", "championships", "round", "crowd", "stadium", "swing", "pitches", "plays",
     "return", "returns", "pass", "passes", "rebound", "dribbles", "injury", "players", "grass",
     "clay", "test", "first", "second", "preseason", "spring", "try", "sports", "hit", "hits",
     "throw", "oversees"}
)  # fmt: skip
"""Words that go with one sport only, or with few."""


class SportsRule:
    """Exchanges the sport of a player who is seen playing."""

    name = "object.sports"
    kind = EditKind.OBJECT

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the other sports for the only player of a caption."""
        parsed = parsed_caption(doc)
        if parsed.is_conversational or not parsed.is_description:
            return
        for token, word in enumerate(parsed.lower):
            if word in GAMES:
                yield from self._game(parsed, token)
        players = [token for token, word in enumerate(parsed.lower) if word in PLAYERS]
        if len(players) != 1 or WORDS_OF_PLAY.isdisjoint(parsed.words):
            return
        head = players[0]
        start = _start_of_sport(parsed, head)
        if start is None or parsed.lower[:start] not in {(), ("a",), ("an",), ("the",)}:
            return
        rest = frozenset(parsed.lower[head + 1 :])
        if not WORDS_OF_FEW_SPORTS.isdisjoint(rest) or any(sport in rest for (*_, sport) in SPORTS):
            return
        sport_words = parsed.lower[start:head]
        for new in REPLACEMENT_SPORTS:
            if new != SPORTS[sport_words]:
                pieces = [TokenPiece(start, head, new)]
                repair = article_repair(parsed, start, new)
                if repair is not None:
                    pieces.append(repair)
                old = " ".join(sport_words)
                yield Proposal(self.kind, "sports", tuple(pieces), old, new, self.name)

    def _game(self, parsed: ParsedCaption, head: int) -> Iterator[Proposal]:
        """The other sports for the game at `head`, where no other word depends on the sport."""
        start = _start_of_sport(parsed, head)
        if start is None or "PROPN" in parsed.pos[max(start - 1, 0) : head + 1]:
            return
        sport_words = parsed.lower[start:head]
        rest = {*parsed.lower[:start], *parsed.lower[head + 1 :]}
        if not rest.isdisjoint(WORDS_OF_FEW_SPORTS | GROUNDS | PLAYERS | SPORT_WORDS):
            return
        for new in GAMES[parsed.lower[head]]:
            if SPORTS[new,] != SPORTS[sport_words]:
                pieces = [TokenPiece(start, head, new)]
                repair = article_repair(parsed, start, new)
                if repair is not None:
                    pieces.append(repair)
                yield Proposal(
                    self.kind, "sports", tuple(pieces), " ".join(sport_words), new, self.name
                )


def _start_of_sport(parsed: ParsedCaption, head: int) -> int | None:
    """First word of the sport right before "player", or None where there is none."""
    for width in (2, 1):
        if head >= width and parsed.lower[head - width : head] in SPORTS:
            return head - width
    return None
