"""What failures of stores and servers mean, in one sentence, and which may pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import pipeline.stores.asking as asking
from pipeline.core.errors import ConfigError, PermanentError, PipelineError, TransientError
from pipeline.stores.asking import Wording, ask, explain, is_missing_file

STORE = Wording(noun="", check="check it", rights="check the rights", later="run again")


def answer(status: int, code: str = "") -> Exception:
    """botocore's error of an answer of a store."""
    from botocore.exceptions import ClientError

    told = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "PutObject")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (answer(404, "NoSuchBucket"), ConfigError, "no such bucket"),
        (answer(400, "InvalidBucketName"), ConfigError, "no such bucket"),
        (answer(404, "NoSuchKey"), ConfigError, "does not exist; check it"),
        (answer(403, "InvalidAccessKeyId"), ConfigError, "access is denied"),
        (answer(503, "SlowDown"), TransientError, "answers 503; run again"),
        (answer(500), TransientError, "answers 500"),
        (answer(501), PermanentError, "501"),
        (PermissionError("no"), ConfigError, "credentials"),
        (TimeoutError(""), TransientError, "TimeoutError"),
        (OSError("it hung up"), TransientError, "it hung up"),
        (OSError("Forbidden: https://x\nno right"), ConfigError, "check the credentials"),
    ],
)
def test_a_failure_is_one_sentence_with_its_remedy(
    error: Exception, kind: type[PipelineError], says: str
) -> None:
    explained = explain(error, "s3://bucket/run", STORE)
    assert type(explained) is kind
    assert says in str(explained)
    assert "s3://bucket/run" in str(explained)
    assert "\n" not in str(explained)


def test_missing_credentials_are_no_passing_trouble() -> None:
    from botocore.exceptions import NoCredentialsError, ProfileNotFound

    for error in (NoCredentialsError(), ProfileNotFound(profile="mine")):
        assert isinstance(explain(error, "s3://b/run", STORE), ConfigError)


def test_the_error_behind_the_librarys_own_counts() -> None:
    error = OSError(5, "the store said no")
    error.__cause__ = answer(403)
    assert isinstance(explain(error, "s3://b/run", STORE), ConfigError)


@pytest.mark.parametrize(
    ("cause", "missing"),
    [
        (None, True),
        (KeyError("k"), True),
        (answer(404, "NoSuchKey"), True),
        (answer(404, "NoSuchBucket"), False),
        (answer(503), False),
        (ConnectionResetError(), False),
    ],
)
def test_a_missing_file_is_told_from_a_store_that_is_away(
    cause: Exception | None, missing: bool
) -> None:
    error = FileNotFoundError("gone")
    error.__cause__ = cause
    assert is_missing_file(error) is missing


def test_what_may_pass_is_asked_again_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_WAIT_S", 0.0)

    def failing(errors: Iterator[Exception], asked: list[int]) -> object:
        asked.append(1)
        raise next(errors)

    for error, tries in ((OSError("away"), 3), (PermissionError("no"), 1)):
        asked: list[int] = []
        with pytest.raises(PipelineError):
            ask(lambda e=error, a=asked: failing(iter([e]), a), "s3://b", STORE, tries=3)
        assert len(asked) == tries
