"""Word classes that the rule on counts asks for."""

from __future__ import annotations

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20,
}  # fmt: skip
WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 8: "eight", 10: "ten"}
MANY = frozenset({"many", "several", "numerous", "countless", "multiple"})
SEVERAL = ("two", "three", "four", "several", "some")
"""What stands in the place of "a"."""

DOWN = 3.0
"""Weight of fewer: captions offer about three times as many chances for more."""

HALVES = frozenset({"half", "such", "quite", "what", "many"})
"""Words whose "a" is no number: "half a lemon"."""

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
SHOWING = frozenset(
    {"detail", "hands", "diagram", "doodle", "cartoon", "clip", "lapse", "carving", "rendering",
     "feet", "faces", "eyes", "animation", "tattoo", "graphic", "snapshot", "selfie"}
)  # fmt: skip
"""More words whose "of …" shows what can be counted."""

PARTITIVE = frozenset({"of", "between", "among", "from"})
OPENING = frozenset({"IN", "VBZ", "VBP", "VBG", "VBD", ":", "EX", "TO"})
"""Tags behind which a noun phrase starts."""

COUNTED_WITHOUT_ARTICLE = frozenset(
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
COUNTED_AS_SUBJECT = frozenset({"person", "animal", "vehicle"})
UNIQUE = frozenset(
    {"bride", "groom", "king", "queen", "prince", "princess", "mother", "father", "mom", "mum",
     "dad", "wife", "husband", "daughter", "son", "sister", "brother", "grandmother",
     "grandfather", "baby", "goalkeeper", "coach", "owner", "partner", "president", "crowd",
     "couple", "family", "audience", "founder", "star", "newborn", "infant", "parent", "model",
     "crew", "pilot", "hearse", "space shuttle", "space station"}
)  # fmt: skip
"""Nouns that "the" shows to be the only one of the scene."""

NEVER_ALONE = frozenset(
    {"event", "clothing", "friend", "crowd", "couple", "family", "twin", "newlywed", "parent",
     "colleague", "partner", "lover", "pattern", "line", "firework", "participant", "spectator",
     "chopstick",
     "grape", "bubble", "seed", "stripe", "dot", "herb", "pebble", "fans", "bead", "brick", "tile",
     "pearl", "sparkle", "flock", "herd", "pile", "stack", "row", "track", "rail", "groomsman",
     "stair", "step", "raindrop", "drop", "wave", "particle", "ruin", "spot", "petal", "flake",
     "cloud", "decoration", "vegetable", "fruit", "snack", "ingredient", "spice", "nut", "berry",
     "light", "ray", "sleeve"}
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
     "cover", "outfit", "sky", "sun", "moon", "crowd", "audience", "paper", "lining", "lace",
     "family", "team", "area", "scene", "landscape", "shadow", "bumper", "fireplace", "shower",
     "bathtub", "toilet", "windshield", "hood", "storm", "center", "centre", "corner", "card",
     "color", "view", "set", "stair", "ground", "lens", "star", "quote", "platform", "bin",
     "graveyard", "crop", "item", "vegetation"}
)  # fmt: skip
"""Nouns whose number a picture does not show clearly."""

TOGETHER_VERBS = frozenset(
    {"gather", "huddle", "meet", "compete", "connect", "join", "talk", "chat", "discuss", "argue",
     "kiss", "hug", "share", "fight", "race", "surround", "cross", "divide", "split", "arrange",
     "protest", "clash", "queue", "line", "cover", "litter", "fill", "flock", "swarm", "march",
     "demonstrate", "cheer", "mingle", "pile", "stack", "scatter", "collide", "entangle", "crowd",
     "form", "embrace", "battle", "duel", "tower", "embed", "mix", "match", "marry", "assemble",
     "cluster", "roam", "graze", "migrate", "reunite", "mob", "besiege", "flood", "throng", "vie"}
)  # fmt: skip
"""Verbs that one thing alone cannot do."""

