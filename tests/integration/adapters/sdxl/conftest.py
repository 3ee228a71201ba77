from tests.integration.adapters.sdxl.tiny_sdxl import one_thread

__all__ = ["one_thread"]
