"""Word classes that the rule on attributes asks for."""

from __future__ import annotations

from collections.abc import Mapping

PLACED_BEFORE = frozenset(
    {"mood", "time_of_day", "whereabouts", "gender", "front_and_rear", "left_and_right",
     "upper_and_lower", "sides_of_view", "height_of_view", "time_of_view", "left", "bed_for",
     "season", "heaviness", "drink_heat", "animal_age", "hair_of_people", "snow_state"}
)  # fmt: skip
"""Scales whose words are modifiers only, never predicates."""

COPULAS = frozenset({"is", "are", "was", "were", "'s", "be", "looks", "look"})
COLOURED = frozenset({"painted", "dyed", "colored", "coloured"})
SHADES = frozenset({"light", "dark", "bright", "pale", "deep"})
GRADING = frozenset(
    {
        "too",
        "so",
        "most",
        "more",
        "less",
        "how",
        "as",
        "not",
        "partly",
        "half",
        "enough",
        "least",
        "little",
        "bit",
        "partially",
        "semi",
        "almost",
        "nearly",
        "slightly",
        "rather",
        "once",
        "no",
    }
)
YOUNG = frozenset({"young", "teenage"})
YOUNG_KEPT = 0.18
"""Captions say "young" five to six times as often as "old" of people: only so many are turned."""

PREDICATES = frozenset({"acomp", "oprd"})
BACKDROPS = frozenset({"background", "backdrop", "sand", "brick", "leather", "silk", "sky"})
"""Nouns that keep their own colour before another noun: "a white sand beach"."""

SELDOM_DESCRIBED = frozenset({"event", "time", "clothing", "game"})
"""Classes of modifier nouns that an adjective seldom describes: "evening gown"."""

BARE_AFTER = frozenset({",", ".", "IN", ":", "VBG", "-LRB-", "TO", "WDT", "WP", "''"})
"""Tags behind a colour without a noun, of a background or of clothes."""

GROUNDS = frozenset({"background", "wallpaper", "backdrop", "texture"})
"""Nouns behind which "in purple" is their own colour."""

DRESSED = frozenset({"dressed", "clad", "dress", "dresses"})
DRESSING = frozenset({"wearing", "wears", "wore"})
CAMPAIGNS = frozenset({"cancer", "charity", "awareness", "campaign", "aids"})
"""Words that give a ribbon's colour a fixed meaning."""

FROST = frozenset(
    {"snow", "snowy", "snowfall", "snowstorm", "ice", "icy", "frost", "frosty", "frozen", "ski",
     "skiing", "sled", "sledding", "snowman", "snowflakes", "snowball", "snowballs", "snowboard",
     "snowboarder", "snowboarding", "snowmobile", "skis", "skier", "icicles", "blossom",
     "blossoms", "blooming", "blossoming", "bloom", "flowering"}
)  # fmt: skip
"""Words that imply the season."""

DARKNESS = frozenset(
    {"storm", "storms", "night", "dusk", "star", "stars", "starry", "lightning", "thunder",
     "thunderstorm", "moon", "evening", "midnight", "sunset", "candlelight", "nighttime"}
)  # fmt: skip
TIMES = frozenset(
    {
        "evening",
        "night",
        "sunset",
        "sunrise",
        "dusk",
        "dawn",
        "interior",
        "indoors",
        "collection",
        "hot",
        "cold",
        "warm",
        "heat",
        "chilly",
        "freezing",
    }
)
AGE_WORDS = frozenset(
    {"rickety", "rusty", "worn", "weathered", "rustic", "gothic", "victorian", "medieval",
     "colonial", "traditional", "ancient", "historic", "antique", "vintage", "retro", "century",
     "classic", "modern", "contemporary", "heritage", "heirloom", "restored", "restoration",
     "renovated", "abandoned", "crumbling", "derelict", "dilapidated", "faded", "ruins", "shabby",
     "charm", "patina", "collapsed", "cracks", "overgrown", "folk", "plan",
     "skyscrapers", "romanesque", "baroque", "renaissance", "byzantine", "revival",
     "1920s", "1930s", "1940s", "1950s", "1960s", "1970s", "mid"}
)  # fmt: skip
"""Words that imply how old or worn a thing is."""

NEWS = frozenset(
    {"installed", "built", "launched", "launch", "opened", "opening", "opens", "open", "release",
     "released", "unveiling", "unveiled", "unveils", "introduces", "introducing", "buy", "bought",
     "ready", "coming", "latest", "brand", "announced", "presents", "gets", "got", "construction"}
)  # fmt: skip
"""Words with which "new" means recent, and not how a thing looks."""

FINE_WEATHER = frozenset(
    {
        "blue",
        "sun",
        "sunshine",
        "sunlight",
        "rays",
        "shine",
        "shines",
        "shining",
        "shade",
        "shadow",
        "shadows",
        "clear",
        "bright",
        "sunbathing",
        "sunset",
        "sunrise",
        "rainbow",
    }
)
BAD_WEATHER = frozenset(
    {"umbrella", "umbrellas", "rain", "snow", "storm", "fog", "mist", "wet", "puddle", "puddles",
     "raincoat", "flood", "snowing", "raining", "raindrops", "snowman", "ski", "skiing", "sledding"}
)  # fmt: skip
CLOUDS = frozenset({"dark", "cloud", "clouds", "storm", "blue", "grey", "gray", "sun", "stars",
                    "lightning", "moon", "bright", "thunder"})  # fmt: skip
PROCESSED = frozenset({"pickled", "dried", "cooked", "baked", "juice", "squeezed", "recipe",
                       "canned", "prepared", "delicious", "tasty", "healthy",
                       "harvest", "market", "harvested", "salad", "serve", "served"})  # fmt: skip
