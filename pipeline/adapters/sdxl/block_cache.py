"""DeepCache's idea (Ma et al. 2023, arXiv 2312.00858): deep features of one step serve the next.

From one step to the next, what the deep blocks of the UNet compute changes little. In every
n-th step all blocks run and the features that rise from the deep ones are kept; in the
steps between only the outermost blocks run and take those. In SDXL all of the attention is
deep, so such a step costs a fraction. The pictures differ from those without a cache;
`tests/bench/bench_render.py` measures by how much.
"""

from __future__ import annotations

from typing import Any


class BlockCache:
    """Lays itself over a pipeline's UNet and scheduler; a step with the cache skips blocks.

    Steps are counted by the scheduler's own calls, so guidance, other numbers of calls in a
    step and every loop that uses the pipeline's scheduler are followed alike.

    Attributes:
        interval: All blocks run in every n-th step.
        skipped: Calls of the UNet so far that took the cache.
    """

    def __init__(self, pipeline: Any, interval: int) -> None:
        self.interval = interval
        self.skipped = 0
        self._step = self._call = 0
        self._kept: dict[int, Any] = {}
        self._reuses = False
        self._wrap_scheduler(pipeline.scheduler)
        self._wrap_unet(pipeline.unet)

    def _wrap_scheduler(self, scheduler: Any) -> None:
        set_timesteps, step = scheduler.set_timesteps, scheduler.step

        def begin(*args: Any, **kwargs: Any) -> Any:
            self._step, self._call = 0, 0
            self._kept.clear()
            return set_timesteps(*args, **kwargs)

        def advance(*args: Any, **kwargs: Any) -> Any:
            self._step, self._call = self._step + 1, 0
            if self._step == len(scheduler.timesteps):
                self._kept.clear()  # the decoder, which comes next, needs the memory
            return step(*args, **kwargs)

        scheduler.set_timesteps, scheduler.step = begin, advance

    def _wrap_unet(self, unet: Any) -> None:
        _, *deep_down = unet.down_blocks
        *deep_up, top = unet.up_blocks
        forward = unet.forward

        def whole(sample: Any, *args: Any, **kwargs: Any) -> Any:
            kept = self._kept.get(self._call)
            self._reuses = (
                self._step % self.interval != 0 and kept is not None and len(kept) == len(sample)
            )
            self.skipped += self._reuses
            result = forward(sample, *args, **kwargs)
            self._call += 1
            return result

        unet.forward = whole
        for block in deep_down:
            # What a skipped block hands up is read by skipped blocks only.
            self._skip(block, residuals=len(block.resnets) + bool(block.downsamplers))
        for block in (unet.mid_block, *deep_up):
            self._skip(block)
        self._take_over(top)

    def _skip(self, block: Any, residuals: int | None = None) -> None:
        """In a step with the cache, hand on what the block was given, also as its residuals."""
        forward = block.forward

        def maybe(hidden_states: Any, *args: Any, **kwargs: Any) -> Any:
            if self._reuses:
                if residuals is None:
                    return hidden_states
                return hidden_states, (hidden_states,) * residuals
            return forward(hidden_states, *args, **kwargs)

        block.forward = maybe

    def _take_over(self, top: Any) -> None:
        """Keep what rises to the topmost block, or give it what was kept."""
        forward = top.forward

        def with_kept(hidden_states: Any, *args: Any, **kwargs: Any) -> Any:
            if self._reuses:
                hidden_states = self._kept[self._call]
            else:
                self._kept[self._call] = hidden_states
            return forward(hidden_states, *args, **kwargs)

        top.forward = with_kept
