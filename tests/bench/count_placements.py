"""Count what captions have at what places, and write the lexicon's placements.toml.

What is shipped was counted on the first 9,000 captions of the validation split of Conceptual
Captions 3M (any use, Google LLC) and the first 12,000 of MS-COCO val2017 (CC BY 4.0, COCO
Consortium).

    python tests/bench/count_placements.py cc3m.tsv:9000 coco.jsonl:12000
"""

from __future__ import annotations

import json

from counted_tables import named_captions, write_table

from pipeline.edits.lexicon.placements import Counts
from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.relation.placing import count_placements

HEADER = """\
# What captions have at what places: ground → preposition (as relations.toml names it) → what is
# there, or the verb between the two → captions that say so. Counted, not written:
# tests/bench/count_placements.py makes this file, and says on which captions. Those of MS-COCO are
# CC BY 4.0, COCO Consortium.
"""


def table(name: str, counts: Counts) -> str:
    lines = [f"\n[{name}]"]
    for ground, by_preposition in counts.items():
        inner = ", ".join(
            f"{json.dumps(preposition)} = {{ "
            + ", ".join(f"{json.dumps(word)} = {count}" for word, count in words.items())
            + " }"
            for preposition, words in by_preposition.items()
        )
        lines.append(f"{json.dumps(ground)} = {{ {inner} }}")
    return "\n".join(lines) + "\n"


def main() -> None:
    figures, doings = count_placements(word_tree(doc) for doc in named_captions(__doc__))
    text = HEADER + table("figures", figures) + table("doings", doings)
    write_table("placements.toml", text, f"{len(figures)} grounds")


if __name__ == "__main__":
    main()
