"""Full memory, overflow, long prompts, models that are not there."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer, open_renderer
from pipeline.adapters.sdxl.text import open_token_counter
from pipeline.config.images import ImagesConfig
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.protocols import Draw

pytestmark = pytest.mark.integration

OpenTiny = Callable[..., SdxlRenderer]
Config = Callable[..., ImagesConfig]
DRAWS = [Draw(f"a{i}", "control", f"a photo of {i} dogs", i, "independent") for i in range(7)]


class SmallMemory:
    """Stands before a real UNet and raises as a full device does above a batch size."""

    def __init__(self, unet: Any, most: int, error: Exception) -> None:
        self.forward, self.most, self.error = unet.forward, most, error
        self.sizes: list[int] = []

    def __call__(self, sample: Any, *args: Any, **kwargs: Any) -> Any:
        size = len(sample) // 2  # guidance doubles the batch
        if not self.sizes or self.sizes[-1] != size:
            self.sizes.append(size)
        if size > self.most:
            raise self.error
        return self.forward(sample, *args, **kwargs)


def out_of_memory_errors() -> list[Exception]:
    import torch

    return [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 18.13 GB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    ]


@pytest.mark.parametrize("which", range(3), ids=["cuda", "mps", "cpu"])
def test_out_of_memory_halves_the_batch_and_goes_on(
    open_tiny: OpenTiny,
    tiny_renderer: SdxlRenderer,
    monkeypatch: pytest.MonkeyPatch,
    which: int,
) -> None:
    renderer = open_tiny()
    unet = renderer.pipeline.unet
    memory = SmallMemory(unet, 2, out_of_memory_errors()[which])
    monkeypatch.setattr(unet, "forward", memory)

    pictures = renderer.draw(DRAWS)
    assert memory.sizes == [7, 3, 1]
    assert renderer.batch_size == 1
    whole = tiny_renderer.draw(DRAWS)
    assert np.abs(np.stack(pictures).astype(int) - np.stack(whole)).max() <= 1

    renderer.draw(DRAWS[:2])  # what was learned stays
    assert memory.sizes == [7, 3, 1]


def test_a_batch_of_eight_halves_twice_to_the_two_that_fit(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny()
    unet = renderer.pipeline.unet
    memory = SmallMemory(unet, 2, out_of_memory_errors()[0])
    monkeypatch.setattr(unet, "forward", memory)
    assert len(renderer.draw([*DRAWS, DRAWS[0]])) == 8
    assert memory.sizes == [8, 4, 2]
    assert renderer.batch_size == 2


def test_one_picture_that_does_not_fit_is_an_error_with_remedies(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny()
    unet = renderer.pipeline.unet
    monkeypatch.setattr(unet, "forward", SmallMemory(unet, 0, out_of_memory_errors()[0]))
    with pytest.raises(PermanentError, match=r"64 × 64 does not fit.*width_px.*dtype.*device"):
        renderer.draw(DRAWS)


def test_other_runtime_errors_are_not_taken_for_full_memory(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny()
    unet = renderer.pipeline.unet
    monkeypatch.setattr(unet, "forward", SmallMemory(unet, 0, RuntimeError("shapes differ")))
    with pytest.raises(RuntimeError, match="shapes differ"):
        renderer.draw(DRAWS)
    assert renderer.batch_size == 8


def test_a_picture_of_nan_is_an_error_that_names_it(open_tiny: OpenTiny) -> None:
    import torch

    renderer = open_tiny()
    with torch.no_grad():
        renderer.pipeline.vae.decoder.conv_out.bias.fill_(float("nan"))
    with pytest.raises(PermanentError, match=r"anchor a0, control: .*overflowed.*bfloat16"):
        renderer.draw(DRAWS[:2])


def test_a_vae_that_overflows_in_float16_is_lifted_out_of_it(tiny_renderer: SdxlRenderer) -> None:
    import copy

    import torch

    from pipeline.adapters.sdxl.placement import move_pipeline

    class Parts:
        def __init__(self, vae: Any) -> None:
            self.vae = vae

        def to(self, device: torch.device) -> None:
            self.device = device

    vae = copy.deepcopy(tiny_renderer.pipeline.vae).to(torch.float16)
    move_pipeline(Parts(vae), torch.device("cpu"))
    assert vae.dtype == torch.float32

    vae.to(torch.float16)
    vae.register_to_config(force_upcast=False)
    move_pipeline(Parts(vae), torch.device("cpu"))
    assert vae.dtype == torch.float16


def test_long_prompts_are_counted_and_cut_with_one_warning(
    open_tiny: OpenTiny, caplog: pytest.LogCaptureFixture
) -> None:
    renderer = open_tiny()
    long = "red " * 100
    assert renderer.count_tokens(["red", long]) == [3, 102]
    draws = [Draw("a", f"full{i}", f"{long}{i}", 3, "independent") for i in range(2)]
    with caplog.at_level(logging.WARNING):
        pictures = [*renderer.draw(draws), *renderer.draw(draws)]
    assert (pictures[0] == pictures[1]).all()  # the end was not read
    assert renderer.truncated_prompts == 4
    assert [record.name for record in caplog.records] == ["pipeline.adapters.sdxl.text"]


def test_tokens_are_counted_without_the_weights(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "light"
    shutil.copytree(tiny_folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    counter = open_token_counter(ImagesConfig(model=str(folder)))
    assert counter.count_tokens(["a red car", ""]) == [5, 2]
    assert counter.count_tokens([]) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "/no/such/folder"}, "no such folder"),
        ({"model": "no_such_folder"}, "no such folder"),
        ({"dtype": "float16"}, "needs a GPU.*bfloat16"),
        ({"device": "cuda:99"}, "cuda:99.*not there"),
        ({"device": "tpu"}, "none of auto, auto:<number>, cpu"),
        ({"lora": [{"path": "/no/such.safetensors"}]}, "does not exist"),
    ],
)
def test_what_cannot_be_used_is_refused_before_any_work(
    tiny_config: Config, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        open_renderer(tiny_config(**changes))


def test_a_hub_out_of_reach_says_what_to_do(
    tiny_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(PermanentError, match=r"no-such-owner/no-such-model.*name its folder"):
        open_renderer(tiny_config(model="no-such-owner/no-such-model"))


def test_folders_that_are_no_sdxl_are_refused(
    tiny_folder: Path, tiny_config: Config, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"no model_index\.json"):
        open_renderer(tiny_config(model=str(tmp_path / "empty")))

    other = tmp_path / "other"
    shutil.copytree(tiny_folder, other)
    index = json.loads((other / "model_index.json").read_text())
    (other / "model_index.json").write_text(json.dumps(index | {"_class_name": "FluxPipeline"}))
    with pytest.raises(ConfigError, match="FluxPipeline"):
        open_renderer(tiny_config(model=str(other)))

    with pytest.raises(ConfigError, match="single file"):
        open_renderer(tiny_config(model=str(other / "model_index.json")))


@pytest.mark.parametrize("fault", ["truncated", "missing", "pickle"])
def test_damaged_weights_are_a_clear_error(
    tiny_folder: Path, tiny_config: Config, tmp_path: Path, fault: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(tiny_folder, folder)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    if fault == "truncated":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif fault == "missing":
        weights.unlink()
    else:
        weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(ConfigError, match="does not load"):
        open_renderer(tiny_config(model=str(folder))).draw(DRAWS[:1])


def test_a_scheduler_that_cannot_do_the_steps_is_refused(open_tiny: OpenTiny) -> None:
    with pytest.raises(ConfigError, match=r"LCMScheduler cannot do images\.steps = 400"):
        open_tiny(scheduler="lcm", steps=400).draw(DRAWS[:1])


def test_a_closed_renderer_says_so(open_tiny: OpenTiny) -> None:
    renderer = open_tiny()
    renderer.draw(DRAWS[:1])
    renderer.close()
    renderer.close()
    with pytest.raises(PermanentError, match="closed"):
        renderer.draw(DRAWS[:1])


def test_no_draws_load_no_model(open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = open_tiny()
    monkeypatch.setattr("pipeline.adapters.sdxl.renderer.load_pipeline", None)
    assert renderer.draw([]) == []
    assert renderer.fingerprint
    assert renderer.provenance["device"] == "cpu"
