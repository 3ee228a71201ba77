"""How the command ends: each kind of error has its status, and none shows a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from pipeline import __version__
from pipeline.cli import app as module
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.progress import Stopped


@pytest.mark.parametrize(
    ("error", "status"),
    [(Stopped("goes on"), 130), (ConfigError("[bold] key"), 2), (PermanentError("disk"), 1)],
)
def test_an_error_is_a_message_and_a_status(
    error: Exception, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(module, "app", fail)
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == status
    assert str(error) in capsys.readouterr().err


def test_the_version_is_told() -> None:
    shown = CliRunner().invoke(module.app, ["--version"])
    assert shown.exit_code == 0
    assert shown.output == f"counterfactory {__version__}\n"


def test_every_command_has_a_summary() -> None:
    commands = module.app.registered_commands
    assert len(commands) >= 15
    assert all(command.callback and command.callback.__doc__ for command in commands)


def test_help_loads_no_heavy_library() -> None:
    program = (
        "import sys; from typer.testing import CliRunner; from pipeline.cli.app import app;"
        "assert CliRunner().invoke(app, ['run', '--help']).exit_code == 0;"
        "print(sorted({'torch', 'spacy', 'diffusers', 'transformers', 'pyarrow', 'openai', "
        "'numpy'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout == "[]\n", shown.stdout + shown.stderr
