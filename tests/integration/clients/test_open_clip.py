"""open_clip reads the shards and the exports with its own code, and is scored on benchmarks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.integration.clients.client_packages import run_client
from tests.integration.report.scored_run import Wanted, write_scored_run
from tests.unit.export.exported_run import CAPTION, exported

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
main(["--train-data", sys.argv[2], "--dataset-type", sys.argv[3], "--model", "tiny",
      "--batch-size", "2", "--epochs", "1", "--workers", "1", "--warmup", "1",
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


FINETUNE = """
import sys, torch, open_clip
from pipeline.training.vlm.finetune.config import load_vlm_config
from pipeline.training.vlm.finetune.trainer import train_vlm
open_clip.add_model_config(sys.argv[1])
torch.manual_seed(0)
torch.save(open_clip.create_model("tiny").state_dict(), sys.argv[2])
done = train_vlm(load_vlm_config({
    "run": sys.argv[3], "model": f"open_clip:tiny/{sys.argv[2]}", "output": sys.argv[4],
    "method": sys.argv[5], "device": "cpu", "train.steps": 3, "train.warmup_steps": 1,
    "train.batch_size": 4, "sets.split": "all", "validation.every": 0,
    "train.gradient_checkpointing": True, "train.learning_rate": 1e-3,
}))
trained = open_clip.create_model(f"local-dir:{done.model}")
before = torch.load(sys.argv[2])
changed = [name for name, w in trained.state_dict().items() if not torch.equal(w, before[name])]
assert trained.state_dict().keys() == before.keys()
print("changed", len(changed))
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
        # It is not told how many samples there are: sizes.json says so.
        run = write_scored_run(tmp_path / "run", Wanted(sets=8, control_least=-1.0))
        data = str(run.shards_dir / "{000000..000001}.tar")
        assert len(run.tars()) == 2
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


@pytest.mark.parametrize("method", ["full", "lora"])
def test_its_models_are_fine_tuned_and_load_with_it(
    open_clip_packages: Path, tiny: Path, tmp_path: Path, method: str
) -> None:
    run = write_scored_run(tmp_path / "run", Wanted(sets=8, control_least=-1.0)).root
    printed = run_client(
        open_clip_packages, FINETUNE, tiny, tmp_path / "weights.pt", run, tmp_path / "out", method
    )
    assert int(printed.split()[-1]) > 3


def test_the_documented_loop_trains_one_of_its_models(
    open_clip_packages: Path, tiny: Path, tmp_path: Path
) -> None:
    """The page as it is, but for the model, the run and the workers."""
    run = write_scored_run(tmp_path / "run", Wanted(sets=24, control_least=-1.0)).root
    page = Path(__file__).resolve().parents[3] / "docs" / "training.md"
    codes = re.findall(r"```py\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    (code,) = [code for code in codes if "CounterfactualDataset" in code]
    assert len(code.splitlines()) <= 30
    for of_the_page, of_the_test in (
        ('"ViT-B-32", pretrained="openai"', '"tiny"'), ('"ViT-B-32"', '"tiny"'),
        ('"outputs/cc3m"', repr(str(run))), ("num_workers=4", "num_workers=0"),
        ("batch_size=256", "batch_size=8"), ('"clip.pt"', repr(str(tmp_path / "clip.pt"))),
    ):  # fmt: skip
        assert of_the_page in code
        code = code.replace(of_the_page, of_the_test)
    begin = f"import open_clip, torch\nopen_clip.add_model_config({str(tiny)!r})\n"
    printed = run_client(open_clip_packages, f"{begin}torch.manual_seed(0)\n{code}")
    epochs = [line for line in printed.splitlines() if "'loss'" in line]
    assert [line.split()[0] for line in epochs] == ["0", "1", "2"]
    assert (tmp_path / "clip.pt").stat().st_size > 1_000_000
