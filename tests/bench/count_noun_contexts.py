"""Count in which contexts captions hold nouns, and write the lexicon's contexts.toml.

What is shipped was counted on the first 9,000 captions of the validation split of Conceptual
Captions 3M (any use, Google LLC) and the first 12,000 of MS-COCO val2017 (CC BY 4.0, COCO
Consortium).

    python tests/bench/count_noun_contexts.py cc3m.tsv:9000 coco.jsonl:12000
"""

from __future__ import annotations

import json

from counted_tables import named_captions, write_table

from pipeline.edits.parse.noun_contexts import count_contexts
from pipeline.edits.parse.parsed_caption import parsed_caption

HEADER = """\
# Where captions hold nouns: "sit on" behind a verb's preposition, "* on" behind a noun's, "cup of"
# behind this noun's, "hold >" as an object; "< run", "< with", "< of coffee" for what they do and
# what is said of them; "& word" for a telling word of objects.toml (`unless`) that goes with them,
# wherever it stands. Counted, not written: tests/bench/count_noun_contexts.py makes this file,
# and says on which captions. Those of MS-COCO are CC BY 4.0, COCO Consortium.

[nouns]
"""


def main() -> None:
    counted = count_contexts(parsed_caption(doc) for doc in named_captions(__doc__))
    lines = [
        f"{json.dumps(noun, ensure_ascii=False)} = {json.dumps(sorted(found), ensure_ascii=False)}"
        for noun, found in counted.items()
    ]
    said = f"{len(lines)} nouns in {sum(map(len, counted.values()))} contexts"
    write_table("contexts.toml", HEADER + "\n".join(lines) + "\n", said)


if __name__ == "__main__":
    main()
