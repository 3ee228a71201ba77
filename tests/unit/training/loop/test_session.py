"""The accelerator that a training opens, and the lock on its folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.training.loop.session import _precision, locked, open_session


def test_one_session_leaves_no_state_to_the_next() -> None:
    with open_session(device="cpu", precision="bf16", accumulate=3) as accelerator:
        assert (accelerator.device.type, accelerator.mixed_precision) == ("cpu", "bf16")
        assert accelerator.gradient_accumulation_steps == 3
    with open_session(device="cpu", precision="auto", accumulate=1) as accelerator:
        assert accelerator.mixed_precision == "no"


@pytest.mark.parametrize(("has_bf16", "precision"), [(True, "bf16"), (False, "fp16")])
def test_auto_is_what_the_gpu_does_itself(
    has_bf16: bool, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: has_bf16)
    assert _precision("auto") == precision
    assert _precision("cpu") == "no"


def test_two_trainings_do_not_share_a_folder_and_other_processes_do(tmp_path: Path) -> None:
    with locked(tmp_path / "out", is_main=True):
        with (
            pytest.raises(ConfigError, match="another process is working on"),
            locked(tmp_path / "out", is_main=True),
        ):
            pass
        with locked(tmp_path / "out", is_main=False):
            pass
    with locked(tmp_path / "out", is_main=True):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(PermanentError, match=r"file.*cannot be written"),
        locked(tmp_path / "file" / "out", is_main=True),
    ):
        pass
