"""The cheap checks on text, asked while captions are still being chosen.

The stage of the text checks refuses what is unsafe or too long after the choice was made; asked
before, the same checks leave the place to another edit.
"""

from __future__ import annotations

from pipeline.config.checks import ChecksConfig
from pipeline.core.records import CaptionEdit
from pipeline.core.stage import Fault
from pipeline.text_checks.stage import length_lower_bound
from pipeline.text_checks.unsafe import load_unsafe_terms


class EarlyTextCheck:
    """Refuses what is unsafe, brings in something unsafe, or is too long for any image model."""

    def __init__(self, config: ChecksConfig) -> None:
        """Read the word list, where the config has the check on."""
        self._unsafe = load_unsafe_terms() if config.unsafe else None
        self._max_tokens = config.max_tokens

    def __call__(self, caption: str, factual: str, edit: CaptionEdit | None) -> Fault | None:
        """What is wrong with a caption beside its factual wording; None where nothing is."""
        if self._unsafe is not None:
            term = self._unsafe.find(caption)
            # A rule brings in words of the lexicon alone, which holds none of these.
            if term is None and (edit is None or edit.proposer != "rules"):
                term = self._unsafe.find_introduced(caption, factual)
            if term is not None:
                return Fault("text.unsafe", term)
        count = length_lower_bound(caption)
        if count > self._max_tokens:
            return Fault(
                "text.too_long", f"at least {count} CLIP tokens, at most {self._max_tokens}"
            )
        return None
