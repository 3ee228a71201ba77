"""Tokens of two captions, aligned from stored spans with a real tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.adapters.sdxl.alignment import LENGTH, Alignment, TokenAligner
from pipeline.core.draws import Guide
from pipeline.core.errors import ConfigError
from pipeline.core.records import Replacement, Role

pytestmark = pytest.mark.integration

Align = Callable[..., Alignment]
Change = tuple[str, str]


@pytest.fixture(scope="module")
def tokenizers(tiny_folder: Path) -> list[Any]:
    from transformers import CLIPTokenizer

    return [
        CLIPTokenizer.from_pretrained(tiny_folder / name, local_files_only=True)
        for name in ("tokenizer", "tokenizer_2")
    ]


@pytest.fixture(scope="module")
def aligner(tokenizers: list[Any]) -> TokenAligner:
    return TokenAligner(tokenizers)


def pieces(factual: str, changes: Sequence[Change], *, roles: str = "") -> tuple[Replacement, ...]:
    """Replacements of the changes, found from left to right; an insertion is (before, text)."""
    found, position = [], 0
    for number, (old, new) in enumerate(changes):
        role = Role.REPAIR if roles[number : number + 1] == "r" else Role.EDIT
        if old.startswith("^"):  # insert before the word
            start = factual.index(old[1:], position)
            found.append(Replacement(start, start, "", new, role))
            position = start
        elif old.endswith("$"):  # insert behind the word
            start = factual.index(old[:-1], position) + len(old) - 1
            found.append(Replacement(start, start, "", new, role))
            position = start
        else:
            start = factual.index(old, position)
            found.append(Replacement(start, start + len(old), old, new, role))
            position = start + len(old)
    return tuple(found)


def apply(factual: str, replacements: Sequence[Replacement]) -> str:
    text, shift = factual, 0
    for piece in replacements:
        text = text[: piece.start + shift] + piece.new + text[piece.end + shift :]
        shift += len(piece.new) - len(piece.old)
    return text


def aligned_words(
    aligner: TokenAligner, prompt: str, factual: str, replacements: Sequence[Replacement]
) -> tuple[dict[str, list[str]], Alignment, str]:
    """Token text of the edited caption → texts of the source's tokens that it looks through."""
    edited = apply(factual, replacements)
    alignment = aligner.align(edited, Guide(prompt, factual, tuple(replacements)))
    source, target = aligner.tokens(prompt), aligner.tokens(edited)
    seen: dict[str, list[str]] = {}
    for number, token in enumerate(target, 1):
        looks = [
            prompt[source[row - 1].start : source[row - 1].end]
            for row in np.nonzero(alignment.exchange[:, number])[0]
        ]
        seen.setdefault(f"{token.start}:{edited[token.start : token.end]}", []).extend(looks)
    return seen, alignment, edited


def check_frame(alignment: Alignment, before: int, after: int) -> None:
    """Start, end and padding look through their own selves."""
    assert alignment.exchange[0, 0] == 1
    assert alignment.exchange[before + 1, after + 1] == 1
    both = LENGTH - 2 - max(before, after)
    for number in range(both):
        assert alignment.exchange[before + 2 + number, after + 2 + number] == 1
    assert ((alignment.kept >= 0) & (alignment.kept <= 1)).all()
    assert (alignment.exchange.sum(axis=0)[alignment.kept == 1] == 0).all()


CASES = [
    ("a red car on the street", [("red", "blue")]),
    ("a dog on the street", [("dog", "ship")]),
    ("a red car on the street", [("red ", "")]),
    ("a car on the street", [("^street", "wet ")]),
    ("a house with a chimney", [("with", "without")]),
    ("an old man on the beach", [("an old", "a young")]),
    ("a dog to the left of a boat", [("left", "right")]),
    ("a man is walking on the beach", [("is$", "n't")]),
    ("the man rides a horse, not a bicycle", [("horse", "bicycle"), ("bicycle", "horse")]),
    ("a red flower among white tulips", [("red", "white"), ("white", "red")]),
    ("a man in a hat pulls a boy", [("a man in a hat", "a boy"), ("a boy", "a man in a hat")]),
    (
        "Two café tables, a 犬 and a naïve fire-engine 👍🏽",
        [("naïve", "crème brûlée"), ("👍🏽", "👎")],
    ),
    ("people  serving   FOOD", [("serving", "photographing")]),
]


