"""Which rows are dropped for repeating others, for which reason, and whom they name."""

from __future__ import annotations

from pipeline.config.source import SourceConfig
from pipeline.core.ids import content_id
from pipeline.sources.row_repeats import (
    DUPLICATE,
    EXCLUDED,
    NEAR_DUPLICATE,
    SAME_CAPTION,
    RepeatSearch,
    repeat_fault,
)

Rows = list[tuple[str, str]]

CAPTION = "a brown dog runs along the wet beach at sunset"
NEAR = "a brown dog runs along the wet beach at dusk"


def dropped(
    rows: Rows, *, has_images: bool = False, excluded: list[list[str]] | None = None, **settings
) -> dict[int, tuple[str, int]]:
    """Row → (reason, what it repeats)."""
    config = SourceConfig.model_validate(settings)
    with RepeatSearch(config, excluded or [], has_images=has_images) as search:
        for name, caption in rows:
            search.add(name, caption, None)
        found = search.found()
    flat = [
        (row, (reason, repeated))
        for reason, both in found.items()
        for row, repeated in zip(*map(list, both), strict=True)
    ]
    assert len(dict(flat)) == len(flat), "a row is dropped twice"
    return {int(row): (reason, int(repeated)) for row, (reason, repeated) in flat}


def named(*captions: str) -> Rows:
    return [(content_id(str(i)), caption) for i, caption in enumerate(captions)]


def test_a_caption_is_the_same_but_for_case_spaces_and_marks() -> None:
    rows = named("A dog 's toy , here .", "other", "a dog's toy, HERE", "a dog's toys here")
    assert dropped(rows) == {2: (SAME_CAPTION, 0)}
    assert dropped(named("it costs 1.5", "it costs 15", "it costs 1 . 5")) == {2: (SAME_CAPTION, 0)}


def test_beside_pictures_the_same_caption_stays_unless_asked() -> None:
    rows = named("a dog", "a dog")
    assert dropped(rows, has_images=True) == {}
    assert dropped(rows, has_images=True, same_caption="drop") == {1: (SAME_CAPTION, 0)}
    assert dropped(rows, same_caption="keep") == {}


def test_the_same_row_is_told_from_the_same_caption() -> None:
    ((one, caption),) = named("a dog")
    rows = [(one, caption), (content_id("another"), caption), (one, caption)]
    assert dropped(rows) == {2: (DUPLICATE, 0), 1: (SAME_CAPTION, 0)}


def test_a_refused_row_repeats_nothing() -> None:
    assert dropped([("", "a dog"), *named("a dog"), ("", "a dog"), ("", "")]) == {}


def test_near_duplicates_are_dropped_where_asked() -> None:
    rows = named(CAPTION, "something else entirely", NEAR, CAPTION.upper())
    assert dropped(rows) == {3: (SAME_CAPTION, 0)}
    expected = {2: (NEAR_DUPLICATE, 0), 3: (SAME_CAPTION, 0)}
    assert dropped(rows, near_duplicates=0.75) == expected
    assert dropped(rows, near_duplicates=0.9) == {3: (SAME_CAPTION, 0)}
    kept = {2: (NEAR_DUPLICATE, 0), 3: (NEAR_DUPLICATE, 0)}
    assert dropped(rows, near_duplicates=0.75, same_caption="keep") == kept


def test_captions_of_other_runs_are_left_out() -> None:
    rows = named(NEAR, "a dog", CAPTION, "a dog")
    runs = [["Some words."], ["A dog!", "nothing"], [CAPTION]]
    expected = {1: (EXCLUDED, 1), 3: (EXCLUDED, 1), 2: (EXCLUDED, 2)}
    assert dropped(rows, excluded=runs) == expected
    # Also where captions may repeat among the rows.
    assert dropped(rows, excluded=runs, has_images=True) == expected
    assert dropped(rows, excluded=runs, near_duplicates=0.75) == expected | {0: (EXCLUDED, 2)}


def test_a_fault_names_what_is_repeated() -> None:
    excluded = ["outputs/first", "/home/someone/outputs/second"]
    assert "row 8 of the input" in repeat_fault(NEAR_DUPLICATE, 7, excluded).detail
    assert "row 8 of the input" in repeat_fault(SAME_CAPTION, 7, excluded).detail
    fault = repeat_fault(EXCLUDED, 1, excluded)
    assert fault.reason == "source.excluded"
    assert "run second" in fault.detail
    assert "someone" not in fault.detail
