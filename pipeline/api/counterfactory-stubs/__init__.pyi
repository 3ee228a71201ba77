# What type checkers read of the installed `counterfactory`: a single-file module cannot carry
# the marker py.typed (PEP 561), so its types come as a stub package of their own. It imports
# records only: a checker would follow the functions' modules as far as torch.
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pipeline import __version__ as __version__
from pipeline.api.result import RunResult as RunResult
from pipeline.config.run import RunConfig as RunConfig
from pipeline.core.errors import PipelineError as PipelineError
from pipeline.core.progress import Observer as Observer
from pipeline.edits.explanation import Explanation as Explanation
from pipeline.shards.integrity import FileFault as FileFault
from pipeline.shards.reader import StoredSample as StoredSample
from pipeline.tools.estimate import Estimate as Estimate
from pipeline.training.vlm.choice import AnchorPicture, Pictures
from pipeline.training.vlm.sample import LoadedSet

_PathLike = str | os.PathLike[str]

def load_config(
    settings: Mapping[str, object] | None = None,
    *,
    file: _PathLike | None = None,
    environ: Mapping[str, str] | None = None,
) -> RunConfig: ...
def run(
    config: RunConfig,
    *,
    observer: Observer | None = None,
    environ: Mapping[str, str] | None = None,
) -> RunResult: ...
def plan(
    config: RunConfig,
    *,
    observer: Observer | None = None,
    environ: Mapping[str, str] | None = None,
) -> Estimate: ...
def verify(run_dir: _PathLike) -> list[FileFault]: ...
def read_samples(source: _PathLike | Iterable[_PathLike]) -> Iterator[StoredSample]: ...
def explain(caption: str, config: RunConfig | None = None) -> Explanation: ...

# For training, under the names that their own modules use.
Tensor = Any  # torch's
Batch = dict[str, Any]
Tokenizer = Callable[[list[str]], Any]
Transform = Callable[[Any], Any]  # from a PIL.Image
Source = str | os.PathLike[str]

class CounterfactualDataset:
    def __init__(
        self,
        shards: Source | Sequence[Source],
        *,
        transform: Transform | None = None,
        decode_px: int | None = None,
        anchor: AnchorPicture = "control",
        pictures: Pictures = "optional",
        kinds: Sequence[str] | None = None,
        max_edits: int | None = None,
        max_full: int | None = None,
        max_neutral: int | None = 0,
        balance: Literal["kind"] | None = None,
        top_up: bool = False,
        split: str | None = None,
        shuffle_buffer: int = 256,
        resampled: bool = False,
        seed: int = 0,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None: ...
    @property
    def num_samples(self) -> int | None: ...
    def set_epoch(self, epoch: int) -> None: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: Mapping[str, Any]) -> None: ...
    def __iter__(self) -> Iterator[LoadedSet]: ...

class SetLoader:
    def set_epoch(self, epoch: int) -> None: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: Mapping[str, Any]) -> None: ...
    def __iter__(self) -> Iterator[Batch]: ...

def collate_sets(
    sets: Sequence[LoadedSet],
    *,
    max_edits: int | None = None,
    max_full: int | None = None,
    max_neutral: int | None = None,
    tokenizer: Tokenizer | None = None,
    blank: Any = None,
) -> Batch: ...
def encode_sets(
    batch: Batch,
    *,
    encode_image: Callable[[Tensor], Tensor],
    encode_text: Callable[[Any], Tensor],
    device: Any = None,
) -> dict[str, Tensor]: ...
def make_loader(
    dataset: CounterfactualDataset,
    *,
    batch_size: int,
    tokenizer: Tokenizer | None = None,
    num_workers: int = 0,
    drop_last: bool = False,
    **options: Any,
) -> SetLoader: ...
def compute_loss(
    objective: str, features: Mapping[str, Tensor], **settings: Tensor | float
) -> dict[str, Tensor]: ...