GROUPED = frozenset(
    {"hands", "various", "different", "assorted", "same", "couples", "matching", "identical",
     "intertwined", "crossed", "gang", "groups", "each", "themselves", "themself", "among",
     "amongst", "pair", "pairs", "rows", "some", "whom", "most", "half", "others", "myriad",
     "twin", "twins", "variety", "single", "scattered", "mixed", "crowded", "overcrowded",
     "between", "collage", "assortment", "dozens", "hundreds", "thousands", "everywhere",
     "stacked", "piled", "clustered", "lined", "row", "shortest", "smallest", "patterned",
     "sizes", "shapes", "party", "rally"}
)  # fmt: skip
"""Words that imply several."""

NOT_BARE = frozenset({"det", "nummod", "poss", "quantmod", "predet", "cc", "conj", "appos"})
PRENOMINAL = frozenset({"JJ", "VBN", "VBG", "NN"})
ONE_HELD = frozenset(
    {"hold", "carry", "eat", "buy", "sell", "catch", "feed", "feature", "show", "see", "watch",
     "photograph", "paint", "draw", "build", "bake", "cut", "pull", "push", "contain", "include",
     "find", "receive", "collect", "wash", "clean", "chase", "spot", "display", "bring", "throw",
     "plant", "pick", "approach", "pass", "follow", "examine", "repair", "admire", "inspect",
     "walk", "lift", "raise", "load", "unload", "hang", "install", "drag", "decorate", "light",
     "serve", "prepare", "sew", "carve", "create", "design", "hunt", "pet", "train",
     "milk", "shear", "groom", "rescue", "depict", "portray", "greet", "help", "interview",
     "harvest", "place", "remove", "fix", "present", "teach",
     "overlook", "drink", "sketch", "release", "stack", "wrap", "tie", "assemble", "adorn"}
)  # fmt: skip
"""Verbs that can be done to several things as well as to one."""

WORDS_FOR_ONE_ALONE = frozenset(
    {"alone", "lonely", "solo", "lone", "solitary", "only", "selfie", "individual", "single",
     "self", "singular", "sole"}
)  # fmt: skip
"""Words that leave room for one alone."""

FOR_ONE = frozenset(
    {"saddle", "mic", "microphone", "throne", "bib", "steering", "podium",
     "goal", "bride", "groom", "birthday", "crown", "title", "trophy", "diploma", "hammock",
     "treadmill", "tractor", "wheel"}
)  # fmt: skip
"""Things that one person at a time has to do with."""

SEATS = frozenset(
    {"chair", "armchair", "stool", "throne", "wheelchair", "rocking chair", "deck chair",
     "lounge chair", "bicycle", "motorcycle", "scooter", "tricycle", "horse", "unicycle", "swing",
     "skateboard", "surfboard", "snowboard", "hammock", "desk", "bathtub", "pony", "camel"}
)  # fmt: skip
HAND_HELD = frozenset({"clothing", "body", "instrument", "device", "tool", "container", "toy"})
SHARED = frozenset(
    {"watch", "see", "view", "cross", "climb", "leave", "enter", "visit", "build", "push", "pull",
     "chase", "toss", "kick", "explore", "celebrate", "surround", "pass", "discuss", "share",
     "paint", "feed", "attend", "clean", "cook", "prepare", "walk", "approach", "follow", "make",
     "descend", "inspect", "examine", "photograph", "film", "decorate", "repair", "play", "fight",
     "enjoy", "have", "take", "do", "perform", "study", "learn", "admire", "observe", "overlook",
     "await", "face", "love", "sell", "contemplate", "survey", "consult", "show", "accompany",
     "traverse", "buy", "guard", "harvest", "protect", "block", "help", "meet"}
)  # fmt: skip
"""Verbs whose single object several may have to do with at once."""

PLURAL_PLACES = frozenset(
    {"pots", "buckets", "rows", "groups", "boxes", "baskets", "vases", "bowls", "jars", "bags",
     "pairs", "lines", "piles", "stacks", "bunches", "crates", "cages", "shelves", "hands", "heads",
     "costumes", "uniforms", "dresses", "suits", "hats", "masks", "chairs", "tables", "bicycles",
     "horses", "bikes", "boats", "cars", "motorcycles", "houses", "sizes", "shapes", "colors",
     "colours", "layers", "circles", "helmets", "jackets", "umbrellas", "flags", "balloons"}
)  # fmt: skip
"""Things of which each of several has its own."""

