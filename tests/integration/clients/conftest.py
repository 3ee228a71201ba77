"""The packages of others that tests here start programs with; installed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.clients.client_packages import OPEN_CLIP, TRL, install_client


@pytest.fixture(scope="session")
def open_clip_packages(pytestconfig: pytest.Config) -> Path:
    """open_clip 3.3 with its own training, torchvision and the webdataset that it pins."""
    return install_client(pytestconfig.cache.mkdir("clients"), OPEN_CLIP)


@pytest.fixture(scope="session")
def trl_packages(pytestconfig: pytest.Config) -> Path:
    """TRL, which needs nothing else that we have not."""
    return install_client(pytestconfig.cache.mkdir("clients"), TRL)