@pytest.mark.parametrize(("factual", "changes"), CASES, ids=[c[0] for c in CASES])
def test_every_word_outside_the_edit_is_its_own_counterpart(
    aligner: TokenAligner, factual: str, changes: list[Change]
) -> None:
    replacements = pieces(factual, changes)
    edited = apply(factual, replacements)
    alignment = aligner.align(edited, Guide(factual, factual, replacements))
    source, target = aligner.tokens(factual), aligner.tokens(edited)
    check_frame(alignment, len(source), len(target))
    for number, token in enumerate(source):
        if any(piece.start <= token.end and token.start <= piece.end for piece in replacements):
            continue
        shift = sum(len(p.new) - len(p.old) for p in replacements if p.end <= token.start)
        columns = np.nonzero(alignment.exchange[number + 1])[0]
        assert len(columns) == 1
        twin = target[columns[0] - 1]
        assert (twin.start, twin.end, twin.id) == (token.start + shift, token.end + shift, token.id)
        assert alignment.exchange[number + 1, columns[0]] == 1
        assert alignment.kept[columns[0]] == 0
    # Each token of the edited caption looks through some, or keeps its own eyes.
    reached = alignment.exchange.sum(axis=0) + alignment.kept
    assert (reached > 0).all()
    # And what is not its own counterpart is an edited word.
    changed = [
        number
        for number, token in enumerate(target, 1)
        if alignment.exchange[:, number].sum() != 1
        or source[int(np.argmax(alignment.exchange[:, number])) - 1].id != token.id
    ]
    assert alignment.new[changed].all()
    assert alignment.new.any() or alignment.old.any()


def test_a_word_of_one_token_looks_where_the_old_one_did(aligner: TokenAligner) -> None:
    factual = "a red car on the street"
    seen, alignment, _ = aligned_words(
        aligner, factual, factual, pieces(factual, [("red", "blue")])
    )
    assert seen["2:blue"] == ["red"]
    assert not alignment.kept.any()
    assert alignment.old.sum() == alignment.new.sum() == 1


def test_words_of_several_tokens_part_the_maps_of_the_old_ones(aligner: TokenAligner) -> None:
    factual = "a dog on the street"
    word = "photographing zebras"
    replacements = pieces(factual, [("dog", word)])
    many = len(aligner.tokens(word))
    assert many > 2
    _, alignment, _ = aligned_words(aligner, factual, factual, replacements)
    assert np.allclose(alignment.exchange[2, 2 : 2 + many], 1 / many)
    assert alignment.new[2 : 2 + many].all()
    back = aligner.align(
        factual,
        Guide(
            f"a {word} on the street",
            f"a {word} on the street",
            pieces(f"a {word} on", [(word, "dog")]),
        ),
    )
    assert np.allclose(back.exchange[2 : 2 + many, 2], 1)


def test_inserted_words_keep_their_own_eyes_and_deleted_ones_lose_theirs(
    aligner: TokenAligner,
) -> None:
    longer, shorter = "a red car on the street", "a car on the street"
    red = len(aligner.tokens("red"))
    inserted = aligner.align(longer, Guide(shorter, shorter, pieces(shorter, [("^car", "red ")])))
    assert (inserted.kept[2 : 2 + red] == 1).all()
    assert inserted.new[2 : 2 + red].all()
    assert not inserted.old.any()
    deleted = aligner.align(shorter, Guide(longer, longer, pieces(longer, [("red ", "")])))
    assert (deleted.exchange[2 : 2 + red] == 0).all()
    assert deleted.old[2 : 2 + red].all()
    assert not deleted.new.any()
    # The shorter caption has more padding than the longer one can give.
    assert deleted.kept[-red:].all()


