"""The exception tree.

* PipelineError
    + ConfigError          the request is wrong: a file, column, option or run directory
    + StageContractError   a stage broke its promise (a bug of ours or of an extension)
    + TransientError       the world is briefly broken: trying again may work
    + PermanentError       the world is broken: trying again cannot work (disk full, bad key)
        + BudgetReached    the language model has cost what it may cost; all answers are kept
    + ShardCorruptError    bytes on disk are not what the manifest says

Only errors that stop the work are exceptions. What is wrong with a single item is a
:class:`pipeline.core.stage.Rejected` value, which is counted, stored and never raised.
"""

from __future__ import annotations


class PipelineError(Exception):
    """Base of every error that counterfactory raises on purpose.

    A message names the stage or file, the item where there is one, and the remedy, so
    that it can be shown to a user as it is, without a traceback.
    """


class ConfigError(PipelineError):
    """The configuration, the input or the run directory cannot be used as asked."""


class StageContractError(PipelineError):
    """A stage returned another number of results, or another type, than it promised."""


class TransientError(PipelineError):
    """A failure that may pass by itself: a time-out, a full queue, a lost connection.

    Attributes:
        retry_after_s: Seconds that the server asked to wait; None if it named none.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PermanentError(PipelineError):
    """A failure that no retry can mend: an unknown model, a refused key, a full disk."""


class BudgetReached(PermanentError):
    """The next request could exceed the budget; every paid answer is kept in the cache.

    The message says what was spent and how to go on.
    """


class ShardCorruptError(PipelineError):
    """A finished shard is missing, truncated or differs from its recorded checksum."""
