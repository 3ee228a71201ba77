"""How likely a causal language model finds a text: the score behind the fluency checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.adapters.device import choose_device
from pipeline.adapters.hub import ModelFolder
from pipeline.adapters.language_model.packing import Tokens, TokenTree, grow_trees
from pipeline.adapters.language_model.weights import load_language_model, locate_language_model
from pipeline.core.ids import fingerprint

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from pipeline.config.checks import ChecksConfig

VERSION = 1
"""Raise it when the same text and model would get another score."""

MAX_NODES = 384
"""Tokens in one pass: large enough for fast matrices, small enough for attention, which
grows with the square, and for the logits (75 MB with a vocabulary of 49,152)."""

CONTEXT = "Photo caption:"
"""What the model reads before every text; it is not scored itself. At the very start of a
document the first word's probability says more about documents than about captions:
without it, "young man" → "elderly man" costs 24 nats, with it 2."""

PROBE = ("a red dog runs on a green field", "a red dog runs on a beach .")
"""Two texts with a shared beginning that show whether a model reads a tree correctly."""

PROBE_TOLERANCE = {"float32": 1e-3, "bfloat16": 2e-2}
"""Largest relative difference between a text read alone and read in a tree."""


@dataclass(frozen=True, slots=True)
class _LoadedModel:
    """The loaded model.

    Attributes:
        model: The causal model, on its device.
        tokenizer: Its tokenizer.
        start: First token of every text.
        context_nats: Loss of :data:`CONTEXT`, which is no part of a score.
        supports_trees: Whether the model honours a mask and positions of our own.
    """

    model: Any
    tokenizer: Any
    start: int
    context_nats: float = 0.0
    supports_trees: bool = False


class CausalScorer:
    """Scores texts by a causal language model; a score does not depend on the other texts.

    In float32 the same text scored beside others differs by about 1e-5 nats. The model is
    loaded by the first text.
    """

    def __init__(self, weights: ModelFolder, dtype: str) -> None:
        self._weights = weights
        self._dtype = dtype
        self._loaded: _LoadedModel | None = None

    @property
    def fingerprint(self) -> str:
        """Name of the weights, the number format and the way of scoring."""
        return fingerprint(
            {
                "version": VERSION,
                "weights": self._weights.identity,
                "dtype": self._dtype,
                "context": CONTEXT,
                "nodes": MAX_NODES,
            }
        )

    def score(self, texts: Sequence[str], /) -> NDArray[np.float64]:
        """Negative log-likelihood of each text after :data:`CONTEXT`, in nats, over its tokens.

        Returns:
            (texts,) float64; 0 for an empty text. The lower, the likelier.
        """
        if not texts:
            return np.zeros(0)
        loaded = self._open()
        rows = _encode(loaded, texts)
        distinct = sorted(set(rows))
        score = _score_trees if loaded.supports_trees else _score_alone
        scores = score(loaded.model, distinct) - loaded.context_nats
        index_of = {row: index for index, row in enumerate(distinct)}
        return scores[[index_of[row] for row in rows]]

    def close(self) -> None:
        """Free the model; the next text loads it again. Safe to call twice."""
        self._loaded = None

    def _open(self) -> _LoadedModel:
        if self._loaded is None:
            device = choose_device("auto", "checks.fluency_model")
            model, tokenizer = load_language_model(self._weights, self._dtype, device)
            start = tokenizer.bos_token_id
            start = tokenizer.eos_token_id if start is None else start
            self._loaded = _measure(_LoadedModel(model, tokenizer, start), self._dtype)
        return self._loaded


def _measure(loaded: _LoadedModel, dtype: str) -> _LoadedModel:
    """Find out what the context costs and whether the model can read trees; not all can."""
    context = float(_score_alone(loaded.model, _encode(loaded, [""]))[0])
    rows = sorted(_encode(loaded, PROBE))
    alone = _score_alone(loaded.model, rows)
    try:
        together = _score_trees(loaded.model, rows)
        fits = bool(np.allclose(alone, together, rtol=PROBE_TOLERANCE[dtype], atol=0))
    except (TypeError, ValueError, RuntimeError, IndexError):
        fits = False  # a design that takes no mask of ours
    return replace(loaded, context_nats=context, supports_trees=fits)


def _encode(loaded: _LoadedModel, texts: Sequence[str]) -> list[Tokens]:
    # One string, not two: a tokenizer joins the blank with the word behind it.
    prefixed = [f"{CONTEXT} {text}".rstrip() for text in texts]
    rows = loaded.tokenizer(prefixed, add_special_tokens=False).input_ids
    return [(loaded.start, *row) for row in rows]


def _score_trees(model: Any, rows: Sequence[Tokens]) -> NDArray[np.float64]:
    """Loss of sorted distinct rows, their shared beginnings read once."""
    scores = np.zeros(len(rows))
    for places, tree in grow_trees(rows, MAX_NODES):
        losses = _tree_losses(model, tree)
        total = np.zeros(len(losses))
        for node in range(1, len(total)):
            total[node] = total[tree.parents[node]] + losses[node]
        scores[places.start : places.stop] = total[tree.ends]
    return scores


def _tree_losses(model: Any, tree: TokenTree) -> NDArray[np.float64]:
    """Loss of every node given its ancestors: (nodes,); that of the root means nothing."""
    import torch

    hidden = torch.from_numpy(~tree.visible()).to(model.device)
    mask = torch.zeros(hidden.shape, dtype=model.dtype, device=model.device)
    mask.masked_fill_(hidden, torch.finfo(model.dtype).min)
    tokens = torch.from_numpy(tree.tokens).to(model.device)
    with torch.inference_mode():
        logits = model(
            input_ids=tokens[None],
            position_ids=torch.from_numpy(tree.depths).to(model.device)[None],
            attention_mask=mask[None, None],
            use_cache=False,
        ).logits[0]
        return _losses(logits, torch.from_numpy(tree.parents).to(model.device), tokens)


def _score_alone(model: Any, rows: Sequence[Tokens]) -> NDArray[np.float64]:
    """One pass for each row: slow, and right for every causal model."""
    import torch

    scores = np.zeros(len(rows))
    with torch.inference_mode():
        for place, row in enumerate(rows):
            tokens = torch.tensor(row, device=model.device)
            logits = model(input_ids=tokens[None], use_cache=False).logits[0]
            before = torch.arange(len(row) - 1, device=tokens.device)
            scores[place] = _losses(logits, before, tokens[1:]).sum()
    return scores


def _losses(
    logits: torch.Tensor, before: torch.Tensor, tokens: torch.Tensor
) -> NDArray[np.float64]:
    """Negative log-probability of `tokens`, each given the logits of the row `before` it."""
    logits = logits.float()
    norms = logits.logsumexp(-1)[before]
    losses: NDArray[np.float64] = (norms - logits[before, tokens]).double().cpu().numpy()
    return losses


def open_text_scorer(config: ChecksConfig) -> CausalScorer:
    """Find the language model that `checks.fluency_model` names; the first text loads it.

    Raises:
        ConfigError: The model is not there.
        PermanentError: The hub does not give it.
    """
    return CausalScorer(locate_language_model(config.fluency_model), config.fluency_dtype)
