"""A text cut at its marks is still the text."""

from __future__ import annotations

import pytest

from pipeline.report.gallery_model import Segment
from pipeline.report.marking import mark_text

pytestmark = pytest.mark.integration


def test_marks_cut_a_text_and_keep_it() -> None:
    segments = mark_text("a dog under a tree", [(2, 5, "edit"), (6, 6, "edit"), (12, 13, "repair")])
    assert "".join(segment.text for segment in segments) == "a dog under a tree"
    assert segments[1:4] == (Segment("dog", "edit"), Segment(" "), Segment("", "gap"))
