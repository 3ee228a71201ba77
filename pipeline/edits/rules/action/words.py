"""Word classes that the rule on actions asks for."""

from __future__ import annotations

VERB_TAGS = frozenset({"VBG", "VBZ", "VBP", "VBD", "VBN"})
OTHER_VERBS = VERB_TAGS | {"VB"}
COMPLEMENT_DEPENDENCIES = frozenset(
    {"prt", "xcomp", "ccomp", "acomp", "oprd", "dative", "attr", "neg"}
)
"""Children that tie a verb to its meaning: "sit down", "look like", "make someone laugh"."""

RESTING = frozenset({"park", "moor", "dock", "anchor", "perch", "seat", "mount"})
"""Verbs whose participle describes a present state: "a parked car", "a bird perched"."""

MOVING = frozenset({"run", "jump", "dance", "cycle", "walk", "fight"})
UPRIGHT = frozenset({"stand", "run", "jump", "dance", "kneel", "walk", "fight"})
SUPPORTS = frozenset({"furniture", "vehicle", "container", "thing", "clothing", "toy", "device"})
INTERIORS = frozenset({"vehicle", "furniture", "container"})
INSIDES = frozenset({"in", "inside"})

OFTEN = frozenset({"sleep", "drop", "look away from"})
OFTEN_WEIGHT = 0.4
"""Verbs that fit nearly everywhere are drawn less often, so that others have their turn."""


HELD_WITH = frozenset({"hand", "hands", "arms", "mouth", "lap", "fingers", "teeth", "palm"})

QUIET = frozenset({"stand", "sit", "kneel"})
"""Postures in which one can do nearly anything else."""
DOING = frozenset({"VBG", "VBZ", "VBP", "VBD"})
"""Tags of verbs of somebody who is awake."""

PARTICIPLES_OF_SEEING = frozenset({"seen", "spotted", "shown", "photographed", "pictured"})
PREPOSITIONS_OF_HOLDER = frozenset({"in", "with", "on", "near", "behind", "at", "beside", "of"})
"""Prepositions of what somebody has, or of where somebody is."""

MOST_HOLDERS = 3
PREPOSITIONS_OF_SECOND_PLACE = frozenset(
    {"at", "in", "on", "during", "with", "near", "by", "under", "before", "after"}
)
"""Prepositions of a second place, which holds for any action."""

NOTHING = "_"
"""Behind a verb that replaces verb and preposition: "clean _"."""

ITS_OWN = frozenset({"of", "with", "full", "from", "on", "in"})
"""Prepositions of what belongs to a thing: "a cup of tea"."""

SIDES = frozenset({"left", "right", "side", "sides"})

TOPIC_CLASSES = frozenset(
    {"thing", "device", "instrument", "vehicle", "toy", "tool", "container", "building"}
)
"""Classes of nouns that are such a topic or tool, and no place of the action."""
