"""A span survives its way through a file."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pipeline.core.errors import ConfigError
from pipeline.sources import ShardSpan, Source
from tests.unit.sources.inputs import mixed_lines

OpenTsv = Callable[..., Source]


def test_a_span_survives_json(open_tsv: OpenTsv, make) -> None:
    source = open_tsv(mixed_lines(40), shard_size=16)
    spans = list(source.partition())

    stored = [ShardSpan.from_json(json.loads(json.dumps(span.to_json()))) for span in spans]

    assert stored == spans
    with pytest.raises(ConfigError, match="partition"):
        ShardSpan.from_json({"shard_id": "one"})
