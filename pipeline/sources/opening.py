"""From a config to a source that is known to work."""

from __future__ import annotations

from pathlib import PurePosixPath

from pipeline.config.source import SAMPLES, SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources.cc_tsv import CcTsv
from pipeline.sources.files import InputFile, resolve
from pipeline.sources.rows import RowFormat
from pipeline.sources.span import Source

_TABLE_SUFFIXES = ".parquet, .csv, .tsv (with a header) or .jsonl"


def open_source(config: SourceConfig) -> Source:
    """Open an input and check all that can be checked before any work.

    Raises:
        ConfigError: A file is missing, unreadable or of another format, a brace pattern is
            wrong, or a column does not exist.
    """
    sample_kind = SAMPLES[config.input][0] if config.input in SAMPLES else config.kind
    if config.kind != sample_kind:
        raise ConfigError(
            f"{config.input} is a {sample_kind} file; name your own file in source.input, or set "
            f"source.kind to {sample_kind}"
        )
    kind = _kind_by_name(config.input)
    if config.kind == "cc_tsv" and kind is not None:
        raise ConfigError(
            f"input {config.input} looks like {kind}, but source.kind is cc_tsv "
            f"(caption<TAB>address); use --source {kind}"
        )
    # numpy, pyarrow and the like are imported only when a source is really opened.
    from pipeline.sources.row_source import RowSource

    files = resolve(config.input)
    return RowSource(config, files, _open_format(config, files))


def _kind_by_name(name: str) -> str | None:
    """What a file that is surely no cc_tsv must be; None where its name does not tell."""
    suffix = PurePosixPath(name.removesuffix(".gz")).suffix.lower()
    if suffix == ".tar":
        return "webdataset"
    return "tabular" if suffix in {".csv", ".jsonl", ".ndjson", ".parquet"} else None


def _open_format(config: SourceConfig, files: tuple[InputFile, ...]) -> RowFormat:
    if config.kind == "cc_tsv":
        return CcTsv(files, max_caption_chars=config.max_caption_chars)
    if config.kind == "webdataset":
        from pipeline.sources.webdataset_tar import WebDatasetTar

        return WebDatasetTar(files)
    return _open_table(config, files)


def _open_table(config: SourceConfig, files: tuple[InputFile, ...]) -> RowFormat:
    suffixes = {_table_suffix(file) for file in files}
    if len(suffixes) > 1:
        raise ConfigError(f"source.input {config.input!r} mixes {sorted(suffixes)}; use one format")
    suffix = suffixes.pop()
    if suffix == ".parquet":
        from pipeline.sources.parquet_table import ParquetTable

        return ParquetTable(files, config)
    from pipeline.sources.text_table import CsvTable, JsonLines

    if suffix in {".jsonl", ".ndjson"}:
        return JsonLines(files, config)
    if suffix in {".csv", ".tsv"}:
        return CsvTable(files, config, delimiter="\t" if suffix == ".tsv" else ",")
    raise ConfigError(
        f"input {files[0].path}: a tabular input must end in {_TABLE_SUFFIXES}, "
        "the text ones also with .gz"
    )


def _table_suffix(file: InputFile) -> str:
    return PurePosixPath(file.path.removesuffix(".gz")).suffix.lower()
