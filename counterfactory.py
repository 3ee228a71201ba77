"""counterfactory in Python: the names that a script needs, each imported when it is first used.

    from counterfactory import load_config, read_samples, run

    result = run(load_config({"source.limit": 100, "output": "outputs/hundred"}))
    for sample in read_samples(result.root):
        print(sample.document.caption, [edit.caption for edit in sample.document.minimal])

`python -m counterfactory …` is the command. The code lies in the packages `pipeline` and
`prompts` beside this file, and is taken from there even where a folder of the same name stands
earlier on Python's path, as your own `pipeline/` may.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline import __version__
    from pipeline.api.functions import explain, load_config, plan, read_samples, run, verify
    from pipeline.api.result import RunResult
    from pipeline.config.run import RunConfig
    from pipeline.core.errors import PipelineError
    from pipeline.core.progress import Observer
    from pipeline.edits.explanation import Explanation
    from pipeline.shards.integrity import FileFault
    from pipeline.shards.reader import StoredSample
    from pipeline.tools.estimate import Estimate
    from pipeline.training.vlm.collate import collate_sets
    from pipeline.training.vlm.features import encode_sets
    from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
    from pipeline.training.vlm.losses import compute_loss

__all__ = [
    "CounterfactualDataset",
    "Estimate",
    "Explanation",
    "FileFault",
    "Observer",
    "PipelineError",
    "RunConfig",
    "RunResult",
    "StoredSample",
    "__version__",
    "collate_sets",
    "compute_loss",
    "encode_sets",
    "explain",
    "load_config",
    "make_loader",
    "plan",
    "read_samples",
    "run",
    "verify",
]

_MODULES = {
    "CounterfactualDataset": "pipeline.training.vlm.loader",
    "Estimate": "pipeline.tools.estimate",
    "Explanation": "pipeline.edits.explanation",
    "FileFault": "pipeline.shards.integrity",
    "Observer": "pipeline.core.progress",
    "PipelineError": "pipeline.core.errors",
    "RunConfig": "pipeline.config.run",
    "RunResult": "pipeline.api.result",
    "StoredSample": "pipeline.shards.reader",
    "__version__": "pipeline",
    "collate_sets": "pipeline.training.vlm.collate",
    "compute_loss": "pipeline.training.vlm.losses",
    "encode_sets": "pipeline.training.vlm.features",
    "explain": "pipeline.api.functions",
    "load_config": "pipeline.api.functions",
    "make_loader": "pipeline.training.vlm.loader",
    "plan": "pipeline.api.functions",
    "read_samples": "pipeline.api.functions",
    "run": "pipeline.api.functions",
    "verify": "pipeline.api.functions",
}
"""Where each name is defined."""

_HERE = Path(__file__).resolve().parent


def _take_from_here(name: str) -> None:
    """Import a package from the folder of this file, whatever else Python's path offers.

    Raises:
        ImportError: Another module of this name is imported already.
    """
    folder = _HERE / name
    loaded = sys.modules.get(name)
    if loaded is not None:
        places = [str(place) for place in getattr(loaded, "__path__", [loaded.__file__])]
        if folder in {Path(place).resolve() for place in places}:
            return
        raise ImportError(
            f"counterfactory needs its own package {name!r}, but another one is imported already "
            f"from {', '.join(places)}: import counterfactory first, or rename that one"
        )
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None or not (folder / "__init__.py").is_file():
        raise ImportError(f"{folder} is missing: install counterfactory again")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


# Not `flows`: nothing here needs it, and a script may have a package of that name itself.
for _package in ("pipeline", "prompts"):
    _take_from_here(_package)


def _lacking(error: ModuleNotFoundError) -> str:
    """What to do about a library that is not there."""
    return (
        f"{error.name}, which is not installed: counterfactory was installed without its "
        "libraries (--no-deps), which suffices to read shards; for all else install it with them"
    )


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module 'counterfactory' has no attribute {name!r}")
    try:
        value: object = getattr(importlib.import_module(_MODULES[name]), name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{name} needs {_lacking(error)}", name=error.name) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def main() -> None:
    """Run the command `counterfactory`."""
    try:
        from pipeline.cli.app import main
    except ModuleNotFoundError as error:
        print(f"error the command needs {_lacking(error)}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    main()


if __name__ == "__main__":
    main()
