"""The audits on painted runs: what is planted is found, and nothing is where nothing is planted."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.audit.pictures import MATCHED
from pipeline.audit.result import findings
from pipeline.audit.run import AuditModels, audit_run, open_models, read_audited_run
from pipeline.cli.audit import print_audit
from pipeline.core.errors import ConfigError
from pipeline.shards.layout import RunLayout
from tests.integration.audit.conftest import SETS
from tests.integration.audit.painted_run import Planted, audit, write_painted_run

pytestmark = pytest.mark.integration


def test_a_clean_run_has_no_findings(clean: RunLayout) -> None:
    found = audit(clean)
    assert findings(found) == []
    assert (found.sets, found.sampled) == (SETS, SETS)
    (probe,) = found.probes
    assert probe.contrast == MATCHED
    assert probe.low <= 0.55
    assert abs(probe.shuffled - 0.5) < 0.02


def test_longer_captions_and_a_slight_blur_are_found(leaky: RunLayout) -> None:
    found = audit(leaky)
    ways = {g.way for g in found.guesses if g.is_marked}
    assert ways == {"longer", "more words"}
    trained = {c.kind for c in found.captions if c.is_marked}
    assert trained == {"attribute", "count", "object", "relation", "all"}
    assert {g.kind for g in found.guesses if g.way == "longer" and g.is_marked} == {
        "attribute", "count", "object", "relation", "all",
    }  # fmt: skip
    (probe,) = found.probes
    assert probe.is_marked
    assert probe.auc > 0.95
    assert "sharpness" in {name for name, _ in probe.telling}
    text = "\n".join(findings(found))
    assert "captions: a classifier trained on words, word pairs, length finds" in text
    assert "captions: guessing by longer, the counterfactual is found" in text
    assert "pictures: a linear probe on pixel statistics" in text


def test_the_packaged_language_model_guesses_blind(tmp_path: Path) -> None:
    layout = write_painted_run(tmp_path / "run", 25, Planted(ending=" xq zvv wjk"), shards=1)
    record = read_audited_run(layout)
    with open_models(record, clip=None, lm="builtin:smollm2") as models:
        found = audit_run(layout.root, models)
    (guess,) = (g for g in found.guesses if g.way == "likelihood" and g.kind == "all")
    assert guess.pairs == 25
    assert guess.is_marked, "gibberish at the end of every counterfactual is less likely"


def test_what_cannot_be_audited_is_an_error_with_its_name(clean: RunLayout, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no run directory: it has no run\.json"):
        read_audited_run(RunLayout(tmp_path))
    with pytest.raises(ConfigError, match="does not exist"):
        audit(clean, tmp_path / "nothing")
    (tmp_path / "bad.jsonl").write_text('{"caption": "one two three"}\n{"cap')
    with pytest.raises(ConfigError, match=r"bad\.jsonl, line 2: it is not JSON"):
        audit(clean, tmp_path / "bad.jsonl")


def test_of_many_shards_some_are_read_and_that_is_said(tmp_path: Path) -> None:
    layout = write_painted_run(tmp_path / "run", 40, Planted(), shards=8)
    whole = audit_run(layout.root, AuditModels())
    some = audit_run(layout.root, AuditModels(), most_shards=3)
    assert (whole.sets, whole.shards, whole.shards_read) == (40, 8, 8)
    assert (some.sets, some.sampled, some.shards, some.shards_read) == (15, 15, 8, 3)
    assert some == audit_run(layout.root, AuditModels(), most_shards=3)
    text = io.StringIO()
    print_audit(Console(file=text, width=200), some)
    assert "3 of 8 shards (--shards): 15 sets, 15 looked at closely" in text.getvalue()
