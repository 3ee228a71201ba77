from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.flows.prefect_stack import Stack, open_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One server, pool, worker and set of deployments for all tests of this folder."""
    stack = open_stack(tmp_path_factory.mktemp("prefect"))
    try:
        yield stack
    finally:
        stack.close()
