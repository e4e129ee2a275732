"""Run a command of the set-up: its output goes to a log, its progress to the console, its failure into a sentence."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from backend.config.env import ROOT, var_dir
from backend.config.setup.errors import SetupError
from backend.config.setup.steps import say

LINE_EVERY_S = 15.0  # where the console cannot be rewritten
FULL = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded")
OFFLINE = re.compile(
    r"Temporary failure in name resolution|Name or service not known|NameResolutionError|NewConnectionError"
    r"|ConnectTimeout|ReadTimeout|ProxyError|Network is unreachable"
    r"|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|Temporary failure resolving"
)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
AGAIN = "Then run the same command again: what is done is kept."


def log_path() -> Path:
    """Where the output of every command goes."""
    return var_dir() / "log" / "setup.log"


def run(title: str, command: Sequence[str], *, folder: Path = ROOT) -> None:
    """Run it to its end. Raises SetupError that says why it failed, as far as its output tells."""
    log = log_path()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as written:
        written.write(f"\n$ {' '.join(command)}\n".encode())
        written.flush()
        begins_at = written.tell()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            _show_progress(title, process, log)
        except BaseException:  # Ctrl-C included: nothing may go on in the background
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        with log.open("rb") as written:
            written.seek(begins_at)
            raise SetupError(_why(title, written.read().decode(errors="replace"), log))


def _show_progress(title: str, process: subprocess.Popen[bytes], log: Path) -> None:
    began = said_at = time.monotonic()
    rewrites = sys.stdout.isatty()
    while process.poll() is None:
        time.sleep(0.1)
        now = time.monotonic()
        if now - said_at >= (1.0 if rewrites else LINE_EVERY_S):
            said_at = now
            line = f"  {title}: {now - began:.0f} s  {_last_line(log)}"
            if rewrites:
                sys.stdout.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
                sys.stdout.flush()
            else:
                say(line[:150])
    if rewrites:
        sys.stdout.write("\r\x1b[K")


def _last_line(log: Path) -> str:
    with log.open("rb") as written:
        written.seek(max(0, log.stat().st_size - 500))
        lines = re.split(r"[\r\n]+", written.read().decode(errors="replace").strip())
    return lines[-1].strip()


def _why(title: str, output: str, log: Path) -> str:
    output = COLOURS.sub("", output)
    if FULL.search(output) or shutil.disk_usage(ROOT).free < 50_000_000:
        return f"{title}: the disk is full. Free some space (`df -h` shows how much each disk has). {AGAIN}"
    if OFFLINE.search(output):
        return f"{title}: the network did not answer. Look at the connection or the proxy; more is in {log}. {AGAIN}"
    end = "\n".join(f"    {line}" for line in output.strip().splitlines()[-12:])
    return f"{title} failed. The end of {log}:\n{end}\n{AGAIN}"
