"""From a config to a source that is known to work."""

from __future__ import annotations

from pipeline.config.source import SAMPLES, SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources.files import InputFile, resolve
from pipeline.sources.recognise import (
    TABLE_SUFFIXES,
    Content,
    first_bytes,
    kind_of,
    look_at,
    metadata_files,
)
from pipeline.sources.rows import RowFormat
from pipeline.sources.span import Source

_TABLE_FORMATS = ".parquet, .csv, .tsv (with a header), .json or .jsonl"


def settle_kind(config: SourceConfig) -> SourceConfig:
    """The same config with the kind of its input, recognised by the content where it is unset.

    Raises:
        ConfigError: The input is missing or of no kind that is read.
    """
    if config.kind is not None:
        return config
    return config.model_copy(update={"kind": kind_of(config)})


def open_source(config: SourceConfig) -> Source:
    """Open an input and check all that can be checked before any work.

    Raises:
        ConfigError: A file is missing, unreadable or of another format, a brace pattern is
            wrong, or a column does not exist.
        TransientError: A remote input cannot be read at present.
    """
    config = settle_kind(config)
    sample_kind = SAMPLES[config.input][0] if config.input in SAMPLES else config.kind
    if config.kind != sample_kind:
        raise ConfigError(
            f"{config.input} is a {sample_kind} file; name your own file in source.input, or set "
            f"source.kind to {sample_kind}"
        )
    # numpy, pyarrow and the like are imported only when a source is really opened.
    from pipeline.sources.row_source import RowSource

    if config.kind == "hf":
        from pipeline.sources.hub_dataset import HubDataset

        data = HubDataset(config)
        return RowSource(config, (), data, content=data.fingerprint)
    if config.kind == "folder":
        from pipeline.sources.picture_folder import PictureFolder

        folder = PictureFolder(config.input.removeprefix("file://"), encoding=config.encoding)
        return RowSource(config, folder.files, folder, content=folder.fingerprint)
    if config.kind == "tabular" and (found := metadata_files(config.input)):
        # The layout that `datasets` calls imagefolder.
        image = config.image_column or "file_name"
        files = tuple(file for name in found for file in resolve(name))
        chosen = config.model_copy(update={"image_column": image})
        return RowSource(config, files, _open_table(chosen, files))
    files = resolve(config.input, suffixes=_suffixes(config))
    return RowSource(config, files, _open_format(config, files))


def _suffixes(config: SourceConfig) -> tuple[str, ...]:
    """What files a folder stands for."""
    return {
        "webdataset": (".tar",),
        "tabular": TABLE_SUFFIXES,
        "cc_tsv": (".tsv",),
        "lines": (".txt",),
        "coco": (".json",),
    }.get(config.kind or "", ())


def _open_format(config: SourceConfig, files: tuple[InputFile, ...]) -> RowFormat:
    if config.kind == "webdataset":
        from pipeline.sources.webdataset_tar import WebDatasetTar

        return WebDatasetTar(files, config)
    if config.kind == "lines":
        from pipeline.sources.caption_lines import CaptionLines

        return CaptionLines(files, encoding=config.encoding)
    if config.kind == "coco":
        from pipeline.sources.json_tables import CocoCaptions

        return CocoCaptions(files, config)
    if config.kind == "tabular":
        return _open_table(config, files)
    return _open_pairs(config, files)


def _open_pairs(config: SourceConfig, files: tuple[InputFile, ...]) -> RowFormat:
    from pipeline.sources.cc_tsv import CcTsv

    suffix = files[0].suffix
    content = look_at(first_bytes(files[0], config.encoding))
    if content is not Content.TEXT or suffix == ".tar" or suffix in {*TABLE_SUFFIXES} - {".tsv"}:
        kind = content.kind or ("webdataset" if suffix == ".tar" else "tabular")
        raise ConfigError(
            f"input {config.public_input} looks like {kind}, but source.kind is cc_tsv "
            f"(a caption and an address a line); use --source {kind}"
        )
    return CcTsv(files, max_caption_chars=config.max_caption_chars, encoding=config.encoding)


def _open_table(config: SourceConfig, files: tuple[InputFile, ...]) -> RowFormat:
    suffixes = {file.suffix for file in files}
    if len(suffixes) > 1:
        raise ConfigError(
            f"source.input {config.public_input!r} mixes {sorted(suffixes)}; use one format"
        )
    content = look_at(first_bytes(files[0], config.encoding))
    if content is Content.PARQUET or suffixes == {".parquet"}:
        from pipeline.sources.parquet_table import ParquetTable

        return ParquetTable(files, config)
    if content in {Content.JSON_LIST, Content.JSON_TABLE, Content.COCO}:
        from pipeline.sources.json_tables import JsonArray

        return JsonArray(files, config)
    from pipeline.sources.text_table import CsvTable, JsonLines

    if suffixes == {".json"} and content is Content.TEXT:
        raise ConfigError(
            f"input {files[0].shown} is called .json and is none: it begins with "
            f"{first_bytes(files[0], config.encoding)[:30]!r}. Comments are no JSON: remove them"
        )
    if content is Content.JSON_LINES or suffixes <= {".jsonl", ".ndjson"}:
        return JsonLines(files, config)
    if content is Content.TEXT and not suffixes & {".xlsx", ".xls", ".ods"}:
        return CsvTable(files, config)
    raise ConfigError(
        f"input {files[0].shown} is no table that is read: it must end in {_TABLE_FORMATS}, "
        "the text ones also with .gz"
    )
