"""The command `counterfactory audit`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from pipeline.audit.balance import Balance, Skew
    from pipeline.audit.caption_probe import CaptionProbe
    from pipeline.audit.overlap import Overlap
    from pipeline.audit.probe import ProbeResult
    from pipeline.audit.result import Audit
    from pipeline.audit.text import Guess

out = Console()

MARK = "[bold red]◄[/]"

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory audit outputs/demo`\n\n"
    "`counterfactory audit outputs/cc3m --against sugarcrepe/ --clip "
    "openai/clip-vit-large-patch14`\n\n"
    "Findings are printed and stand in audit.json; they are no error, the exit status is 0."
)


def audit(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    against: Annotated[
        Path | None,
        typer.Option(
            help="Other data that should have nothing in common with it: a run directory, a "
            "folder or tar of pictures and captions, or a file of captions."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Where audit.json goes.", show_default="<run>.audit.json beside it"),
    ] = None,
    clip: Annotated[
        str | None,
        typer.Option(
            help="CLIP whose embeddings are probed: folder, hub id, `builtin:world` or `none`.",
            show_default="the run's",
        ),
    ] = None,
    lm: Annotated[
        str | None,
        typer.Option(
            help="Language model that guesses blind: folder, hub id, `builtin:smollm2` or `none`.",
            show_default="the run's, else the packaged one",
        ),
    ] = None,
    sets: Annotated[
        int, typer.Option(min=5, help="About how many sets to look at closely.")
    ] = 2000,
    shards: Annotated[
        int,
        typer.Option(min=1, help="How many shards to read, chosen by hash; --against reads all."),
    ] = 64,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Look for ways to cheat on the data: blind text, telltale pictures, skew, contamination."""
    from pipeline.audit.result import findings, to_json
    from pipeline.audit.run import audit_run, open_models, read_audited_run
    from pipeline.shards.atomic import atomic_file
    from pipeline.shards.layout import RunLayout
    from pipeline.stores.location import located

    run, against = located(run), None if against is None else located(against)
    models = open_models(read_audited_run(RunLayout(run)), clip=clip, lm=lm)
    console = Console(stderr=True, quiet=quiet)
    with models, console.status("") as status:
        found = audit_run(
            run,
            models,
            against=against,
            most_sets=sets,
            most_shards=shards,
            advance=lambda step: status.update(step),
        )
    target = output or run.resolve().with_name(f"{run.resolve().name}.audit.json")
    with atomic_file(target) as file:
        text = json.dumps(to_json(found), indent=2, ensure_ascii=False, sort_keys=True)
        file.write(f"{text}\n".encode())
    print_audit(out, found)
    lines = findings(found)
    out.print(f"\n{len(lines)} findings" if len(lines) != 1 else "\n1 finding", highlight=False)
    for line in lines:
        out.print(f"  {MARK} {escape(line)}", highlight=False, soft_wrap=True)
    out.print(f"all of it: {target}", markup=False, highlight=False, soft_wrap=True)


def print_audit(console: Console, found: Audit) -> None:
    """Print every check; what is marked has a sign at the end of its line."""
    console.print(_sample(found), highlight=False, soft_wrap=True)
    for table in (
        _captions(found.captions), _guesses(found.guesses), _probes(found.probes),
        *_balance(found.balance), *_overlaps(found.overlaps),
    ):  # fmt: skip
        if table.row_count:
            console.print()
            console.print(table)
    for what, why in found.skipped.items():
        console.print(f"[dim]not done:[/] {escape(what)}: {escape(why)}", highlight=False)


