"""Which of the spaced hyphens of tokenised text join a compound, and which are dashes.

Conceptual Captions writes both as ` - `: "a snow - capped peak" and "my kitchen - what do
you think". A hyphen is joined only where its neighbours decide it: closed lists of first
parts, of second parts and of pairs, or a chain such as "side - by - side". All others stay
as they are, because ` - ` also reads well as a dash, whereas a dash that is joined
("kitchen-what") does not.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NUMBERS = _words(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty "
    "sixty hundred single double triple multi"
)
_UNITS = _words(
    "year month week day hour minute second story storey bedroom bathroom room piece foot inch "
    "mile meter metre pound ton seat seater door wheel lane way tier star point dimensional "
    "speed page step panel part person man woman cylinder course pack liter litre gallon acre bed "
    "car d"
)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth")
_AFTER_ORDINAL = _words(
    "century floor grade generation degree place largest youngest oldest biggest story storey"
)
_COLOURS = _words(
    "red orange yellow green blue purple pink brown black white gray grey violet turquoise teal "
    "beige cream gold silver"
)

_FIRST_PARTS = _words(
    "self semi non ex anti mid ultra pseudo quasi neo sub eco bio micro mini vice wi sci hi"
)
"""Words that hardly stand before a dash: what follows belongs to them."""

_SECOND_PARTS = _words(
    "based shaped themed sized coloured colored hued toned scented flavored flavoured eyed haired "
    "headed legged tailed eared billed footed faced handed sided skinned winged sleeved "
    "sleeveless necked heeled wheeled storied storeyed tiered layered pronged powered driven "
    "operated controlled capped dappled studded encrusted clad lined plated glazed framed rimmed "
    "winning friendly proof resistant efficient accessible wrapped"
)
"""Words that hardly follow a dash."""

_ADJECTIVE_PARTS = _words(
    "inspired covered filled topped styled style free like embroidered dotted textured draped "
    "polished related"
)
"""Second parts that may also open a remark: "a cake - inspired by autumn"."""

_REMARK = _words(
    "- , . ! ? : by with in from on at for of to the a an this that these those my your our his "
    "her their it us me you i we he she they if when so and or as"
)
"""Words behind an :data:`_ADJECTIVE_PARTS` that make it a remark."""

_PAIRS = {
    second: _words(first)
    for second, first in {
        # participles, which otherwise mostly follow a dash ("flowers - painted by ...")
        "made": "hand home man custom ready tailor purpose fan well self machine factory",
        "built": "custom purpose newly well self",
        "painted": "hand face spray half",
        "drawn": "hand horse",
        "carved": "hand rock stone",
        "owned": "state family privately government locally",
        "stained": "tear blood oil water",
        "known": "well little lesser best",
        "dressed": "well best",
        "called": "so",
        "fashioned": "old",
        "aged": "middle dry",
        "ended": "open",
        "tempered": "ill good bad",
        "natured": "good",
        "fated": "ill",
        "spirited": "free",
        "blown": "full",
        "breasted": "single double",
        "dried": "sun air freeze",
        "cut": "clean fresh low high laser die",
        "lit": "sun moon back dimly well",
        "fried": "deep stir",
        "baked": "fresh freshly half oven",
        "roasted": "fire oven dry slow",
        "catching": "eye",
        "looking": "good nice odd strange funny old young serious modern distinctive fierce sad",
        "fitting": "form loose tight close",
        "standing": "free long",
        "flowing": "free",
        "saving": "space time energy life",
        "growing": "fast slow",
        "moving": "fast slow",
        "selling": "best top",
        "being": "well",
        # particles
        "up": "close make pop stand warm set loved washed covered pin line clean dress dressed "
        "grown mock push follow start pick build lace button sit check cover touch roll runner",
        "ups": "close push pull pop sit pin touch mock",
        "in": "walk built drive plug slide drop check tuck stand step screened fitted",
        "out": "sold washed burnt burned stressed worn cut blow far wiped flipped stretched",
        "down": "low broken button upside run fold watered",
        "off": "stand sawn partitioned",
        "on": "ride carry clip slip",
        "to": "go how lean",
        "through": "see drive",
        "have": "must",
        "see": "must",
        "read": "must",
        # nouns and adjectives
        "shirt": "t",
        "shirts": "t",
        "rex": "t",
        "ray": "x",
        "rays": "x",
        "mail": "e",
        "turn": "u",
        "neck": "v u turtle crew scoop roll high",
        "line": "a",
        "old": "year years month months week weeks day days",
        "day": "present modern",
        "time": "full part real",
        "lapse": "time",
        "life": "still real",
        "air": "hot open",
        "sea": "deep",
        "road": "off",
        "key": "low high",
        "final": "quarter",
        "finals": "quarter",
        "angle": "wide low high",
        "tech": "high low",
        "end": "high low",
        "rise": "high low",
        "top": "low high flip hard soft",
        "profile": "high low",
        "maintenance": "high low",
        "speed": "high",
        "quality": "high low",
        "resolution": "high low",
        "budget": "low big",
        "height": "full half waist knee",
        "length": "full knee floor tea ankle shoulder waist medium half maxi",
        "size": "full life plus king queen bite pocket",
        "scale": "large small full",
        "format": "large medium",
        "sleeve": "short long half",
        "term": "short long",
        "class": "first second world middle working high",
        "hand": "second left right",
        "plan": "open",
        "level": "split eye street high low entry",
        "wide": "world nation city state",
        "high": "sky knee waist thigh ankle",
        "deep": "knee waist ankle",
        "print": "cheetah leopard zebra cow tiger snake animal floral",
        "dot": "polka",
        "dots": "polka",
        "hop": "hip",
        "pong": "ping",
        "war": "post pre",
        "cream": "ice",
        "school": "old",
        "stop": "non",
        "sex": "same",
        "decker": "double single",
        "edge": "cutting",
        "media": "mixed",
        "tip": "felt",
        "relief": "bas",
    }.items()
}
"""Second part → the first parts that make a compound with it."""

_CHAIN = re.compile(
    r"(?<![\w'-])(?P<first>[^\W_]+)"
    r"(?P<links>(?: - (?:of|the|to|by|in|and|n|or|on|a|for|at|up|as|me|it))+)"
    r" - (?P<last>[^\W_]+)(?![\w'-])(?! - )",
    re.IGNORECASE,
)
_HYPHEN = re.compile(r"(?<![\w'-])((?:[^\W_]+-)*([^\W_]+)) - (?=([^\W_]+)(?![\w'])(?: (\S+))?)")


def join_hyphens(text: str) -> str:
    """Close up the spaced hyphens of compounds; leave dashes alone.

    >>> join_hyphens("a snow - capped peak - what a state - of - the - art view")
    'a snow-capped peak - what a state-of-the-art view'
    """
    if " - " not in text:
        return text
    text = _CHAIN.sub(lambda match: match[0].replace(" - ", "-"), text)
    return _HYPHEN.sub(_join_one, text)


def _join_one(match: re.Match[str]) -> str:
    whole, left, right, behind = match[1], match[2].lower(), match[3].lower(), match[4] or ""
    return f"{whole}-" if _is_compound(left, right, behind.lower()) else match[0]


def _is_compound(left: str, right: str, behind: str) -> bool:
    """Whether `left - right` is one word; `behind` is the word that follows, or empty."""
    if left in _FIRST_PARTS or right in _SECOND_PARTS or left in _PAIRS.get(right, ()):
        return True
    if right in _ADJECTIVE_PARTS:
        return behind not in _REMARK
    if left in _NUMBERS or left.isdecimal():
        return right in _UNITS or (left.isdecimal() and right.isdecimal())
    if _ORDINAL.fullmatch(left):
        return right in _AFTER_ORDINAL
    if left in _COLOURS:
        return right in _COLOURS
    return left.endswith("ly") and right.endswith("ed")
