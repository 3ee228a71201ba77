"""Pictures that a table names by path."""

from __future__ import annotations

import pytest

from pipeline.core.ids import content_id
from tests.unit.sources.inputs import FORMATS, opened, write


@pytest.mark.parametrize("suffix", FORMATS)
def test_images_by_path_stand_below_the_table(tmp_path, make, suffix: str) -> None:
    (tmp_path / "data" / "img").mkdir(parents=True)
    (tmp_path / "data" / "img" / "a.jpg").write_bytes(make.picture("png", size=(9, 8)))
    (tmp_path / "secret.jpg").write_bytes(make.picture())
    inside, outside = tmp_path / "data" / "img" / "a.jpg", tmp_path / "secret.jpg"
    paths = [
        "img/a.jpg", str(inside), f"file://{inside}", "", "img/b.jpg", "../secret.jpg",
        str(outside), "img", "http://e.x/1.jpg",
    ]  # fmt: skip
    rows = [{"caption": f"row {i}", "image": path} for i, path in enumerate(paths)]
    source = opened(write(tmp_path / "data" / f"t.{suffix}", rows), image_column="image")

    for images in (True, False):
        results = make.everything(source, images=images)

        assert [make.outcome(r) for r in results] == ["ok"] * 4 + ["source.missing_image"] * 5
        assert results[0].anchor_id == content_id("tabular", "row 0", "path", "img/a.jpg")
        assert "leads out" in results[6].detail
        assert "source.image_folder" in results[4].detail
        if images:
            sizes = [r.image and (r.image.extension, r.image.width_px) for r in results[:4]]
            assert sizes == [("png", 9)] * 3 + [None]


def test_image_paths_may_begin_in_another_folder(tmp_path, make) -> None:
    (tmp_path / "pictures" / "img").mkdir(parents=True)
    (tmp_path / "pictures" / "img" / "a.jpg").write_bytes(make.picture())
    paths = ["img/a.jpg", str(tmp_path / "pictures" / "img" / "a.jpg"), "img\\a.jpg", "/etc/passwd"]
    rows = [{"caption": f"row {i}", "image": path} for i, path in enumerate(paths)]
    path = write(tmp_path / "t.jsonl", rows)

    found = make.everything(
        opened(path, image_column="image", image_folder=str(tmp_path / "pictures"))
    )

    assert [make.outcome(r) for r in found] == ["ok"] * 3 + ["source.missing_image"]