"""Words of food that cannot be rotten."""

CONDITION = frozenset(
    {"age_of_things", "wear", "traditional", "dress_age", "upkeep", "surface", "integrity"}
)
WEATHER = frozenset({"weather_day", "clear_day", "cloudy_day", "weather_place", "snow_street"})
SPECIES = frozenset({"giant", "little", "dwarf", "miniature", "raw", "short", "tall"})
"""Sizes that may be part of an animal's name: "giant tortoise"."""
PART_OF_NAME = frozenset(
    {"rise", "tech", "end", "heeled", "nosed", "haired", "eyed", "washed", "faced", "tailed",
     "footed", "headed", "winged", "breasted", "throated", "billed", "necked", "skinned", "rumped",
     "chested", "bellied", "horned", "antlered", "toed", "eared", "maned", "beaked",
     "spotted", "striped", "clawed", "shelled", "finned", "crowned",
     "style", "styled", "legged", "capped", "tipped", "backed", "bearded", "sleeved"}
)  # fmt: skip
"""Words behind an adjective that make one name or compound with it."""

MOOD_WORDS = frozenset(
    {"celebrating", "celebrate", "celebrates", "birthday", "fun", "party", "laughing", "smiling",
     "enjoying", "enjoy", "playing", "hugging", "kissing", "dancing", "love", "shouting", "crying",
     "fighting", "wedding", "vacation", "holiday", "winning", "victory", "funeral", "awards",
     "certificates", "graduation", "flirting", "hissing", "roaring",
     "growling", "snarling", "barking"}
)  # fmt: skip
"""Words that imply a mood."""

FROM_ABOVE = frozenset({"above", "drone", "canopy", "below", "beneath", "helicopter", "overhead"})
CLEAR_WATER_WORDS = frozenset(
    {"visible", "through", "see", "seen", "bottom", "reef", "reefs", "coral", "snorkeling",
     "snorkelling", "underwater", "diving", "reflection", "reflections", "reflected",
     "turquoise", "blue", "azure", "emerald", "crystal"}
)  # fmt: skip
"""Words of captions whose water is one that lets things be seen in it."""

MANY_COLOURS = frozenset({"rainbow", "colors", "colours", "hues", "shades"})
WEIGHT = frozenset(
    {"weight", "belly", "diet", "excess", "waist", "obesity", "fitness", "measuring"}
)
MUSCLES = frozenset(
    {"abs", "muscles", "muscle", "flexing", "flexes", "biceps", "torso", "gym", "workout",
     "dumbbell", "dumbbells", "weights", "bodybuilder", "barbell", "lifting", "fitness"}
)  # fmt: skip
"""Words that imply a strong body."""

COMPARED = frozenset(
    {"larger", "bigger", "smaller", "longer", "shorter", "taller", "wider", "size", "sizes",
     "dominate", "dominates", "dominating", "towers", "towering", "dwarf", "dwarfs", "dwarfed"}
)  # fmt: skip
CUT_OUT = frozenset({"isolated", "cutout", "clipart", "icon", "sq", "ft"})
"""Words of captions in which nothing shows a thing's size, or a measure gives it."""

NO_DEGREES = frozenset(
    {"crying", "smiling", "frozen", "intact", "closed", "open", "asleep", "huge", "tiny", "giant"}
)
"""Words that may not stand behind "very"."""

EYEWEAR = frozenset({"sunglasses", "eyeglasses", "glasses"})
DEGREES = frozenset({"very", "really", "extremely", "quite", "incredibly"})
ADVERTISED = frozenset({"your", "our", "only"})
"""Words of advertisements: "your modern room", "the only new car"."""

OLD_STYLE_WORDS = frozenset(
    {"medieval", "ancient", "fashioned", "old-fashioned", "rustic", "dungeon"}
)
NEW_MATERIALS = frozenset({"glass", "plastic", "concrete"})
WARM = frozenset({"summer", "spring", "tropical", "beach"})
"""Words of captions in which nothing is snowy."""

LEAFLESS = frozenset({"winter", "autumn", "fall"})
LEAFY = frozenset({"flowering", "leafy", "blooming"})
SNOWY = frozenset({"snowy", "frosty"})
TREATED = frozenset({"decorated", "painted"})
"""Participles that take a word of manner: "comfortably decorated", "maroon painted"."""

SMALL_ONES = frozenset({"girl", "girls", "boy", "boys", "man", "kid", "kids", "child", "brother",
                        "sister", "lady"})  # fmt: skip
MAKERS = frozenset(
    {"factory", "factories", "mill", "mills", "foundry", "works", "workshop", "workshops", "shop",
     "shops", "store", "stores", "plant", "plants", "yard", "warehouse", "mine", "quarry",
     "studio", "market", "museum"}
)  # fmt: skip
"""Places named after what is made, sold or shown in them: "a glass factory"."""

MELTING = frozenset(
    {"melt", "melts", "melting", "melted", "burn", "burns", "burning", "ice", "frozen", "edible"}
)
"""Words of captions in which a thing is made of what it is said to be made of."""

LOOKED_INTO = frozenset({"in", "into", "inside", "through", "from", "within"})
"""Prepositions behind which something is open."""

INCOMPATIBLE: Mapping[str, frozenset[str]] = {
    "bright": frozenset({"soft", "pastel", "pale", "dim"}),
    "brown": frozenset({"clear", "crystal", "turquoise"}),
    "tiny": frozenset({"powerful", "mighty", "strong"}),
    "small": frozenset({"powerful", "mighty"}),
    **dict.fromkeys(
        ("green", "blooming", "lush"), frozenset({"barren", "arid", "dry", "dead", "withered"})
    ),
}
"""New word → words that it contradicts: "soft bright colors", "clear brown water"."""
