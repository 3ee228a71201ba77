"""What a caption says of its picture as a whole."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.attribute.picture_style import PictureRule


def test_a_silhouette_may_be_near(replacements) -> None:
    assert not replacements(PictureRule(), "silhouette of a woman who dances.", "silhouette")


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("photograph showing a woman working on a laptop computer.",
         "pencil drawing showing a woman working on a laptop computer."),
        ("an undated photo shows a snowy owl.", "an undated oil painting shows a snowy owl."),
        ("a distant view of the pyramids", "a close-up view of the pyramids"),
        ("head shot of person wearing a gold crown",
         "full-length portrait of person wearing a gold crown"),
        ("black and white close up of a desk", "color close up of a desk"),
    ],
)  # fmt: skip
def test_the_style_of_a_picture_changes(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(PictureRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        # nothing that a picture can be of
        "on a bit of a roll with editorial bits this week - illustration",
        "seamless watercolor pattern with tiny carrots on the white background stock vector",
        # the picture is only mentioned
        "the description of this sculpture is in the previous photo.",
        # another technique is named
        "hand drawn vector illustration of a rose",
        "illustration of a horse in watercolor",
        # a painting it may be
        "a portrait of person by person.",
        "a general view of atmosphere during day of festival.",
        "facade of tower showing the stepped architecture - exterior photo",
        "antique illustration showing the muscles of the back, neck & shoulder",
    ],
)
def test_a_word_that_names_no_style_stays(rewrite, factual: str) -> None:
    assert rewrite(PictureRule(), factual) == []


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("wide shot of a street", "close-up of a street"),
        ("detail of a painting by person", "detail of a marble sculpture by person"),
    ],
)
def test_the_distance_and_the_side_change(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(PictureRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        "portrait of a smiling man",
        "portrait of a young woman looking at camera",
        "mural on the side of a building",
        "silhouette of a man against the sunset",
        "wedding in the park, photo by person",
    ],
)
def test_a_picture_that_excludes_no_other_stays(rewrite, factual: str) -> None:
    assert rewrite(PictureRule(), factual) == []
