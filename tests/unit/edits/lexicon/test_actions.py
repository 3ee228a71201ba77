"""Frames of verbs: what they put in can be inflected, and limits concern what is put in."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.actions import Actions
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma


def actions(**frame: Any) -> Actions:
    frame = {
        "subject": ["bird"], "preps": [], "becomes": {"fly": ["swim"], "swim": ["fly over"]},
        **frame,
    }  # fmt: skip
    modifier = {"m": {"fits": ["bird"], "becomes": {"wet": ["dry"]}}}
    table = {
        "frame": {"ways": frame}, "modifier": modifier,
        "fits": {}, "does": {}, "unseen": [], "same_doing": ["fly soar"],
    }  # fmt: skip
    return read_table("actions", table, Actions)


def test_a_frame_is_found_by_each_of_its_verbs() -> None:
    found = actions(object="none", unless={"*": ["cage"], "swim": ["sky"]})
    frame = found.by_verb["fly"][0]
    assert frame is found.frames["ways"]
    assert frame.put == ("swim", "fly over")
    assert frame.objects == frozenset()
    assert frame.denied("swim") == {"cage", "sky"}
    assert frame.exchanges("swim") == ("fly over",)
    assert found.by_modifier["wet"][0].name == "m"
    assert found.same["soar"] == {"fly", "soar"}


@pytest.mark.parametrize("limit", ["follows", "never", "unless"])
def test_a_limit_of_a_verb_that_is_never_put_in_is_an_error(limit: str) -> None:
    with pytest.raises(ConfigError, match=r"\[frame.ways\] .*never put in: \['run'\]"):
        actions(**{limit: {"run": ["dog"]}})


def test_every_verb_that_is_put_in_can_be_inflected() -> None:
    frames = load_lexicon().actions.frames.values()
    verbs = {phrase.split()[0] for frame in frames for phrase in frame.put}
    assert len(verbs) > 50
    for verb in sorted(verbs):
        assert verb_form(verb, "VBG").endswith("ing")
        assert verb_lemma(verb_form(verb, "VBZ"), "VBZ") == verb
