"""Other libraries' settings are as they were after the block."""

from __future__ import annotations

import contextlib
import logging
import warnings

import numpy as np
import pytest

from pipeline.adapters.quiet import array_copy_allowed, quiet_libraries

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("shows_bars", [True, False])
def test_levels_and_bars_come_back_even_after_an_error(shows_bars: bool) -> None:
    import diffusers.utils.logging as diffusers_logging
    import transformers.utils.logging as transformers_logging

    libraries = (diffusers_logging, transformers_logging)
    bars = [library.is_progress_bar_enabled() for library in libraries]
    root = logging.getLogger("diffusers")
    level = root.level
    try:
        for library in libraries:
            (library.enable_progress_bar if shows_bars else library.disable_progress_bar)()
        root.setLevel(logging.INFO)
        with contextlib.suppress(KeyError), quiet_libraries():
            assert root.level == logging.ERROR
            assert not any(library.is_progress_bar_enabled() for library in libraries)
            raise KeyError
        assert root.level == logging.INFO
        assert [library.is_progress_bar_enabled() for library in libraries] == [shows_bars] * 2
    finally:
        root.setLevel(level)
        for library, had_bars in zip(libraries, bars, strict=True):
            (library.enable_progress_bar if had_bars else library.disable_progress_bar)()


def test_only_the_known_warning_is_silenced() -> None:
    class Old:
        def __array__(self, dtype: object = None) -> np.ndarray:
            return np.zeros(2)

    with array_copy_allowed():
        assert np.array(Old(), copy=True).tolist() == [0, 0]
    with pytest.raises(DeprecationWarning, match="copy keyword"):
        np.array(Old(), copy=True)
    with pytest.raises(DeprecationWarning, match="another"), array_copy_allowed():
        warnings.warn("another", DeprecationWarning, stacklevel=1)
