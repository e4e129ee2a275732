"""The editor as a page object: what a person does at it with mouse and keyboard, and what is then seen.

Voxels are (z, y, x) indices, which may lie between voxels; the page itself turns them into points of the window.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.affines import apply_affine
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ml.labelmaps import LabelArray, decode_slice, encode_slice, pack_bundle, unpack_bundle
from tests.e2e.cases import Case
from tests.installation import Stack

PLANES = ("axial", "sagittal", "coronal")
PASSWORD = "ninefold-demo"
PATIENCE_S = 60
Voxel = tuple[float, float, float]


class Workspaces:
    """Desks of people who stay signed in; one page each. complaints: what their consoles said."""

    def __init__(self, stack: Stack, browser: Browser) -> None:
        self._stack, self._browser = stack, browser
        self._contexts: dict[str, BrowserContext] = {}
        self._pages: dict[str, Page] = {}
        self.complaints: list[str] = []

    def context(self, username: str, **options: Any) -> BrowserContext:
        """Cookies of somebody who has signed in."""
        if username not in self._contexts:
            self._contexts[username] = self.another(username, **options)
        return self._contexts[username]

    def another(self, username: str, **options: Any) -> BrowserContext:
        """Another computer on which somebody has signed in; to be closed by who asks for it."""
        chosen: dict[str, Any] = {"base_url": self._stack.url, "viewport": {"width": 1440, "height": 900}} | options
        made = self._browser.new_context(**chosen)
        made.request.get("/api/session")
        answer = made.request.post(
            "/api/session", data={"username": username, "password": PASSWORD}, headers=_csrf(made)
        )
        assert answer.ok, answer.text()
        return made

    def page(self, username: str) -> Page:
        """Their page, the same every time."""
        if username not in self._pages or self._pages[username].is_closed():
            page = self.context(username).new_page()
            page.set_default_timeout(PATIENCE_S * 1e3)
            page.on("console", lambda said: said.type == "error" and self.complaints.append(f"{username}: {said.text}"))
            page.on("pageerror", lambda error: self.complaints.append(f"{username}: {error}"))
            self._pages[username] = page
        return self._pages[username]

    def open(self, case: Case, labels: LabelArray | None = None, *, username: str = "annotator") -> Desk:
        """Claim a case, give it this mask, or none, on the server, and open it."""
        desk = Desk(self.page(username), case)
        desk.leave()
        desk.forget()
        self._take_back(case)
        desk.claim()
        desk.put_on_server(np.zeros(case.shape_zyx, np.uint8) if labels is None else labels)
        desk.open()
        return desk

    def _take_back(self, case: Case) -> None:
        """Have a case that was handed in returned."""
        context = self.context("radiologist")
        task = context.request.get(f"/api/tasks/{case.task}").json()
        if task["state"] == "submitted":
            body = {"revision": task["head"], "reason": "Another test draws here."}
            answer = context.request.post(f"/api/tasks/{case.task}/return", data=body, headers=_csrf(context))
            assert answer.ok, answer.text()

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts.values():
            context.close()


class Desk:
    """One case on one page."""

    def __init__(self, page: Page, case: Case) -> None:
        self.page, self.case = page, case

    # ---- the case

    def open(self) -> None:
        """Go to the case and wait until it can be drawn on and every slice has come."""
        self.page.goto(f"/tasks/{self.case.task}")
        self.wait_ready()

    def wait_ready(self) -> None:
        """Return when the mask is on the desk and every slice has come."""
        self.until("() => window.__ninefold?.ready === true")
        expect(self.page.locator(".stage-loading")).to_have_count(0)

    def leave(self) -> None:
        """Go where no case is open."""
        self.page.goto("about:blank")

    def forget(self) -> None:
        """Empty what the browser keeps: strokes that an earlier test left unsaved, its brush, its keys."""
        self.page.goto("/health")
        self.page.evaluate(
            "() => new Promise((done) => { localStorage.clear();"
            " const asked = indexedDB.deleteDatabase('ninefold');"
            " asked.onsuccess = asked.onerror = asked.onblocked = () => done(null); })"
        )
        self.leave()

    def claim(self) -> None:
        """Take the task, unless it is taken."""
        state = self.page.request.get(f"/api/tasks/{self.case.task}").json()["state"]
        if state == "open":
            answer = self.page.request.post(f"/api/tasks/{self.case.task}/claim", headers=_csrf(self.page.context))
            assert answer.ok, answer.text()

    # ---- keyboard and mouse

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def look(self, zyx: Voxel, plane: str | None = None) -> None:
        """Take all panes through a voxel, with this plane among them."""
        self.show(plane or self.main_plane)
        self.page.evaluate("zyx => window.__ninefold.goTo(...zyx)", [round(n) for n in zyx])
        self.page.wait_for_timeout(50)

    def show(self, plane: str) -> None:
        """Have a pane for a plane on the screen."""
        for _ in range(6):
            if self.page.get_by_test_id(f"pane-{plane}").first.is_visible():
                return self.until("plane => window.__ninefold.clientPoint(0, 0, 0, plane) !== null", plane)
            self.press("t")
            self.page.wait_for_timeout(150)
        raise AssertionError(f"no layout shows the {plane} plane")

    def point(self, zyx: Voxel, plane: str | None = None) -> tuple[float, float]:
        """Where a voxel is drawn in a plane's pane, in CSS pixels of the window. Raises where it is out of sight."""
        plane = plane or self.main_plane
        found = self.page.evaluate("([zyx, plane]) => window.__ninefold.clientPoint(...zyx, plane)", [list(zyx), plane])
        assert found is not None, f"no pane shows the {plane} plane"
        box = self.page.get_by_test_id(f"pane-{plane}").first.bounding_box()
        assert box is not None
        inside = 0 <= found["x"] - box["x"] < box["width"] and 0 <= found["y"] - box["y"] < box["height"]
        assert inside, f"voxel {zyx} is out of sight in the {plane} pane"
        return found["x"], found["y"]

    def move(self, zyx: Voxel, plane: str | None = None) -> None:
        """Put the pointer on a voxel."""
        self.page.mouse.move(*self.point(zyx, plane))

    def click(self, zyx: Voxel, plane: str | None = None, *, held: str | None = None) -> None:
        """Click a voxel, with a key held down if one is named."""
        x, y = self.point(zyx, plane)
        if held:
            self.page.keyboard.down(held)
        self.page.mouse.click(x, y)
        if held:
            self.page.keyboard.up(held)

    def drag(self, path: Sequence[Voxel], plane: str | None = None, *, steps: int = 3, button: str = "left") -> None:
        """Press the button on the first voxel, go by the others and let it go on the last."""
        points = [self.point(zyx, plane) for zyx in path]
        self.page.mouse.move(*points[0])
        self.page.mouse.down(button=button)  # type: ignore[arg-type]
        for x, y in points[1:]:
            self.page.mouse.move(x, y, steps=steps)
        self.page.mouse.up(button=button)  # type: ignore[arg-type]

    # ---- what is seen

    @property
    def main_plane(self) -> str:
        """The plane of stored slices."""
        return str(self.page.evaluate("() => window.__ninefold.mainPlane"))

    def count_on_screen(self, label: int) -> int:
        """Voxels of a label in the mask as it is drawn now."""
        return int(self.page.evaluate("label => window.__ninefold.voxelCount(label)", label))

    def on_screen(self) -> LabelArray:
        """The mask (Z, Y, X) as it is drawn now."""
        slices = self.page.evaluate(
            "count => Array.from({ length: count }, (_, z) => Array.from(window.__ninefold.labels(z)))",
            self.case.shape_zyx[0],
        )
        return np.array(slices, dtype=np.uint8).reshape(self.case.shape_zyx)

    def until(self, predicate: str, argument: object = None) -> None:
        """Wait for a predicate. Playwright's own wait compiles text, which the page's security policy forbids."""
        end = time.monotonic() + PATIENCE_S
        while not self.page.evaluate(predicate, argument):
            assert time.monotonic() < end, f"waited in vain for {predicate}"
            self.page.wait_for_timeout(50)

    # ---- the server

    def save(self) -> None:
        """Save now and wait until the server has it."""
        self.press("Control+s")
        expect(self.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")

    def saved(self) -> LabelArray:
        """The mask (Z, Y, X) that the server has, after saving."""
        self.save()
        return self.on_server()

    def on_server(self) -> LabelArray:
        """The mask (Z, Y, X) as the server has it now."""
        labels = np.zeros(self.case.shape_zyx, dtype=np.uint8)
        for index, runs in self._bundle()[1].items():
            labels[index] = decode_slice(runs, self.case.shape_zyx[1:])
        return labels

    def put_on_server(self, labels: LabelArray) -> None:
        """Save a mask (Z, Y, X) past the page; the page must be opened after it."""
        etag, before = self._bundle()
        slices = {z: encode_slice(labels[z]) for z in range(len(labels)) if z in before or labels[z].any()}
        changed = {z: runs for z, runs in slices.items() if before.get(z) != runs}
        if not changed:
            return
        answer = self.page.request.patch(
            f"/api/tasks/{self.case.task}/mask",
            data=gzip.compress(pack_bundle(changed)),
            headers={
                **_csrf(self.page.context),
                "Content-Type": "application/x-bmm",
                "If-Match": etag,
                "Idempotency-Key": f"put-{time.monotonic_ns()}",
            },
        )
        assert answer.ok, answer.text()

    def _bundle(self) -> tuple[str, Mapping[int, bytes]]:
        answer = self.page.request.get(f"/api/tasks/{self.case.task}/mask")
        assert answer.ok, answer.text()
        body = answer.body()
        return answer.headers["etag"], unpack_bundle(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)


def positions_in_nifti(context: BrowserContext, case: Case, label: int, folder: Path) -> NDArray[np.float64]:
    """LPS mm (N, 3) of a label's voxels in the exported file, in the order of (z, y, x), as nibabel reads them.

    context: of somebody who may export.
    """
    answer = context.request.get(f"/api/tasks/{case.task}/mask/nifti")
    assert answer.ok, answer.text()
    path = folder / "mask.nii.gz"
    path.write_bytes(answer.body())
    image = nibabel.load(path)
    indices = np.argwhere(np.asarray(image.dataobj).transpose() == label)[:, ::-1]  # the file's order is (x, y, z)
    return np.asarray(apply_affine(image.affine, indices) * [-1.0, -1.0, 1.0])


def boxes(shape_zyx: Iterable[int], **labels: tuple[slice, slice, slice]) -> LabelArray:
    """A mask of boxes by label: `boxes(shape, l5=(slice(2, 4), slice(10, 20), slice(10, 20)))`."""
    mask = np.zeros(tuple(shape_zyx), dtype=np.uint8)
    for name, where in labels.items():
        mask[where] = int(name.removeprefix("l"))
    return mask


def _csrf(context: BrowserContext) -> dict[str, str]:
    return {
        "X-CSRFToken": next((str(c["value"]) for c in context.cookies() if c["name"] == "csrftoken"), ""),
        "Referer": context.pages[0].url if context.pages else "",
    }
