"""counterfactory in Python: the names that a script needs, each imported when it is first used.

    from counterfactory import load_config, run

`python -m counterfactory …` is the command. The code lies in the packages `pipeline`, `prompts`
and `flows` beside this file, and is taken from there even where a folder of the same name stands
earlier on Python's path, as your own `pipeline/` may.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _take_from_here(name: str) -> None:
    """Import a package from the folder of this file, whatever else Python's path offers.

    Raises:
        ImportError: Another package of this name is imported already.
    """
    folder = _HERE / name
    loaded = sys.modules.get(name)
    if loaded is not None:
        if str(folder) in {str(Path(place).resolve()) for place in loaded.__path__}:
            return
        raise ImportError(
            f"counterfactory needs its own package {name!r}, but another one is imported already "
            f"from {', '.join(loaded.__path__)}: import counterfactory first, or rename that one"
        )
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is missing: install counterfactory again")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


for _package in ("pipeline", "prompts"):
    _take_from_here(_package)


if __name__ == "__main__":
    from pipeline.cli.app import main

    main()
