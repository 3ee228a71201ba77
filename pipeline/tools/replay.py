"""Drawing one picture of a finished shard again, from what the run has stored.

The stored captions and settings give the plan, the plan gives the batch that the picture was
drawn in, and that batch is drawn again: on a CPU the bytes are the same. Nothing in the run
directory is changed.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config.loading import build_config, nest
from pipeline.config.run import RunConfig
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError, PermanentError, ShardCorruptError
from pipeline.core.ids import JsonValue
from pipeline.core.records import CounterfactualSet
from pipeline.core.stage import Fault, Rejected
from pipeline.render.stage import record_picture
from pipeline.runs.components import Components
from pipeline.runs.job import Job
from pipeline.runs.partition import read_partition
from pipeline.runs.shard import sample_provenance, with_images
from pipeline.shards.captions import read_captions
from pipeline.shards.encode import encode_image
from pipeline.shards.layout import RunLayout
from pipeline.shards.run_json import RunRecord, read_run_json
from pipeline.shards.xmp import run_of
from pipeline.sources import open_source
from pipeline.tools.stored_picture import StoredPicture, find_picture, find_shard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Replay:
    """One picture, as stored and as drawn again.

    Attributes:
        key: The sample.
        file: Field of the tar that holds it.
        draw: What was drawn.
        stored: JPEG bytes in the tar.
        drawn: JPEG bytes of now.
        largest_difference: Of any channel of any decoded pixel, in grey levels.
        changed_pixels: Share of the pixels that differ.
        notes: What has changed since the run and may explain a difference.
    """

    key: str
    file: str
    draw: Draw
    stored: bytes = field(repr=False)
    drawn: bytes = field(repr=False)
    largest_difference: int
    changed_pixels: float
    notes: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether every byte is the same."""
        return self.stored == self.drawn

    @property
    def stored_sha256(self) -> str:
        """Checksum of the stored bytes."""
        return hashlib.sha256(self.stored).hexdigest()

    @property
    def drawn_sha256(self) -> str:
        """Checksum of the bytes drawn now."""
        return hashlib.sha256(self.drawn).hexdigest()


def replay(
    run: Path,
    key: str,
    name: str,
    environ: Mapping[str, str],
    *,
    device: str = "auto",
    batch_size: int | None = None,
) -> Replay:
    """Draw one picture of a run again.

    Args:
        run: The run directory; nothing in it is changed.
        key: Key of the sample: the anchor id.
        name: Field of the tar, such as "min0.jpg", or the variant, such as "min0"; where
            candidates are kept, also one of those, such as "min0.c3.jpg".
        environ: The process environment.
        device: Where to draw; `images.device`.
        batch_size: Rows of the batch, where the run was resumed with another than it began
            with; as the run began if None.

    Raises:
        ConfigError: There is no such run, sample or drawn picture, or the model or the code
            behind the pictures is another than the run's.
        ShardCorruptError: The run's files are damaged.
        PermanentError: The model does not fit on the device, or its numbers overflow.
    """
    layout = RunLayout(run)
    record = read_run_json(layout)
    config = _recorded_config(record, device, batch_size)
    shard_id = find_shard(layout, key)
    stored = find_picture(layout, shard_id, key, name)
    with Components(config, environ) as components:
        notes = _compare_stages(record, components)
        batch, number = _planned_batch(layout, shard_id, components, key, stored)
        draw = batch[number]
        _compare_record(key, draw, stored)
        with components.render_lock:
            pixels = components.renderer().draw(batch)[number]
    if isinstance(pixels, Fault):
        raise PermanentError(f"{key} {name} was not drawn again: {pixels.detail}")
    drawn = _encode(draw, pixels, config, run_of(stored.data))
    largest, share = _difference(stored.data, drawn)
    return Replay(key, stored.file, draw, stored.data, drawn, largest, share, notes)


