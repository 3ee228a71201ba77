"""A Prefect plugin: `prefect deployment run generate-cf` means `generate-cf/default`.

Prefect names a deployment `<flow>/<deployment>` and refuses a flow's bare name. Prefect
loads this module through the entry point `prefect.plugins` where `plugins.enabled` is set,
which this project's pyproject.toml does for commands that are started in its folder.

Only `prefect deployment run` with a bare name is touched, and only as far as a deployment
`default` of that flow exists. On any surprise (another major version, a method that is
gone or looks different, an error while looking) Prefect does and says what it would
without this plugin.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from importlib.metadata import entry_points
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from prefect.plugins import SetupResult, register_hook

if TYPE_CHECKING:
    from prefect.client.schemas.responses import DeploymentResponse
    from prefect.plugins import HookContext

    Lookup = Callable[[Any, str], Awaitable[DeploymentResponse]]

DEFAULT_DEPLOYMENT = "default"
"""Deployment that a bare flow name stands for."""

SWITCH = "PREFECT_PLUGINS_ENABLED"
"""Prefect's environment variable that turns plugins on and off."""

PREFECT_PLUGIN_API_REQUIRES = ">=0.1,<1"
"""Read by Prefect, which skips the plugin where its interface is another."""


@register_hook
def setup_environment(*, ctx: HookContext) -> SetupResult | None:
    """Teach this process bare names if its command can use them; never raises.

    Called while Prefect is being imported, so that every other command pays only for a
    look at its own arguments.
    """
    if not ctx.prefect_version.startswith("3."):
        return None
    try:
        if runs_deployment(sys.argv):
            _teach_client()
        return _spare_children()
    except Exception as error:
        # The task boundary of a plugin: Prefect must work on, whatever went wrong here.
        ctx.logger_factory("counterfactory").debug("bare deployment names are off: %s", error)
        return None


def _spare_children() -> SetupResult | None:
    """Turn plugins off in the processes that this one starts, if this is the only plugin.

    They have no use for it, and a worker's children import Prefect inside a running event
    loop, where Prefect's plugin loader fails and logs a traceback at every cancellation.
    """
    only_plugin = len(entry_points(group="prefect.plugins")) == 1
    if not only_plugin or SWITCH in os.environ:
        return None
    return SetupResult(env={SWITCH: "false"})


def runs_deployment(argv: Sequence[str]) -> bool:
    """Whether a command line is `prefect deployment run …`, options before it allowed."""
    return any(pair in _COMMANDS for pair in pairwise(argv[1:]))


_COMMANDS = frozenset({("deployment", "run"), ("deployments", "run")})


def _teach_client() -> None:
    from prefect.client.orchestration import PrefectClient

    lookup = PrefectClient.read_deployment_by_name
    if fits(lookup):
        # setattr, because a checker knows the class and rightly forbids an assignment.
        setattr(PrefectClient, "read_deployment_by_name", or_default(lookup))  # noqa: B010


def fits(lookup: Callable[..., object]) -> bool:
    """Whether a method is the one this plugin was written for: `async (self, name)`."""
    parameters = list(inspect.signature(lookup).parameters)
    return inspect.iscoroutinefunction(lookup) and parameters == ["self", "name"]


def or_default(lookup: Lookup) -> Lookup:
    """Wrap a lookup by name so that a bare flow name finds the flow's default deployment.

    A name with a slash goes through untouched. So does a bare one for which no default
    deployment is found, whatever the reason: the error is then the lookup's own. Only a
    server that cannot be reached is reported as just that, as for any other name.
    """
    from httpx import TransportError

    @wraps(lookup)
    async def read_deployment_by_name(self: Any, name: str) -> DeploymentResponse:
        if name and "/" not in name:
            try:
                return await lookup(self, f"{name}/{DEFAULT_DEPLOYMENT}")
            except TransportError:
                raise
            except Exception:
                # Prefect's own answer to the bare name follows, with this error as its
                # context, so that a traceback shows both.
                return await lookup(self, name)
        return await lookup(self, name)

    return read_deployment_by_name
