"""Where pictures and model come from, and what is planned."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file

from pipeline.core.errors import ConfigError
from pipeline.core.records import (
    Anchor,
    AnchorImage,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    RenderedImage,
    RenderedSet,
    Replacement,
)
from pipeline.shards.encode import encode_sample
from pipeline.shards.layout import RunLayout
from pipeline.shards.tarball import TarWriter
from pipeline.training.sdxl.run import open_examples, open_model, plan_finetuning, run_finetuning
from tests.integration.training.sdxl.conftest import COLOURS, MakeConfig, png

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def run_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory with two sets: one with its own picture, one that was drawn only."""
    layout = RunLayout(tmp_path_factory.mktemp("run"))
    layout.shards_dir.mkdir()
    layout.run_json.write_text("{}", "utf-8")
    with layout.tar(0).open("wb") as file:
        writer = TarWriter(file)
        for own in (AnchorImage(png((9, 9, 9)), "png", 96, 80), None):
            writer.add(encode_sample(rendered(own), jpeg_quality=90, provenance={}))
        writer.finish()
    return layout.root


def rendered(own: AnchorImage | None) -> RenderedSet:
    caption = "a red wall in the sun."
    anchor = Anchor(f"{'own' if own else 'drawn'}0", caption, caption, "cc_tsv", "x:1", image=own)
    edit = CaptionEdit(
        EditKind.ATTRIBUTE, "colour", caption, (Replacement(2, 5, "red", "blue"),), "red", "blue"
    )
    full = FullCaption("a cat sleeps in a kitchen.", "llm:test")
    cfset = CounterfactualSet(anchor, (edit,), (full,))
    images = tuple(
        RenderedImage(name, np.full((64, 64, 3), value, np.uint8), text, 7, "same_noise")
        for name, value, text in (
            ("control", 200, caption),
            ("min0", 100, edit.caption),
            ("full0", 50, full.caption),
        )
    )
    return RenderedSet(cfset, images)


class TestExamples:
    def test_a_table_and_an_archive_give_the_same(
        self, make_config: MakeConfig, archive: Path
    ) -> None:
        table = list(open_examples(make_config()))
        tar = list(
            open_examples(make_config(source__kind="webdataset", source__input=str(archive)))
        )
        assert [(e.caption, e.data) for e in table] == [(e.caption, e.data) for e in tar]
        assert [e.caption for e in table] == list(COLOURS)

    def test_rows_that_are_not_learned_from_are_counted(
        self, make_config: MakeConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "a.png").write_bytes(png((200, 9, 9)))
        rows = ['{"caption": "a red wall", "picture": "a.png"}', '{"caption": "no picture"}']
        rows.append('{"caption": "gone", "picture": "b.png"}')
        (tmp_path / "t.jsonl").write_text("\n".join(rows) + "\n")
        config = make_config(source__input=str(tmp_path / "t.jsonl"))
        assert len(list(open_examples(config))) == 1
        assert "2 of 3 rows of" in caplog.text
        assert "t.jsonl:2: it has no picture" in caplog.text

    def test_our_own_shards_give_each_picture_with_its_own_caption(
        self, make_config: MakeConfig, run_of_our_own: Path
    ) -> None:
        examples = list(open_examples(make_config(data__run=str(run_of_our_own))))
        fact, edit, full = (
            "a red wall in the sun.",
            "a blue wall in the sun.",
            "a cat sleeps in a kitchen.",
        )
        # The drawn control of the second set is its factual picture too: once is enough.
        captions = [example.caption for example in examples]
        assert sorted(captions) == sorted([fact, fact, edit, full] + [fact, edit, full])
        assert examples[captions.index(edit)].origin.endswith("min0.jpg")
        # Each file says what it was drawn from, so those of equal pixels differ too.
        pixels = {Image.open(io.BytesIO(example.data)).tobytes() for example in examples}
        assert len(pixels) == 4

    @pytest.mark.parametrize(
        ("variants", "amount"), [(["factual"], 2), (["control"], 2), (["minimal", "full"], 4)]
    )
    def test_variants_choose(
        self, make_config: MakeConfig, run_of_our_own: Path, variants: list[str], amount: int
    ) -> None:
        tar = RunLayout(run_of_our_own).tar(0)
        config = make_config(data__run=str(tar), data__variants=variants)
        assert len(list(open_examples(config))) == amount

    def test_a_source_without_pictures_says_what_to_do(self, make_config: MakeConfig) -> None:
        with pytest.raises(ConfigError, match=r"no usable picture.*name source\.image_column"):
            run_finetuning(make_config(source__image_column=None))
        config = make_config(source__kind="cc_tsv", source__input="sample:cc3m")
        with pytest.raises(ConfigError, match=r"no usable picture.*--run"):
            plan_finetuning(config)

    def test_a_source_whose_pictures_are_gone_says_why(
        self, make_config: MakeConfig, tmp_path: Path
    ) -> None:
        rows = tmp_path / "rows.jsonl"
        rows.write_text('{"caption": "a red wall", "picture": "gone.png"}\n', "utf-8")
        with pytest.raises(ConfigError, match=r"first refused row: .*rows\.jsonl:1.*gone\.png"):
            run_finetuning(make_config(source__input=str(rows)))

    def test_a_run_without_pictures_says_what_to_do(
        self, make_config: MakeConfig, tmp_path: Path
    ) -> None:
        (tmp_path / "run.json").write_text("{}", "utf-8")
        with pytest.raises(ConfigError, match="--images sdxl"):
            run_finetuning(make_config(data__run=str(tmp_path)))
        with pytest.raises(ConfigError, match="neither a run directory"):
            run_finetuning(make_config(data__run=str(tmp_path / "none")))

    def test_a_wrong_model_is_named_by_its_setting(
        self, make_config: MakeConfig, tmp_path: Path
    ) -> None:
        with pytest.raises(ConfigError, match=r"^model '?/nowhere/x'?.*no such folder"):
            open_model(make_config(model="/nowhere/x"))
        tmp_path.joinpath("model").mkdir()
        with pytest.raises(ConfigError, match=r"^model .*model_index\.json"):
            open_model(make_config(model=str(tmp_path / "model")))

    def test_a_layer_that_is_not_there_is_named(self, make_config: MakeConfig) -> None:
        with pytest.raises(ConfigError, match=r"lora\.layers \['to_x'\] does not fit the model"):
            run_finetuning(make_config(lora__layers=["to_x"]))


def test_a_dry_run_counts_and_writes_nothing(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(data__cache=str(tmp_path / "cache"))
    plan = plan_finetuning(config)
    assert (plan.pictures, plan.examples, plan.cached) == (4, 4, 0)
    assert (plan.steps, plan.examples_seen) == (4, 8)
    assert list(tmp_path.iterdir()) == []
    outcome = run_finetuning(config)
    again = plan_finetuning(config)
    assert again.cached == 4
    assert plan.trained == again.trained == outcome.trained
    stored = load_file(config.folder / "checkpoints" / "step-000004" / "weights.safetensors")
    assert sum(tensor.numel() for tensor in stored.values()) == plan.trained
    folder = config.folder / "checkpoints" / "step-000004"
    own = ("weights", "average", "optimizer")
    size = sum((folder / f"{name}.safetensors").stat().st_size for name in own)
    assert plan.checkpoint_bytes == pytest.approx(size, rel=0.25)
    cached = sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*.safetensors"))
    assert plan.cache_bytes == pytest.approx(cached, rel=0.1)
    full = plan_finetuning(make_config(method="full"))
    assert full.trained > 10 * plan.trained
