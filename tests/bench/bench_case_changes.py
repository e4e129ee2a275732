"""What a browser keeps after 20 changes of case: heap, nodes, listeners, WebGL contexts and memory of its processes.

One page of Chromium goes from case to case as a person does, within the running page. Every count is taken after the
garbage was collected; the goal is that it does not grow from the fifth case to the last.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, sync_playwright

from backend.config.setup.browser import system_browser
from tests.bench.tables import show
from tests.e2e.cases import ALIGNED, OBLIQUE_ONE, import_small_volumes, open_cases
from tests.installation import CHROMIUM_FLAGS, Stack

CHANGES = 20
SETTLED_AFTER = 5
LIMIT_S = 60
HEAP_GROWTH = 1.15
COUNTS = ("JSHeapUsedSize", "Nodes", "JSEventListeners")
CONTEXTS = """() => { const made = HTMLCanvasElement.prototype.getContext; window.__contexts = [];
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    const context = made.call(this, kind, ...rest);
    if (kind.startsWith('webgl') && context) window.__contexts.push(new WeakRef(context));
    return context;
  }; }"""
ALIVE = "() => new Set(window.__contexts.map(ref => ref.deref()).filter(one => one && !one.isContextLost())).size"

pytestmark = pytest.mark.timeout(1800)


def test_twenty_changes_of_case_leave_nothing_behind(stack: Stack, tmp_path: Path) -> None:
    import_small_volumes(stack, tmp_path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(args=CHROMIUM_FLAGS, executable_path=system_browser())
        context = browser.new_context(base_url=stack.url, viewport={"width": 1440, "height": 900})
        context.request.get("/api/session")
        token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
        credentials = {"username": "annotator", "password": "ninefold-demo"}
        context.request.post("/api/session", data=credentials, headers={"X-CSRFToken": token})
        cases = open_cases(context.request)
        page = context.new_page()
        page.add_init_script(f"({CONTEXTS})()")
        page.goto("/")
        line = context.new_cdp_session(page)
        line.send("Performance.enable")
        rows = []
        for number in range(CHANGES):
            _open(page, cases[(ALIGNED, OBLIQUE_ONE)[number % 2].name].task)
            rows.append(_counts(page, line))
        browser.close()
    show(
        f"{CHANGES} changes of case, after collecting garbage",
        ["after case", "heap", "nodes", "listeners", "WebGL contexts", "memory of all processes"],
        [
            [n + 1, f"{heap / 1e6:.1f} MB", nodes, listeners, contexts, f"{rss / 1e6:.0f} MB"]
            for n, (heap, nodes, listeners, contexts, rss) in enumerate(rows)
            if n in (0, SETTLED_AFTER - 1, CHANGES // 2 - 1, CHANGES - 1)
        ],
    )
    settled, last = rows[SETTLED_AFTER - 1], rows[-1]
    assert last[0] <= settled[0] * HEAP_GROWTH
    assert last[3] <= settled[3]


def _open(page: Page, task: int) -> None:
    """As the router goes, without loading the page anew; then two layouts, so that panes are made and taken away."""
    page.evaluate(
        "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }",
        f"/tasks/{task}",
    )
    end = time.monotonic() + LIMIT_S
    while not page.evaluate(
        "task => location.pathname.endsWith(task) && window.__ninefold?.ready === true", f"/{task}"
    ):
        assert time.monotonic() < end, "the case did not open"
        page.wait_for_timeout(50)
    page.keyboard.press("t")
    page.wait_for_timeout(400)
    for _ in range(4):
        page.keyboard.press("t")
    page.wait_for_timeout(200)


def _counts(page: Page, line: CDPSession) -> tuple[float, int, int, int, int]:
    line.send("HeapProfiler.collectGarbage")
    line.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
    heap, nodes, listeners = (metrics[name] for name in COUNTS)
    return heap, int(nodes), int(listeners), int(page.evaluate(ALIVE)), _resident_bytes()


def _resident_bytes() -> int:
    """Memory in bytes of the processes that this one has started, which are the browser's and the installation's."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()]
    ours, grown = {os.getpid()}, True
    while grown:
        found = {int(pid) for pid, parent, *_ in rows if int(parent) in ours} - ours
        ours, grown = ours | found, bool(found)
    return 1024 * sum(int(rss) for pid, _, rss, name in rows if int(pid) in ours and "chrom" in name)
