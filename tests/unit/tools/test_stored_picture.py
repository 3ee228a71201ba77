"""A drawn picture is found by its field or its variant, with how it was drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.records import RenderedSet
from pipeline.core.stage import Rejected
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples
from pipeline.tools.stored_picture import find_picture, find_shard
from tests.unit.shards.shard_records import draw, make_set, own_image, pixels, store

DRAWN, PHOTOGRAPH = make_set(0), make_set(1, own_image(1))
REFUSED = Rejected("f" * 20, "text.no_edit", "nothing to edit", origin="captions.tsv:9")


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    """A set that was drawn with candidates; in another shard one with a photograph."""
    layout = RunLayout(tmp_path / "run")
    drawn = draw(DRAWN)
    tried = replace(drawn.images[1], pixels=pixels(99), candidate=1, seed=5)
    store(layout, 0, [replace(drawn, candidates=(*drawn.images, tried)), REFUSED])
    store(layout, 1, [draw(PHOTOGRAPH)])
    return layout


def test_the_shard_is_the_one_that_made_the_set(layout: RunLayout) -> None:
    assert find_shard(layout, DRAWN.anchor.anchor_id) == 0
    assert find_shard(layout, PHOTOGRAPH.anchor.anchor_id) == 1
    with pytest.raises(ConfigError, match=r"was refused \(text.no_edit\) and has no pictures"):
        find_shard(layout, REFUSED.anchor_id)
    with pytest.raises(ConfigError, match="holds the key 'min0'; keys are the names in the tars"):
        find_shard(layout, "min0")


def test_field_and_variant_name_the_same_picture(layout: RunLayout) -> None:
    key = DRAWN.anchor.anchor_id
    (sample,) = iterate_samples([layout.tar(0)])
    by_field, by_variant = (find_picture(layout, 0, key, name) for name in ("min0.jpg", "min0"))
    assert by_field == by_variant
    assert by_field.data == sample.fields["min0.jpg"]
    expected = next(image for image in draw(DRAWN).images if image.variant == "min0")
    assert by_field.how == (expected.prompt, expected.seed, "same_noise", {})


def test_a_candidate_that_was_not_kept_is_found_too(layout: RunLayout) -> None:
    found = find_picture(layout, 0, DRAWN.anchor.anchor_id, "min0.c1")
    assert (found.variant, found.candidate, found.how[1]) == ("min0", 1, 5)
    assert found.data != find_picture(layout, 0, DRAWN.anchor.anchor_id, "min0").data


def test_what_was_not_drawn_is_named(layout: RunLayout) -> None:
    key = PHOTOGRAPH.anchor.anchor_id
    for name in ("factual", "png"):
        with pytest.raises(ConfigError, match=f"{name} of {key} is the anchor's own picture"):
            find_picture(layout, 1, key, name)
    with pytest.raises(ConfigError, match=r"no picture 'min7'; it has control.jpg, full0.jpg, min"):
        find_picture(layout, 1, key, "min7")


def test_the_control_is_not_also_called_factual(layout: RunLayout) -> None:
    with pytest.raises(ConfigError, match="has no picture 'factual'; it has control"):
        find_picture(layout, 0, DRAWN.anchor.anchor_id, "factual")


def test_a_set_of_captions_has_none_that_was_drawn(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "run")
    store(layout, 0, [RenderedSet(DRAWN)])
    with pytest.raises(ConfigError, match="it has none that was drawn"):
        find_picture(layout, 0, DRAWN.anchor.anchor_id, "min0")
