"""Asking a server: what the libraries' failures mean, and trying again where one may pass."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pipeline.core.addresses import without_private_addresses
from pipeline.core.errors import ConfigError, PermanentError, PipelineError, TransientError

TRIES = 4
FIRST_WAIT_S = 0.5
"""Wait before the second try; doubled before each further one."""

LONGEST_WAIT_S = 20.0
_TRANSIENT_STATUS = frozenset(
    {408, 409, 420, 423, 425, 429, 500, 502, 503, 504, 509, 520, 522, 524}
)
_FAILURES = (
    ("aiohttp", "ClientError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("gcsfs.retry", "HttpError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("httpx", "HTTPError"),
    ("httpx2", "HTTPError"),
    ("huggingface_hub.errors", "HfHubHTTPError"),
    ("requests", "RequestException"),
    ("zipfile", "BadZipFile"),
)
_NO_CREDENTIALS = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError",
     "UnauthorizedSSOTokenError", "SSOTokenLoadError", "DefaultCredentialsError", "RefreshError"}
)  # fmt: skip
"""What botocore and google-auth raise before they ask anybody."""

_NO_BUCKET = frozenset({"NoSuchBucket", "InvalidBucketName"})

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Wording:
    """How a message names what was asked for.

    Attributes:
        noun: Before the address, with a space; may be empty.
        check: The remedy where there is nothing at the address.
        rights: The remedy where it may not be read or written.
        later: The remedy where it may pass.
    """

    noun: str = "input "
    check: str = "check source.input"
    rights: str = "check the password or the signature, which may have run out"
    later: str = "try again later"


INPUT = Wording()


def failures() -> tuple[type[Exception], ...]:
    """What the libraries that are loaded raise when a server does not give what it should.

    Not all of it is an OSError, so that a bad answer would end in a traceback.
    """
    found: list[type[Exception]] = [OSError, EOFError, ValueError, asyncio.TimeoutError]
    for module, name in _FAILURES:
        error = getattr(sys.modules.get(module), name, None)
        if isinstance(error, type) and issubclass(error, Exception):
            found.append(error)
    return tuple(found)


def ask(
    what: Callable[[], Answer], shown: str, wording: Wording = INPUT, *, tries: int | None = None
) -> Answer:
    """Ask a server, a few times where the failure may pass.

    Args:
        what: Asks once.
        shown: The address as a message may show it.
        wording: How the message names it.
        tries: How often at most; :data:`TRIES` if None.

    Raises:
        ConfigError: There is no such file, or no permission to read it.
        PermanentError: The server refuses for good.
        TransientError: It still fails after the last try.
    """
    tries = tries or TRIES
    for attempt in range(tries):
        try:
            return what()
        except failures() as error:
            explained = explain(error, shown, wording)
            if not isinstance(explained, TransientError) or attempt == tries - 1:
                raise explained from error
            wait_s = explained.retry_after_s or FIRST_WAIT_S * 2.0**attempt
            wait_s = min(wait_s, LONGEST_WAIT_S)
            if attempt >= TRIES - 1:  # a long wait that nobody would understand
                log.warning("%s; waiting %.0f s", explained, wait_s)
            time.sleep(wait_s)
    raise AssertionError("the last try returns or raises")


def explain(error: BaseException, shown: str, wording: Wording = INPUT) -> PipelineError:
    """Say in one sentence what a failure means; nothing secret of the address is repeated."""
    what = f"{wording.noun}{shown}"
    status, wait_s = _status(error)
    if _code(error) in _NO_BUCKET:
        return ConfigError(f"{what}: there is no such bucket; make it, or check the name")
    if type(error).__name__ in _NO_CREDENTIALS:
        return ConfigError(
            f"{what}: no credentials were found ({_said(error)}); give them as the store's own "
            "tools take them, such as AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if status in {404, 410}:
        return ConfigError(f"{what} does not exist; {wording.check}")
    if status in {401, 403, 407}:
        return ConfigError(
            f"{what} may not be read (its server answers {status}); {wording.rights}"
            if wording is INPUT
            else f"{what}: access is denied (the store answers {status}); {wording.rights}"
        )
    if status in _TRANSIENT_STATUS:
        return TransientError(
            f"{what} cannot be read: its server answers {status}; {wording.later}"
            if wording is INPUT
            else f"{what} cannot be reached: the store answers {status}; {wording.later}",
            retry_after_s=wait_s,
        )
    if status is not None:
        return PermanentError(f"{what} cannot be read: its server answers {status}")
    cause = error.__cause__ or error.__context__
    if isinstance(error, FileNotFoundError) and isinstance(cause, failures()):
        # fsspec calls every failure of a web server a missing file.
        return explain(cause, shown, wording)
    if type(error).__name__ == "TooManyRedirects":
        return PermanentError(f"{what} cannot be read: its server redirects in a circle")
    if isinstance(error, FileNotFoundError):
        return ConfigError(f"{what} does not exist; {wording.check}")
    # gcsfs says so in a plain OSError.
    if isinstance(error, PermissionError) or str(error).startswith("Forbidden: "):
        return ConfigError(f"{what} may not be read; check the credentials")
    return TransientError(f"{what} cannot be read: {_said(error)}; {wording.later}")


def is_missing_file(error: FileNotFoundError) -> bool:
    """Whether it says that a file is missing, and not a bucket, or that a server is away."""
    cause = error.__cause__ or error.__context__
    if cause is None or not isinstance(cause, failures()):
        return True
    if isinstance(cause, FileNotFoundError):
        return is_missing_file(cause)
    return _code(error) not in _NO_BUCKET and _status(error)[0] in {404, 410}


def _said(error: BaseException) -> str:
    return without_private_addresses(" ".join(str(error).split()))[:300] or type(error).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """An error and those behind it, a few."""
    found: list[BaseException] = []
    seen: BaseException | None = error
    while seen is not None and len(found) < 6:
        found.append(seen)
        seen = seen.__cause__ or seen.__context__
    return found


def _code(error: BaseException) -> str:
    """What botocore says was wrong, such as NoSuchBucket; empty where it says nothing."""
    for seen in _causes(error):
        response = getattr(seen, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
    return ""


def _status(error: BaseException) -> tuple[int | None, float | None]:
    """The HTTP status behind an error and the seconds that its server asks to wait."""
    for seen in _causes(error):
        response = getattr(seen, "response", None)
        if isinstance(response, dict):  # botocore's
            answer = response.get("ResponseMetadata", {})
            value = answer.get("HTTPStatusCode")
            if isinstance(value, int) and 300 <= value < 600:
                return value, _seconds(answer.get("HTTPHeaders", {}).get("retry-after"))
        # aiohttp's errors about a body have a code, too, which no server sent.
        names = ("status", "status_code", "code")
        for owner in (seen, response):
            for name in names[: 3 if type(owner).__module__.startswith("gcsfs") else 2]:
                value = getattr(owner, name, None)
                if isinstance(value, int) and 300 <= value < 600:
                    headers = getattr(owner, "headers", None) or {}
                    return value, _seconds(headers.get("Retry-After"))
    return None, None


def _seconds(value: object) -> float | None:
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return None
