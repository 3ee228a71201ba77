"""Answers of language models on disk, so that a rerun costs nothing.

One SQLite file in write-ahead mode: several processes may use it at once, a killed one
loses nothing that was saved, and only the entries that are asked for are in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.ids import JsonValue, canonical_json
from pipeline.core.protocols import ChatReply, ChatRequest

T = TypeVar("T")
log = logging.getLogger(__name__)

FILE_NAME = "responses.sqlite3"
LAYOUT = 1
"""Version of the tables (`PRAGMA user_version`); a file with another one is refused."""

KEYS_PER_QUERY = 500
LOCK_TIMEOUT_S = 30.0

TABLES = """
CREATE TABLE IF NOT EXISTS replies (
    key BLOB PRIMARY KEY, prompt_version TEXT NOT NULL, text TEXT NOT NULL,
    tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (
    input_file TEXT PRIMARY KEY, server TEXT NOT NULL, batch TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch_requests (
    server TEXT NOT NULL, key BLOB NOT NULL, input_file TEXT NOT NULL,
    PRIMARY KEY (server, key)
) WITHOUT ROWID;
"""


def request_key(model: str, request: ChatRequest) -> bytes:
    """Name of a request by all that decides its answer.

    Args:
        model: Fingerprint of the model with its parameters.
        request: The request; its id and its stage do not count.
    """
    decides: list[JsonValue] = [
        model,
        request.prompt_version,
        request.system,
        request.user,
        request.schema_name,
        request.schema,
        request.max_tokens,
    ]
    if request.picture:
        decides.append(hashlib.sha256(request.picture).hexdigest())
    text = canonical_json(decides)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that was sent, or was about to be, and is not finished.

    Attributes:
        input_file: Name of the uploaded file at the provider.
        batch: Name of the batch; None if we were stopped before we learned it.
    """

    input_file: str
    batch: str | None


class ResponseCache:
    """Good answers by request key, and the batches that are still under way.

    A damaged file is refused when it is opened, before anything is paid. Damage or a full
    disk found later never loses an answer that the caller holds: it is logged once with
    the remedy, and the run goes on without saving.
    """

    def __init__(self, folder: Path) -> None:
        """Open or create `folder`/responses.sqlite3.

        Raises:
            ConfigError: The folder cannot be written or the file is damaged.
        """
        self.path = folder / FILE_NAME
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        self._reported = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._transaction() as connection:
                connection.execute("SELECT count(*) FROM batches").fetchone()
        except (sqlite3.Error, OSError) as error:
            raise ConfigError(
                f"the response cache {self.path} cannot be used: {error}. {self._remedy(error)}"
            ) from error

    def _remedy(self, error: Exception) -> str:
        if isinstance(error, sqlite3.OperationalError | OSError):
            return "Check the folder's permissions and free space, or set llm.cache_dir."
        return (
            f"Try `sqlite3 {self.path} .recover`, or move the file away: its answers are then "
            "asked, and paid, again."
        )

    def _connect(self) -> sqlite3.Connection:
        """Connection of this process: a forked child must not use its parent's."""
        if self._connection is None or self._pid != os.getpid():
            connection = sqlite3.connect(
                self.path,
                timeout=LOCK_TIMEOUT_S,
                isolation_level=None,
                check_same_thread=False,
            )
            connection.execute("PRAGMA journal_mode = WAL")
            # A commit survives a killed process at this level; a power cut may cost the last.
            connection.execute("PRAGMA synchronous = NORMAL")
            # Moving the log into the file waits for the disk: seldom, not every few hundred.
            connection.execute("PRAGMA wal_autocheckpoint = 8000")
            (layout,) = connection.execute("PRAGMA user_version").fetchone()
            if layout not in {0, LAYOUT}:
                connection.close()
                raise ConfigError(
                    f"the response cache {self.path} has layout {layout}, this version reads "
                    f"{LAYOUT}: set llm.cache_dir to another folder or update counterfactory"
                )
            if not layout:
                connection.executescript(f"BEGIN IMMEDIATE; {TABLES} COMMIT;")
                connection.execute(f"PRAGMA user_version = {LAYOUT}")
            self._connection, self._pid = connection, os.getpid()
        return self._connection

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and one writer at a time."""
        with self._lock:
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _forgiving(self, action: Callable[[], T], otherwise: T) -> T:
        """Do without the file if it fails now; say so once."""
        try:
            return action()
        except sqlite3.Error as error:
            if not self._reported:
                self._reported = True
                log.error(
                    "the response cache %s fails: %s. The run goes on, but its answers are not "
                    "saved and a rerun pays for them again. %s",
                    self.path,
                    error,
                    self._remedy(error),
                )
            return otherwise

    def get(self, keys: Sequence[bytes]) -> dict[bytes, ChatReply]:
        """Answers that are there, marked as cached: with the tokens that they once cost."""
        return self._forgiving(lambda: self._get(keys), {})

    def _get(self, keys: Sequence[bytes]) -> dict[bytes, ChatReply]:
        found: dict[bytes, ChatReply] = {}
        with self._lock:
            connection = self._connect()
            for start in range(0, len(keys), KEYS_PER_QUERY):
                part = keys[start : start + KEYS_PER_QUERY]
                marks = ",".join("?" * len(part))
                query = (
                    f"SELECT key, text, tokens_in, tokens_out FROM replies WHERE key IN ({marks})"  # noqa: S608
                )
                for key, text, tokens_in, tokens_out in connection.execute(query, part):
                    found[key] = ChatReply(text, tokens_in, tokens_out, cached=True)
        return found

    def put(self, key: bytes, request: ChatRequest, reply: ChatReply) -> None:
        """Save an answer; it is on its way to disk when this returns."""
        row = (key, request.prompt_version, reply.text, reply.tokens_in, reply.tokens_out)
        self._forgiving(lambda: self._put(row), None)

    def _put(self, row: tuple[bytes, str, str, int, int]) -> None:
        with self._lock:
            self._connect().execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?)", row)

    def count(self) -> Mapping[str, int]:
        """Prompt version → number of saved answers."""
        with self._lock:
            query = "SELECT prompt_version, count(*) FROM replies GROUP BY 1 ORDER BY 1"
            return dict(self._connect().execute(query).fetchall())

    def open_batches(self, server: str, keys: Sequence[bytes]) -> dict[OpenBatch, set[bytes]]:
        """Unfinished batches that hold any of the keys, with those that they hold.

        Raises:
            PermanentError: The file fails; without it a batch could be paid twice.
        """
        found: dict[OpenBatch, set[bytes]] = {}
        wanted = set(keys)
        with self._strict():
            query = (
                "SELECT r.key, b.input_file, b.batch FROM batch_requests r "
                "JOIN batches b ON b.input_file = r.input_file WHERE r.server = ?"
            )
            for key, input_file, batch in self._connect().execute(query, (server,)):
                if key in wanted:
                    found.setdefault(OpenBatch(input_file, batch), set()).add(key)
        return found

    def begin_batch(self, server: str, input_file: str, keys: Sequence[bytes]) -> None:
        """Note, before it is created, that a batch will be made from an uploaded file.

        Raises:
            PermanentError: The file fails.
        """
        with self._strict(), self._transaction() as connection:
            connection.execute("INSERT INTO batches VALUES (?, ?, NULL)", (input_file, server))
            connection.executemany(
                "INSERT OR REPLACE INTO batch_requests VALUES (?, ?, ?)",
                [(server, key, input_file) for key in keys],
            )

    def name_batch(self, input_file: str, batch: str) -> None:
        """Note the batch that was created from an uploaded file.

        Raises:
            PermanentError: The file fails.
        """
        with self._strict(), self._transaction() as connection:
            connection.execute(
                "UPDATE batches SET batch = ? WHERE input_file = ?", (batch, input_file)
            )

    def end_batch(self, input_file: str) -> None:
        """Forget a batch whose answers are saved.

        Raises:
            PermanentError: The file fails.
        """
        with self._strict(), self._transaction() as connection:
            connection.execute("DELETE FROM batch_requests WHERE input_file = ?", (input_file,))
            connection.execute("DELETE FROM batches WHERE input_file = ?", (input_file,))

    @contextlib.contextmanager
    def _strict(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise PermanentError(
                    f"the response cache {self.path} fails: {error}; batch mode cannot go on, "
                    f"as a batch could be paid twice. {self._remedy(error)}"
                ) from error

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None