def test_an_insertion_that_clings_to_a_word_takes_that_words_place(aligner: TokenAligner) -> None:
    factual = "a man is walking on the beach"
    seen, _, edited = aligned_words(aligner, factual, factual, pieces(factual, [("is$", "n't")]))
    assert edited == "a man isn't walking on the beach"
    looks = [
        word for name, words in seen.items() if 6 <= int(name.split(":")[0]) < 11 for word in words
    ]
    assert "is" in looks
    assert next(words for name, words in seen.items() if name.endswith(":walking")) == ["walking"]


def test_phrases_that_exchange_places_look_where_the_other_stood(aligner: TokenAligner) -> None:
    factual = "a red flower among white tulips"
    changes = [("red", "white"), ("white", "red")]
    seen, alignment, _ = aligned_words(aligner, factual, factual, pieces(factual, changes))
    assert seen["2:white"] == ["red"]
    assert seen["21:red"] == ["white"]
    assert alignment.old.sum() == alignment.new.sum()


def test_a_repair_is_aligned_but_is_no_edited_word(aligner: TokenAligner) -> None:
    factual = "an apple on a table"
    replacements = pieces(factual, [("an", "a"), ("apple", "ship")], roles="re")
    seen, alignment, _ = aligned_words(aligner, factual, factual, replacements)
    assert seen["0:a"] == ["an"]
    assert alignment.new[1] == 0
    assert alignment.new[2] == 1


def test_an_edit_of_another_wording_is_chained_behind_the_shared_words(
    aligner: TokenAligner,
) -> None:
    prompt, factual = "a red car on the street", "on the street there is a red car"
    seen, alignment, edited = aligned_words(
        aligner, prompt, factual, pieces(factual, [("red", "blue")])
    )
    assert seen["0:on"] == ["on"]
    assert seen["7:street"] == ["street"]
    there = 1 + [edited[t.start : t.end] for t in aligner.tokens(edited)].index("there")
    assert alignment.kept[there] == 1
    assert alignment.exchange[:, there].sum() == 0
    check_frame(alignment, len(aligner.tokens(prompt)), len(aligner.tokens(edited)))


def test_a_caption_beyond_the_models_reach_is_aligned_as_far_as_it_is_read(
    aligner: TokenAligner,
) -> None:
    factual = "a red car " + "and a boat " * 40
    replacements = pieces(factual, [("red", "very very very blue")])
    alignment = aligner.align(apply(factual, replacements), Guide(factual, factual, replacements))
    assert len(aligner.tokens(factual)) == LENGTH - 2
    check_frame(alignment, LENGTH - 2, LENGTH - 2)


def test_a_model_that_reads_fewer_tokens_is_aligned_at_its_own_length(tiny_folder: Path) -> None:
    from transformers import CLIPTokenizer

    short = [
        CLIPTokenizer.from_pretrained(
            tiny_folder / name, local_files_only=True, model_max_length=16
        )
        for name in ("tokenizer", "tokenizer_2")
    ]
    factual = "a red car on the street"
    alignment = TokenAligner(short).align(
        "a blue car on the street", Guide(factual, factual, pieces(factual, [("red", "blue")]))
    )
    assert alignment.exchange.shape == (16, 16)
    assert (alignment.exchange == np.eye(16)).all()


def test_tokenizers_that_disagree_are_refused(tokenizers: list[Any]) -> None:
    class Shifted:
        model_max_length = LENGTH

        model_max_length = LENGTH

        def __call__(self, text: str, **settings: Any) -> Any:
            read = tokenizers[1](text, **settings)
            return {
                "input_ids": read["input_ids"],
                "offset_mapping": [(start, end + 1) for start, end in read["offset_mapping"]],
            }

    aligner = TokenAligner([tokenizers[0], Shifted()])
    with pytest.raises(ConfigError, match="cut 'a red car' differently, .*same_noise"):
        aligner.align("a red car", Guide("a red car", "a red car"))
