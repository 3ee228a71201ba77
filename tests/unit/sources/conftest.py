"""Small real inputs."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from PIL import Image

from pipeline.config.source import SourceConfig
from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected
from pipeline.sources import Source, open_source


def picture(extension: str = "jpg", *, size: tuple[int, int] = (24, 16), shade: int = 90) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    name = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}[extension]
    Image.new("RGB", size, (shade, 20, 200)).save(buffer, name)
    return buffer.getvalue()


def tar_bytes(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A plain tar of these members, in order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def everything(source: Source, *, images: bool = True) -> list[Anchor | Rejected]:
    """All results, span by span."""
    return [item for span in source.partition() for item in source.read(span, images=images)]


def outcome(item: Anchor | Rejected) -> str:
    """The reason of a reject, or "ok"."""
    return item.reason if isinstance(item, Rejected) else "ok"


class Inputs:
    """What the tests of the sources share."""

    picture = staticmethod(picture)
    tar_bytes = staticmethod(tar_bytes)
    everything = staticmethod(everything)
    outcome = staticmethod(outcome)


@pytest.fixture(scope="session")
def make() -> type[Inputs]:
    return Inputs


@pytest.fixture
def open_tsv(tmp_path: Path) -> Callable[..., Source]:
    """Write bytes as a cc_tsv file and open it."""

    def opened(data: bytes, **settings: object) -> Source:
        path = tmp_path / "captions.tsv"
        path.write_bytes(data)
        return open_source(SourceConfig.model_validate({"input": str(path), **settings}))

    return opened


@pytest.fixture
def open_tar(tmp_path: Path) -> Callable[..., Source]:
    """Write bytes as archives of a brace pattern and open them."""

    def opened(*archives: bytes, **settings: object) -> Source:
        for number, data in enumerate(archives):
            (tmp_path / f"{number:05}.tar").write_bytes(data)
        pattern = f"{tmp_path}/{{00000..{len(archives) - 1:05}}}.tar"
        return open_source(
            SourceConfig.model_validate({"kind": "webdataset", "input": pattern, **settings})
        )

    return opened
