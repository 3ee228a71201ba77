"""A wrong model file is told in one sentence, before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.llm.gguf_file import check_gguf, model_name
from pipeline.core.errors import ConfigError

CHAT = b"GGUF" + b"\0" * 20 + b"tokenizer.chat_template" + b"weights"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"PK zip", "is no GGUF file"),
        (b"GGUF and no more", "holds no chat template, so it is a base model"),
    ],
)
def test_a_file_that_is_no_chat_model(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "x.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        check_gguf(path)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_file_either(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        check_gguf(tmp_path)


def test_a_name_tells_versions_apart_and_places_not(tmp_path: Path) -> None:
    names = []
    for folder, content in (("a", CHAT), ("b", CHAT), ("c", CHAT + b"!")):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "x.gguf"
        path.write_bytes(content)
        names.append(model_name(check_gguf(path)))
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("x+")
