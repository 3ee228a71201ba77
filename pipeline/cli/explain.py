"""The command `counterfactory explain`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from pipeline.cli.flags import CaptionFlags, resolve_config, with_flags

if TYPE_CHECKING:
    from pipeline.edits.explanation import Explanation, ProposalExplanation

out = Console()

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory explain 'a red car on a street'`\n\n"
    "`counterfactory explain 'a red car on a street' --tokens --set edits.max_minimal=2`"
)
COLOURS = {"kept": "green", "refused": "red", "unbalanced": "yellow", "passed over": "yellow"}


@with_flags
def explain(
    flags: CaptionFlags,
    caption: Annotated[str, typer.Argument(help="A factual caption.")],
    tokens: Annotated[bool, typer.Option("--tokens", help="Show the parse too.")] = False,
) -> None:
    """Say what every rule makes of a caption, and why an edit is kept or not. Writes nothing."""
    from pipeline.edits.explain import explain as explain_caption

    config = resolve_config(flags)
    found = explain_caption(caption, config.edits, run_seed=config.seed)
    for line in lines_of(found, tokens=tokens):
        out.print(line, highlight=False, soft_wrap=True)


def lines_of(found: Explanation, *, tokens: bool) -> Iterator[str]:
    """What is printed of an explanation, as rich markup."""
    if tokens:
        for index, token in enumerate(found.tokens):
            head = found.tokens[token.head]
            yield escape(
                f"{index:3} {token.text:16} {token.lemma:16} {token.tag:5} {token.dep:10} of "
                f"{head.text}"
            )
        yield ""
    silent = [rule.rule for rule in found.rules if not rule.proposals]
    for rule in found.rules:
        for proposal in rule.proposals:
            yield from _proposal_lines(proposal)
    for full in found.full:
        yield f"[green]kept[/] full: {escape(full.caption)}"
    for one in found.neutral:
        yield f"[green]kept[/] neutral ({one.rule}): {escape(one.caption)}"
    if silent:
        yield f"nothing found by: {', '.join(silent)}"
    if found.reason:
        yield f"[red]{found.reason}[/]: {escape(found.detail)}"


def _proposal_lines(proposal: ProposalExplanation) -> Iterator[str]:
    kind = f"{proposal.kind}.{proposal.subkind}" if proposal.subkind else str(proposal.kind)
    old, new = escape(proposal.old), escape(proposal.new)
    colour = COLOURS[proposal.outcome]
    why = f" [{colour}]{proposal.reason}[/] {escape(proposal.detail)}" if proposal.reason else ""
    yield f"[{colour}]{proposal.outcome}[/] {kind} ({proposal.rule}): {old} → {new}{why}"
    if proposal.caption:
        yield f"     [dim]{escape(proposal.caption)}[/]"