def _sample(found: Audit) -> str:
    """What was read, and what of it was looked at."""
    said = f"{found.sets:,} sets, {found.sampled:,} looked at closely"
    if found.shards_read < found.shards:
        said = f"{found.shards_read:,} of {found.shards:,} shards (--shards): {said}"
    pairs = {guess.way: guess.pairs for guess in found.guesses if guess.kind == "all"}
    if (read := pairs.get("likelihood")) is not None:
        said += f"; the language model read {read:,} of {pairs.get('longer', read):,} pairs"
    return said


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False,
        header_style="dim", min_width=min(len(title), 78),
    )  # fmt: skip
    for index, column in enumerate((*columns, "")):
        table.add_column(column, justify="left" if index < 2 else "right")
    return table


def _captions(probes: Iterable[CaptionProbe]) -> Table:
    from pipeline.audit.caption_probe import BY_WEIGHT

    table = _table(
        "Does a classifier trained on captions find the counterfactual? 50 % is ideal",
        *("kind", "words that tell most", "pairs", "right", "95 % interval"),
    )
    for c in probes:
        interval = f"{c.low:.1%} to {c.high:.1%}"
        name = f"  {c.subkind}".replace("_", " ") if c.subkind else c.kind
        if c.features.endswith(BY_WEIGHT):
            name += f", {BY_WEIGHT}"
        telling = ", ".join(f"{word} {weight:+.1f}" for word, weight in c.telling[:3])
        mark = MARK if c.is_marked else ""
        table.add_row(
            escape(name), escape(telling), f"{c.pairs:,}", f"{c.accuracy:.1%}", interval, mark
        )
    return table


def _guesses(guesses: Iterable[Guess]) -> Table:
    table = _table(
        "Which caption is the counterfactual? Guessed without a picture",
        *("guess by", "kind", "pairs", "right", "95 % interval"),
    )
    for g in guesses:
        interval = f"{g.low:.1%} to {g.high:.1%}"
        mark = MARK if g.is_marked else ""
        table.add_row(g.way, escape(g.kind), f"{g.pairs:,}", f"{g.accuracy:.1%}", interval, mark)
    return table


def _probes(probes: Iterable[ProbeResult]) -> Table:
    table = _table(
        "Can a linear probe tell pictures apart? AUC over held-out sets",
        *("probe on", "tells", "sets", "AUC", "95 %", "shuffled", "p"),
    )
    for p in probes:
        table.add_row(
            p.features, p.contrast, f"{p.sets:,}", f"{p.auc:.3f}", f"{p.low:.2f}–{p.high:.2f}",
            f"{p.shuffled:.2f}", f"{p.p_value:.3f}",
            MARK if p.is_marked else "",
        )  # fmt: skip
    return table


def _balance(balance: Balance) -> Iterator[Table]:
    title = f"Do edits go both ways? {balance.kept:,} of {balance.before:,} are kept"
    pairs = _table(title, "kind", "words", "there", "back", "before selection")
    for skew in balance.pairs[:8]:
        pairs.add_row(*_skew_row(skew, f"{skew.old} → {skew.new}"))
    yield pairs
    words = _table("Words", "kind", "word", "leaves", "comes", "before selection")
    for skew in balance.words[:8]:
        words.add_row(*_skew_row(skew, skew.old))
    yield words


def _skew_row(skew: Skew, name: str) -> tuple[str, ...]:
    return (
        escape(skew.kind), escape(name), f"{skew.there:,}", f"{skew.back:,}",
        f"{skew.there_before:,} / {skew.back_before:,}", MARK if skew.is_marked else "",
    )  # fmt: skip


def _overlaps(overlaps: Iterable[Overlap]) -> Iterator[Table]:
    table = _table("Is it in the other data too?", "what", "looked up", "in", "same", "near")
    for o in overlaps:
        table.add_row(
            o.what, f"{o.checked:,}", f"{o.others:,}", f"{o.same:,}", f"{o.near:,}",
            MARK if o.is_marked else "",
        )  # fmt: skip
    yield table
    examples = _table("The first of them", "here", "there", "likeness")
    for o in overlaps:
        for match in o.examples[:3]:
            examples.add_row(escape(match.here), escape(match.there), f"{match.likeness:.2f}")
    yield examples
