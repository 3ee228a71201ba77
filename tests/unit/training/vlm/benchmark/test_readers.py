"""Each benchmark from small files of the schema that its authors publish."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.benchmark.items import Question, load_picture
from pipeline.training.vlm.benchmark.readers import read_benchmark
from tests.unit.export.exported_run import CAUSE, exported, grey


def picture(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey(value)).save(path)


def values(question: Question) -> list[int]:
    return [int(load_picture(one).mean().round()) for one in question.pictures]


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), "utf-8")


def test_sugar_crepe(tmp_path: Path) -> None:
    item = {"filename": "1.png", "caption": "a dog", "negative_caption": "a cat"}
    write_json(tmp_path / "replace_obj.json", {"0": item, "7": item})
    write_json(tmp_path / "swap_att.json", {"0": item})
    picture(tmp_path / "coco" / "1.png", 120)
    loaded = read_benchmark(tmp_path, tmp_path / "coco")
    assert loaded.name == "SugarCrepe"
    assert [(q.name, q.kind) for q in loaded.questions] == [
        ("replace_obj-0", "replace_obj"), ("replace_obj-7", "replace_obj"),
        ("swap_att-0", "swap_att"),
    ]  # fmt: skip
    assert loaded.questions[0].captions == ("a dog", "a cat")
    assert values(loaded.questions[0]) == [120]


def test_vqa_causal(tmp_path: Path) -> None:
    (tmp_path / "vqa_causal.csv").write_text(
        "image_id,sentence,reverse_sentence\n"
        '393225,"The man is wet, is due to rain.",Rain is due to the man is wet.\n'
        "42,a is due to b,b is due to a\n",
        "utf-8",
    )
    picture(tmp_path / "images" / "COCO_val2014_000000393225.jpg", 80)
    picture(tmp_path / "images" / "42.png", 160)
    loaded = read_benchmark(tmp_path / "vqa_causal.csv")
    assert loaded.name == "VQA-Causal"
    first, second = loaded.questions
    assert first.captions == ("The man is wet, is due to rain.", "Rain is due to the man is wet.")
    assert (values(first), values(second)) == ([80], [160])
    assert first.kind == "vqa_causal"


def test_aro_crops_to_the_box(tmp_path: Path) -> None:
    item = {
        "image_id": 1, "image_path": "1.png", "bbox_x": 2, "bbox_y": 1, "bbox_w": 3, "bbox_h": 2,
        "relation_name": "on", "true_caption": "the cup is on the table",
        "false_caption": "the table is on the cup",
    }  # fmt: skip
    write_json(tmp_path / "visual_genome_relation.json", [item])
    write_json(tmp_path / "visual_genome_attribution.json", [item | {"attributes": ["a", "b"]}])
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[1:3, 2:5] = 240
    (tmp_path / "images").mkdir()
    Image.fromarray(pixels).save(tmp_path / "images" / "1.png")
    loaded = read_benchmark(tmp_path)
    assert loaded.name == "ARO"
    assert [q.kind for q in loaded.questions] == [
        "visual_genome_attribution", "visual_genome_relation",
    ]  # fmt: skip
    assert loaded.questions[0].captions[0] == "the cup is on the table"
    assert (load_picture(loaded.questions[0].pictures[0]) == 240).all()


def test_winoground(tmp_path: Path) -> None:
    line = {
        "id": 3, "image_0": "ex_3_img_0", "image_1": "ex_3_img_1", "caption_0": "a b",
        "caption_1": "b a", "tag": "Adjective-Weight", "secondary_tag": "", "num_main_preds": 1,
        "collapsed_tag": "Object",
    }  # fmt: skip
    (tmp_path / "examples.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    for place in range(2):
        picture(tmp_path / "images" / f"ex_3_img_{place}.png", 40 * place)
    loaded = read_benchmark(tmp_path)
    (question,) = loaded.questions
    assert (loaded.name, question.kind, question.captions) == (
        "Winoground",
        "Object",
        ("a b", "b a"),
    )
    assert values(question) == [0, 40]
    assert question.factual is None


@pytest.mark.parametrize(
    ("word", "tag"), [("text", {"category": "counting"}), ("caption", {"collapsed_tag": "Both"})]
)
def test_parquet_of_the_hub(tmp_path: Path, word: str, tag: dict[str, str]) -> None:
    """VisMin's and Winoground's columns, written by `datasets` as the hub does."""

    def encoded(value: int) -> dict[str, Any]:
        buffer = io.BytesIO()
        Image.fromarray(grey(value)).save(buffer, "PNG")
        return {"bytes": buffer.getvalue(), "path": None}

    rows = [
        {"id": f"q{n}", "image_0": encoded(40), "image_1": encoded(80), f"{word}_0": "one dog",
         f"{word}_1": "two dogs", **tag}
        for n in range(3)
    ]  # fmt: skip
    table = datasets.Dataset.from_list(rows)
    for column in ("image_0", "image_1"):
        table = table.cast_column(column, datasets.Image())
    (tmp_path / "data").mkdir()
    table.to_parquet(tmp_path / "data" / "test-00000-of-00001.parquet")
    loaded = read_benchmark(tmp_path)
    assert len(loaded.questions) == 3
    assert {q.kind for q in loaded.questions} == set(tag.values())
    assert loaded.questions[1].captions == ("one dog", "two dogs")
    assert values(loaded.questions[2]) == [40, 80]


@pytest.mark.parametrize(
    ("export", "name", "number"),
    [
        ("sugar-crepe", "SugarCrepe", 5),
        ("winoground", "Winoground", 4),
        ("vqa-causal", "VQA-Causal", 1),
    ],
)
def test_own_exports_are_read(tmp_path: Path, export: str, name: str, number: int) -> None:
    output, _ = exported(tmp_path, export)
    loaded = read_benchmark(output)
    assert (loaded.name, len(loaded.questions)) == (name, number)
    assert all(load_picture(p).size for q in loaded.questions for p in q.pictures)
    if export == "vqa-causal":
        assert loaded.questions[0].captions == CAUSE


def test_what_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        read_benchmark(tmp_path / "no")
    (tmp_path / "notes.json").write_text("[1]", "utf-8")
    with pytest.raises(ConfigError, match="holds no benchmark that is known"):
        read_benchmark(tmp_path)
    write_json(tmp_path / "swap_obj.json", {"0": {"negative_caption": "a cat"}})
    with pytest.raises(ConfigError, match=r"swap_obj\.json is not as its benchmark documents it"):
        read_benchmark(tmp_path)
