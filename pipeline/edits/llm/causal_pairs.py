"""From a cause and an effect that a model names to a causal caption and its swap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed
from pipeline.core.stage import Fault
from pipeline.edits.lexicon.connectives import load_causal_lexicon
from pipeline.edits.llm.answers import AnswerError
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.rules.causal.rule import compose

if TYPE_CHECKING:
    from pipeline.edits.apply.proposal import Proposal


class CausalComposer:
    """Words the causes and effects that a model names, with each connective equally often."""

    def __init__(self, spacy_model: str) -> None:
        """Load nothing yet: causal pairs are rare."""
        self._spacy_model = spacy_model
        self._parser: Parser | None = None

    def compose(self, anchor_id: str, effect: str, cause: str) -> Proposal:
        """Compose a causal caption and its swap.

        Raises:
            AnswerError: The two are no clauses or noun phrases that a connective can join.
        """
        if self._parser is None:
            self._parser = Parser(self._spacy_model)
        connectives = list(load_causal_lexicon().connectives)
        connective = connectives[derive_seed(0, anchor_id, "connective") % len(connectives)]
        made = compose(effect, cause, connective, self._parser.nlp)
        if isinstance(made, Fault):
            raise AnswerError(made.reason, made.detail)
        return made
