"""Debian's Chromium, for tests of pages: `CHROMIUM` names another. Without one, modules that need it are not collected."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAM = os.environ.get("CHROMIUM") or shutil.which("chromium")
QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that asks nobody but the pages it is sent to; names under localhost are this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=PROGRAM, args=list(QUIET))
        yield browser
        browser.close()
