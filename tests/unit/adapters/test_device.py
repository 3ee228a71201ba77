"""Device and number format, with and without the GPUs that torch reports."""

from __future__ import annotations

import pytest
import torch

from pipeline.adapters.device import choose_device, choose_dtype, is_out_of_memory
from pipeline.core.errors import ConfigError


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with two CUDA devices, as far as torch tells."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.usefixtures("gpus")
@pytest.mark.parametrize(
    ("name", "device"),
    [("auto", "cuda"), ("auto:1", "cuda:1"), ("cuda:0", "cuda:0"), ("cpu", "cpu")],
)
def test_auto_takes_cuda_and_its_number(name: str, device: str) -> None:
    assert choose_device(name, "images.device") == torch.device(device)


@pytest.mark.usefixtures("gpus")
def test_a_device_too_many_is_refused_with_its_setting() -> None:
    with pytest.raises(ConfigError, match=r"scores\.device 'cuda:2' is not there.* 2 CUDA"):
        choose_device("auto:2", "scores.device")


@pytest.mark.parametrize("name", ["auto", "auto:3"])
def test_without_a_gpu_auto_is_the_cpu(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device(name, "images.device") == torch.device("cpu")


@pytest.mark.parametrize("name", ["tpu", "auto:", "auto:x", "cuda:", ""])
def test_what_is_no_device_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="none of auto"):
        choose_device(name, "images.device")


@pytest.mark.parametrize(("has_bf16", "dtype"), [(True, torch.bfloat16), (False, torch.float16)])
def test_auto_is_half_precision_on_a_gpu(
    has_bf16: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: has_bf16)
    assert choose_dtype("auto", torch.device("cuda")) == dtype
    assert choose_dtype("auto", torch.device("mps")) == torch.float16
    assert choose_dtype("float32", torch.device("cuda")) == torch.float32


def test_the_cpu_computes_in_float32_unless_told_otherwise() -> None:
    cpu = torch.device("cpu")
    assert choose_dtype("auto", cpu) == torch.float32
    assert choose_dtype("bfloat16", cpu) == torch.bfloat16
    with pytest.raises(ConfigError, match=r"float16 needs a GPU.*bfloat16"):
        choose_dtype("float16", cpu)


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (torch.OutOfMemoryError("CUDA"), True),
        (MemoryError(), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_full_memory_is_told_from_other_errors(error: Exception, is_full: bool) -> None:
    assert is_out_of_memory(error) is is_full
