"""Numbers, and words of pictures that other rules ask for too; the rest is in counts.toml."""

from __future__ import annotations

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20,
}  # fmt: skip
WORDS = {number: word for word, number in NUMBERS.items()}
TOGETHER = frozenset(
    {"both", "each", "other", "together", "them", "between", "all", "pair", "same"}
)
PICTURES = frozenset(
    {"portrait", "photo", "picture", "view", "illustration", "image", "footage", "drawing",
     "painting", "video", "silhouette", "closeup", "shot", "sketch", "photograph", "up"}
)  # fmt: skip
