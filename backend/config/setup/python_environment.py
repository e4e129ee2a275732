"""The virtual environment in `.venv`, with every package at the version that `constraints.txt` names."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tomllib
from functools import partial

from backend.config.env import ROOT
from backend.config.setup.commands import run
from backend.config.setup.errors import SetupError
from backend.config.setup.steps import Step, digest_of_words

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CONSTRAINTS = ROOT / "constraints.txt"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
TORCH_CHOICE = VENV / "ninefold-torch"


def python_steps(*, dev: bool, torch: str) -> list[Step]:
    """The environment, then its packages; `dev` adds what checks and tests need."""
    chosen = _torch_choice(torch)
    return [_packages(dev=step_dev, torch=chosen) for step_dev in ([False, True] if dev else [False])]


def _packages(*, dev: bool, torch: str) -> Step:
    words = [*requirements(dev=dev), CONSTRAINTS.read_text(), torch, platform.python_version(), str(VENV)]
    return Step(
        title="Python packages" + (" for development" if dev else ""),
        inputs=partial(digest_of_words, *words),
        stamp=VENV / ("ninefold-packages-dev" if dev else "ninefold-packages"),
        result=PYTHON,
        work=partial(_install, dev=dev, torch=torch),
    )


def requirements(*, dev: bool) -> list[str]:
    """What `pyproject.toml` asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"], *(project["optional-dependencies"]["dev"] if dev else [])]


def _torch_choice(asked: str) -> str:
    if asked not in {"", "cpu"}:
        raise SetupError(f"TORCH needs `cpu` or nothing, got {asked!r}")
    kept = TORCH_CHOICE.read_text() if TORCH_CHOICE.exists() else ""
    return asked or kept  # a later start need not say it again


def _install(*, dev: bool, torch: str) -> None:
    if not _works():
        _create()
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off"]
    if torch == "cpu":
        run("PyTorch for CPU", [*pip, "--no-deps", "--index-url", TORCH_CPU_INDEX, *_torch_pins()])
        TORCH_CHOICE.write_text(torch)
    run("Python packages", [*pip, "--constraint", str(CONSTRAINTS), *requirements(dev=dev)])


def _torch_pins() -> list[str]:
    """Pins of torch and torchvision; on Linux with the index's suffix, so that a CUDA build is replaced."""
    suffix = "+cpu" if sys.platform == "linux" else ""
    pins = [line for line in requirements(dev=False) if line.startswith(("torch==", "torchvision=="))]
    return [f"{pin}{suffix}" for pin in pins]


def _works() -> bool:
    if not PYTHON.exists():
        return False
    question = "import sys, pip; sys.exit(sys.version_info[:2] != (3, 11))"
    try:
        return subprocess.run([str(PYTHON), "-c", question], capture_output=True, check=False).returncode == 0
    except OSError:
        return False  # the interpreter it points to is gone


def _create() -> None:
    """Make it anew; a half-made one is of no use."""
    if VENV.is_symlink() or VENV.is_file():
        raise SetupError(f"{VENV} is not a folder: remove it")
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run("Python environment", [sys.executable, "-m", "venv", str(VENV)])
    except SetupError as error:
        if "ensurepip" in str(error):
            raise SetupError(
                "This Python cannot make environments: apt install python3.11-venv, and start again"
            ) from None
        raise
