"""The command line: `counterfactory run | plan | inspect | verify | finetune | doctor | …`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from pipeline.cli import (
    audit,
    benchmark,
    evaluation,
    explain,
    export,
    finetune,
    inspect_run,
    mine_causal,
    replay,
    report,
    reselect,
    run,
    selection,
    train_vlm,
)
from pipeline.core.errors import ConfigError, PipelineError

app = typer.Typer(
    name="counterfactory",
    help="Make counterfactual image-text data: typed caption edits, matching SDXL images, "
    "WebDataset shards.",
    epilog="Start with `counterfactory doctor`, then `counterfactory run`: it needs nothing.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
out = Console()
err = Console(stderr=True)

EXIT_FAILED = 1
EXIT_MISUSED = 2

app.command(epilog=run.RUN_EPILOG)(run.run)
app.command(epilog=run.PLAN_EPILOG)(run.plan)
app.command(epilog=inspect_run.INSPECT_EPILOG)(inspect_run.inspect)
app.command(epilog=inspect_run.VERIFY_EPILOG)(inspect_run.verify)
app.command(epilog=explain.EPILOG)(explain.explain)
app.command(epilog=mine_causal.EPILOG)(mine_causal.mine_causal)
app.command(epilog=finetune.EPILOG)(finetune.finetune)
app.command(epilog=train_vlm.EPILOG)(train_vlm.train_vlm)
app.command(epilog=replay.EPILOG)(replay.replay)
app.command(epilog=reselect.EPILOG)(reselect.refilter)
app.command(epilog=report.EPILOG)(report.report)
app.command(epilog=audit.EPILOG)(audit.audit)
app.command(epilog=selection.CALIBRATE_EPILOG)(selection.calibrate)
app.command(epilog=evaluation.EPILOG)(evaluation.eval_renderer)
app.command(epilog=evaluation.SCORER_EPILOG)(evaluation.eval_scorer)
app.command(epilog=selection.EVALUATE_EPILOG)(selection.eval_selection)
app.command(epilog=export.EPILOG)(export.export)
app.add_typer(benchmark.app)
app.command()(inspect_run.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        from pipeline import __version__

        out.print(f"counterfactory {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; our own errors are a message, never a traceback."""
    from pipeline.core.progress import Stopped

    try:
        app()
    except Stopped as error:
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        sys.exit(130)  # what a shell expects of a program that a signal stopped
    except PipelineError as error:
        err.print("[bold red]error[/]", end=" ")
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        sys.exit(EXIT_MISUSED if isinstance(error, ConfigError) else EXIT_FAILED)
    except OSError as error:
        if error.filename is None:
            raise
        # A disk's own words: where a file was read, nobody above could say more.
        err.print("[bold red]error[/]", end=" ")
        err.print(
            f"{error.filename}: {error.strerror}; is its disk there, and may it be read? Then run "
            "again: what is finished is kept",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
        sys.exit(EXIT_FAILED)


if __name__ == "__main__":
    main()
