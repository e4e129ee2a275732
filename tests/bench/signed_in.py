"""Somebody who is signed in to an installation, without a browser."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.studies import StudyFiles

PIECE_BYTES = 32 * 2**20
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


class SignedIn:
    """Asks with the cookies of a session, each time over a connection of its own."""

    def __init__(self, url: str, username: str = "manager", password: str = "bench-123") -> None:
        self._host = urlsplit(url).netloc
        self._cookies: dict[str, str] = {}
        self.ask("GET", "/api/session", expected=(200, 401))
        self.ask("POST", "/api/session", {"username": username, "password": password})

    @property
    def cookie(self) -> str:
        """The header's value."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        expected: tuple[int, ...] = (200, 201, 202, 204),
    ) -> Any:
        """JSON of the answer, None when it has no body."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "Cookie": self.cookie} | (headers or {})
        sent["X-CSRFToken"] = self._cookies.get("csrftoken", "")
        connection = http.client.HTTPConnection(self._host)
        connection.request(method, path, content, sent)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        assert answer.status in expected, f"{method} {path}: {answer.status} {text[:300]!r}"
        return json.loads(text) if text else None

    def upload(self, project: str, study: StudyFiles, paths: list[Path]) -> None:
        """Send files as a browser does, and return when their patient is in the list."""
        manifest = {
            "names": [path.name if path.suffix == ".zip" else str(path.relative_to(study.folder)) for path in paths],
            "sizes": [path.stat().st_size for path in paths],
            "modified": [0] * len(paths),
        }
        upload = self.ask("POST", f"/api/projects/{project}/uploads", {"partition": "POOL", "files": manifest})
        sent = 0
        for piece in _pieces(paths):
            self.ask("PATCH", upload["url"], piece, headers=TUS | {"Upload-Offset": str(sent)})
            sent += len(piece)
        while self.ask("GET", f"/api/imports/{upload['import_id']}")["state"] not in {"done", "failed"}:
            time.sleep(0.02)
        self.check_listed(project)

    def check_listed(self, project: str) -> None:
        """The study's patient is in the list, with its volume."""
        (patient,) = self.ask("GET", f"/api/projects/{project}/patients")["results"]
        assert patient["volumes"] == 1, patient


def _pieces(paths: list[Path]):
    waiting = bytearray()
    for path in paths:
        waiting += path.read_bytes()
        while len(waiting) >= PIECE_BYTES:
            yield bytes(waiting[:PIECE_BYTES])
            del waiting[:PIECE_BYTES]
    if waiting:
        yield bytes(waiting)
