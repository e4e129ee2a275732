"""The whole product, started as a user starts it, and a Chromium to drive it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend.config.env import ROOT
from backend.config.setup.browser import system_browser

START_LIMIT_S = 120
PATIENCE_MS = 60_000
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Stack:
    """A running installation of its own."""

    url: str
    var: Path

    def manage(self, *arguments: str) -> str:
        """Run a management command against it and give what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(self.var), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    path = system_browser()
    launch: dict[str, object] = {"args": CHROMIUM_FLAGS}
    return launch | ({"executable_path": path} if path else {})


@pytest.fixture(scope="session")
def installation() -> Iterator[Stack]:
    """Every process of an installation without a patient, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="ninefold-e2e-", ignore_cleanup_errors=True) as folder:
        var, port = Path(folder) / "var", _free_port()
        command = [sys.executable, "-m", "backend.config.supervisor", "--port", str(port)]
        log = (Path(folder) / "supervisor.log").open("wb")
        process = subprocess.Popen(command, cwd=ROOT, env=_environment(var), stdout=log, stderr=log)
        running = Stack(f"http://127.0.0.1:{port}", var)
        try:
            _wait_for(running.url + "/health", process, Path(log.name))
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            log.close()


@pytest.fixture(scope="session")
def stack(installation: Stack) -> Stack:
    """The same with the demo's 24 patients."""
    installation.manage("seed_demo")
    return installation


@pytest.fixture
def people(installation: Stack, browser: Browser) -> Iterator[People]:
    """Sign-ins of the demo's people, each in a browser context of its own."""
    everybody = People(installation, browser)
    yield everybody
    everybody.leave()


class People:
    """Opens a page for each person, signed in, and collects what their consoles complain about."""

    def __init__(self, stack: Stack, browser: Browser) -> None:
        self._stack, self._browser = stack, browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def sign_in(self, username: str, *, url: str = "") -> Page:
        """The page after signing in through the form. url: another way to the server."""
        context = self._browser.new_context(base_url=url or self._stack.url, viewport={"width": 1440, "height": 900})
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: said.type == "error" and self.complaints.append(f"{username}: {said.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"{username}: {error}"))
        page.goto("/")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill("ninefold-demo")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign in").wait_for(state="detached")
        return page

    def leave(self) -> None:
        """Close every window."""
        for context in self._contexts:
            context.close()


def _environment(var: Path) -> dict[str, str]:
    """This process's environment without its servers: the stack brings its own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BROKER_URL"}}
    return kept | {"NINEFOLD_VAR": str(var)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    pytest.fail(f"the installation did not start:\n{log.read_text()[-3000:]}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, loudly, where there is no browser and Playwright has none either."""
    here = Path(__file__).parent
    if system_browser() or any(Path.home().glob(".cache/ms-playwright/chromium*")):
        return
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="NO BROWSER: install Chromium or Chrome to run the e2e tests"))
