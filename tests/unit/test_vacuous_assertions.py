"""Conventions of the tests themselves, checked on their syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
FOLDERS = (
    "unit/edits/rules", "unit/edits/parse", "integration/edits/rules", "integration/edits/parse",
)  # fmt: skip
"""Folders whose tests loop over what rules yield."""


def modules() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (TESTS / folder).rglob("test_*.py"))


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def vacuous_places(test: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    """Yield (line, iterable) of assertions that hold if a call yields nothing.

    These are asserts inside a loop, and `assert all(…)`, over a call or over a local name that
    was made by one, unless an assert before them speaks of the same iterable.
    """
    made = {
        target.id: node.value
        for node in ast.walk(test)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    asserts = [node for node in ast.walk(test) if isinstance(node, ast.Assert)]
    for node in ast.walk(test):
        if isinstance(node, ast.For) and any(isinstance(n, ast.Assert) for n in ast.walk(node)):
            yield from _unless_asserted(node.iter, node.lineno, made, asserts)
        elif isinstance(node, ast.Assert):
            for call in ast.walk(node.test):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "all":
                    for generator in (g for a in call.args for g in getattr(a, "generators", ())):
                        yield from _unless_asserted(generator.iter, node.lineno, made, asserts)


def _unless_asserted(
    iterable: ast.expr, line: int, made: dict[str, ast.expr], asserts: list[ast.Assert]
) -> Iterator[tuple[int, str]]:
    while isinstance(iterable, ast.Call) and ast.unparse(iterable.func) in {"zip", "enumerate"}:
        iterable = iterable.args[0]
    source = made.get(iterable.id) if isinstance(iterable, ast.Name) else iterable
    yields = isinstance(source, ast.Call | ast.ListComp | ast.SetComp | ast.DictComp)
    if isinstance(source, ast.Call) and ast.unparse(source.func) in {"range", "sorted", "list"}:
        yields = False
    text = ast.unparse(iterable)
    asserted = any(
        text in {ast.unparse(n) for n in ast.walk(a.test)} for a in asserts if a.lineno < line
    )
    if yields and not asserted:
        yield line, text


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(TESTS)))
def test_a_loop_over_what_is_yielded_asserts_first_that_something_is(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    places = [
        f"{module.relative_to(TESTS)}:{line} {text}"
        for test in functions_of(tree)
        for line, text in vacuous_places(test)
    ]
    assert not places, "assert first that there is something: " + "; ".join(places)


@pytest.mark.parametrize(
    ("body", "vacuous"),
    [
        ("for x in f():\n        assert x", True),
        ("found = f()\n    for x in found:\n        assert x", True),
        ("found = f()\n    assert found\n    for x in found:\n        assert x", False),
        ("for x in (1, 2):\n        assert x", False),
        ("assert all(x for x in f())", True),
        ("found = f()\n    assert len(found) == 3\n    assert all(x for x in found)", False),
    ],
)
def test_the_check_tells_these_apart(body: str, vacuous: bool) -> None:
    (test,) = functions_of(ast.parse(f"def test_it():\n    {body}\n"))
    assert bool(list(vacuous_places(test))) is vacuous
