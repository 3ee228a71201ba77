"""Run directories with scores, refused pictures and hostile captions, written by the real writer.

Pictures are plain discs and scores are drawn at random, so that a thousand sets take seconds;
which pictures are refused follows from the scores and the run's bands, as in a real run.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from pipeline.config.loading import build_config
from pipeline.config.run import RunConfig
from pipeline.core.ids import content_id
from pipeline.core.records import (
    SCHEMA_VERSION,
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    RejectedSet,
    RenderedImage,
    RenderedSet,
    Replacement,
    Role,
)
from pipeline.core.scores import Group
from pipeline.core.stage import Rejected, TokenShare
from pipeline.runs.shard import sample_provenance
from pipeline.selection.bands import find_fault, resolve_bands
from pipeline.shards.atomic import make_folder, write_json
from pipeline.shards.captions import write_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import gather_manifest, store_manifest
from pipeline.shards.shard_lists import write_shard_lists
from pipeline.shards.writer import write_shard

BANDS = {
    "default": {"image_image": [None, 0.97]},
    "attribute": {"margin": [0.02, None]},
    "attribute.size": {"margin": [0.0, None]},
    "count": {"margin": [0.03, None]},
    "relation": {"margin": [0.01, None]},
}
COLOURS = {
    "red": (196, 52, 45), "blue": (48, 92, 190), "green": (58, 140, 72),
    "yellow": (226, 187, 60), "purple": (126, 74, 158), "orange": (226, 126, 44),
}  # fmt: skip
SIZES = {"tiny": 0.12, "large": 0.32}
PLACES = {"snow": (233, 238, 243), "sand": (232, 214, 170), "grass": (164, 198, 128)}
HOSTILE = (
    "a <img src=x onerror=\"document.title='owned'\"> red ball on snow",
    "a </script><script>document.title='owned'</script> red ball on snow",
    "a red ball & <b>bold</b> {{ 7 * 7 }} “quoted” on snow",
)


@dataclass(frozen=True)
class Wanted:
    """What a run is to be like.

    Attributes:
        sets: Anchors that get captions.
        side_px: Width and height of its pictures.
        shards: Shards of it.
        has_pictures: False for a caption-only run.
        hostile: Whether the first captions hold markup.
        keeps_candidates: Whether refused pictures are stored.
        control_least: Lower end of the control's band: from 0.28 on half of the sets are rejected.
    """

    sets: int = 24
    side_px: int = 96
    shards: int = 2
    has_pictures: bool = True
    hostile: bool = False
    keeps_candidates: bool = True
    control_least: float = 0.2


def write_scored_run(root: Path, wanted: Wanted = Wanted()) -> RunLayout:  # noqa: B008 - frozen
    """Write a complete run."""
    layout = RunLayout(root)
    config = _config(wanted)
    make_folder(layout.root)
    write_json(layout.run_json, {
        "schema_version": SCHEMA_VERSION, "config": config.product(),
        "config_fingerprint": config.fingerprint,
        "source": {"kind": "tabular", "input": "balls.jsonl"}, "stages": {},
        "versions": {"counterfactory": "0.1.0"},
        "image_model": {"model": "discs", "device": "cuda", "weights": "0123456789abcdef" * 4},
    })  # fmt: skip
    results = list(_results(wanted, config))
    size = -(-len(results) // wanted.shards)
    write_json(layout.partition_json, [{"shard_id": i} for i in range(wanted.shards)])
    for shard_id in range(wanted.shards):
        rows = results[shard_id * size : (shard_id + 1) * size]
        captions = write_captions(layout, shard_id, [captions for captions, _ in rows])
        write_shard(
            layout, shard_id, [result for _, result in rows], captions=captions,
            jpeg_quality=90, provenance=sample_provenance(config, config.fingerprint),
            scores=config.scores.names if wanted.has_pictures else (),
        )  # fmt: skip
    manifest = gather_manifest(layout, config.fingerprint, range(wanted.shards))
    write_shard_lists(layout, manifest)
    store_manifest(layout, manifest)
    return layout


def _config(wanted: Wanted) -> RunConfig:
    tree: dict[str, object] = {
        "source": {"kind": "tabular", "input": "balls.jsonl"},
        "llm": {"provider": "openai", "model": "gpt-4o-mini"},
    }
    if wanted.has_pictures:
        tree |= {
            "images": {"renderer": "sdxl", "model": "discs", "candidates": 2,
                       "keep_candidates": wanted.keeps_candidates},
            "scores": {"clip": "a-clip"},
            "selection": {
                "bands": {**BANDS, "control": {"image_text": [wanted.control_least, None]}},
            },
        }  # fmt: skip
    return build_config(tree)


Captioned = CounterfactualSet | Rejected
Result = RenderedSet | Rejected


def _results(wanted: Wanted, config: RunConfig) -> Iterator[tuple[Captioned, Result]]:
    for number in range(wanted.sets):
        state = random.Random(f"ball {number}")
        cfset = _cfset(number, state, hostile=wanted.hostile)
        if not wanted.has_pictures:
            yield cfset, RenderedSet(cfset)
        else:
            yield cfset, _drawn(cfset, state, config, wanted)
        if number % 10 == 4:
            rejected = Rejected(
                content_id("balls", f"empty {number}"), "text.no_edit", "nothing to edit",
                f"balls.jsonl:{number + 1}b", caption="an abstract thought",
            )  # fmt: skip
            yield rejected, rejected
    broken = Rejected("", "source.columns", "it has one column", "balls.jsonl:99", caption="?")
    yield broken, broken


def _cfset(number: int, state: random.Random, *, hostile: bool) -> CounterfactualSet:
    size, place = state.choice([*SIZES]), state.choice([*PLACES])
    colour, other = state.sample([*COLOURS], 2)
    caption = f"a {size} {colour} ball on {place}"
    edits = [
        _edit(caption, EditKind.ATTRIBUTE, "colour", (colour, other)),
        _edit(caption, EditKind.ATTRIBUTE, "size", (size, next(s for s in SIZES if s != size))),
        _edit(caption, EditKind.COUNT, "number", ("a ", "two "), ("ball", "balls")),
        _edit(caption, EditKind.RELATION, "place", (" on ", " under ")),
    ]
    if hostile and number < len(HOSTILE):
        caption = HOSTILE[number]
        edits = [_edit(caption, EditKind.ATTRIBUTE, "colour", ("red", "<i>blue</i>"))]
    anchor_id = content_id("balls", f"{number} {caption}")
    anchor = Anchor(anchor_id, caption, caption, "tabular", f"balls.jsonl:{number + 1}")
    refused = tuple(
        Rejected(anchor_id, "text.synonym", "means the same", item="edit", kind="attribute",
                 caption=f"a {size} crimson ball, {index}")
        for index in range(number % 4)
    )  # fmt: skip
    full = (FullCaption(f"a house at night behind {state.randint(2, 9)} trees", "rules"),)
    return CounterfactualSet(
        anchor, tuple(edits), full, refused, tokens_in=90, tokens_out=12,
        shares=(TokenShare("edits", "attribute", 60, 8), TokenShare("edits", "count", 30, 4)),
    )  # fmt: skip


def _edit(caption: str, kind: EditKind, subkind: str, *pairs: tuple[str, str]) -> CaptionEdit:
    pieces = []
    for index, (old, new) in enumerate(pairs):
        start = caption.index(old)
        role = Role.REPAIR if index else Role.EDIT
        pieces.append(Replacement(start, start + len(old), old, new, role))
    return CaptionEdit(kind, subkind, caption, tuple(pieces), *pairs[0], rule="balls")


def _drawn(
    cfset: CounterfactualSet, state: random.Random, config: RunConfig, wanted: Wanted
) -> RenderedSet | RejectedSet:
    kept: list[RenderedImage] = []
    drawn: list[RenderedImage] = []
    refused: list[Rejected] = []
    missing: dict[str, str] = {}
    names = {"control": (cfset.anchor.caption, Group("control"))}
    names |= {
        f"min{i}": (e.caption, Group(str(e.kind), e.subkind)) for i, e in enumerate(cfset.minimal)
    }
    names |= {f"full{i}": (f.caption, Group("full")) for i, f in enumerate(cfset.full)}
    for variant, (text, group) in names.items():
        bands = resolve_bands(config.selection.bands, group)
        chosen: RenderedImage | None = None
        for candidate in range(1 if variant == "control" else 2):
            image = RenderedImage(
                variant, _paint(text, wanted.side_px), text, seed=7, strategy="same_noise",
                candidate=candidate, scores=_scores(group, state),
            )  # fmt: skip
            drawn.append(image)
            fault = find_fault(bands, image.scores, variant)
            if fault is None:
                chosen = chosen or image
                continue
            refused.append(
                Rejected(
                    cfset.anchor.anchor_id, fault.reason, fault.detail, item="image",
                    kind=group.kind, caption=text, variant=variant, candidate=candidate,
                    scores=image.scores,
                )
            )  # fmt: skip
            missing[variant] = fault.reason
        if chosen is not None:
            kept.append(chosen)
            missing.pop(variant, None)
    candidates = tuple(drawn) if wanted.keeps_candidates else ()
    if "control" in missing or len(kept) < 3:
        reason = "image.control" if "control" in missing else "image.too_few"
        return RejectedSet(
            cfset.anchor.anchor_id, reason, "too few pictures are within their bands",
            cfset.anchor.origin, caption=cfset.anchor.caption,
            refused=(*cfset.refused, *refused), candidates=candidates,
        )  # fmt: skip
    return RenderedSet(cfset, tuple(kept), candidates, missing, tuple(refused))


def _scores(group: Group, state: random.Random) -> dict[str, float]:
    drawn = {
        "image_text": state.gauss(0.28, 0.03), "margin": state.gauss(0.05, 0.03),
        "factual_margin": state.gauss(0.06, 0.02), "directional": state.gauss(0.3, 0.15),
        "image_image": min(1.0, state.gauss(0.88, 0.05)), "contrast": state.gauss(40, 8),
        "detail": state.gauss(9, 2), "change": abs(state.gauss(0.08, 0.03)),
        "hash_distance": float(state.randint(2, 30)),
    }  # fmt: skip
    return {name: round(value, 6) for name, value in drawn.items() if group.has(name)}


def _paint(text: str, side_px: int) -> np.ndarray:
    words = text.replace(",", "").split()
    ground = next((PLACES[w] for w in words if w in PLACES), (38, 42, 68))
    picture = Image.new("RGB", (side_px, side_px), ground)
    pen = ImageDraw.Draw(picture)
    colour = next((COLOURS[w] for w in words if w in COLOURS), (240, 220, 150))
    radius = next((SIZES[w] for w in words if w in SIZES), 0.2) * side_px
    places = (0.3, 0.72) if "two" in words else (0.5,)
    for x in places:
        box = [x * side_px - radius, side_px / 2 - radius, x * side_px + radius,
               side_px / 2 + radius]  # fmt: skip
        pen.ellipse(box, fill=colour)
    return np.asarray(picture)
