"""Which members of a sample are its captions and its pictures."""

from __future__ import annotations

import json


def test_pictures_of_any_name_are_found_by_their_content(open_tar, make) -> None:
    fields = ["jfif", "img", "jpg_", "image", "image.jpeg", "0.jpg", "JPG", "bin", "pic.data"]
    members = []
    for i, name in enumerate(fields):
        members += [(f"{i}.{name}", make.picture(shade=20 * i)), (f"{i}.txt", b"a thing")]
        members += [(f"{i}.npy", b"\x93NUMPY" + b"\0" * 90), (f"{i}.cls", b"5")]

    results = make.everything(open_tar(make.tar_bytes(members)))

    assert [r.image is not None for r in results] == [True] * len(fields)


def test_several_pictures_are_several_anchors_or_those_that_are_named(open_tar, make) -> None:
    members = [(f"a.{i}.jpg", make.picture(shade=60 * i)) for i in (1, 0)]
    members += [("a.txt", b"three boats"), ("a.json", b"{}")]
    pairs = [*members[:2], ("a.0.txt", b"the first"), ("a.1.txt", b"the second")]
    data = make.tar_bytes(members)

    both = make.everything(open_tar(data, shard_size=1))
    one = make.everything(open_tar(data, image_fields=["1.jpg"]))
    first = make.everything(open_tar(data, captions="first"))
    paired = make.everything(open_tar(make.tar_bytes(pairs)))

    assert [(r.origin, r.caption) for r in both] == [
        ("00000.tar:a#1", "three boats"), ("00000.tar:a#2", "three boats"),
    ]  # fmt: skip
    assert len({r.anchor_id for r in both}) == 2
    assert [r.image for r in one] == [both[1].image]
    assert [r.image for r in first] == [both[0].image]
    assert [(r.caption, r.image) for r in paired] == [
        ("the first", both[0].image), ("the second", both[1].image),
    ]  # fmt: skip


def test_captions_of_other_names(open_tar, make) -> None:
    described = json.dumps({"meta": {"texts": ["one dog", "a wet dog"]}}).encode()
    members = [
        ("a.jpg", make.picture(shade=10)), ("a.caption", b"by its name"),
        ("b.jpg", make.picture(shade=90)), ("b.json", described),
    ]  # fmt: skip
    data = make.tar_bytes(members)

    nested = make.everything(open_tar(data, caption_column="meta.texts"))

    assert [r.caption for r in nested] == ["by its name", "one dog", "a wet dog"]
    assert make.outcome(make.everything(open_tar(data))[1]) == "source.no_caption"
