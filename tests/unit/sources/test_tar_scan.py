"""No damage of an archive goes unnoticed."""

from __future__ import annotations

from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected
from tests.unit.sources.inputs import archive


def test_an_archive_cut_anywhere_says_what_is_missing(open_tar, make) -> None:
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
            assert good == [*whole[: len(good) - 1], whole[-1]], cut
            assert [r.reason for r in bad] == ["source.corrupt_file"], cut
            assert "fetch the archive again" in bad[0].detail
            assert bad[0].origin == f"00000.tar:{'abcd'[len(good) - 1]}"


def test_a_broken_header_in_the_middle_is_no_silent_end(open_tar, make) -> None:
    data = bytearray(archive(make, *"abcd"))
    header = data.index(b"c.jpg")
    data[header : header + 3] = b"???"

    results = make.everything(open_tar(bytes(data), archive(make, "z"), shard_size=1))

    assert [make.outcome(r) for r in results] == ["ok", "source.corrupt_file", "ok"]
    assert "broken header" in results[1].detail
    assert results[1].origin == "00000.tar:b"


def test_a_missing_end_mark_is_damage(open_tar, make) -> None:
    data = archive(make, "a", "b").rstrip(b"\0")
    data += b"\0" * (-len(data) % 512)

    results = make.everything(open_tar(data))

    assert [make.outcome(r) for r in results] == ["ok", "source.corrupt_file"]
    assert "end mark" in results[1].detail
