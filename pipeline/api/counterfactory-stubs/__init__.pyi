# What type checkers read of the installed `counterfactory`: a single-file module cannot carry
# the marker py.typed (PEP 561), so its types come as a stub package of their own. It imports
# records only: a checker would follow the functions' modules as far as torch.
import os
from collections.abc import Iterable, Iterator, Mapping

from pipeline import __version__ as __version__
from pipeline.api.result import RunResult as RunResult
from pipeline.config.run import RunConfig as RunConfig
from pipeline.core.errors import PipelineError as PipelineError
from pipeline.core.progress import Observer as Observer
from pipeline.edits.explanation import Explanation as Explanation
from pipeline.shards.integrity import FileFault as FileFault
from pipeline.shards.reader import StoredSample as StoredSample
from pipeline.tools.estimate import Estimate as Estimate

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
