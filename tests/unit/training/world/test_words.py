from __future__ import annotations

from importlib.resources import files

from pipeline.training.world.words import vocabulary_toml


def test_the_packaged_vocabulary_is_what_the_module_writes() -> None:
    stored = files("pipeline") / "models" / "world_sdxl" / "vocabulary.toml"
    assert stored.read_text("utf-8") == vocabulary_toml()
