"""A dataset of the Hugging Face hub, or of a local folder, read by the `datasets` library."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.config.source import SourceConfig
from pipeline.core.addresses import without_private_addresses
from pipeline.core.errors import ConfigError, TransientError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.rows import Row
from pipeline.sources.table_rows import Columns, Table, rows_from
from pipeline.stores.asking import failures

_SLICE_ROWS = 256
_HUB_TIMEOUT_S = 10.0


class HubDataset:
    """Rows of a dataset's split. A position is (0, row).

    The dataset is downloaded whole, once, into the cache of `datasets`.
    """

    kind = "hf"

    def __init__(self, config: SourceConfig) -> None:
        self._data = _load(config)
        name = config.public_input.rstrip("/").rpartition("/")[2]
        self._file = InputFile(config.input, f"{name}:{config.split}", 0, "", False)
        columns = Columns.of(config).check(self._file, self._data.column_names)
        pictures = _picture_columns(self._data)
        if columns.image is None and pictures:
            columns = Columns(columns.caption, pictures[0], columns.url)
        for column in pictures:
            self._data = self._data.cast_column(column, _undecoded())
        self._columns = columns
        self._table = Table(config)
        self.has_images = columns.image is not None
        wanted = {column.partition(".")[0] for column in columns.names}
        self._data = self._data.select_columns(
            [name for name in self._data.column_names if name in wanted or name in columns.names]
        )

    def fingerprint(self) -> str:
        """Name of the content: its version, size, columns, and both ends."""
        data = self._data
        ends = [repr(data[index]) for index in {0, len(data) - 1} if len(data)]
        parts = (str(data.info.version), str(len(data)), repr(data.features), *sorted(ends))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield every row; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        return rows_from(start, 1, self._rows, head=(0,))

    def _rows(self, number: int, row: int) -> Iterator[Row]:
        for begin in range(row, len(self._data), _SLICE_ROWS):
            block: Mapping[str, list[object]] = self._data[begin : begin + _SLICE_ROWS]
            for index in range(len(next(iter(block.values()), []))):
                record = {name: _embedded(values[index]) for name, values in block.items()}
                at = begin + index
                origin = f"{self._file.name}:{at + 1}"
                yield from self._table.rows((number, at), origin, self._file, self._columns, record)


def _embedded(cell: object) -> object:
    """A picture whose bytes `datasets` keeps in a file of its cache, as those bytes."""
    if isinstance(cell, Mapping) and cell.get("bytes") is None and cell.get("path"):
        path = str(cell["path"])
        if os.path.isfile(path):
            return Path(path).read_bytes()
        return Fault("source.missing_image", f"the image {path!r:.120} is not there any more")
    return cell


def _load(config: SourceConfig) -> Any:
    try:
        import datasets
    except ImportError as error:
        raise ConfigError(
            "--source hf needs the datasets library: pip install 'counterfactory[hf]'"
        ) from error
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    name = config.input
    if (Path(name) / "state.json").is_file() or (Path(name) / "dataset_dict.json").is_file():
        return _tried(config, lambda: _of_split(config, datasets.load_from_disk(name)))
    if not os.path.exists(name):
        _tried(config, lambda: _ask_hub(name))
    download = datasets.DownloadConfig(max_retries=1)
    return _tried(
        config,
        lambda: datasets.load_dataset(
            name, config.subset, split=config.split, download_config=download
        ),
    )


def _ask_hub(name: str) -> None:
    """Ask once whether the hub knows the dataset: `datasets` itself would try for half a minute."""
    from huggingface_hub import HfApi, constants

    if not constants.HF_HUB_OFFLINE:
        HfApi().dataset_info(name, timeout=_HUB_TIMEOUT_S)


def _of_split(config: SourceConfig, loaded: Any) -> Any:
    if isinstance(loaded, dict):
        if config.split not in loaded:
            raise ValueError(f"there is no split {config.split!r}; there are {sorted(loaded)}")
        return loaded[config.split]
    return loaded


def _tried(config: SourceConfig, load: Callable[[], Any]) -> Any:
    """Load, and say in one sentence why that is not possible.

    Raises:
        ConfigError: There is no such dataset, subset or split, or it is private.
        TransientError: The hub cannot be reached.
    """
    from datasets.exceptions import DatasetsError

    shown = config.public_input
    try:
        return load()
    except ConnectionError as error:
        raise _unreachable(shown, error) from error
    except (DatasetsError, *failures(), TypeError, KeyError, ImportError) as error:
        if any(isinstance(e, ConnectionError) or "ConnectError" in type(e).__name__
               or "Timeout" in type(e).__name__ for e in _chain(error)):  # fmt: skip
            raise _unreachable(shown, error) from error
        said = without_private_addresses(" ".join(str(error).split()))[:300]
        raise ConfigError(
            f"the dataset {shown} cannot be loaded: {said}; check source.input, source.subset and "
            "source.split"
        ) from error


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _unreachable(shown: str, error: BaseException) -> TransientError:
    said = without_private_addresses(" ".join(str(error).split()))[:200]
    return TransientError(
        f"the hub cannot be reached for the dataset {shown} ({said}); try again later, name a "
        "local folder of it, or set HF_HUB_OFFLINE=1 to use what was downloaded before"
    )


def _picture_columns(data: Any) -> list[str]:
    from datasets import Image

    return [name for name, feature in data.features.items() if isinstance(feature, Image)]


def _undecoded() -> Any:
    from datasets import Image

    return Image(decode=False)
