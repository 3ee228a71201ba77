"""What a caption says of its picture as a whole."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.attribute.picture_style import PictureRule


def test_a_silhouette_may_be_near(replacements) -> None:
    assert not replacements(PictureRule(), "silhouette of a woman who dances.", "silhouette")


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("portrait of a dog lying on a rug", "back view of a dog lying on a rug"),
        ("photograph showing a woman working on a laptop computer.",
         "pencil drawing showing a woman working on a laptop computer."),
        ("an undated photo shows a snowy owl.", "an undated oil painting shows a snowy owl."),
        ("parrot on a branch with flowers stock illustration",
         "parrot on a branch with flowers stock photograph"),
        ("corn on the cob vintage engraved illustration.", "corn on the cob photograph."),
        ("tabby cat lying on a sofa at home -- stock photo #",
         "tabby cat lying on a sofa at home -- pencil drawing #"),
        ("bridge in the sunrise, wide shot", "bridge in the sunrise, close-up"),
        ("statue of a sailor kissing a girl", "painting of a sailor kissing a girl"),
        ("a distant view of the pyramids", "a close-up view of the pyramids"),
        ("general view of the villa", "close-up of the villa"),
        ("portrait of person of the group early to mid 1980s",
         "back view of person of the group early to mid 1980s"),
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
        # a painting it may be
        "a portrait of person by person.",
        # it stands outside
        "statue of a beautiful maiden hidden among the pretty pink flowers.",
        "a general view of atmosphere during day of festival.",
        # the end says what is seen
        "facade of tower showing the stepped architecture - exterior photo",
        "antique illustration showing the muscles of the back, neck & shoulder",
    ],
)
def test_a_word_that_names_no_style_stays(rewrite, factual: str) -> None:
    assert rewrite(PictureRule(), factual) == []


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("portrait of a senior man", "back view of a senior man"),
        ("a portrait of a gorilla", "a back view of a gorilla"),
        ("detail of a car engine", "wide shot of a car engine"),
        ("detail of a painting by person", "detail of a marble sculpture by person"),
        ("an original illustration by person.", "an original photograph by person."),
        ("digital art selected for the #", "ceramic art selected for the #"),
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
