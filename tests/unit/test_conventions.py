"""A module has its tests beside its name, and is short or says why it is not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SCRIPTS = re.compile(r"pipeline/training/(mini/train_\w+|world/sprites/make)\.py")
"""Run by hand to make the weights and sprites that the package ships: no test of their name."""

MOST_LINES = 300
REASON = re.compile(r"^Longer than 300 lines because ", re.MULTILINE)


def modules() -> list[Path]:
    found = (path for folder in ("pipeline", "flows") for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if path.name != "__init__.py")


def holds_logic(tree: ast.Module) -> bool:
    """Whether a function or method does anything: those of protocols and stubs do not."""
    return any(
        not all(
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            for statement in node.body
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", modules(), ids=name)
def test_a_module_with_logic_has_a_test_file_of_its_name(module: Path) -> None:
    if SCRIPTS.fullmatch(name(module)) or not holds_logic(ast.parse(module.read_text("utf-8"))):
        return
    within = ROOT / "pipeline"
    below = module.relative_to(within if module.is_relative_to(within) else ROOT)
    places = [ROOT / "tests" / kind / below.parent / f"test_{below.name}"
              for kind in ("unit", "integration")]  # fmt: skip
    found = [place for place in places if place.exists()]
    assert found, f"write {name(places[0])} or {name(places[1])}"
    assert any("def test_" in place.read_text("utf-8") for place in found)


@pytest.mark.parametrize("module", modules(), ids=name)
def test_a_long_module_says_why(module: Path) -> None:
    text = module.read_text("utf-8")
    if text.count("\n") > MOST_LINES:
        doc = ast.get_docstring(ast.parse(text)) or ""
        assert REASON.search(doc), (
            f"{name(module)} has more than {MOST_LINES} lines: part it along what it does, or let "
            "its docstring have a line that begins `Longer than 300 lines because`"
        )


def test_the_conventions_are_not_vacuous() -> None:
    assert len(modules()) > 300
    assert holds_logic(ast.parse("def f():\n    '''Do.'''\n    return 1"))
    assert not holds_logic(ast.parse("class P:\n    def f(self):\n        '''Say.'''\n        ..."))
