"""Labels are read as people and programs write them, and refused where they say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.selection.fit_bands import RIGHT
from pipeline.selection.labels import read_labels

ANCHOR = "871cdb58270f83478a2e"


@pytest.mark.parametrize(
    "label", ["good", "correct", "1", "true", "ok", "rigth", "bad", "wrongly", "right?", "no edit"]
)
def test_an_unknown_label_is_refused_with_its_line_and_the_known_ones(
    tmp_path: Path, label: str
) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text(f"key,variant,label\n{ANCHOR},min0,right\n{ANCHOR},min1,{label}\n")
    with pytest.raises(ConfigError) as error:
        read_labels(labels)
    assert f"{labels}:3: the label {label!r} is not known" in str(error.value)
    assert "'right' or 'wrong'" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "key,variant,candidate,label\na,min0,,right\na,min1,2,wrong: no edit\n",
        "\ufeffkey,variant,candidate,label\r\na,min0,, Right \r\na,min1,2,WRONG: no edit\r\n",
        "key;variant;candidate;label\na;min0;;RIGHT\n\na;min1;2;Wrong:  no edit\n",
        "label\tkey\tvariant\tcandidate\nright\ta\tmin0\t\nwrong: no edit\ta\tmin1\t2\n",
    ],
    ids=["as documented", "a spreadsheet's mark and line ends", "semicolons", "tabs"],
)
def test_labels_are_read_as_programs_write_them(tmp_path: Path, text: str) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_bytes(text.encode())
    assert read_labels(labels) == {("a", "min0", None): RIGHT, ("a", "min1", 2): "wrong: no edit"}


def test_two_labels_for_one_picture_are_refused(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    row = '{"key": "a", "variant": "min0", "candidate": 0, "label": "%s"}\n'
    labels.write_text(row % "right" + row % "right" + row % "wrong")
    with pytest.raises(ConfigError, match=r"labels\.jsonl:3: a min0 is 'wrong' here"):
        read_labels(labels)
