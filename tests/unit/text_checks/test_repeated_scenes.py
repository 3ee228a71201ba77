"""The same scene for several anchors fits none of them."""

from __future__ import annotations

from dataclasses import replace

from pipeline.config.checks import ChecksConfig
from pipeline.core.records import EditKind, FullCaption
from pipeline.text_checks.stage import TextCheckStage
from tests.unit.text_checks.checks_records import make_set


def reasons(result) -> list[str]:
    return [one.reason for one in result.refused]


def test_a_scene_that_a_model_gives_to_several_anchors_fits_none_of_them() -> None:
    captions = ("a dog on a sofa", "a red bus in a street", "two boys in a park")
    scenes = ("A cow in a field.", "a cow in a field", "a cat on a roof")
    sets = [
        replace(
            make_set(caption, (caption.split()[1], "cat", EditKind.OBJECT), anchor_id=f"a{i}"),
            full=(FullCaption(scene, "llm:m"),),
        )
        for i, (caption, scene) in enumerate(zip(captions, scenes, strict=True))
    ]
    stage = TextCheckStage(ChecksConfig(), max_minimal=5, max_full=1, scenes_are_written=True)
    assert stage.needs_whole_shard
    results = stage.run(sets)
    assert [reasons(result) for result in results] == [
        ["text.repeated_scene"],
        ["text.repeated_scene"],
        [],
    ]
    rules = [replace(one, full=(replace(one.full[0], proposer="rules"),)) for one in sets]
    assert [reasons(result) for result in stage.run(rules)] == [[], [], []]
