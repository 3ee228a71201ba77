"""What a GPU refuses, seen without one: full-size networks on torch's `meta` device.

Tensors on `meta` have a shape, a number format and a device, and no numbers. Within
:class:`GpuRules` that device is taken for a GPU: what a GPU would refuse raises, what is read
back from it comes as ones, and the bytes that are alive there are counted.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

aten = torch.ops.aten

_ATTEND_ON_CPU = functional.scaled_dot_product_attention

_COPIES = {aten._to_copy.default, aten.copy_.default, aten.lift_fresh.default}

_OF_ONE_FORMAT = {
    aten.mm,
    aten.addmm,
    aten.bmm,
    aten.baddbmm,
    aten.convolution,
    aten.native_group_norm,
    aten.native_layer_norm,
    aten._scaled_dot_product_efficient_attention,
}
"""Operations whose CUDA kernels want all floating inputs in one number format."""

_TO_LOWER = ("linear", "conv2d", "scaled_dot_product_attention")
_TO_FLOAT32 = ("layer_norm", "group_norm", "mse_loss")
"""What CUDA's autocast does in the lower format and in float32, as far as the UNet has it."""


class RefusedByGpu(AssertionError):
    """A GPU would have raised here."""


class GpuRules(TorchDispatchMode):
    """Within it, the device `meta` behaves as a GPU does.

    Attributes:
        phase: Which part of the work is going on; the caller sets it.
        peaks: Phase → most bytes alive on the device at a time, beside what was there before.
        reads: Values that the program has waited for from the device.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = ""
        self.peaks: dict[str, int] = {}
        self.reads = 0
        self._live = 0
        self._counted: set[int] = set()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if torch.is_inference_mode_enabled():
            # There, operations made of others arrive whole; elsewhere autograd has parted them.
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        leaves = tree_leaves((args, kwargs))
        tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
        refuse_mixed_devices(func, tensors)
        refuse_mixed_formats(func, tensors)
        refuse_foreign_generator(func, leaves)
        if any(tensor.is_meta for tensor in tensors):
            if func is aten._local_scalar_dense.default:
                self.reads += 1
                return True if tensors[0].dtype is torch.bool else 0
            if func is aten._to_copy.default and _target(kwargs) == "cpu":
                self.reads += 1
                return torch.ones(tensors[0].shape, dtype=kwargs.get("dtype") or tensors[0].dtype)
            if func is aten.nonzero.default:
                self.reads += 1
                return torch.zeros(1, tensors[0].dim(), dtype=torch.int64, device="meta")
        result = func(*args, **kwargs)
        # Views of weights, say, are no new memory.
        given = {tensor.untyped_storage()._cdata for tensor in tensors if tensor.is_meta}
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor) and leaf.is_meta:
                storage = leaf.untyped_storage()
                if storage._cdata not in given:
                    self._count(storage)
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        name = storage._cdata
        if name in self._counted:
            return
        size = storage.nbytes()
        self._counted.add(name)
        self._live += size
        self.peaks[self.phase] = max(self.peaks.get(self.phase, 0), self._live)
        weakref.finalize(storage, self._forget, name, size)

    def _forget(self, name: int, size: int) -> None:
        self._counted.discard(name)
        self._live -= size

    def begins(self, module: torch.nn.Module, phase: str) -> None:
        """Call what follows the start of a module's work by this name."""
        module.register_forward_pre_hook(lambda *_: setattr(self, "phase", phase))


def _cast_first(function: Any, dtype: torch.dtype) -> Any:
    """The function, with floating arguments in this format."""

    def cast(*args: Any, **kwargs: Any) -> Any:
        lowered = tree_map(
            lambda leaf: (
                leaf.to(dtype)
                if isinstance(leaf, torch.Tensor) and leaf.is_floating_point()
                else leaf
            ),
            (args, kwargs),
        )
        return function(*lowered[0], **lowered[1])

    return cast


def _attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor:
    if not query.is_meta:
        return _ATTEND_ON_CPU(
            query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa
        )
    if enable_gqa or dropout_p:
        raise NotImplementedError("SDXL and CLIP attend without groups and dropout")
    if attn_mask is not None:
        if attn_mask.dtype is not torch.bool and attn_mask.dtype is not query.dtype:
            raise RefusedByGpu(f"attention: mask in {attn_mask.dtype}, query in {query.dtype}")
        shape = (*query.shape[:3], key.shape[2])
        attn_mask = attn_mask.to(query.dtype).expand(shape)
    wants_gradient = torch.is_grad_enabled() and any(
        states.requires_grad for states in (query, key, value)
    )
    output: torch.Tensor = aten._scaled_dot_product_efficient_attention(
        query, key, value, attn_mask, wants_gradient, 0.0, is_causal, scale=scale
    )[0]
    return output


def _target(kwargs: Mapping[str, Any]) -> str:
    """Device that a copy goes to; empty where it stays."""
    device = kwargs.get("device")
    return "" if device is None else torch.device(device).type


def refuse_mixed_devices(func: Any, tensors: Sequence[torch.Tensor]) -> None:
    """A GPU takes numbers of the CPU's, but no vectors; copies are what moves them."""
    if func in _COPIES or not any(tensor.is_meta for tensor in tensors):
        return
    for tensor in tensors:
        if not tensor.is_meta and tensor.dim():
            raise RefusedByGpu(f"{func}: {_words(tensors)} on different devices")


def refuse_mixed_formats(func: Any, tensors: Sequence[torch.Tensor]) -> None:
    """Products, convolutions, norms and attention want one floating format."""
    if func.overloadpacket not in _OF_ONE_FORMAT:
        return
    formats = {tensor.dtype for tensor in tensors if tensor.is_floating_point()}
    if len(formats) > 1:
        raise RefusedByGpu(f"{func}: {_words(tensors)} in different number formats")


def refuse_foreign_generator(func: Any, leaves: Sequence[Any]) -> None:
    """A generator of the CPU draws on the CPU only."""
    if not any(isinstance(leaf, torch.Generator) for leaf in leaves):
        return
    places = [leaf for leaf in leaves if isinstance(leaf, torch.device)]
    places += [leaf.device for leaf in leaves if isinstance(leaf, torch.Tensor)]
    if any(place.type == "meta" for place in places):
        raise RefusedByGpu(f"{func}: a generator of the CPU draws on the GPU")


def _words(tensors: Sequence[torch.Tensor]) -> str:
    return ", ".join(f"{tuple(t.shape)} {t.dtype} {t.device}" for t in tensors)


@contextmanager
def as_on_a_gpu(autocast: torch.dtype | None = None) -> Iterator[GpuRules]:
    """Within the block, the device `meta` is a GPU.

    Attention goes to the kernel that a GPU has, which does not hold the whole matrix. A format
    is that of CUDA's autocast, which knows nothing of `meta` and so is done here.
    """
    changed: dict[str, Any] = {"scaled_dot_product_attention": _attend}
    if autocast is not None:
        for names, dtype in ((_TO_LOWER, autocast), (_TO_FLOAT32, torch.float32)):
            for name in names:
                function = changed.get(name, getattr(functional, name))
                changed[name] = _cast_first(function, dtype)
    with mock.patch.multiple(functional, **changed), GpuRules() as rules:
        yield rules
