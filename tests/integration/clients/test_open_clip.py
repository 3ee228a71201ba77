"""open_clip reads the shards and the exports with its own code, and is scored on benchmarks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.clients.client_packages import run_client
from tests.unit.export.exported_run import CAPTION, exported, write_run

pytestmark = pytest.mark.integration

TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {
        "context_length": 77, "vocab_size": 49408, "width": 16, "heads": 1, "layers": 1,
    },
}  # fmt: skip

READ_CSV = """
import sys, open_clip
from open_clip_train.data import CsvDataset
dataset = CsvDataset(sys.argv[1], lambda picture: picture.convert("RGB").getpixel((3, 3))[0],
                     "filepath", "title", tokenizer=open_clip.get_tokenizer("ViT-B-32"))
for index in range(len(dataset)):
    grey, tokens = dataset[index]
    print(round(grey / 40) * 40, open_clip.tokenizer.decode(tokens[1:]).split("<end")[0])
"""

TRAIN = """
import sys, open_clip
from open_clip_train.main import main
open_clip.add_model_config(sys.argv[1])
main(["--train-data", sys.argv[2], "--dataset-type", sys.argv[3], "--train-num-samples", "3",
      "--model", "tiny", "--batch-size", "2", "--epochs", "1", "--workers", "1", "--warmup", "1",
      "--precision", "fp32", "--save-frequency", "1", "--logs", sys.argv[4], "--name", "tried"])
"""

SCORE = """
import sys, torch, open_clip
from pathlib import Path
from pipeline.tools.score_benchmark import open_model, score_benchmark, to_markdown
open_clip.add_model_config(sys.argv[1])
torch.manual_seed(0)
model = open_clip.create_model("tiny")
torch.save(model.state_dict(), sys.argv[2])
name = f"open_clip:tiny/{sys.argv[2]}"
encoder = open_model(name, "cpu")
for path in sys.argv[3:]:
    report = score_benchmark(Path(path), name, encoder)
    pictures, texts = encoder.embed_pictures([__import__("numpy").zeros((9, 7, 3), "uint8")]), \
        encoder.embed_texts(["a dog", "a cat", "a dog"])
    assert abs((pictures ** 2).sum() - 1) < 1e-5 and (texts[0] == texts[2]).all()
    print(report.benchmark, report.questions, sorted(report.kinds))
    assert "| chance |" in to_markdown(report)
encoder.close()
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The configuration of a model that trains in no time."""
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(TINY), "utf-8")
    return path


def test_its_csv_dataset_reads_the_pairs(open_clip_packages: Path, tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "pairs")
    printed = run_client(open_clip_packages, READ_CSV, output / "pairs.csv").splitlines()
    assert len(printed) == outcome.rows["pairs"]
    assert [line.strip() for line in printed[:2]] == [f"80 {CAPTION}", "120 a blue car"]


@pytest.mark.parametrize("kind", ["webdataset", "csv"])
def test_its_training_trains(
    open_clip_packages: Path, tiny: Path, tmp_path: Path, kind: str
) -> None:
    if kind == "csv":
        data = str(exported(tmp_path, "pairs")[0] / "pairs.csv")
    else:
        data = str(write_run(tmp_path / "run") / "shards" / "{000000..000001}.tar")
    run_client(open_clip_packages, TRAIN, tiny, data, kind, tmp_path / "logs")
    checkpoint = tmp_path / "logs" / "tried" / "checkpoints" / "epoch_1.pt"
    assert checkpoint.stat().st_size > 1_000_000
    log = (tmp_path / "logs" / "tried" / "out.log").read_text("utf-8")
    assert "Contrastive_loss" in log


def test_its_models_are_scored(open_clip_packages: Path, tiny: Path, tmp_path: Path) -> None:
    folders = []
    for name in ("sugar-crepe", "winoground"):
        folder = tmp_path / name
        folder.mkdir()
        folders.append(exported(folder, name)[0])
    printed = run_client(open_clip_packages, SCORE, tiny, tmp_path / "weights.pt", *folders)
    assert printed.splitlines()[-2:] == [
        "SugarCrepe 5 ['all', 'causal_order', 'negation', 'replace_att']",
        "Winoground 4 ['all', 'attribute', 'full', 'negation']",
    ]
