"""Which example comes when: a function of the seed and of a counter.

No generator lives from step to step. So a resume needs no random state, and the number of
devices changes nothing but who does the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class DataOrder:
    """The order of the examples: a new permutation in every pass.

    Attributes:
        seed: Of the permutations.
        examples: How many there are.
    """

    seed: int
    examples: int

    def example_at(self, position: int) -> int:
        """Example at a position of the endless sequence, counted from 0."""
        epoch, index = divmod(position, self.examples)
        return int(_permutation(self.seed, self.examples, epoch)[index])


@lru_cache(maxsize=2)
def _permutation(seed: int, examples: int, epoch: int) -> NDArray[np.int64]:
    import numpy as np

    order_seed = derive_seed(seed, "order", f"epoch{epoch}")
    return np.random.Generator(np.random.PCG64(order_seed)).permutation(examples)
