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

TRANSPARENT_PERSONS = frozenset(
    {"person", "actor", "artist", "player", "athlete", "politician", "celebrity", "model",
     "footballer", "author", "boxer", "wrestler", "actress", "composer", "comedian", "director",
     "leader", "novelist", "cricketer", "pitcher", "mayor", "jogger", "competitor", "competitors",
     "locals", "inmate", "team", "guard", "militants", "personnel", "winner", "batter", "catcher",
     "hitter", "bicyclist"}
)  # fmt: skip
"""Heads of placeholders: protected as words, but people all the same."""

OFTEN = frozenset({"sleep", "drop", "look away from"})
OFTEN_WEIGHT = 0.4
"""Verbs that fit nearly everywhere are drawn less often, so that others have their turn."""


HELD_WITH = frozenset({"hand", "hands", "arms", "mouth", "lap", "fingers", "teeth", "palm"})

QUIET = frozenset({"stand", "sit", "kneel"})
"""Postures in which one can do nearly anything else."""
AT_ONCE = frozenset({"faces", "seats"})
"""Frames whose verbs go with nearly anything else that is done at the same time."""
DOING = frozenset({"VBG", "VBZ", "VBP", "VBD"})
"""Tags of verbs of somebody who is awake."""

PARTICIPLES_OF_SEEING = frozenset({"seen", "spotted", "shown", "photographed", "pictured"})
GROUPS = frozenset(
    {"group", "groups", "pair", "number", "bunch", "team", "flock", "herd", "line", "gang", "pack",
     "dozens", "hundreds", "thousands", "lots", "couple"}
)  # fmt: skip
PICTURED = frozenset(
    {"illustration", "photo", "photograph", "image", "picture", "drawing", "portrait", "painting",
     "shot", "video", "cartoon", "sketch", "silhouette", "view", "closeup", "up", "footage",
     "animation"}
)  # fmt: skip
"""Words of pictures, whose "of …" is the subject of the verb."""

PREPOSITIONS_OF_HOLDER = frozenset({"in", "with", "on", "near", "behind", "at", "beside", "of"})
"""Prepositions of what somebody has, or of where somebody is."""

MOST_HOLDERS = 3
PREPOSITIONS_OF_SECOND_PLACE = frozenset(
    {"at", "in", "on", "during", "with", "near", "by", "under", "before", "after"}
)
"""Prepositions of a second place, which holds for any action."""

DAYS = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "afternoon",
     "morning", "evening"}
)  # fmt: skip

QUANTITIES = frozenset(
    {"stack", "pile", "piece", "slice", "bunch", "bundle", "handful", "pair", "couple", "set"}
)
"""Measures of a thing, which do not depend on the action: "a slice of cake"."""

NOTHING = "_"
"""Behind a verb that replaces verb and preposition: "clean _"."""

ITS_OWN = frozenset({"of", "with", "full", "from", "on", "in"})
"""Prepositions of what belongs to a thing: "a cup of tea"."""

BY_HAND = frozenset(
    {"hold_small", "devices", "reading_matter", "food_and_mouth", "openings", "keyboards",
     "instruments", "small_animals", "written_on", "flowers_in_hand", "vehicles"}
)  # fmt: skip
"""Frames of what a hand alone is seen to do."""

HEADLINES = frozenset(
    {"posture_of_people", "going_of_people", "food_and_mouth", "drinking", "reading_matter",
     "games", "instruments", "riding_animals", "cycles", "hold_small", "trees", "flowers_in_hand",
     "walls_and_fences", "small_animals"}
)  # fmt: skip
"""Frames whose verbs may begin a caption without a subject."""

NARROW = frozenset(
    {"stroller", "crib", "cradle", "tub", "pram", "cockpit", "booth", "saddle", "lounge", "model"}
)
"""Places with room for sitting only, which the lexicon does not know."""

BEHIND_PARTICLES = frozenset(
    {"at", "on", "from", "into", "toward", "towards", "through", "to", ",", ".", "and", "while",
     "in", "over", "with", "during"}
)  # fmt: skip
"""Words behind "look up" and "look down" with which "up" and "down" are directions."""

SIDES = frozenset({"left", "right", "side", "sides"})

TOPIC_VERBS = frozenset(
    {"work", "study", "write", "read", "talk", "speak", "play", "train", "chat", "practice"}
)
"""Verbs whose "on" may name a topic or a tool: "writing on politics"."""

TOPIC_CLASSES = frozenset(
    {"thing", "device", "instrument", "vehicle", "toy", "tool", "container", "building"}
)
"""Classes of nouns that are such a topic or tool, and no place of the action."""

STAGES = frozenset({"stage", "field", "court", "campus", "set", "ground", "pitch", "site"})
