"""What a caption names beside its main thing: where it is, when, and what else is there."""

from __future__ import annotations

from pipeline.edits.complete.subject import is_unseen_stand_in, stand_ins
from pipeline.edits.lexicon.complete import load_complete
from pipeline.edits.parse.parsed_caption import ParsedCaption

NOUN_TAGS = frozenset({"NN", "NNS"})


class Surroundings:
    """What a caption names beside its main thing.

    Attributes:
        settings: Sorts of the settings.
        places: Nouns that name them.
        times: Times of day, seasons and weather, each with its group.
        things: Other things that are seen.
        unknown: How many of its nouns the lexicon lacks.
        unseen: A stand-in for what no picture shows; "" for none.
    """

    def __init__(self, parsed: ParsedCaption, main: int) -> None:
        """Read a caption.

        Args:
            parsed: The caption.
            main: Token of its main thing.
        """
        self.settings: set[str] = set()
        self.places: set[str] = set()
        self.times: set[tuple[str, str]] = set()
        self.things: set[str] = set()
        self.unknown = 0
        self.unseen = ""
        covered: set[int] = set()
        for head, mention in parsed.mentions.items():
            covered.update(range(mention.phrase_start, head + 1))
        for start, end in stand_ins(parsed):
            if start in parsed.protected:
                covered.update(range(start, end))
                if is_unseen_stand_in(parsed, start, end):
                    self.unseen = " ".join(parsed.lower[start:end])
        for token, tag in enumerate(parsed.tags):
            if token != main and (tag in NOUN_TAGS or tag == "RB"):
                self._take(parsed, token, is_known=token in covered)

    def _take(self, parsed: ParsedCaption, token: int, *, is_known: bool) -> None:
        words = load_complete()
        mention = parsed.mentions.get(token)
        noun = mention.noun if mention is not None else None
        keys = [parsed.lower[token], parsed.lemmas[token]]
        if noun is not None:
            if noun.cls == "time" or noun.group.name == "weather_things":
                self.times.add((noun.group.name, noun.lemma))
                return
            keys += [noun.lemma, noun.group.name, noun.cls]
        sorts = next((words.settings_by_word[k] for k in keys if k in words.settings_by_word), None)
        is_adverb = parsed.tags[token] == "RB"
        governor = parsed.lower[parsed.governor(token)]
        says_where = parsed.role(token) == "pobj" and governor in words.place_prepositions
        if says_where and parsed.lower[token] == "background":
            # "on a white background", not "in the background"
            says_where = governor != "in"
        if sorts is not None and (is_adverb or says_where):
            self.settings |= sorts
            self.places.add(noun.lemma if noun is not None else parsed.lemmas[token])
        elif noun is not None:
            if noun.cls != "body":
                self.things.add(noun.lemma)
        elif not (is_adverb or is_known or sorts or parsed.deps[token] == "compound"):
            self.unknown += parsed.lower[token] not in words.wrappers | words.neutral
