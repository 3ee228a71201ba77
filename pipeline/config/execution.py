"""The section `run` of the configuration: where the work is done."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.config.base import Section


class ExecutionConfig(Section):
    """Where the work on shards is done; never what comes of it."""

    executor: Literal["local", "ray"] = Field(
        "local",
        description="`local`: this process and its `workers`. `ray`: actors of a Ray cluster.",
    )
    ray_address: str | None = Field(
        None,
        description="Ray cluster: `auto` on one of its machines, or such as "
        "`10.0.0.1:6379`; if unset, one on this machine for the length of the run.",
    )
    image_actors: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="Actors that draw, score and pack, each with its own models; as many as "
        "the cluster has GPUs if unset. Captions have `workers` actors.",
    )
    gpus_per_actor: float | None = Field(
        None,
        ge=0,
        le=16,
        description="GPUs that Ray sets aside for each of them; if unset 1, or 0 where the "
        "cluster has none.",
    )
    keep_input_gib: float = Field(
        10.0,
        ge=0,
        description="Most disk, in GiB, for what was read of a remote input, so that it is not "
        "asked for again; the oldest goes first, and all of it when the run is finished.",
    )
    scratch: str | None = Field(
        None,
        description="Folder in which files are written before they go to a store; if unset, one "
        "in the user's cache folder.",
    )
