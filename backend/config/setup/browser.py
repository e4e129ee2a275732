"""A Chromium for the end-to-end tests: the system's, else Debian's, else Playwright's."""

from __future__ import annotations

import os
import shutil

from backend.config.setup.commands import run
from backend.config.setup.errors import SetupError
from backend.config.setup.python_environment import PYTHON
from backend.config.setup.steps import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def system_browser() -> str | None:
    """Path of an installed Chromium or Chrome."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def need_browser() -> None:
    """Find one or get one; when none can be had, say so: the end-to-end tests will be skipped."""
    if system_browser():
        return
    ways = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.append([["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]])
    ways.append([[str(PYTHON), "-m", "playwright", "install", "chromium"]])
    for commands in ways:
        try:
            for command in commands:
                run("Browser for the tests", command)
        except (SetupError, OSError) as error:
            say(str(error))
        else:
            return
    say("NO BROWSER: the end-to-end tests will be SKIPPED. Install Chromium or Chrome to run them.")
