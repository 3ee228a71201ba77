"""Settings for all tests: small machines, and no network but loopback."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# Before torch is imported: the models here are so small that threads only get in each
# other's way, and two test machines give the same bytes.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Whatever a test asks of a hub by mistake fails at once.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

# A busy machine is no reason for a test to fail.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

# A shell that starts a job in the background lets it ignore interrupts, and so all its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
