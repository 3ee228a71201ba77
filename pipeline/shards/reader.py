"""Reads stored samples back and tolerates nothing, unlike a training loader."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from pipeline.core.errors import ConfigError
from pipeline.shards.document import SampleDocument, document_from_json
from pipeline.shards.integrity import damaged_at, refuse_newer_schema
from pipeline.shards.layout import RunLayout
from pipeline.shards.tarball import read_samples
from pipeline.stores.location import located


@dataclass(frozen=True, slots=True)
class StoredSample:
    """One sample of a tar.

    Attributes:
        key: The anchor id.
        path: The tar.
        offset: Of its first header, in bytes.
        fields: Field → bytes, such as "txt", "min0.jpg".
        document: The parsed `json` field.
    """

    key: str
    path: Path
    offset: int
    fields: Mapping[str, bytes] = field(repr=False)
    document: SampleDocument = field(repr=False)

    def image(self, variant: str) -> bytes | None:
        """Encoded picture of a variant; None where the set has none.

        Raises:
            ShardCorruptError: The document names a field that is not there.
        """
        entry = self.document.images.get(variant)
        if entry is None:
            return None
        if entry.file not in self.fields:
            raise damaged_at(
                self.path,
                self.offset,
                f"sample {self.key} lacks {entry.file!r}, the picture of {variant}",
            )
        return self.fields[entry.file]


def iterate_samples(
    source: RunLayout | Iterable[Path], keys: Container[str] | None = None
) -> Iterator[StoredSample]:
    """Yield every sample of a run, or of the given tars, in order; one in memory at a time.

    Args:
        source: What to read.
        keys: Only these samples; the others are passed over, which is fast.

    Raises:
        ShardCorruptError: A tar is missing, truncated or malformed, or a sample has no
            valid `json`; names the file and the offset.
        ConfigError: A newer version wrote it.
    """
    paths = source.tars() if isinstance(source, RunLayout) else source
    for path in paths:
        yield from _samples(path, keys)


def tars_at(path: Path) -> list[Path]:
    """The tars of what a path names: a run directory, finished or not, or a tar itself.

    Raises:
        ConfigError: It names neither.
    """
    path = located(path)
    if path.is_file() and path.suffix == ".tar":
        return [path]
    layout = RunLayout(path)
    if layout.run_json.exists():
        return layout.tars()
    what = "does not exist" if not path.exists() else "is neither a run directory nor a .tar"
    raise ConfigError(f"{path} {what}; name what `counterfactory run` made")


def _samples(path: Path, keys: Container[str] | None) -> Iterator[StoredSample]:
    for key, offset, fields in read_samples(path, keys):
        yield _sample(path, offset, key, fields)


def _sample(path: Path, offset: int, key: str, fields: dict[str, bytes]) -> StoredSample:
    try:
        document = document_from_json(fields["json"])
    except KeyError as error:
        raise damaged_at(path, offset, f"sample {key} has no json") from error
    except ValidationError as error:
        what = f"the json of sample {key} is not valid: {error.errors(include_url=False)[0]}"
        raise damaged_at(path, offset, what) from error
    refuse_newer_schema(path, document.schema_version)
    return StoredSample(key, path, offset, fields, document)
