"""`python -m backend.config.checks`: everything that can be said about the code without running it."""

from __future__ import annotations

import filecmp
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from backend.config.env import ROOT

FRONTEND = ROOT / "frontend"
TYPES = FRONTEND / "src" / "api" / "schema.d.ts"
BIN = Path(sys.executable).parent
COMMANDS = {
    "lint": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "types": [str(BIN / "mypy")],
    "layers": [str(BIN / "lint-imports")],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "front end": ["npm", "--prefix", str(FRONTEND), "run", "--silent", "check"],
}


def main() -> int:
    """Run every check, whatever the others say. 1 when one failed."""
    checks: dict[str, Callable[[], str]] = {name: partial(_output, words) for name, words in COMMANDS.items()}
    checks["API types"] = _api_types
    failed = [name for name, check in checks.items() if not _passes(name, check)]
    if failed:
        _say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def _passes(name: str, check: Callable[[], str]) -> bool:
    began = time.monotonic()
    complaint = check()
    _say(f"{'FAILED' if complaint else 'ok':<7}{name} ({time.monotonic() - began:.0f} s)")
    if complaint:
        _say(complaint)
    return not complaint


def _output(command: list[str]) -> str:
    """Empty when it succeeded."""
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip() or f"status {done.returncode}" if done.returncode else ""


def _api_types() -> str:
    """The front end's types must be what the schema gives today."""
    with tempfile.TemporaryDirectory() as folder:
        schema, types = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        complaint = _output(spectacular(schema)) or _output(
            ["npm", "--prefix", str(FRONTEND), "exec", "--", "openapi-typescript", str(schema), "-o", str(types)]
        )
        if complaint:
            return complaint
        same = TYPES.exists() and filecmp.cmp(TYPES, types, shallow=False)
        return "" if same else f"{TYPES.relative_to(ROOT)} is not what the API's schema gives: run `make types`"


def spectacular(schema: Path) -> list[str]:
    """The command that writes the schema, and fails on what it cannot describe."""
    words = ["spectacular", "--format", "openapi-json", "--validate", "--fail-on-warn", "--file", str(schema)]
    return [sys.executable, "manage.py", *words]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
