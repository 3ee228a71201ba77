"""Count which words captions keep apart, and write the lexicon's apart.toml.

What is shipped was counted on the first 9,000 captions of the validation split of Conceptual
Captions 3M (any use, Google LLC) and the first 12,000 of MS-COCO val2017 (CC BY 4.0, COCO
Consortium).

    python tests/bench/count_scenes.py cc3m.tsv:9000 coco.jsonl:12000
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from counted_tables import named_captions, write_table

from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.parse.word_pairs import count_apart

COUNTED = """\
# Counted, not written: tests/bench/count_scenes.py makes this file, and says on which captions.
# Those of MS-COCO are CC BY 4.0, COCO Consortium.
"""
APART = f"""\
# Captions with a word, and words that stand in one caption far more seldom than by chance, each
# pair once: "@pets" is a group of nouns, "to ride" a verb, "is wet" a quality.
{COUNTED}"""


def write_tables(captions: Iterable[ParsedCaption]) -> None:
    apart = count_apart(captions)
    text = f"{APART}\ncaptions = {apart.captions}\n\n[counts]\n"
    text += "".join(f"{json.dumps(name)} = {n}\n" for name, n in apart.counts.items())
    text += "\n[words]\n" + "".join(
        f"{json.dumps(one)} = {json.dumps(sorted(others))}\n" for one, others in apart.words.items()
    )
    write_table("apart.toml", text, f"{sum(map(len, apart.words.values()))} pairs")


if __name__ == "__main__":
    write_tables(parsed_caption(doc) for doc in named_captions(__doc__))
