"""Says which Prefect server the commands in this shell speak to: `python -m flows.which_server`.

A server that finds its port taken ends, and whatever has the port answers in its place: perhaps
somebody else's Prefect. This asks before anything is deployed there, and changes nothing.
"""

import sys

import httpx
import prefect
from prefect.settings import get_current_settings

from flows.finetune_sdxl import finetune_sdxl
from flows.finetune_vlm import finetune_vlm
from flows.generate_cf import generate_cf

OURS = frozenset({generate_cf.name, finetune_sdxl.name, finetune_vlm.name})
"""Flows of this project."""

MOST_SHOWN = 3

TIMEOUT_S = 10.0


def server_address() -> str:
    """Address of the API that Prefect's commands use here; empty where none is set."""
    return get_current_settings().api.url or ""


def _auth() -> tuple[str, str] | None:
    """User and password that Prefect's commands would give."""
    secret = get_current_settings().api.auth_string
    if secret is None:
        return None
    user, _, password = secret.get_secret_value().partition(":")
    return user, password


def describe_server(address: str) -> tuple[str, bool]:
    """What answers there, and whether it is a server of this version without others' flows."""
    if not address:
        return (
            "PREFECT_API_URL is not set: each command would start a server of its own; "
            "`prefect config set PREFECT_API_URL=http://127.0.0.1:4200/api`",
            False,
        )
    try:
        with httpx.Client(base_url=address.rstrip("/"), auth=_auth(), timeout=TIMEOUT_S) as client:
            version = client.get("/admin/version").raise_for_status().json()
            flows = client.post("/flows/filter", json={}).raise_for_status().json()
            others = sorted({str(flow["name"]) for flow in flows} - OURS)
    except (httpx.HTTPStatusError, ValueError, TypeError, KeyError) as error:
        return f"{address}: what answers is no Prefect server that lets you in ({error})", False
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{address}: no server answers ({error}); start one", False
    what = f"{address}: Prefect {version}"
    if str(version).split(".")[:2] != prefect.__version__.split(".")[:2]:
        return f"{what}, but here is {prefect.__version__}: it is another server than yours", False
    if others:
        named = ", ".join(others[:MOST_SHOWN]) + (", …" if len(others) > MOST_SHOWN else "")
        told = (
            f"{what}, with flows of another project: {named}. Is it yours? Else take another port"
        )
        return told, False
    return f"{what}, with {'no flow yet' if not flows else 'the flows of this project'}", True


def main() -> None:
    """Print it; exit code 1 where it is not, or may not be, the server that was meant."""
    told, is_ours = describe_server(server_address())
    print(told)  # noqa: T201
    sys.exit(0 if is_ours else 1)


if __name__ == "__main__":
    main()
