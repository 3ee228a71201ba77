"""Content ids, seeds and fingerprints: the same input gives the same name everywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

JsonValue = str | int | float | bool | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]

ID_BYTES = 10
"""80 bits: at ten million ids the chance of any collision is about 4e-11."""


def _digest(parts: Sequence[str | bytes], size_bytes: int) -> bytes:
    """Hash the parts with their lengths, so that ("ab", "c") and ("a", "bc") differ."""
    digest = hashlib.blake2b(digest_size=size_bytes)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def content_id(*parts: str | bytes) -> str:
    """Name a thing by its content: 20 lower-case hexadecimal digits, no dots."""
    return _digest(parts, ID_BYTES).hex()


def derive_seed(run_seed: int, anchor_id: str, variant: str) -> int:
    """Seed of one variant of one anchor, in [0, 2**63).

    It depends on nothing else, so no result changes with the batch, the worker, the
    order of the anchors or a resume. 63 bits fit parquet's int64 and torch's generators.
    """
    digest = _digest([str(run_seed), anchor_id, variant], 8)
    return int.from_bytes(digest, "big") >> 1


def canonical_json(value: JsonValue) -> str:
    """JSON text with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def fingerprint(value: JsonValue) -> str:
    """Short name of a JSON value: 16 hexadecimal digits of the hash of its canonical text."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()[:16]


def public_name(model: str) -> str:
    """Name of a model without the place where a machine keeps it.

    A hub id ("org/name") and a packaged model ("builtin:tiny") are kept; of a folder only the
    last part is, since paths tell of a person's machine and mean nothing on another.
    """
    slashes = model.replace("\\", "/").rstrip("/")
    is_folder = slashes.count("/") > 1 or slashes[:1] in {"/", ".", "~"} or slashes[1:2] == ":"
    return slashes.rsplit("/", 1)[-1] if is_folder else model
