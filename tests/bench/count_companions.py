"""Count what stands beside one thing and beside several, and write the lexicon's companions.toml.

What is shipped was counted on the first 9,000 captions of the validation split of Conceptual
Captions 3M (any use, Google LLC) and the first 12,000 of MS-COCO val2017 (CC BY 4.0, COCO
Consortium).

    python tests/bench/count_companions.py cc3m.tsv:9000 coco.jsonl:12000
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bench_rule_stage import read_anchors

import pipeline.edits.lexicon
from pipeline.edits.apply.case import plain_text
from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.rules.count.companions import count_companions

HEADER = """\
# What stands beside a thing → captions with one of it, captions with several. "hold > kite" is what
# the main thing holds, "on @boats" that it is on something of that group, " +" that there are
# several of these; "at: sit on bench" is where a thing stands that is no main thing. Counted, not
# written:
# tests/bench/count_companions.py makes this file, and says on which captions. Those of MS-COCO are
# CC BY 4.0, COCO Consortium.

[counts]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="+", help="file:number of captions")
    captions = []
    for named in parser.parse_args().inputs:
        path, _, limit = named.rpartition(":")
        captions += [plain_text(anchor.caption) for anchor in read_anchors(path, int(limit))]
    counted = count_companions(parsed_caption(doc) for doc in Parser().parse(captions))
    lines = [
        f"{json.dumps(name, ensure_ascii=False)} = {list(both)}" for name, both in counted.items()
    ]
    path = Path(pipeline.edits.lexicon.__file__).parent / "companions.toml"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path}: {len(lines)} companions, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
