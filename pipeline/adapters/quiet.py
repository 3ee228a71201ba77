"""Keeps diffusers' and transformers' bars, advice and known warnings off the screen."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Within the block both libraries show errors only and no progress bars.

    Imports of their classes belong into the block as well: they log advice about optional
    packages. The settings are restored afterwards, so that a program that uses this package
    beside them sees no change.
    """
    import diffusers.utils.logging as diffusers_logging
    import transformers.utils.logging as transformers_logging

    roots = [logging.getLogger(name) for name in ("transformers", "diffusers")]
    before = [root.level for root in roots]
    for root in roots:
        root.setLevel(logging.ERROR)
    bars = [diffusers_logging, transformers_logging]
    bars_shown = [library.is_progress_bar_enabled() for library in bars]
    for library in bars:
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library, was_shown in zip(bars, bars_shown, strict=True):
            if was_shown:
                library.enable_progress_bar()
        for root, level in zip(roots, before, strict=True):
            root.setLevel(level)


@contextmanager
def array_copy_allowed() -> Iterator[None]:
    """Within the block numpy does not object to how diffusers' schedulers copy tensors.

    They call `np.array(tensor)`, and torch's tensors do not yet know the keyword `copy`
    that numpy 2 passes on. The result is right; users and tests should not see the warning.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore",
            message="__array__ implementation doesn't accept a copy keyword",
            category=DeprecationWarning,
        )
        yield
