"""How many slices a second the chunk route sends: the web process with the kernel's sendfile, and nginx in front."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from backend.config.env import ROOT
from tests.bench.signed_in import SignedIn
from tests.bench.studies import StudyFiles
from tests.bench.tables import median, show
from tests.installation import Stack, environment, free_port, wait_for

RUNS = 5
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

pytestmark = pytest.mark.timeout(1800)


def test_rate_of_slices(stack: Stack, study: StudyFiles) -> None:
    stack.manage("import_studies", str(study.folder), "--project", "slices", "--create", "--partition", "POOL")
    user = SignedIn(stack.url)
    (patient,) = user.ask("GET", "/api/projects/slices/patients")["results"]
    (volume,) = user.ask("GET", f"/api/patients/{patient['id']}")["studies"][0]["volumes"]
    blocks = [chunk for phase in volume["phases"] for chunk in phase["chunks"]]
    slices = len(volume["phases"]) * volume["shape_zyx"][0]
    rows = _measured("web process, sendfile", stack.url, user, blocks, slices)
    if NGINX is None:
        print("\nnginx is not installed: X-Accel-Redirect is not measured.")
    else:
        with _behind_nginx(stack) as url:
            rows += _measured("nginx, X-Accel-Redirect", url, user, blocks, slices)
    show(
        f"Chunk route, {len(blocks)} blocks of {study.name}, median of {RUNS}, client on the same machine",
        ["way", "connections", "requests/s", "slices/s", "MB/s sent"],
        rows,
    )


def _measured(name: str, url: str, user: SignedIn, blocks: list[str], slices: int) -> list[list[object]]:
    rows: list[list[object]] = []
    for connections in (1, 8):
        taken = [_fetch_all(url, user, blocks, connections) for _ in range(RUNS)]
        seconds, sent = median([value for value, _ in taken]), taken[0][1]
        rows.append(
            [
                name,
                connections,
                f"{len(blocks) / seconds:.0f}",
                f"{slices / seconds:.0f}",
                f"{sent / seconds / 1e6:.0f}",
            ]
        )
    return rows


def _fetch_all(url: str, user: SignedIn, blocks: list[str], connections: int) -> tuple[float, int]:
    """Seconds and bytes, each connection kept open."""
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        sent = sum(pool.map(lambda n: _fetch(url, user.cookie, blocks[n::connections]), range(connections)))
    return time.perf_counter() - began, sent


def _fetch(url: str, cookie: str, paths: list[str]) -> int:
    connection, sent = http.client.HTTPConnection(urlsplit(url).netloc), 0
    for path in paths:
        connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip"), answer.status
        sent += len(body)
    connection.close()
    return sent


@contextmanager
def _behind_nginx(stack: Stack) -> Iterator[str]:
    """A second web process that names files, and nginx that sends them, with the locations of the installation."""
    with tempfile.TemporaryDirectory(prefix="bench-nginx-") as folder:
        web, front = free_port(), free_port()
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder, web=web, front=front, blobs=stack.var / "blobs"))
        log = (Path(folder) / "log").open("wb")
        command = [sys.executable, "-m", "gunicorn", "backend.config.wsgi", "--bind", f"127.0.0.1:{web}"]
        command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket"]
        named = environment(stack.var) | {"NINEFOLD_ACCEL_REDIRECT": "1"}
        processes = [
            subprocess.Popen(command, cwd=ROOT, env=named, stdout=log, stderr=log),
            subprocess.Popen([str(NGINX), "-c", str(configuration), "-g", "daemon off;"], stdout=log, stderr=log),
        ]
        try:
            for port, process in zip((web, front), processes, strict=True):
                wait_for(f"http://127.0.0.1:{port}/health", process, Path(log.name))
            yield f"http://127.0.0.1:{front}"
        finally:
            for process in processes:
                process.terminate()
                process.wait(timeout=30)
            log.close()


_CONFIGURATION = """
worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream web {{ server 127.0.0.1:{web}; keepalive 16; }}
  server {{
    listen 127.0.0.1:{front};
    location / {{
      proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    }}
    location /_blobs/ {{
      internal; alias {blobs}/; etag off;
      add_header ETag $upstream_http_etag; add_header Content-Encoding $upstream_http_content_encoding;
    }}
  }}
}}
"""
