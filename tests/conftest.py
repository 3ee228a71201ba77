"""Settings for all tests: small machines, and no network but loopback."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from pipeline.edits.parse import spacy_pipeline

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


@pytest.fixture(scope="session", autouse=True)
def one_spacy_pipeline() -> Iterator[None]:
    """Load the spaCy pipeline once in a process of tests, where each run would take it anew.

    Loading takes longer than the whole run of a test. Nothing changes a pipeline that is loaded.
    """
    load = spacy_pipeline.load_pipeline
    spacy_pipeline.load_pipeline = functools.cache(load)
    yield
    spacy_pipeline.load_pipeline = load
