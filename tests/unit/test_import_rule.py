"""The import rule of the design, checked on the syntax trees of every module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A package may import itself and those on the levels below it; those of one level are siblings,
# which do not know each other.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"core"}),
    frozenset({"config"}),
    frozenset({"stores"}),
    frozenset({"adapters", "edits", "render", "scoring", "shards", "sources", "text_checks"}),
    frozenset({"audit", "dataset_card", "selection", "training"}),
    frozenset({"evaluation", "export", "report", "runs"}),
    frozenset({"tools"}),
    frozenset({"api", "cli"}),
)
PACKAGES = frozenset().union(*LEVELS)
DATA = frozenset({"models"})
"""Packages that hold files and no code."""
# Third-party package → the only parts of the project that may import it.
OWNERS: dict[str, frozenset[str]] = {
    "openai": frozenset({"adapters", "training"}),
    "torch": frozenset({"adapters", "training"}),
    "diffusers": frozenset({"adapters", "training"}),
    "transformers": frozenset({"adapters", "training"}),
    "accelerate": frozenset({"adapters", "training"}),
    "peft": frozenset({"adapters", "training"}),
    "webdataset": frozenset({"shards", "training"}),
    "spacy": frozenset({"edits"}),
    "lemminflect": frozenset({"edits"}),
    "prefect": frozenset({"flows"}),
    "ray": frozenset({"adapters"}),
}
LAZY = frozenset(
    {
        *("openai", "torch", "diffusers", "transformers", "spacy", "webdataset", "pyarrow"),
        "huggingface_hub",
    }
)
FACADE = ROOT / "counterfactory.py"


def level(package: str) -> int:
    for index, packages in enumerate(LEVELS):
        if package in packages:
            return index
    raise AssertionError(f"pipeline.{package} has no place in the layers: add it to LEVELS")


def package_of(module: Path) -> str:
    relative = module.relative_to(ROOT)
    return "flows" if relative.parts[0] == "flows" else relative.parts[1]


def imports(module: Path) -> Iterator[tuple[str, bool, int]]:
    """Yield (dotted name, whether it runs at import time, line)."""
    tree = ast.parse(module.read_text("utf-8"))
    type_only: set[ast.AST] = set()
    in_function: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            type_only.update(inner for child in node.body for inner in ast.walk(child))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            in_function.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
            if node.module in {"pipeline", "flows"}:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield name, node not in type_only and node not in in_function, node.lineno


def modules() -> list[Path]:
    found = [*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]
    return sorted(path for path in found if path.parent != ROOT / "pipeline")


def test_pipeline_holds_packages_only() -> None:
    entries = {p.name for p in (ROOT / "pipeline").iterdir() if p.name != "__pycache__"}
    assert entries == PACKAGES | DATA | {"__init__.py", "py.typed"}


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(module: Path) -> None:
    here = package_of(module)
    for name, _, line in imports(module):
        top, *rest = name.split(".")
        place = f"{module.relative_to(ROOT)}:{line} imports {name}"
        if top == "pipeline" and rest and rest[0] != "__version__" and here not in {*DATA, "flows"}:
            there = rest[0]
            assert there == here or level(there) < level(here), f"{place}: not downwards"
        if top == "flows":
            assert here == "flows", f"{place}: only flows knows flows"
        if top in OWNERS and here != "flows":
            assert here in OWNERS[top], f"{place}: belongs to {sorted(OWNERS[top])}"
        if here == "flows":
            assert top not in {"torch", "diffusers", "openai", "spacy", "webdataset"}, place


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_are_imported_lazily(module: Path) -> None:
    """So that `counterfactory --help` stays fast."""
    for name, at_import, line in imports(module):
        if name.split(".")[0] in LAZY:
            assert not at_import, f"{module.relative_to(ROOT)}:{line} imports {name} at import"


def test_the_public_module_imports_the_standard_library_alone() -> None:
    """So that `from counterfactory import …` costs what is used; the rest comes by name."""
    at_import = {name.split(".")[0] for name, runs, _ in imports(FACADE) if runs}
    assert at_import <= sys.stdlib_module_names
    assert {"importlib", "pathlib"} <= at_import


def test_the_rule_is_not_vacuous() -> None:
    assert len(modules()) > 10
    assert any(package_of(module) == "adapters" for module in modules())
