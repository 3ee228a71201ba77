"""Count in which contexts captions hold nouns, and write the lexicon's contexts.toml.

What is shipped was counted on the first 9,000 captions of the validation split of Conceptual
Captions 3M (any use, Google LLC) and the first 12,000 of MS-COCO val2017 (CC BY 4.0, COCO
Consortium).

    python tests/bench/count_noun_contexts.py cc3m.tsv:9000 coco.jsonl:12000
"""

from __future__ import annotations

import json

from counted_tables import named_captions, write_table

from pipeline.edits.parse.noun_contexts import count_company, count_contexts
from pipeline.edits.parse.parsed_caption import parsed_caption

HEADER = """\
# Where captions hold nouns: "sit on" behind a verb's preposition, "* on" behind a noun's, "cup of"
# behind this noun's, "hold >" as an object; "< run", "< with", "< of coffee" for what they do and
# what is said of them; "& word" for a telling word of objects.toml (`unless`) that goes with them,
# wherever it stands. Under [company]: in how many captions a noun is, which words are typical of it
# and how often, and which words typical of another of its class go with it too.
# Counted, not written: tests/bench/count_noun_contexts.py makes this file, and says on which
# captions. Those of MS-COCO are CC BY 4.0, COCO Consortium.

[nouns]
"""


def quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    captions = [parsed_caption(doc) for doc in named_captions(__doc__)]
    counted = count_contexts(captions)
    lines = [f"{quoted(noun)} = {quoted(sorted(found))}" for noun, found in counted.items()]
    company = count_company(captions)
    lines += ["", "[company]"]
    for noun, one in company.items():
        typical = ", ".join(f"{quoted(word)} = {n}" for word, n in one.typical.items())
        goes = quoted(" ".join(sorted(one.goes)))
        lines.append(
            f"{quoted(noun)} = {{ captions = {one.captions}, "
            f"typical = {{ {typical} }}, goes = {goes} }}"
        )
    said = f"{len(counted)} nouns in {sum(map(len, counted.values()))} contexts"
    write_table("contexts.toml", HEADER + "\n".join(lines) + "\n", said)


if __name__ == "__main__":
    main()
