"""WebDataset archives: whole samples become anchors."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor, AnchorImage
from pipeline.core.stage import Rejected
from pipeline.sources import open_source
from tests.unit.sources.inputs import archive, sample


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_sample_becomes_an_anchor_with_its_picture(open_tar, make, extension) -> None:
    members = sample(make, "000000007", "a dog 's toy", extension)
    source = open_tar(make.tar_bytes(members))

    (anchor,) = make.everything(source)

    assert anchor == Anchor(
        anchor_id=content_id("webdataset", "000000007", "a dog 's toy", "http://x/000000007"),
        caption="a dog's toy",
        original_caption="a dog 's toy",
        source="webdataset",
        origin="00000.tar:000000007",
        url="http://x/000000007",
        image=AnchorImage(members[0][1], extension, 24, 16),
    )


def test_keys_end_at_the_first_dot_and_other_members_are_ignored(open_tar, make) -> None:
    members = [
        ("README", b"no extension"),
        (".hidden", b"no key"),
        ("a.b/001.cls", b"5"),
        ("a.b/001.jpg", make.picture()),
        ("a.b/001.txt", b"one\n"),
        ("a.b/001.seg.png", make.picture("png")),
        ("a.b/002.JPEG", make.picture()),
        ("a.b/002.txt", b"two"),
        ("a.b/003.txt", b"three, without a picture"),
    ]

    results = make.everything(open_tar(make.tar_bytes(members)))

    assert [(r.origin, r.caption, r.image is not None) for r in results] == [
        ("00000.tar:a.b/001", "one", True),
        ("00000.tar:a.b/002", "two", True),
        ("00000.tar:a.b/003", "three, without a picture", False),
    ]


BAD_SAMPLES = [
    ({"jpg": None}, "source.no_caption", "no txt"),
    ({"jpg": None, "txt": b"  \n"}, "source.empty_caption", "blank"),
    ({"jpg": None, "txt": b"caf\xe9"}, "source.undecodable_text", "UTF-8"),
    ({"jpg": None, "txt": b"a\0b"}, "source.control_chars", "U+0000"),
    ({"jpg": None, "txt": b"x" * 1_000_001}, "source.too_long", "shorten"),
    ({"jpg": None, "txt": b"x" * 1_500_000}, "source.too_long", "shorten"),
    ({"jpg": None, "json": b"{"}, "source.bad_json", "parse"),
    ({"jpg": None, "json": b"[1]"}, "source.bad_json", "list"),
    ({"jpg": None, "json": b"[" * 100_000}, "source.bad_json", "parse"),
    ({"jpg": None, "json": b'{"caption": 7}'}, "source.no_caption", "caption_column"),
    ({"jpg": b"<html>404</html>", "txt": b"a"}, "source.undecodable_image", "HTML"),
    ({"jpg": b"\xff\xd8\xff\xe0 cut", "txt": b"a"}, "source.undecodable_image", "damaged"),
    ({"jpg": b"", "txt": b"a"}, "source.undecodable_image", "empty"),
    ({"gif": b"GIF89a", "txt": b"a"}, "source.undecodable_image", "GIF"),
    ({"a.png": None, "b.png": None, "txt": b"a"}, "source.several_images", "a.png, b.png"),
]


@pytest.mark.parametrize(("parts", "reason", "said"), BAD_SAMPLES)
@pytest.mark.parametrize("images", [True, False])
def test_a_bad_sample_is_a_reject_in_both_halves(
    open_tar, make, parts, reason, said, images
) -> None:
    bad = [(f"2.{name}", make.picture() if data is None else data) for name, data in parts.items()]
    data = make.tar_bytes([*sample(make, "1", "one"), *bad, *sample(make, "3", "three")])

    first, rejected, last = make.everything(open_tar(data), images=images)

    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.origin) == (reason, "00000.tar:2")
    assert said in rejected.detail
    assert (first.caption, last.caption) == ("one", "three")
    assert (first.image is not None) == images


def test_a_json_caption_stands_in_for_a_missing_txt(open_tar, make) -> None:
    members = [m for m in sample(make, "1", "from the json") if not m[0].endswith("txt")]

    (anchor,) = make.everything(open_tar(make.tar_bytes(members)))

    assert anchor.caption == "from the json"


@pytest.mark.parametrize("shard_size", [1, 2, 7, 1000])
@pytest.mark.parametrize("limit", [None, 4])
def test_seeking_equals_reading_through(open_tar, make, shard_size, limit) -> None:
    archives = [archive(make, *"abcde"), archive(make, *"fga"), archive(make, *"hij")]
    through = make.everything(open_tar(*archives, shard_size=1000))[:limit]
    source = open_tar(*archives, shard_size=shard_size, limit=limit)

    backwards = [list(source.read(span)) for span in reversed(list(source.partition()))][::-1]

    assert [item for items in backwards for item in items] == through
    if limit is None:
        assert [make.outcome(r) for r in through] == ["ok"] * 7 + ["source.duplicate"] + ["ok"] * 3


def test_without_images_the_anchors_are_the_same_but_for_the_picture(open_tar, make) -> None:
    source = open_tar(archive(make, *"abc"))

    with_images, without = (make.everything(source, images=i) for i in (True, False))

    assert [a.anchor_id for a in with_images] == [a.anchor_id for a in without]
    assert [a.image for a in without] == [None] * 3


def test_an_archive_cut_anywhere_loses_only_what_is_cut(open_tar, make) -> None:
    data = archive(make, *"abcd")
    whole = make.everything(open_tar(data, archive(make, "z")))
    end_mark = len(data.rstrip(b"\0"))
    # Cut inside the first member, the archive holds nothing and is an error at once.
    for cut in range(data.index(b"a.json"), end_mark, 512):
        for offset in (0, 100):
            source = open_tar(data[: cut + offset], archive(make, "z"), shard_size=1)

            results = make.everything(source)

            good = [r for r in results if isinstance(r, Anchor)]
            bad = [r for r in results if isinstance(r, Rejected)]
            named = [(r.origin, r.caption, r.image) for r in good]
            assert named[:-1] == [(r.origin, r.caption, r.image) for r in whole][: len(good) - 1]
            assert good[-1] == whole[-1]
            assert [r.reason for r in bad] == ["source.corrupt_file"], cut
            assert "fetch the archive again" in bad[0].detail
            if len(good) < len(whole):
                # Of the last good one only a member that it can do without may be cut.
                assert bad[0].origin[-1] in {"?", *"abcd"[max(0, len(good) - 2) : len(good)]}


def test_a_broken_header_costs_what_it_heads(open_tar, make) -> None:
    data = bytearray(archive(make, *"abcd"))
    header = data.index(b"c.jpg")
    data[header : header + 3] = b"???"

    for shard_size in (1, 1000):
        results = make.everything(open_tar(bytes(data), archive(make, "z"), shard_size=shard_size))

        # Of c the picture is gone; its caption is an anchor without one.
        assert [make.outcome(r) for r in results] == [
            "ok", "ok", "source.corrupt_file", "ok", "ok", "ok",
        ]  # fmt: skip
        assert "broken header" in results[2].detail
        assert [r.origin[-1] for r in results] == list("ab?cdz")
        assert [bool(r.image) for r in results if make.outcome(r) == "ok"] == [
            True, True, False, True, True,
        ]  # fmt: skip


def test_a_missing_end_mark_is_told_and_costs_nothing(open_tar, make) -> None:
    data = archive(make, "a", "b").rstrip(b"\0")
    data += b"\0" * (-len(data) % 512)

    results = make.everything(open_tar(data, shard_size=1))

    assert [make.outcome(r) for r in results] == ["ok", "ok", "source.corrupt_file"]
    assert "end mark" in results[2].detail


@pytest.mark.parametrize("cut", [False, True])
def test_archives_that_were_joined_are_both_read(open_tar, make, cut) -> None:
    first = archive(make, *"abc")
    if cut:
        first = first[: first.index(b"c.jpg") + 700]  # in the middle of a picture, at no block

    results = make.everything(open_tar(first + archive(make, *"de"), shard_size=1))

    names = [r.origin[-1] for r in results if make.outcome(r) == "ok"]
    assert names == list("abde" if cut else "abcde")
    assert [r.reason for r in results if make.outcome(r) != "ok"] == ["source.corrupt_file"] * cut


def test_garbage_behind_the_end_is_no_damage(open_tar, make) -> None:
    results = make.everything(open_tar(archive(make, "a", "b") + b"\n\r garbage" * 99))

    assert [make.outcome(r) for r in results] == ["ok", "ok"]


@pytest.mark.parametrize("shard_size", [1, 2, 1000])
def test_members_that_stand_apart_come_together(open_tar, make, shard_size) -> None:
    parts = [m for key in "abcde" for m in sample(make, key, f"a thing {key} .")]
    orders = {
        "by kind": sorted(parts, key=lambda m: m[0].partition(".")[2]),
        "backwards": parts[::-1],
        "a late text": [*parts[3:], *parts[:3][::-1]],
        "half": [*parts[:6], *sorted(parts[6:], key=lambda m: m[0].partition(".")[2])],
    }
    whole = {a.anchor_id: a.image for a in make.everything(open_tar(make.tar_bytes(parts)))}
    for name, members in orders.items():
        source = open_tar(make.tar_bytes(members), archive(make, "z"), shard_size=shard_size)
        spans = list(source.partition())
        through = [r for span in spans for r in source.read(span)]
        fresh = open_tar(make.tar_bytes(members), archive(make, "z"), shard_size=shard_size)
        backwards = [list(fresh.read(span)) for span in reversed(spans)][::-1]

        assert [r for part in backwards for r in part] == through, name
        assert {a.anchor_id: a.image for a in through[:-1]} == whole, name


@pytest.mark.parametrize(
    "sidecar", [b"", b"{", b"[1]", b"\xff\xfe{", b"null", b"[" * 100_000, b'{"url": "\\u0000"}']
)
def test_a_text_and_a_picture_suffice_beside_a_bad_sidecar(open_tar, make, sidecar) -> None:
    members = [("a.jpg", make.picture()), ("a.txt", b"a dog"), ("a.json", sidecar)]

    (anchor,) = make.everything(open_tar(make.tar_bytes(members)))

    assert (anchor.caption, anchor.url, bool(anchor.image)) == ("a dog", None, True)


def test_the_same_picture_and_caption_under_three_keys_is_one_anchor(open_tar, make) -> None:
    members = [
        member
        for key, shade, caption in (
            ("a", 10, "a dog"), ("b", 10, "a dog"), ("c", 90, "a dog"), ("d", 10, "a cat"),
            ("e", 10, "a dog"),
        )
        for member in ((f"{key}.jpg", make.picture(shade=shade)), (f"{key}.txt", caption.encode()))
    ]  # fmt: skip
    source = open_tar(make.tar_bytes(members), shard_size=2)

    results = make.everything(source)

    assert [make.outcome(r) for r in results] == [
        "ok", "source.duplicate", "ok", "ok", "source.duplicate",
    ]  # fmt: skip
    assert all("row 1 of" in results[i].detail for i in (1, 4))


@pytest.mark.parametrize(
    ("change", "message"),
    [(gzip.compress, "compressed tar"), (lambda data: b"text " * 300, "no readable tar")],
)
def test_what_is_no_plain_tar_is_an_error_at_once(open_tar, make, change, message) -> None:
    with pytest.raises(ConfigError, match=message):
        open_tar(archive(make, "a"), change(archive(make, "b")))


def test_a_missing_archive_is_named(open_tar, make, tmp_path: Path) -> None:
    (tmp_path / "00001.tar").write_bytes(archive(make, "a"))
    pattern = f"{tmp_path}/{{00001..00003}}.tar"

    with pytest.raises(ConfigError, match=r"00002\.tar does not exist"):
        open_source(SourceConfig(kind="webdataset", input=pattern))
