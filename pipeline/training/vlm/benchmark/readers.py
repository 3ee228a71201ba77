"""Reads benchmarks of others from the files that their authors publish.

* SugarCrepe (arXiv 2306.14610): `<category>.json`, from a number to `filename`, `caption` and
  `negative_caption`; the kinds are the categories.
* VQA-Causal, VCR-Causal (arXiv 2506.00869): a CSV with `image_id`, `sentence`,
  `reverse_sentence`; the kind is the file's name.
* ARO (arXiv 2210.01936): `visual_genome_relation.json` and `visual_genome_attribution.json`,
  lists of `image_path`, `true_caption`, `false_caption` and a box, `bbox_x`, `bbox_y`, `bbox_w`,
  `bbox_h`; the kind is the file's name.
* Winoground (arXiv 2204.03162): `examples.jsonl` with `image_0`, `image_1`, `caption_0`,
  `caption_1`, `collapsed_tag`; or a parquet file of the same columns, pictures inside.
* VisMin (arXiv 2407.16772): parquet with `image_0`, `image_1`, `text_0`, `text_1`, `category`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.benchmark.groups import ABOUT, read_groups
from pipeline.training.vlm.benchmark.items import Picture, Question

_ENDS: Final = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True)
class LoadedBenchmark:
    """A benchmark in memory, without its pictures.

    Attributes:
        name: Which it is.
        questions: At least one.
    """

    name: str
    questions: tuple[Question, ...]


def read_benchmark(path: Path, images: Path | None = None) -> LoadedBenchmark:
    """Read a benchmark; which one it is, its files say.

    Args:
        path: Its folder, or one of its files.
        images: Folder of its pictures; None: `images` beside the files, else their own folder.

    Raises:
        ConfigError: It is none that is known, a field is missing, or it is empty.
    """
    if path.is_dir() and (path / ABOUT).exists():
        return _loaded("counterfactory", path, iter(read_groups(path)))
    if not path.exists():
        raise ConfigError(f"{path} does not exist; name the folder or a file of a benchmark")
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    folder = path if path.is_dir() else path.parent
    if path.is_dir() and not any(file.suffix == ".parquet" for file in files):
        files += sorted((path / "data").glob("*.parquet"))
    root = images or (folder / "images" if (folder / "images").is_dir() else folder)
    for name, is_file, read in _READERS:
        own = [file for file in files if is_file(file)]
        if own:
            return _loaded(name, path, (q for file in own for q in _named(read, file, root)))
    known = ", ".join(name for name, _, _ in _READERS)
    raise ConfigError(
        f"{path} holds no benchmark that is known: neither one of `benchmark make` nor the files "
        f"of {known}"
    )


def _loaded(name: str, path: Path, questions: Iterator[Question]) -> LoadedBenchmark:
    found = tuple(questions)
    if not found:
        raise ConfigError(f"{path}: {name} without a single question")
    return LoadedBenchmark(name, found)


def _named(
    read: Callable[[Path, Path], Iterator[Question]], file: Path, root: Path
) -> Iterator[Question]:
    """The questions of a file; what is wrong with it is said with its name."""
    try:
        yield from read(file, root)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{file} is not as its benchmark documents it: {error!r}; fetch it again"
        ) from error


def _sugar_crepe(file: Path, root: Path) -> Iterator[Question]:
    for number, item in _json(file).items():
        yield Question(
            f"{file.stem}-{number}", file.stem, (item["caption"], item["negative_caption"]),
            (Picture(root / item["filename"]),), item["filename"],
        )  # fmt: skip


def _causal(file: Path, root: Path) -> Iterator[Question]:
    with file.open(encoding="utf-8", newline="") as opened:
        for number, row in enumerate(csv.DictReader(opened)):
            named = row["image_id"]
            coco = root / f"COCO_val2014_{named.zfill(12)}.jpg"
            yield Question(
                f"{file.stem}-{number}", file.stem, (row["sentence"], row["reverse_sentence"]),
                (Picture(coco if coco.exists() else _with_end(root, named)),), named,
            )  # fmt: skip


def _aro(file: Path, root: Path) -> Iterator[Question]:
    for number, item in enumerate(_json(file)):
        left, top = int(item["bbox_x"]), int(item["bbox_y"])
        box = (left, top, left + int(item["bbox_w"]), top + int(item["bbox_h"]))
        yield Question(
            f"{file.stem}-{number}", file.stem, (item["true_caption"], item["false_caption"]),
            (Picture(root / item["image_path"], box),), item["image_path"],
        )  # fmt: skip


def _winoground(file: Path, root: Path) -> Iterator[Question]:
    for line in file.read_text("utf-8").splitlines():
        item = json.loads(line)
        pictures = tuple(Picture(_with_end(root, item[f"image_{place}"])) for place in range(2))
        yield Question(
            str(item["id"]), _tag(item), (item["caption_0"], item["caption_1"]), pictures,
            str(item["id"]),
        )  # fmt: skip


def _parquet(file: Path, root: Path) -> Iterator[Question]:
    """Winoground and VisMin as the hub stores them, pictures inside."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as table:
        for batch in table.iter_batches(batch_size=64):
            for number, item in enumerate(batch.to_pylist()):
                words = "text" if "text_0" in item else "caption"
                name = str(item.get("id", number))
                pictures = tuple(_cell(file, item[f"image_{place}"], root) for place in range(2))
                captions = (item[f"{words}_0"], item[f"{words}_1"])
                yield Question(name, _tag(item), captions, pictures, name)


def _cell(file: Path, cell: Mapping[str, Any], root: Path) -> Picture:
    if cell["bytes"] is not None:
        return Picture(file, data=cell["bytes"])
    return Picture(root / cell["path"])


def _tag(item: Mapping[str, Any]) -> str:
    named = item.get("category") or item.get("collapsed_tag") or item.get("tag")
    return str(named or ALL_TAG)


ALL_TAG: Final = "all of it"


def _with_end(root: Path, name: str) -> Path:
    """The picture of this name; the published lists leave the end out."""
    for end in ("", *_ENDS):
        if (found := root / f"{name}{end}").is_file():
            return found
    return root / f"{name}.png"


def _json(file: Path) -> Any:  # noqa: ANN401
    return json.loads(file.read_text("utf-8"))


def _is_sugar_crepe(file: Path) -> bool:
    if file.suffix != ".json":
        return False
    found = _json(file)
    first = next(iter(found.values()), None) if isinstance(found, dict) else None
    return isinstance(first, dict) and "negative_caption" in first


def _is_causal(file: Path) -> bool:
    if file.suffix != ".csv":
        return False
    with file.open(encoding="utf-8") as opened:
        return "reverse_sentence" in opened.readline()


def _is_aro(file: Path) -> bool:
    return file.suffix == ".json" and file.stem.startswith("visual_genome_")


_READERS: Final[
    tuple[tuple[str, Callable[[Path], bool], Callable[[Path, Path], Iterator[Question]]], ...]
] = (
    ("ARO", _is_aro, _aro),
    ("SugarCrepe", _is_sugar_crepe, _sugar_crepe),
    ("VQA-Causal", _is_causal, _causal),
    ("Winoground", lambda file: file.name == "examples.jsonl", _winoground),
    ("Winoground or VisMin", lambda file: file.suffix == ".parquet", _parquet),
)
"""Name, whether a file is of it, and what reads such a file; the first that fits."""
