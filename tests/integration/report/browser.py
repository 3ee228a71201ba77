"""A headless Chromium for the tests, with everything that a page asks and says on record."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

# A busy machine is no fault of the page; this only ends what would hang.
expect.set_options(timeout=120_000)

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed; `make browser` installs Debian's as root"
)


@dataclass
class Watched:
    """A page, with the addresses it asked for and the complaints it made."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """Requests for anything but the page itself and what is inlined in it."""
        itself = self.page.url.split("#")[0]
        return [url for url in self.requests if url != itself and not url.startswith("data:")]


@contextmanager
def chromium() -> Iterator[Browser]:
    # As root, as in most containers, Chromium starts only without its sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched(browser: Browser, file: Path, *, scheme: str = "light") -> Iterator[Watched]:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 1200, "height": 800},
    )
    page = context.new_page()
    seen = Watched(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    try:
        page.goto(file.as_uri())
        yield seen
    finally:
        context.close()
