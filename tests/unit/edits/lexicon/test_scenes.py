"""The files of scenes: what is missing is an error, and what may be left out has a default."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.scenes import Scenes, load_leads

ENTRY = {"sort": "people", "who": ["baker"], "where": ["in a kitchen"]}


def test_an_entry_needs_people_or_things_and_places() -> None:
    (scene,) = read_table("scenes", {"scene": [ENTRY]}, Scenes).scene
    assert (scene.doing, scene.like, scene.more, scene.alone) == ("", (), (), False)
    for key in ENTRY:
        entry = {k: v for k, v in ENTRY.items() if k != key}
        with pytest.raises(ConfigError, match=rf"scenes.toml \[scene.0\] {key}: Field required"):
            read_table("scenes", {"scene": [entry]}, Scenes)


def test_main_things_become_countable_things_that_the_lexicon_knows() -> None:
    by_lemma, leads = load_lexicon().nouns.by_lemma, load_leads()
    assert {"animal", "vehicle"} <= leads.keys()
    for lead in leads.values():
        assert lead.put
        assert all(by_lemma[lemma].countable for lemma in lead.put)
