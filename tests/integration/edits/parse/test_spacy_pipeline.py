"""The spaCy pipeline: found by name, checked for its parts, and run in order."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from pipeline.core.errors import ConfigError
from pipeline.edits.parse.doc_columns import text_of
from pipeline.edits.parse.spacy_pipeline import load_pipeline
from tests.integration.edits.caption_edits import parser

pytestmark = pytest.mark.integration


def test_texts_are_parsed_in_order_and_kept_as_written() -> None:
    texts = ["a dog  on the beach", "", "Two cats."]
    docs = list(parser().parse(texts))
    assert [text_of(doc) for doc in docs] == texts
    assert [doc.text for doc in docs] == texts


def test_the_fingerprint_names_pipeline_and_version() -> None:
    assert parser().fingerprint.startswith("en_core_web_sm")
    assert parser().fingerprint.endswith(parser().nlp.meta["version"])
    assert "ner" not in parser().nlp.pipe_names


def test_a_pipeline_without_a_parser_is_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "blank"
    spacy.blank("en").to_disk(folder)
    with pytest.raises(ConfigError, match="lemmatizer, parser, tagger"):
        load_pipeline(str(folder))
