"""What decides a picture stands in the fingerprint, the rest in the provenance."""

from __future__ import annotations

import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.ids import canonical_json

pytestmark = pytest.mark.integration


def test_the_provenance_is_json_and_names_versions(tiny_renderer: SdxlRenderer) -> None:
    text = canonical_json(tiny_renderer.provenance)
    for word in ("diffusers", "torch", "steps", "dtype"):
        assert f'"{word}"' in text
