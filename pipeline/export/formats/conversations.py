"""Questions about pictures with answers A and B, for generative vision-language models.

LLaVA's training reads a JSON list whose records have `id`, `image` and `conversations`
(`from` "human" or "gpt"); Qwen-VL's fine-tuning reads the same without `id`. Both look pictures
up below a folder that their own command names: here the export itself.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import ExportTarget

QUESTION = (
    "<image>\nWhich sentence is true of the picture?\nA. {a}\nB. {b}\nAnswer with the letter alone."
)


@dataclass(slots=True)
class LetterBalance:
    """Gives each letter to half of the right answers, in every kind.

    Attributes:
        given: Kind, and whether both pictures are asked about, → times so far.
    """

    given: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def next_is_a(self, kind: str, *, is_pair: bool) -> bool:
        """Whether the sentence that is true of the factual picture comes first this time."""
        self.given[kind, is_pair] += 1
        return self.given[kind, is_pair] % 2 == 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Attributes:
        key: Its name.
        picture: Field of the set.
        a: First sentence.
        b: Second sentence.
        answer: "A" or "B".
    """

    key: str
    picture: str
    a: str
    b: str
    answer: str


def ask(one: ExportSet, balance: LetterBalance) -> Iterator[Asked]:
    """The questions of a set.

    Where both pictures are there, both are asked about with the sentences in the same order, so
    that neither the letter nor the sentences give the answer away.
    """
    for entry in (*one.edits, *one.fulls):
        beside, own = one.pair_picture(entry), one.own_picture(entry)
        if beside is None:
            continue
        true, false = entry.truth.pair_text, entry.caption
        is_a = balance.next_is_a(entry.kind, is_pair=own is not None)
        a, b = (true, false) if is_a else (false, true)
        key = f"{one.key}-{entry.variant}"
        yield Asked(key, beside, a, b, "A" if is_a else "B")
        if own is not None:
            yield Asked(f"{key}-edited", own, a, b, "B" if is_a else "A")


def write_llava(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """One `train.json` as LLaVA's trainer reads it."""
    _write(sets, target, with_id=True)


def write_qwen(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """One `train.json` as Qwen-VL's trainer reads it."""
    _write(sets, target, with_id=False)


def _write(sets: Iterable[ExportSet], target: ExportTarget, *, with_id: bool) -> None:
    balance = LetterBalance()
    with target.open("train.json") as file:
        separator = "[\n"
        for one in sets:
            asked = list(ask(one, balance))
            if not asked:
                target.skipped["sets without a picture, or without a counterfactual"] += 1
            for question in asked:
                record: dict[str, Any] = {"id": question.key} if with_id else {}
                record["image"] = target.write_picture(one, question.picture)
                record["conversations"] = [
                    {"from": "human", "value": QUESTION.format(a=question.a, b=question.b)},
                    {"from": "gpt", "value": question.answer},
                ]
                file.write(separator + json.dumps(record, ensure_ascii=False))
                separator = ",\n"
                target.rows["questions"] += 1
                target.rows[f"answers {question.answer}"] += 1
        file.write("\n]\n" if separator != "[\n" else "[]\n")
