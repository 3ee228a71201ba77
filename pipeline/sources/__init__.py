"""Caption files of several formats, read as a stream of anchors.

:func:`open_source` gives a :class:`Source`: `partition()` cuts the input into
:class:`ShardSpan`s in one streaming pass, and `read(span)` gives an anchor or a reject for
every row of a span without reading what stands before it.
"""

from __future__ import annotations

from pipeline.sources.natural_text import natural_text
from pipeline.sources.opening import open_source, settle_kind
from pipeline.sources.span import ShardSpan, Source

__all__ = ["ShardSpan", "Source", "natural_text", "open_source", "settle_kind"]
