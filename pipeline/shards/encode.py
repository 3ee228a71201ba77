"""One rendered set → the fields of one WebDataset sample. Pure: no disk, no clock.

Field names start after the key's dot, so `min0.jpg` of sample `k` is the tar entry
`k.min0.jpg`; plain WebDataset decodes each by its last extension.

| field | content |
| --- | --- |
| `json` | :class:`pipeline.shards.document.SampleDocument` |
| `txt` | the factual caption |
| `jpg`, `png`, `webp` | the anchor's own bytes; without any, the drawn control as `jpg` |
| `control.jpg` | the drawn control, where the anchor has a picture of its own |
| `min0.txt`, `full0.txt` … | the counterfactual captions |
| `min0.factual.txt` … | the true wording that was edited, only where it is not the `txt` |
| `min0.jpg`, `full0.jpg` … | the drawn counterfactuals; absent where all were refused |
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic_core import PydanticSerializationError

from pipeline.core.errors import StageContractError
from pipeline.core.ids import JsonValue, canonical_json
from pipeline.core.records import (
    SCHEMA_VERSION,
    CounterfactualSet,
    RenderedImage,
    RenderedSet,
    Sample,
)
from pipeline.core.scores import CONTROL
from pipeline.core.truth import FACTUAL, assign_split
from pipeline.shards.document import ImageEntry, NeutralEntry, SampleDocument, document_to_json
from pipeline.shards.entries import full_entry, minimal_entry, picture_files, truths_of
from pipeline.shards.xmp import PictureOrigin, write_packet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def encode_sample(
    rendered: RenderedSet, *, jpeg_quality: int, provenance: Mapping[str, JsonValue]
) -> Sample:
    """Encode one set; equal sets give equal bytes with the same version of Pillow.

    Args:
        rendered: The set.
        jpeg_quality: 1 to 100, for drawn pictures; the anchor's own bytes are kept.
        provenance: Goes into the `json` as it is; the same for all samples of a run.

    Raises:
        StageContractError: A picture's variant is not in the set, or a text has no UTF-8
            form.
    """
    cfset = rendered.cfset
    anchor = cfset.anchor
    fields: dict[str, bytes] = {}
    images: dict[str, ImageEntry] = {}
    if anchor.image is not None:
        own = anchor.image
        fields[own.extension] = own.data
        images[FACTUAL] = ImageEntry(own.extension, "anchor", own.width_px, own.height_px)
    known = {CONTROL, *cfset.captions()}
    files = picture_files(rendered)
    for image in rendered.images:
        if image.variant not in known:
            raise StageContractError(
                f"anchor {anchor.anchor_id}: picture {image.variant!r} belongs to no caption of "
                f"the set ({', '.join(sorted(known))}); the renderer must name its variants"
            )
        file = files[image.variant]
        fields[file] = encode_image(
            anchor.anchor_id, image, jpeg_quality=jpeg_quality, provenance=provenance
        )
        images[image.variant] = _drawn(file, image)
        if file == files.get(FACTUAL):
            images[FACTUAL] = images[CONTROL]
    try:
        fields |= _texts(cfset)
        fields["json"] = document_to_json(_document(rendered, images, provenance))
    except (UnicodeEncodeError, PydanticSerializationError) as error:
        raise StageContractError(
            f"anchor {anchor.anchor_id}: text that has no UTF-8 form ({error}); its source must "
            "reject such a row"
        ) from error
    return Sample(anchor.anchor_id, tuple(sorted(fields.items())))


def encode_image(
    anchor_id: str,
    image: RenderedImage,
    *,
    jpeg_quality: int,
    provenance: Mapping[str, JsonValue],
) -> bytes:
    """The JPEG file of a drawn picture, with its origin in it; a file stored before is kept.

    Args:
        anchor_id: The set that it belongs to.
        image: The picture.
        jpeg_quality: 1 to 100.
        provenance: As for :func:`encode_sample`; the packet has its "image_model" and
            "config_fingerprint".
    """
    if image.encoded:
        return image.encoded
    origin = PictureOrigin(
        anchor_id=anchor_id,
        variant=image.variant,
        prompt=image.prompt,
        seed=image.seed,
        strategy=image.strategy,
        candidate=image.candidate,
        model=str(provenance.get("image_model", "")),
        run=str(provenance.get("config_fingerprint", "")),
    )
    return encode_jpeg(image.pixels, quality=jpeg_quality, xmp=write_packet(origin))


def encode_jpeg(pixels: NDArray[np.uint8], *, quality: int, xmp: bytes = b"") -> bytes:
    """Baseline JPEG, 4:2:0, without metadata but `xmp`; the same pixels give the same bytes.

    Args:
        pixels: (height_px, width_px, 3) uint8, RGB.
        quality: 1 to 100.
        xmp: Packet of :mod:`pipeline.shards.xmp`; empty for none.
    """
    import numpy as np
    from PIL import Image

    buffer = io.BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    # Stated, not left to Pillow's defaults: a new version must not change the bytes.
    picture.save(
        buffer, format="JPEG", quality=quality, subsampling="4:2:0", progressive=False,
        optimize=False, xmp=xmp,
    )  # fmt: skip
    return buffer.getvalue()


def _drawn(file: str, image: RenderedImage) -> ImageEntry:
    height_px, width_px = image.pixels.shape[:2]
    return ImageEntry(
        file,
        "drawn",
        width_px,
        height_px,
        seed=image.seed,
        strategy=image.strategy,
        prompt=image.prompt,
        candidate=image.candidate,
        parameters=image.parameters.to_json(),
        scores=dict(image.scores),
        negative_prompt=image.negative_prompt or None,
    )


def _texts(cfset: CounterfactualSet) -> dict[str, bytes]:
    texts = {"txt": cfset.anchor.caption}
    texts |= {f"{variant}.txt": caption for variant, caption in cfset.captions().items()}
    for index, edit in enumerate(cfset.minimal):
        if edit.factual != cfset.anchor.caption:
            texts[f"min{index}.factual.txt"] = edit.factual
    return {name: text.encode() for name, text in texts.items()}


def _document(
    rendered: RenderedSet,
    images: Mapping[str, ImageEntry],
    provenance: Mapping[str, JsonValue],
) -> SampleDocument:
    cfset = rendered.cfset
    anchor = cfset.anchor
    truths = truths_of(rendered)
    minimal = tuple(
        minimal_entry(name, edit, truths[name])
        for name, edit in ((f"min{index}", edit) for index, edit in enumerate(cfset.minimal))
    )
    full = tuple(
        full_entry(name, scene, truths[name])
        for name, scene in ((f"full{index}", scene) for index, scene in enumerate(cfset.full))
    )
    return SampleDocument(
        schema_version=SCHEMA_VERSION,
        key=anchor.anchor_id,
        split=assign_split(anchor.anchor_id),
        source=anchor.source,
        origin=anchor.origin,
        url=anchor.url,
        original_caption=anchor.original_caption,
        caption=anchor.caption,
        minimal=minimal,
        full=full,
        images=images,
        # Through canonical JSON: sorted, and plain lists and dicts whatever the caller had.
        provenance=json.loads(canonical_json(provenance)),
        missing=dict(rendered.missing),
        neutral=tuple(
            NeutralEntry(f"neutral{index}", one.kind, one.caption, one.rule)
            for index, one in enumerate(cfset.neutral)
        ),
    )
