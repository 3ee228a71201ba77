"""Makes `pipeline/edits/lexicon/meanings.toml` from WordNet's dictionary files.

Run: `python tests/data/make_meanings.py FOLDER`, where FOLDER holds WordNet 3.0's `data.noun`.
It takes the words that the lexicon edits, with what WordNet says is the same or more general.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from pipeline.adapters.wordnet import HYPERNYM_LEVELS, WordNet
from pipeline.edits.lexicon import load_lexicon

HEADER = """\
# What means the same as words of the lexicon, or is more general: an extract of WordNet 3.0, made
# by tests/data/make_meanings.py. Where WordNet itself is installed, it is asked instead.
#
# WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. This software and
# database is being provided "as is"; permission to use, copy, modify and distribute it for any
# purpose and without fee is granted, provided that this notice is kept. Princeton University
# makes no representations or warranties, and its name may not be used in advertising.
#
# `above`: word → words of its commonest sense, then those of the senses above it, level by level.
# `akin`: noun → nouns that look like it and mean the same, or of which one is a kind of the other.
"""

Part = Literal["noun", "verb", "adj"]


def words_of(net: WordNet, sense: tuple[str, int]) -> list[str]:
    """The words of a sense, without names."""
    part, offset = sense
    fields = net._files[f"data.{part}"].at(offset).split(" | ")[0].split()
    names = [fields[4 + 2 * i].split("(")[0] for i in range(int(fields[3], 16))]
    return [name.replace("_", " ") for name in names if name == name.lower() and "'" not in name]


def levels(net: WordNet, word: str, part: Part, most: int) -> list[list[str]]:
    """Words of the commonest senses, and of those above them."""
    senses, whole = net._senses(word, part, {"adj": 2}.get(part, 1))
    if not senses or not whole:
        return []
    found = [[name for sense in senses for name in words_of(net, sense)]]
    level = set(senses)
    for _ in range(most):
        symbols = {"@", "@i"} if part != "adj" else {"&"}
        level = {t for s in level for symbol, t in net._pointers(s) if symbol in symbols}
        if not level:
            break
        found.append([name for sense in sorted(level) for name in words_of(net, sense)])
    return found


def main() -> None:
    """Write the file."""
    net = WordNet(Path(sys.argv[1]))
    lexicon = load_lexicon()
    target = Path("pipeline/edits/lexicon/meanings.toml")
    lines = [HEADER]
    parts: tuple[tuple[Part, list[str], int], ...] = (
        ("noun", sorted(lexicon.nouns.by_lemma), 4),
        ("verb", sorted(lexicon.actions.by_verb), HYPERNYM_LEVELS["verb"] - 1),
        ("adj", sorted({*lexicon.qualities.by_word, *lexicon.qualities.general}), 1),
    )
    too_general = {"artifact", "artefact", "instrumentality", "instrumentation", "whole", "unit"}
    for part, words, most in parts:
        lines.append(f"\n[above.{part}]")
        for word in words:
            found = levels(net, word, part, most)
            plain = ([name for name in level if name not in too_general] for level in found)
            text = " / ".join(", ".join(dict.fromkeys(level)) for level in plain if level)
            if text and text != word:
                lines.append(f'"{word}" = "{text}"')
    lines.append("\n[akin]")
    for word in sorted(lexicon.nouns.by_lemma):
        akin = sorted(
            other
            for other in lexicon.nouns.akin(word)
            if other != word and net.relation(word, other, "noun", any_sense=True)
        )
        if akin:
            lines.append(f'"{word}" = "{", ".join(akin)}"')
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