def _recorded_config(record: RunRecord, device: str, batch_size: int | None) -> RunConfig:
    """The run's config, with what it does not store.

    Raises:
        ConfigError: The run drew no pictures.
    """
    drawn_by = record.table("image_model")
    if not drawn_by:
        raise ConfigError("the run was made with images.renderer none: it drew no pictures")
    flat: dict[str, JsonValue] = dict(record.config)
    flat["images.device"] = device
    size = batch_size or drawn_by.get("batch_size")
    if size is not None:
        flat["images.batch_size"] = size
    return build_config(nest(flat))


def _compare_stages(record: RunRecord, components: Components) -> tuple[str, ...]:
    """Refuse another model or plan; note what may change pictures by float error.

    Raises:
        ConfigError: The fingerprint of the render stage differs; it names what does.
    """
    now = components.renderer().provenance
    before = record.table("image_model")
    aside = {"device", "versions", "batch_size", "model", "revision", "commit"}
    if components.render_stage().fingerprint != record.table("stages").get("render"):
        names = sorted({*before, *now} - aside)
        differing = [name for name in names if before.get(name) != _plain(now.get(name))]
        what = ", ".join(differing) or "the plan of the pictures"
        raise ConfigError(
            f"the run was drawn by another model or version; these differ: {what}. Use what "
            "run.json names under image_model and versions"
        )
    notes = []
    if before.get("device") != now.get("device"):
        notes.append(f"drawn on {before.get('device')}, now on {now.get('device')}")
    old, new = before.get("versions"), now.get("versions")
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        notes += [
            f"{name} was {old.get(name)}, is {new.get(name)}"
            for name in sorted({*old, *new})
            if old.get(name) != new.get(name)
        ]
    return tuple(notes)


def _plain(value: JsonValue) -> JsonValue:
    """A value as it looks after a way through JSON."""
    plain: JsonValue = json.loads(json.dumps(value))
    return plain


def _planned_batch(
    layout: RunLayout, shard_id: int, components: Components, key: str, stored: StoredPicture
) -> tuple[tuple[Draw, ...], int]:
    """The batch in which a picture was drawn, and its place there."""
    if not layout.captions(shard_id).exists():
        raise ConfigError(
            f"{layout.captions(shard_id)} is missing: the captions of the shard say what was drawn"
        )
    config = components.config
    sets: Iterator[CounterfactualSet | Rejected] = read_captions(layout, shard_id)
    if config.images.real_strategy != "none":
        job = Job(config, layout, open_source(config.source), read_partition(layout))
        sets = with_images(job, shard_id)
    wanted = (key, stored.variant, stored.candidate)
    for batch in components.render_stage().plan_batches(sets):
        for number, draw in enumerate(batch):
            if (draw.anchor_id, draw.variant, draw.candidate) == wanted:
                return batch, number
    raise ShardCorruptError(
        f"{layout.captions(shard_id)} has no picture {stored.variant} of {key}, which is stored; "
        "run `verify`"
    )


def _compare_record(key: str, draw: Draw, stored: StoredPicture) -> None:
    """Refuse a plan that is not what the sample says was drawn."""
    planned = (draw.prompt, draw.seed, draw.strategy, draw.parameters.to_json())
    if planned != stored.how:
        raise ShardCorruptError(
            f"{key} {draw.variant}: the captions and run.json give {planned}, the sample says "
            f"{stored.how}; the files are not of one run"
        )


def _encode(draw: Draw, pixels: NDArray[np.uint8], config: RunConfig, run: str | None) -> bytes:
    """The file of a picture as the run wrote it, or `run`, where that is known and another."""
    made_by = sample_provenance(config, run or config.fingerprint)
    return encode_image(
        draw.anchor_id,
        record_picture(draw, pixels),
        jpeg_quality=config.images.jpeg_quality,
        provenance=made_by,
    )


def _difference(stored: bytes, drawn: bytes) -> tuple[int, float]:
    import numpy as np

    before, now = _pixels(stored).astype(int), _pixels(drawn).astype(int)
    if before.shape != now.shape:
        return 255, 1.0
    apart = np.abs(before - now)
    return int(apart.max()), float((apart.max(axis=2) > 0).mean())


def _pixels(data: bytes) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))
