"""Word classes that the rule on counts asks for."""

from __future__ import annotations

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20,
}  # fmt: skip
WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 8: "eight", 10: "ten"}
MANY = frozenset({"many", "several", "numerous", "countless"})
UNCOUNTED = frozenset({"place", "nature", "time", "body", "scenery", "event"})
SUBJECT_ROLES = frozenset({"nsubj", "nsubjpass", "ROOT", "attr"})
TOGETHER = frozenset(
    {"both", "each", "other", "together", "them", "between", "all", "pair", "same"}
)
PARTS = frozenset(
    {"shape", "form", "back", "front", "top", "side", "edge", "middle", "part", "sign", "figure",
     "bottom", "end", "lack", "type", "kind", "group", "row", "bunch", "pair", "set", "lot",
     "number", "pile", "stack", "bouquet", "collection", "variety", "flock", "herd", "field",
     "crowd", "series", "line", "full", "filled", "covered", "made", "thousands", "hundreds",
     "millions", "dozens", "couple", "team", "one", "some", "all", "many", "most", "pattern",
     "members", "piece", "pieces", "history", "symbol", "head", "heads"}
)  # fmt: skip
"""Words whose "of …" or "with …" does not count things one by one."""

PICTURES = frozenset(
    {"portrait", "photo", "picture", "view", "illustration", "image", "footage", "drawing",
     "painting", "video", "silhouette", "closeup", "shot", "sketch", "photograph", "up"}
)  # fmt: skip
PARTITIVE = frozenset({"of", "between", "among", "from"})
OPENING = frozenset({"IN", "VBZ", "VBP", "VBG", "VBD", "VBN", ":", "EX", "TO"})
"""Tags behind which a noun phrase starts."""

SEEN_SINGLY = frozenset(
    {
        "person",
        "animal",
        "vehicle",
        "furniture",
        "toy",
        "instrument",
        "container",
        "thing",
        "building",
        "plant",
        "symbol",
        "device",
        "tool",
    }
)
NEVER_ALONE = frozenset(
    {"event", "clothing", "friend", "crowd", "couple", "family", "twin", "newlywed", "parent",
     "colleague", "partner", "lover", "pattern", "line", "firework", "participant", "spectator",
     "chopstick",
     "grape", "bubble", "seed", "stripe", "dot", "herb", "pebble", "fans", "bead", "brick", "tile",
     "pearl", "sparkle", "flock", "herd", "pile", "stack", "row", "track", "rail", "groomsman"}
)  # fmt: skip
"""Classes and nouns that hardly come one by one."""

ORDINALS = frozenset(
    {"first", "second", "third", "last", "only", "same", "next", "main", "final", "best", "other",
     "largest", "biggest", "oldest", "tallest", "highest", "longest", "single", "sole", "certain"}
)  # fmt: skip
"""Words that single one thing out."""

NEVER_COUNTED = frozenset(
    {"background", "backdrop", "pattern", "wallpaper", "text", "interior", "exterior", "print",
     "home", "island", "facade", "skyline", "space", "reflection", "fabric", "line", "figure",
     "cover", "outfit", "sky", "sun", "moon", "crowd", "audience", "paper", "lining", "lace"}
)  # fmt: skip
"""Nouns of which several are no clear sight."""

GATHERING = frozenset(
    {"gather", "gathered", "gathering", "huddle", "huddles", "meet", "meeting", "compete",
     "competing", "connected", "joined", "talk", "talking", "chatting", "discussing", "arguing",
     "kissing", "hugging", "hands", "sharing", "share", "various", "different", "assorted", "same",
     "lined", "crowded", "fight", "fighting", "racing", "married", "mixed", "surrounded",
     "couples", "matching", "identical", "intertwined", "crossed", "divide", "split", "gang",
     "arranged"}
)  # fmt: skip
"""Words that one thing alone cannot do."""

NOT_BARE = frozenset({"det", "nummod", "poss", "quantmod", "predet", "cc", "conj", "appos"})
PRENOMINAL = frozenset({"JJ", "VBN", "VBG", "NN"})
ONE_HELD = frozenset(
    {"hold", "carry", "eat", "buy", "sell", "catch", "feed", "feature", "show", "see", "watch",
     "photograph", "paint", "draw", "build", "bake", "cut", "pull", "push", "contain", "include",
     "find", "receive", "collect", "wash", "clean", "chase", "spot", "display", "bring", "throw"}
)  # fmt: skip
"""Verbs that can be done to several things as well as to one."""
