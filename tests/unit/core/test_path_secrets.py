"""Tokens in the path of an address are masked; what people and programs call files is not."""

from __future__ import annotations

import base64
import random
import string
import uuid
from collections.abc import Callable

import pytest

from pipeline.core.addresses import (
    public_address,
    without_private_addresses,
    without_secrets,
)
from pipeline.core.path_secrets import MASK, without_path_secrets

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbU"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("https://host/token/abcdef/file.csv", "https://host/token/***/file.csv"),
        ("https://host/d/access_token/a1b2c3d4", "https://host/d/access_token/***"),
        ("https://hub/hf_AbCdEfGhIjKlMnOp1234/data.parquet", "https://hub/***/data.parquet"),
        ("https://hub/resolve/main/ghp_0123456789abcdefAB.tsv", "https://hub/resolve/main/***.tsv"),
        (f"https://h/{JWT}/a.jsonl", "https://h/***/a.jsonl"),
        (f"https://h/dl/{JWT}", "https://h/dl/***"),
        ("https://h/sv=2024-01-01&se=2030&sig=ab%2Bc/a.tar", "https://h/sv=***&se=***&sig=***/a.tar"),
        ("https://h/a;token=abc;v=2/x.csv", "https://h/a;token=***;v=2/x.csv"),
        ("https://h/x.csv%3Ftoken%3Dabc", "https://h/x.csv"),
        ("https://h/token/{abc1,def2}/{0..9}.tar", "https://h/token/{***,***}/{0..9}.tar"),
        ("zip://a.csv::https://h/token/abc123/x.zip", "zip://a.csv::https://h/token/***/x.zip"),
        ("s3://bucket/key/9fA3kQ71LmZx02Tb/x.csv", "s3://bucket/key/***/x.csv"),
        ("https://h/token.csv", "https://h/token.csv"),
        ("https://h/token/file.csv", "https://h/token/file.csv"),
        ("https://h/date=2024-01-01/part-0.parquet", "https://h/date=2024-01-01/part-0.parquet"),
        ("data/token/abcdef/file.csv", "data/token/abcdef/file.csv"),
    ],
)  # fmt: skip
def test_a_token_in_a_path_is_masked(address: str, public: str) -> None:
    assert public_address(address) == public
    assert public_address(public) == public, "what is public stays as it is"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://h/token/abc123def456/cat.jpg?w=2", "https://h/token/***/cat.jpg?w=2"),
        ("https://h/hf_AbCdEfGhIj12/cat.jpg", "https://h/***/cat.jpg"),
        ("https://h/secret/garden/rose.jpg", "https://h/secret/garden/rose.jpg"),
        # What is only random names the picture.
        ("https://lh3.example/AbC1dEf2GhI3jKl4MnO5pQr6=w640", "https://lh3.example/AbC1dEf2GhI3jKl4MnO5pQr6=w640"),
        ("https://i.example/6e/2c/6e2c4f0b9a71d85e3f12.jpg", "https://i.example/6e/2c/6e2c4f0b9a71d85e3f12.jpg"),
    ],
)  # fmt: skip
def test_a_picture_keeps_its_name_and_loses_its_token(address: str, kept: str) -> None:
    assert without_secrets(address) == kept


def _characters(alphabet: str, length: int) -> Callable[[random.Random], str]:
    return lambda draw: "".join(draw.choice(alphabet) for _ in range(length))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(_characters(string.hexdigits[:16], 32), id="hex"),
        pytest.param(_characters(string.ascii_letters + string.digits, 24), id="base62"),
        pytest.param(_characters(string.ascii_lowercase + "234567", 40), id="base32"),
        pytest.param(lambda draw: str(uuid.UUID(int=draw.getrandbits(128))), id="uuid"),
        pytest.param(
            lambda draw: base64.urlsafe_b64encode(draw.randbytes(32)).decode().rstrip("="),
            id="urlsafe",
        ),
    ],
)
@pytest.mark.parametrize(
    "place", ["https://h/{}/captions.csv", "https://h/share/{}", "s3://b/{}.tar"]
)
def test_long_random_parts_of_an_input_are_masked(
    make: Callable[[random.Random], str], place: str
) -> None:
    draw = random.Random(5)
    tokens = [make(draw) for _ in range(300)]
    shown = [token for token in tokens if token in public_address(place.format(token))]

    assert len(shown) <= 3, shown


@pytest.mark.parametrize(
    "address",
    [
        "https://host/conceptual-captions-12m/train-00001-of-00010.parquet",
        "https://host/data/train-00000-of-00010-a09b74b3ef9c3b56.parquet",
        "https://storage.example/gcc-data/Train/GCC-training.tsv",
        "https://host/datasets/conceptual_captions/resolve/"
        "0123456789abcdef0123456789abcdef01234567/Train_GCC-training.tsv",
        "https://host/2024-02-29T13-45-00/part-00012-of-00100.jsonl.gz",
        "https://host/TheQuickBrownFoxJumpsOverTheLazyDog/v1.2.3/COCO_val2014_000000391895.jpg",
        "https://host/laion2B-en-aesthetic/part-00000-5114fd87-0000.snappy.parquet",
        "gs://bucket/keyboards/key-frames/{000000..000123}.tar",
        "https://host/SBU_captioned_photo_dataset_urls_2011_complete.txt",
    ],
)
def test_names_that_people_and_programs_give_stay(address: str) -> None:
    assert public_address(address) == address


def test_messages_of_libraries_lose_them_too() -> None:
    said = f"404, message='Not Found', url='https://h/token/abc123def/{JWT}/x.csv'"

    assert without_private_addresses(said) == (
        "404, message='Not Found', url='https://h/token/***/***/x.csv'"
    )


def test_only_inputs_lose_what_is_merely_random() -> None:
    part = "6e2c4f0b9a71d85e3f126e2c4f0b9a71"

    assert MASK in without_path_secrets(f"https://h/{part}/a.csv", long_random_too=True)
    assert MASK not in without_path_secrets(f"https://h/{part}/a.csv", long_random_too=False)
