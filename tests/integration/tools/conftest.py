"""The miniature SDXL of the render tests."""

from tests.integration.render.conftest import _one_thread, tiny_config, tiny_folder

__all__ = ["_one_thread", "tiny_config", "tiny_folder"]
