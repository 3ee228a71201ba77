"""The base of every section of the configuration."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base of every section: unknown keys are errors, values cannot change later."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
