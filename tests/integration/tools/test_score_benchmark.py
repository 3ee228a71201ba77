"""The packaged CLIP answers a benchmark of painted scenes, and the report says what it means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.core.records import RenderedImage, RenderedSet
from pipeline.evaluation.renderer import as_set, draw_pairs
from pipeline.shards.atomic import write_json
from pipeline.shards.encode import encode_sample
from pipeline.shards.tarball import TarWriter
from pipeline.tools.make_benchmark import SHEET, make_benchmark
from pipeline.tools.score_benchmark import (
    BenchmarkReport,
    guess_without_pictures,
    open_model,
    score_benchmark,
    to_markdown,
)
from pipeline.training.vlm.benchmark.items import Picture, Question
from pipeline.training.vlm.benchmark.make import BenchmarkWishes
from pipeline.training.world.painter import paint

pytestmark = pytest.mark.integration

KINDS = ("colour", "count", "relation")
PAIRS = 6
MODEL = "builtin:world"


def write_painted_run(root: Path, *, mixed_up: bool) -> Path:
    """Painted pairs as shards; mixed up, the counterfactual picture stands in for the factual."""
    (root / "shards").mkdir(parents=True)
    write_json(root / "run.json", {"config": {"scores.clip": MODEL}, "config_fingerprint": "0"})
    with (root / "shards" / "000000.tar").open("wb") as file:
        writer = TarWriter(file)
        for kind in KINDS:
            for number, pair in enumerate(draw_pairs(kind, PAIRS)):
                scenes = [pair.scene, pair.edited_scene]
                pictures = [paint(scene) for scene in (scenes[::-1] if mixed_up else scenes)]
                images = tuple(
                    RenderedImage(name, picture, "a prompt", 1, "painted")
                    for name, picture in zip(("control", "min0"), pictures, strict=True)
                )
                rendered = RenderedSet(as_set(pair, number), images)
                writer.add(encode_sample(rendered, jpeg_quality=95, provenance={}))
        writer.finish()
    return root


def score(tmp_path: Path, *, mixed_up: bool = False) -> BenchmarkReport:
    run = write_painted_run(tmp_path / "run", mixed_up=mixed_up)
    wishes = BenchmarkWishes(split="all", drop=0.0)
    about = make_benchmark(str(run), tmp_path / "bench", wishes)
    assert about.kept == {"attribute": PAIRS, "count": PAIRS, "relation": PAIRS}
    assert (tmp_path / "bench" / SHEET).stat().st_size > 10_000
    encoder = open_model(MODEL, "cpu")
    try:
        return score_benchmark(tmp_path / "bench", MODEL, encoder)
    finally:
        encoder.close()


def test_a_model_that_knows_the_world_wins(tmp_path: Path) -> None:
    report = score(tmp_path)
    assert report.questions == 3 * PAIRS
    assert {kind: scores["group"].of for kind, scores in report.kinds.items()} == {
        "attribute": PAIRS, "count": PAIRS, "relation": PAIRS, "all": 3 * PAIRS,
    }  # fmt: skip
    assert report.means["group"] > 0.8
    assert report.means["factual"] > 0.8
    # It chose the pictures of this run and is judged by them.
    assert any("its own numbers here are too high" in warning for warning in report.warnings)
    assert any("split all" in warning for warning in report.warnings)
    ways = {guess.way for guess in report.text_only}
    assert ways == {"longer", "more words", "words"}
    text = to_markdown(report)
    assert "| count | 6 |" in text
    assert "| chance |  | 0.25 | 0.25 | 0.17 | 0.50 |" in text
    assert json.loads(json.dumps(report.to_json()))["kinds"]["count"]["group"]["of"] == PAIRS


def test_on_pictures_that_are_mixed_up_it_loses(tmp_path: Path) -> None:
    report = score(tmp_path, mixed_up=True)
    assert report.means["group"] < 0.2
    assert report.means["factual"] < 0.2


def test_a_blind_reader_finds_a_telling_word() -> None:
    one = (Picture(Path("a.png")),)
    questions = [
        Question(f"q{n}", "object", (f"a dog {n}", f"a fake dog {n}"), one, group=f"g{n}")
        for n in range(40)
    ]
    guesses = {guess.way: guess for guess in guess_without_pictures(questions, None)}
    assert guesses["words"].accuracy == 1.0
    assert guesses["longer"].accuracy == 1.0
    groups = [Question("q", "k", ("a", "b"), (*one, Picture(Path("b.png"))))]
    assert guess_without_pictures(groups, None) == []
