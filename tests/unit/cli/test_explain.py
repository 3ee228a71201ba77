"""`counterfactory explain`: every proposal with its fate, on one screen."""

from __future__ import annotations

from typer.testing import CliRunner

from pipeline.cli.app import app


def explain(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["explain", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_proposal_has_its_fate_and_its_caption() -> None:
    printed = explain("a red car on a street")
    assert "kept attribute.colour" in printed
    assert "red → " in printed
    assert "nothing found by: " in printed
    assert "swap" in printed.partition("nothing found by: ")[2]


def test_what_is_not_needed_is_passed_over_with_its_reason() -> None:
    printed = explain("a red car on a street", "--set", "edits.max_minimal=1")
    assert printed.count("kept attribute") + printed.count("kept object") <= 1
    assert "text.enough_edits" in printed


def test_a_caption_without_any_edit_says_so() -> None:
    assert "text.no_edit: no rule found anything to edit" in explain("nothing to see here")


def test_the_parse_is_shown_on_request() -> None:
    assert "nsubj" not in explain("a dog runs")
    assert "nsubj      of runs" in explain("a dog runs", "--tokens")


def test_markup_in_a_caption_is_text() -> None:
    assert "dog[bold" in explain("a dog[bold] runs", "--tokens")


def test_other_words_are_shown_unless_none_are_wanted() -> None:
    caption = "a man and a woman are sitting on a sofa"
    assert "neutral (order.pair): a woman and a man are sitting" in explain(caption)
    assert "neutral" not in explain(caption, "--set", "edits.max_neutral=0")
