"""Programs that must be there before: Python 3.11, Node with npm."""

from __future__ import annotations

import re
import shutil
import subprocess

from backend.config.setup.errors import SetupError

OLDEST_NODE = 20


def need_python() -> str:
    """Path of a Python 3.11. Raises SetupError when there is none."""
    for name in ("python3.11", "python3", "python"):
        path = shutil.which(name)
        if path and _version(path, "--version")[:2] == (3, 11):
            return path
    raise SetupError(
        "Ninefold needs Python 3.11, and none was found on the PATH. "
        "Debian 12: apt install python3.11 python3.11-venv; macOS: brew install python@3.11; others: https://www.python.org/downloads/"
    )


def need_node() -> str:
    """Path of npm. Raises SetupError when Node or npm is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    how = "Get it from https://nodejs.org/ (or: nvm install 20, brew install node) and start again in a new window."
    need = f"Ninefold needs Node {OLDEST_NODE} or newer to build its front end"
    if node is None:
        raise SetupError(f"{need}, and none was found on the PATH. {how}")
    version = _version(node, "--version")
    if version[:1] < (OLDEST_NODE,):
        found = ".".join(map(str, version)) or "of an unknown version"
        raise SetupError(f"{need}, and {node} is {found}. {how}")
    if npm is None:
        raise SetupError(f"Node is at {node}, but npm is not on the PATH (Debian: apt install npm). {how}")
    return npm


def _version(program: str, flag: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([program, flag], capture_output=True, text=True, timeout=30, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else ()
