"""Causes and effects that a caption licenses."""

from __future__ import annotations
