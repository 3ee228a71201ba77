"""Count what stands beside one thing and beside several, and write the lexicon's companions.toml.

What is shipped was counted on the first 9,000 captions of the validation split of Conceptual
Captions 3M (any use, Google LLC) and the first 12,000 of MS-COCO val2017 (CC BY 4.0, COCO
Consortium).

    python tests/bench/count_companions.py cc3m.tsv:9000 coco.jsonl:12000
"""

from __future__ import annotations

import json

from counted_tables import named_captions, write_table

from pipeline.edits.parse.parsed_caption import parsed_caption
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
    counted = count_companions(parsed_caption(doc) for doc in named_captions(__doc__))
    lines = [
        f"{json.dumps(name, ensure_ascii=False)} = {list(both)}" for name, both in counted.items()
    ]
    text = HEADER + "\n".join(lines) + "\n"
    write_table("companions.toml", text, f"{len(lines)} companions")


if __name__ == "__main__":
    main()
