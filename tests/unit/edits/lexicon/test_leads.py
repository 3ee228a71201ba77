"""What main things may become within a vocabulary."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.leads import load_leads


def test_main_things_become_countable_things_that_the_lexicon_knows() -> None:
    by_lemma, leads = load_lexicon().nouns.by_lemma, load_leads()
    assert {"animal", "vehicle"} <= leads.keys()
    for lead in leads.values():
        assert lead.put
        assert all(by_lemma[lemma].countable for lemma in lead.put)
