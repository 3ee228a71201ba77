"""The public names: there, typed the same in the stub, imported late, and ours."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import counterfactory

ROOT = Path(__file__).resolve().parents[2]
STUB = ROOT / "pipeline" / "api" / "counterfactory-stubs" / "__init__.pyi"
HEAVY = (
    *("torch", "spacy", "diffusers", "transformers", "webdataset", "pyarrow"),
    *("numpy", "pydantic", "typer"),
)


def _imported(body: list[ast.stmt]) -> dict[str, str]:
    """Name → module of the imports among the statements."""
    return {
        alias.asname or alias.name: node.module
        for node in body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _signatures(tree: ast.Module | ast.ClassDef) -> dict[str, str]:
    """Function → its arguments and what it returns, as they are written."""
    return {
        node.name: f"({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns
    }


def _python(code: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=folder
    )


@pytest.mark.parametrize("name", counterfactory.__all__)
def test_each_name_is_what_its_module_defines(name: str) -> None:
    module = importlib.import_module(counterfactory._MODULES[name])
    found = getattr(counterfactory, name)
    assert found is getattr(module, name)
    assert name in dir(counterfactory)
    if name != "__version__":
        assert found.__module__ == module.__name__, "name the module that defines it"
        assert found.__doc__


def test_the_list_the_table_the_stub_and_the_types_agree() -> None:
    assert counterfactory.__all__ == sorted(counterfactory._MODULES)
    stub = ast.parse(STUB.read_text("utf-8"))
    exported = {
        alias.name: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    declared = {n.name for n in stub.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    assert {**exported, **{name: counterfactory._MODULES[name] for name in declared - PARTS}} == (
        counterfactory._MODULES
    )
    tree = ast.parse((ROOT / "counterfactory.py").read_text("utf-8"))
    typed = next(n for n in tree.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n))
    assert _imported(typed.body) == counterfactory._MODULES


PARTS = {"SetLoader"}
"""Classes of the stub that are results, and no names of the module."""


def test_what_the_stub_declares_is_what_the_modules_define() -> None:
    stub = ast.parse(STUB.read_text("utf-8"))
    modules = {**counterfactory._MODULES, "SetLoader": "pipeline.training.vlm.set_loader"}
    for node in stub.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        file = importlib.import_module(modules[node.name]).__file__ or ""
        code = ast.parse(Path(file).read_text("utf-8"))
        if isinstance(node, ast.FunctionDef):
            assert _signatures(code)[node.name] == _signatures(stub)[node.name]
            continue
        (own,) = [n for n in code.body if isinstance(n, ast.ClassDef) and n.name == node.name]
        declared = _signatures(node)
        assert declared
        assert declared == {name: _signatures(own)[name] for name in declared}


def test_what_a_script_needs_is_there() -> None:
    from counterfactory import (  # noqa: F401
        RunConfig,
        __version__,
        explain,
        load_config,
        plan,
        read_samples,
        run,
        verify,
    )


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'counterfactory' has no attribute 'rum'"):
        counterfactory.rum  # noqa: B018


def test_importing_it_and_its_functions_imports_no_library() -> None:
    code = (
        "from counterfactory import explain, load_config, plan, read_samples, run, verify\n"
        "from counterfactory import collate_sets, compute_loss, encode_sets\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    ran = _python(code)
    assert ran.stdout.strip() == "[]", ran.stderr


@pytest.mark.parametrize("own", ["pipeline/__init__.py", "pipeline.py"])
def test_a_package_of_the_same_name_is_passed_over_or_named(tmp_path: Path, own: str) -> None:
    file = tmp_path / own
    file.parent.mkdir(exist_ok=True)
    file.write_text("MINE = 1\n")
    first = f"sys.path.insert(0, {str(tmp_path)!r})\n"
    ran = _python(f"{first}import counterfactory; print(counterfactory.run.__module__)", tmp_path)
    assert ran.stdout.strip() == "pipeline.api.functions", ran.stderr
    ran = _python(f"{first}import pipeline; pipeline.MINE\nimport counterfactory", tmp_path)
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: counterfactory needs its own package 'pipeline', but ")
    assert str(tmp_path) in last
    assert last.endswith("import counterfactory first, or rename that one")


def test_importing_it_twice_takes_the_same_package() -> None:
    code = (
        "import runpy, pipeline\n"
        "runpy.run_module('counterfactory', run_name='again')\n"
        "print(sys.modules['pipeline'] is pipeline)"
    )
    ran = _python(code)
    assert ran.stdout.strip() == "True", ran.stderr
