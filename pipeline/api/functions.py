"""What a script calls: load a config, run it, plan it, check a run, read its samples, explain a
caption.

Each function does what the command of the same name does and returns what that prints. The
environment is read here and nowhere below.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.api.result import RunResult
    from pipeline.config.run import RunConfig
    from pipeline.core.progress import Observer
    from pipeline.edits.explanation import Explanation
    from pipeline.shards.integrity import FileFault
    from pipeline.shards.reader import StoredSample
    from pipeline.tools.estimate import Estimate

_PathLike = str | os.PathLike[str]


def load_config(
    settings: Mapping[str, object] | None = None,
    *,
    file: _PathLike | None = None,
    environ: Mapping[str, str] | None = None,
) -> RunConfig:
    """Resolve the config of a run: settings win over the environment, that over the file.

    >>> load_config({"images.renderer": "sdxl", "source": {"limit": 100}}).source.limit
    100

    Args:
        settings: `section.key` → value, or whole sections.
        file: TOML file.
        environ: Variables, of which `COUNTERFACTORY_*` are read; the process's if None.

    Raises:
        ConfigError: A file, a variable or a setting is not valid; the message names it.
    """
    from pipeline.config import loading

    return loading.load_config(
        settings or {}, environ=_environ(environ), file=None if file is None else Path(file)
    )


def run(
    config: RunConfig,
    *,
    observer: Observer | None = None,
    environ: Mapping[str, str] | None = None,
) -> RunResult:
    """Make everything that the config asks for, or what is left of it in its run directory.

    Started by a launcher that sets RANK and WORLD_SIZE, a process makes its share of the
    shards, and the last one finishes the run. With `workers` above 1, call it under
    `if __name__ == "__main__":`, as every script that starts processes must.

    Args:
        config: What to make, and where (`output`).
        observer: Told about progress, and asked whether to stop.
        environ: For API keys and the launcher's variables; the process's if None.

    Raises:
        ConfigError: The input, the models or the run directory cannot be used as asked.
        Stopped: The observer asked to stop; finished shards are kept.
        TransientError: The language model may answer later; run again then.
        PermanentError: A full disk, a refused key, a model that does not fit.
    """
    from pipeline.api.result import RunResult
    from pipeline.runs.rank import read_rank
    from pipeline.runs.run import run_config

    variables = _environ(environ)
    outcome = run_config(config, variables, observer, read_rank(variables))
    manifest = outcome.manifest
    return RunResult(
        outcome.job.layout.root,
        None if manifest is None else manifest.counts,
        outcome.resumed_shards,
    )


def plan(
    config: RunConfig,
    *,
    observer: Observer | None = None,
    environ: Mapping[str, str] | None = None,
) -> Estimate:
    """Say what a run would make and cost; writes nothing, asks no model, draws nothing.

    Args:
        config: The run.
        observer: Told how many rows were read, and asked whether to stop.
        environ: The process's if None.

    Raises:
        ConfigError: The input or the spaCy pipeline is missing.
        Stopped: The observer asked to stop.
    """
    from pipeline.tools.plan import estimate_run

    return estimate_run(config, environ=_environ(environ), observer=observer)


def verify(run_dir: _PathLike) -> list[FileFault]:
    """Everything that is wrong with a run directory; an empty list says that it is sound.

    Raises:
        ConfigError: A newer version wrote the directory.
    """
    from pipeline.shards.layout import RunLayout
    from pipeline.shards.verify import verify_run

    return verify_run(RunLayout(Path(run_dir)))


def read_samples(source: _PathLike | Iterable[_PathLike]) -> Iterator[StoredSample]:
    """Yield the sets of a run, or of some of its tars, in order; one in memory at a time.

    >>> for sample in read_samples("outputs/demo"):
    ...     for edit in sample.document.minimal:
    ...         print(edit.kind, edit.old, edit.new, len(sample.image(edit.variant) or b""))

    Args:
        source: A run directory, finished or not; a `.tar`; or several of either.

    Raises:
        ConfigError: There is no such thing; raised at once. A newer version wrote it.
        ShardCorruptError: A tar is damaged; names the file and the offset.
    """
    from pipeline.shards.reader import iterate_samples, tars_at

    paths = [source] if isinstance(source, str | os.PathLike) else list(source)
    return iterate_samples([tar for path in paths for tar in tars_at(Path(path))])


def explain(caption: str, config: RunConfig | None = None) -> Explanation:
    """Say what the rules make of a caption: every proposal, and why it was kept or not.

    A language model is not asked.

    >>> explain("a red car on a street").kept[0].caption
    'a blue car on a street'

    Args:
        caption: The factual caption.
        config: For its section `edits` and its seed; the defaults if None.

    Raises:
        ConfigError: The parser's model or the vocabulary cannot be loaded.
    """
    from pipeline.config.run import RunConfig
    from pipeline.edits.explain import explain as explain_caption

    config = config or RunConfig()
    return explain_caption(caption, config.edits, run_seed=config.seed)


def _environ(given: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if given is None else given
