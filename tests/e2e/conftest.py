"""The whole product, started as a user starts it, and a Chromium to drive it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend.config.setup.browser import system_browser
from tests.e2e.cases import Case, import_small_volumes, open_cases
from tests.e2e.workspace import Workspaces
from tests.installation import CHROMIUM_FLAGS, Stack, running_stack

PATIENCE_MS = 60_000

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    path = system_browser()
    launch: dict[str, object] = {"args": CHROMIUM_FLAGS}
    return launch | ({"executable_path": path} if path else {})


@pytest.fixture(scope="session")
def installation() -> Iterator[Stack]:
    """An installation without a patient."""
    with running_stack() as running:
        yield running


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


@pytest.fixture(scope="session")
def workspaces(installation: Stack, browser: Browser) -> Iterator[Workspaces]:
    """Desks in the editor, for who draws on small cases."""
    everybody = Workspaces(installation, browser)
    yield everybody
    everybody.close()


@pytest.fixture(scope="session")
def volumes_folder(tmp_path_factory) -> Path:
    """Where the files of the small volumes lie, those of each in a folder of its name."""
    return Path(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def cases(installation: Stack, workspaces: Workspaces, volumes_folder: Path) -> dict[str, Case]:
    """Small volumes by name, `aligned` and `oblique`, each with a task."""
    import_small_volumes(installation, volumes_folder)
    return open_cases(workspaces.context("manager").request)


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, loudly, where there is no browser and Playwright has none either."""
    here = Path(__file__).parent
    if system_browser() or any(Path.home().glob(".cache/ms-playwright/chromium*")):
        return
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="NO BROWSER: install Chromium or Chrome to run the e2e tests"))
