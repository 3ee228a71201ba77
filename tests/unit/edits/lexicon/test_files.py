"""Every file of the lexicon is read by a typed model, and a mistake is told where it is."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon import files as lexicon_files
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.actions import Actions
from pipeline.edits.lexicon.apart import load_apart
from pipeline.edits.lexicon.companions import load_companions
from pipeline.edits.lexicon.connectives import CausalLexicon, load_causal_lexicon
from pipeline.edits.lexicon.contexts import load_contexts
from pipeline.edits.lexicon.counts import load_counts
from pipeline.edits.lexicon.files import Words, load_lexicon_file, read_table, read_toml
from pipeline.edits.lexicon.gate_words import load_characteristics, load_gate_words
from pipeline.edits.lexicon.inflection import load_inflections
from pipeline.edits.lexicon.looks import load_phrase_scales
from pipeline.edits.lexicon.meanings import load_meanings
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.lexicon.neutral import load_neutral
from pipeline.edits.lexicon.people import load_people
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.lexicon.sizes import load_sizes
from pipeline.edits.lexicon.visibility import Visibility
from pipeline.edits.rules.object.depicted import load_visibility

LOADERS = (
    load_lexicon, load_causal_lexicon, load_phrase_scales, load_people,
    load_relations, load_visibility, load_gate_words, load_sizes,
    load_characteristics, load_meanings, load_contexts, load_inflections,
    load_negation, load_companions, load_counts, load_neutral, load_apart,
)  # fmt: skip


def test_every_file_is_read_by_a_typed_model(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    real = read_table

    def spy(name: str, table: dict[str, Any], shape: type[Any]) -> Any:
        read.add(name)
        return real(name, table, shape)

    monkeypatch.setattr(lexicon_files, "read_table", spy)
    for loader in LOADERS:
        loader.cache_clear()
        loader()
    folder = files("pipeline.edits.lexicon")
    assert read == {p.name[:-5] for p in folder.iterdir() if p.name.endswith(".toml")}


def test_what_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"objects\.toml is no TOML: .*line 2.*mend that line"):
        read_toml("objects", '[pets]\nmembers = ["dog", cat]', dict)


@pytest.mark.parametrize(
    ("break_it", "where", "problem"),
    [
        (lambda t: t["frame"]["faces"].update(subjekt=["dog"]), "frame.faces", "subjekt"),
        (lambda t: t["frame"]["faces"].pop("becomes"), "frame.faces", "becomes: Field required"),
        (lambda t: t["frame"]["faces"].update(preps="by"), "frame.faces", "found 'by'"),
        (
            lambda t: t.update(unseen=["look", 3]),
            "unseen",
            "1: Input should be a valid string",
        ),
        (lambda t: t["frame"].update(faces="smile"), "frame", "faces: Input should be"),
    ],
)
def test_an_error_names_file_table_and_remedy(
    break_it: Callable[[dict[str, Any]], object], where: str, problem: str
) -> None:
    becomes = {"smile": ["frown"], "frown": ["smile"]}
    table: dict[str, Any] = {
        "unseen": ["look"], "same_doing": ["grin smile"], "modifier": {}, "fits": {}, "does": {},
        "frame": {"faces": {"subject": ["person"], "preps": [], "becomes": becomes}},
    }  # fmt: skip
    assert read_table("actions", table, Actions).by_verb["smile"][0].name == "faces"
    break_it(table)
    with pytest.raises(ConfigError) as caught:
        read_table("actions", table, Actions)
    message = str(caught.value)
    assert message.startswith(f"pipeline/edits/lexicon/actions.toml [{where}")
    assert problem in message
    assert "mend that entry" in message


def test_words_are_separated_by_white_space() -> None:
    table = read_table("x", {"a": "dog\n  cat dog"}, dict[str, Words])
    assert table == {"a": frozenset({"dog", "cat"})}


def test_models_are_read_only_and_their_schemas_are_built_late() -> None:
    people = load_people()
    with pytest.raises(ValueError, match="frozen"):
        people.pronouns = {}  # type: ignore[misc]
    assert Visibility.model_config["defer_build"]
    assert isinstance(load_lexicon_file("connectives", CausalLexicon), CausalLexicon)