QUANTIFIED = frozenset(
    {"multiple", "many", "several", "numerous", "various", "different", "few", "more", "most",
     "countless", "assorted", "other", "such", "all", "some", "both", "new", "best", "top"}
)  # fmt: skip
COUNTED_OF = frozenset(
    {"statue", "sculpture", "bust", "figurine", "poster", "diagram", "cart", "wagon", "map",
     "mural", "carving", "wheelbarrow"}
)  # fmt: skip
"""Things that can be counted although an "of" phrase names what they show or hold."""

ADDRESSING = frozenset(
    {"wave", "talk", "speak", "gesture", "point", "bow", "sing", "listen", "wait", "look", "read",
     "shout", "cheer", "stare", "smile"}
)  # fmt: skip
"""Verbs whose "to …", "at …" or "for …" names whom somebody turns to."""

COUNTED_AS_SUBJECT_TOO = frozenset(
    {"tree", "balloon", "kite", "drone", "camera", "flag", "statue", "lighthouse", "windmill",
     "hot air balloon", "palm tree", "rose", "sunflower"}
)  # fmt: skip
"""Subjects with "the" that need not be the only one of their kind."""

COUNTED_IN_UNCOUNTED_CLASSES = frozenset(
    {"iceberg", "boulder", "rock", "stone", "volcano", "bridge", "pier", "restaurant", "cafe",
     "swimming pool", "shop", "store", "street lamp", "sand dune"}
)  # fmt: skip
"""Nouns of classes that are not counted, of which one sees how many there are."""

COUNTED_WITHOUT_ARTICLE_TOO = COUNTED_IN_UNCOUNTED_CLASSES | frozenset(
    {"arch", "column", "chimney", "gazebo", "pavilion", "cage", "kiosk", "stall", "booth",
     "archway", "pumpkin", "cake", "birthday cake", "wedding cake", "cupcake", "apple",
     "strawberry", "tomato", "lemon", "burger", "sandwich", "cookie", "doughnut", "pineapple",
     "watermelon", "minaret"}
)  # fmt: skip
"""Nouns of other classes that captions without articles show one by one."""

ALONGSIDE = frozenset({"animal", "plant", "vehicle"})
"""Classes of which one may stand where several do."""

UNSEEN_DOINGS = frozenset(
    {"say", "prefer", "report", "tell", "launch", "explain", "know", "think", "believe", "want",
     "need", "hope", "plan", "become", "mean", "cost", "represent", "help", "announce", "suggest",
     "claim", "create", "reveal", "prove", "depend", "vary", "provide", "offer", "teach", "learn",
     "release", "warn", "require", "introduce", "inspire", "agree", "deserve", "ask", "lose",
     "develop"}
)  # fmt: skip
"""Verbs whose subject no picture shows doing them."""

UNITS = frozenset(
    {"sq", "ft", "feet", "foot", "inch", "inches", "cm", "mm", "m", "km", "kg", "lb", "lbs", "oz",
     "ml", "litre", "liter", "gallon", "acre", "mile", "metre", "meter", "yard", "square", "bed",
     "bedroom", "bath", "bathroom", "storey", "story", "stories", "star", "seater", "seat", "door",
     "piece", "year", "month", "week", "day", "hour", "minute", "degree", "watt", "mp"}
)  # fmt: skip
"""Measures before a noun; captions lost the number that stood before them."""

WORN_BY_ALL = frozenset(
    {"clothing", "makeup", "jewelry", "jewellery", "clothes", "armor", "armour", "gear", "attire",
     "camouflage", "lipstick", "denim", "leather", "lace", "black", "white", "red", "blue"}
)  # fmt: skip
"""What any number of people wear without a plural."""

WORDS_OF_STATEMENTS = frozenset(
    {
        "tutorial",
        "science",
        "generally",
        "usually",
        "typically",
        "says",
        "statistics",
        "study",
        "survey",
        "percent",
        "%",
        "per",
        "no",
    }
)
