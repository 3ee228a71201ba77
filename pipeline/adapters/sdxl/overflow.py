"""Pictures whose numbers overflowed: refused one by one, and an error where it is the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pipeline.adapters.sdxl.pixels import Overflow
from pipeline.core.errors import PermanentError
from pipeline.core.scores import OVERFLOW
from pipeline.core.stage import Fault

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from pipeline.core.draws import Draw

MANY_IN_A_ROW: Final = 16
"""So many pictures that overflow one after another, of two anchors or more, are the model's."""


def advise(unet: str, vae: str, *, in_latents: bool, has_lora: bool) -> str:
    """What may help, by the number formats that are in use.

    Args:
        unet: Number format of the network, such as "float16".
        vae: That of the decoder.
        in_latents: Whether the network's own numbers overflowed, and not first the decoder's.
        has_lora: Whether LoRA files lie over the weights.
    """
    if in_latents and unet != "float32":
        wider = "bfloat16 or float32" if unet == "float16" else "float32"
        return f"choose images.dtype {wider}"
    if not in_latents and vae == "float16":
        return "choose images.dtype bfloat16 or float32, or an images.vae mended for float16"
    if not in_latents and vae != "float32":
        return "choose images.dtype float32"
    part = "the network" if in_latents else "the decoder (images.vae)"
    lora = "lower the scale of images.lora or leave it out, " if has_lora else ""
    return (
        f"{part} computes in float32 already, so its weights do not fit or hold NaN: {lora}check "
        "the model's files, and try another images.scheduler or a lower images.guidance_scale"
    )


class OverflowWatch:
    """Turns pictures that overflowed into faults, and tells bad luck from a bad model."""

    def __init__(self, *, has_lora: bool) -> None:
        self._has_lora = has_lora
        self._in_a_row: list[str] = []

    def judge(
        self,
        draws: Sequence[Draw],
        drawn: Sequence[NDArray[np.uint8] | Overflow],
        formats: tuple[torch.dtype, torch.dtype],
    ) -> list[NDArray[np.uint8] | Fault]:
        """The pictures of a batch, with a fault for each that overflowed.

        Args:
            draws: What was drawn.
            drawn: What came of each, in order.
            formats: Number formats of the network and of the decoder.

        Raises:
            PermanentError: Too many overflowed one after another.
        """
        results: list[NDArray[np.uint8] | Fault] = []
        for draw, one in zip(draws, drawn, strict=True):
            if not isinstance(one, Overflow):
                self._in_a_row.clear()
                results.append(one)
                continue
            self._in_a_row.append(draw.anchor_id)
            detail = self._describe(one, formats)
            if len(self._in_a_row) >= MANY_IN_A_ROW and len(set(self._in_a_row)) > 1:
                raise PermanentError(
                    f"render: the last {len(self._in_a_row)} pictures all failed: {detail}"
                )
            results.append(Fault(OVERFLOW, detail))
        return results

    def _describe(self, overflow: Overflow, formats: tuple[torch.dtype, torch.dtype]) -> str:
        unet, vae = (str(dtype).removeprefix("torch.") for dtype in formats)
        where = f"network in {unet}" if overflow.in_latents else f"decoder in {vae}"
        advice = advise(unet, vae, in_latents=overflow.in_latents, has_lora=self._has_lora)
        return f"the model's numbers overflowed ({where}); {advice}"
