"""Orthanc, the peer of the import: a server of its own, as Debian packs it, durable and without compression."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.installation import free_port, wait_for

PROGRAM = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True)
class Orthanc:
    """A running server."""

    port: int
    version: str

    def send(self, paths: list[Path], *, connections: int) -> None:
        """One request for each file."""
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(self._send_all, [paths[n::connections] for n in range(connections)]))

    def send_zip(self, path: Path) -> None:
        """Everything in one request."""
        self._send_all([path])

    def instances(self) -> int:
        """How many it has."""
        return int(json.loads(self._ask("GET", "/statistics"))["CountInstances"])

    def forget(self) -> None:
        """Delete everything."""
        for patient in json.loads(self._ask("GET", "/patients")):
            self._ask("DELETE", f"/patients/{patient}")

    def _send_all(self, paths: list[Path]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        for path in paths:
            connection.request("POST", "/instances", path.read_bytes())
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        connection.close()

    def _ask(self, method: str, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path)
        return connection.getresponse().read()


@contextmanager
def running_orthanc() -> Iterator[Orthanc]:
    """A server in a folder that is thrown away; SyncStorageArea makes it flush each file, as ours does."""
    if PROGRAM is None:
        raise FileNotFoundError("Orthanc")
    with tempfile.TemporaryDirectory(prefix="bench-orthanc-") as folder:
        port = free_port()
        settings = {
            "HttpPort": port,
            "DicomServerEnabled": False,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "StorageDirectory": f"{folder}/store",
            "IndexDirectory": f"{folder}/store",
            "StorageCompression": False,
            "SyncStorageArea": True,
            "OverwriteInstances": True,
            "Plugins": [],
        }
        (Path(folder) / "orthanc.json").write_text(json.dumps(settings))
        log = (Path(folder) / "log").open("wb")
        process = subprocess.Popen([PROGRAM, f"{folder}/orthanc.json"], stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/system", process, Path(log.name))
            server = Orthanc(port, "")
            version = json.loads(server._ask("GET", "/system"))["Version"]
            yield Orthanc(port, version)
        finally:
            process.terminate()
            process.wait(timeout=30)
            log.close()
