"""croissant.json: the metadata of a run in the terms of MLCommons Croissant 1.1.

See https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. Nothing in it is a date or an
address: it describes the files that lie beside it.
"""

from __future__ import annotations

from typing import Final

from pipeline.core.ids import JsonValue
from pipeline.dataset_card.facts import CardFacts, limits

VERSION: Final = "http://mlcommons.org/croissant/1.1"

_MEDIA_TYPES: Final = {
    "tar": "application/x-tar",
    "parquet": "application/x-parquet",
    "jsonl": "application/jsonlines",
}

CONTEXT: Final[dict[str, JsonValue]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification prescribes."""

_ITEM_COLUMNS: Final = (
    ("item", "anchor, edit, full, image or tokens"),
    ("anchor_id", "the set; key of the sample"),
    ("status", "made or rejected"),
    ("variant", "factual, control, min0, full0 and so on"),
    ("kind", "kind of the edit"),
    ("subkind", "finer label"),
    ("reason", "why it was rejected"),
    ("factual", "the wording that was edited"),
    ("caption", "the text; of a picture its prompt"),
    ("old", "decisive words before the edit"),
    ("new", "decisive words after it"),
    ("strategy", "how the picture was drawn"),
)


def describe_croissant(facts: CardFacts) -> dict[str, JsonValue]:
    """What croissant.json says; equal for equal facts."""
    tars = [file.path for file in facts.files if file.path.startswith("shards/")
            and file.path.endswith(".tar")]  # fmt: skip
    described: dict[str, JsonValue] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "name": facts.title,
        "description": facts.description,
        "version": "1.0.0",
        "inLanguage": "en",
        "keywords": ["counterfactual", "hard negatives", "synthetic", "image-text", "webdataset"],
        "isAccessibleForFree": True,
        "rai:dataLimitations": list(limits(facts)),
        "distribution": [*_files(facts), *_file_sets(tars)],
        "recordSet": [*_record_sets(facts, tars)],
    }
    if facts.licence:
        described["license"] = facts.licence
    return described


def _files(facts: CardFacts) -> list[JsonValue]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": f"{file.size_bytes} B",
            "encodingFormat": _MEDIA_TYPES[file.path.rsplit(".", 1)[-1]],
            "sha256": file.sha256,
        }
        for file in facts.files
    ]


def _file_sets(tars: list[str]) -> list[JsonValue]:
    """The files within the shards by type, and the tables beside them."""
    sets: list[JsonValue] = [
        {
            "@type": "cr:FileSet",
            "@id": "tables",
            "description": "A row for every item that was made or refused.",
            "encodingFormat": _MEDIA_TYPES["parquet"],
            "includes": "shards/*.parquet",
        }
    ]
    within: JsonValue = [{"@id": path} for path in tars]
    for name, includes, media_type, what in (
        ("texts-in-shards", "*.txt", "text/plain", "captions"),
        ("documents-in-shards", "*.json", "application/json", "everything about a set"),
        ("pictures-in-shards", "*.jpg", "image/jpeg", "drawn pictures, and JPEG ones of anchors"),
    ):
        if tars:
            sets.append(
                {
                    "@type": "cr:FileSet",
                    "@id": name,
                    "description": f"In the shards: {what}.",
                    "containedIn": within,
                    "encodingFormat": media_type,
                    "includes": includes,
                }
            )
    return sets


def _record_sets(facts: CardFacts, tars: list[str]) -> list[JsonValue]:
    sets: list[JsonValue] = [
        {
            "@type": "cr:RecordSet",
            "@id": "items",
            "description": "Every item that was made or refused, with its reason.",
            "field": [_column(name, what) for name, what in _ITEM_COLUMNS],
        }
    ]
    if not tars:
        return sets
    sets.append(
        _members("captions", "texts-in-shards", "sc:Text", "Captions by set and field of the set.")
    )
    if facts.images or facts.anchor_images:
        sets.append(
            _members("pictures", "pictures-in-shards", "sc:ImageObject", "Pictures, likewise.")
        )
    return sets


def _column(name: str, what: str) -> JsonValue:
    return {
        "@type": "cr:Field",
        "@id": f"items/{name}",
        "description": what,
        "dataType": "sc:Text",
        "source": {"fileSet": {"@id": "tables"}, "extract": {"column": name}},
    }


def _members(name: str, files: str, data_type: str, description: str) -> JsonValue:
    """A record set over members of the shards: `<key>.<field>`, such as `0a1b.min0.jpg`."""

    def field(label: str, kind: str, extract: str, regex: str | None, what: str) -> JsonValue:
        source: dict[str, JsonValue] = {
            "fileSet": {"@id": files},
            "extract": {"fileProperty": extract},
        }
        if regex:
            source["transform"] = {"regex": regex}
        return {
            "@type": "cr:Field",
            "@id": f"{name}/{label}",
            "description": what,
            "dataType": kind,
            "source": source,
        }

    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "description": description,
        "key": [{"@id": f"{name}/anchor_id"}, {"@id": f"{name}/field"}],
        "field": [
            field("anchor_id", "sc:Text", "filename", r"^([^.]+)\..+$", "the set"),
            field("field", "sc:Text", "filename", r"^[^.]+\.(.+)$", "such as txt or min0.txt"),
            field("content", data_type, "content", None, "what the file holds"),
        ],
    }
