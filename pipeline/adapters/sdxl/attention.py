"""Attention layers in which rows of a batch can use each other's queries, keys and maps.

One processor serves all layers of a UNet and does what diffusers' `AttnProcessor2_0` does,
until an :class:`AttentionSharing` says that rows of the batch share their attention.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@dataclass(slots=True, eq=False)
class AttentionSharing:
    """What the rows of the current batch share in the current step.

    Shapes and values are tensors that are written anew for every step, so that a compiled
    UNet sees fixed shapes; only the switches are Python values, and a compiled UNet
    gets a variant for each combination that occurs.

    With guidance a batch has two halves, unguided rows first; cross-attention is shared in
    the guided half only, for the unguided one reads no caption.

    Attributes:
        shares_self: Whether any row takes part in another's self-attention.
        shares_appearance: Whether any row reads another's keys and values.
        shares_cross: Whether any row takes part in another's cross-attention.
        records_attention: Whether to add up where the edited words look.
        source: (rows,) int64: the row whose self-attention each takes; its own number for
            none.
        self_weight: (rows, 1, 1): share of the source's queries and keys, 0 to 1.
        appearance_weight: (rows, 1, 1): share of the source's keys and values, 0 to 1.
        captions: Rows of the guided half: the last ones of the batch.
        cross_source: (captions,) int64: like `source`, within the guided half.
        is_mixed: (captions, 1, 1, 1) bool: rows whose maps are exchanged in this step.
        exchange: (captions, 1, 77, 77): source token → token, times this step's share.
        kept: (captions, 1, 1, 77): share of its own map that a token keeps.
        old: (captions, 77, 1): 1 at the source's edited words.
        new: (captions, 77, 1): 1 at the row's own edited words.
        edited_attention: Places → (captions, places): attention to the edited words, added up over
            layers and steps; and how often something was added.
    """

    shares_self: bool = False
    shares_appearance: bool = False
    shares_cross: bool = False
    records_attention: bool = False
    source: Any = None
    self_weight: Any = None
    appearance_weight: Any = None
    captions: int = 0
    cross_source: Any = None
    is_mixed: Any = None
    exchange: Any = None
    kept: Any = None
    old: Any = None
    new: Any = None
    edited_attention: dict[int, tuple[torch.Tensor, int]] = field(default_factory=dict)

    def stop(self) -> None:
        """Every row for itself, as without any sharing; tensors are freed."""
        self.shares_self = self.shares_appearance = self.shares_cross = self.records_attention = (
            False
        )
        self.source = self.self_weight = self.appearance_weight = None
        self.cross_source = self.is_mixed = self.exchange = self.kept = self.old = self.new = None
        self.edited_attention.clear()


class SharedAttentionProcessor:
    """Attention of a UNet's layer, with queries, keys and maps shared between rows.

    Projections are called as modules, so LoRA layers of peft and diffusers' fused
    projections work. Rows that share nothing are computed as in a plain UNet.
    """

    def __init__(self, sharing: AttentionSharing) -> None:
        self.sharing = sharing

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        temb: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Attend: (rows, places, channels), or (rows, channels, height, width), in and out."""
        from torch.nn import functional

        residual = hidden_states
        shape = hidden_states.shape
        if attn.spatial_norm is not None:
            hidden_states = attn.spatial_norm(hidden_states, temb)
        if len(shape) == 4:
            hidden_states = hidden_states.flatten(2).transpose(1, 2)
        if attention_mask is not None:
            places = hidden_states if encoder_hidden_states is None else encoder_hidden_states
            attention_mask = attn.prepare_attention_mask(
                attention_mask, places.shape[1], len(hidden_states)
            ).view(len(hidden_states), attn.heads, -1, attention_mask.shape[-1])
        if attn.group_norm is not None:
            hidden_states = attn.group_norm(hidden_states.transpose(1, 2)).transpose(1, 2)
        is_cross = encoder_hidden_states is not None
        query, key, value = _project(attn, hidden_states, encoder_hidden_states)
        if self.sharing.shares_self and not is_cross:
            weight = self.sharing.self_weight
            query, key = self._from_source(query, weight), self._from_source(key, weight)
        if self.sharing.shares_appearance and not is_cross:
            weight = self.sharing.appearance_weight
            key, value = self._from_source(key, weight), self._from_source(value, weight)
        query, key, value = (_by_head(states, attn.heads) for states in (query, key, value))
        if attn.norm_q is not None:
            query = attn.norm_q(query)
        if attn.norm_k is not None:
            key = attn.norm_k(key)
        output = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=attention_mask, dropout_p=0.0, is_causal=False
        )
        if is_cross and (self.sharing.shares_cross or self.sharing.records_attention):
            output = self._exchanged(output, query, key, value)
        output = output.transpose(1, 2).flatten(2).to(query.dtype)
        output = attn.to_out[1](attn.to_out[0](output))
        if len(shape) == 4:
            output = output.transpose(1, 2).reshape(shape)
        if attn.residual_connection:
            output = output + residual
        result: torch.Tensor = output / attn.rescale_output_factor
        return result

    def _from_source(self, states: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """Queries, keys or values (rows, places, channels), mixed with those of the sources."""
        import torch

        # At a weight of 0 or 1, and between equal rows, lerp is exact.
        mixed: torch.Tensor = torch.lerp(
            states, states.index_select(0, self.sharing.source), weight
        )
        return mixed

    def _exchanged(
        self,
        output: torch.Tensor,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
    ) -> torch.Tensor:
        """Replace the results of the rows whose maps are exchanged; others stay untouched.

        All are (rows, heads, places or tokens, channels).
        """
        import torch

        sharing = self.sharing
        first = len(query) - sharing.captions
        maps = (query[first:] * query.shape[-1] ** -0.5) @ key[first:].transpose(2, 3)
        maps = maps.softmax(dim=-1)
        if sharing.shares_cross:
            mixed = (
                maps * sharing.kept + maps.index_select(0, sharing.cross_source) @ sharing.exchange
            )
            mixed = mixed / mixed.sum(dim=-1, keepdim=True).clamp(min=1e-6)
            maps = torch.where(sharing.is_mixed, mixed, maps)
            shared = torch.where(sharing.is_mixed, maps @ value[first:], output[first:])
            output = torch.cat([output[:first], shared])
        if sharing.records_attention:
            self._watch(maps)
        return output

    def _watch(self, maps: torch.Tensor) -> None:
        """Add up where each row's edited words look, its source's and its own."""
        sharing = self.sharing
        mean = maps.mean(dim=1).float()
        found = (mean.index_select(0, sharing.cross_source) @ sharing.old + mean @ sharing.new)[
            :, :, 0
        ]
        before, times = sharing.edited_attention.get(found.shape[1], (0, 0))
        sharing.edited_attention[found.shape[1]] = before + found, times + 1


def _by_head(states: torch.Tensor, heads: int) -> torch.Tensor:
    """(rows, places, channels) → (rows, heads, places, channels / heads)."""
    rows, places, channels = states.shape
    return states.view(rows, places, heads, channels // heads).transpose(1, 2)


def _project(
    attn: Any, hidden_states: torch.Tensor, encoder_hidden_states: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Queries, keys and values: (rows, places or tokens, channels)."""
    if encoder_hidden_states is None:
        if attn.fused_projections:
            query, key, value = attn.to_qkv(hidden_states).chunk(3, dim=-1)
            return query, key, value
        encoder_hidden_states = hidden_states
    elif attn.norm_cross:
        encoder_hidden_states = attn.norm_encoder_hidden_states(encoder_hidden_states)
    query = attn.to_q(hidden_states)
    if attn.fused_projections:
        key, value = attn.to_kv(encoder_hidden_states).chunk(2, dim=-1)
        return query, key, value
    return query, attn.to_k(encoder_hidden_states), attn.to_v(encoder_hidden_states)
