"""The set-up: of a small checkout with the real pip and npm, and of its parts where reality is hard to arrange."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend.config.env import ROOT
from backend.config.setup import browser, commands, disk, python_environment
from backend.config.setup.errors import SetupError
from backend.config.setup.steps import Step
from tests.backend.config.users_of_servers import processes_below

PYPROJECT = """
[project]
name = "small"
version = "1"
dependencies = ["pip"]
[project.optional-dependencies]
dev = ["pip"]
"""
BUILD = """
const fs = require('fs');
if (fs.existsSync('slow')) { fs.rmSync('slow'); setTimeout(() => {}, 600000); }
else { fs.mkdirSync('dist', {recursive: true}); fs.writeFileSync('dist/index.html', fs.readFileSync('src/page')); }
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose packages are there already, so that no network is needed."""
    root = tmp_path / "a check out"
    (root / "frontend" / "src").mkdir(parents=True)
    shutil.copytree(
        ROOT / "backend" / "config", root / "backend" / "config", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("Makefile", "backend/__init__.py"):
        shutil.copy(ROOT / name, root / name)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "constraints.txt").write_text("")
    front_end = root / "frontend"
    package = {"name": "small", "version": "1.0.0"}
    lock = {**package, "lockfileVersion": 3, "packages": {"": package}}
    (front_end / "package.json").write_text(json.dumps({**package, "scripts": {"build": "node build.js"}}))
    (front_end / "package-lock.json").write_text(json.dumps(lock))
    (front_end / "build.js").write_text(BUILD)
    (front_end / "src" / "page").write_text("one")
    return root


def make(root: Path, *words: str, path: str | None = None) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"NINEFOLD_VAR", "MAKEFLAGS"}}
    return subprocess.Popen(
        ["make", "--no-print-directory", *words],
        cwd=root,
        env=environment | ({"PATH": path} if path else {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def outcome(running: subprocess.Popen[str]) -> tuple[int, str]:
    said = running.communicate(timeout=90)[0]
    return running.returncode, said


def test_a_set_up_is_done_once_survives_a_kill_and_follows_its_inputs(checkout):
    (checkout / ".venv" / "bin").mkdir(parents=True)  # a first start that was broken off early
    (checkout / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.11")
    (checkout / "frontend" / "slow").touch()
    killed = make(checkout, "setup")
    assert killed.stdout is not None
    while "Front end …" not in killed.stdout.readline():
        assert killed.poll() is None
    wait_for(lambda: not (checkout / "frontend" / "slow").exists())
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert (checkout / ".venv" / "bin" / "pip").exists()

    status, said = outcome(make(checkout, "setup"))
    assert status == 0, said
    assert "Set-up 1 of 1: Front end …" in said  # what was done is kept
    assert (checkout / "frontend" / "dist" / "index.html").read_text() == "one"

    began = time.monotonic()
    assert outcome(make(checkout, "setup")) == (0, "")
    assert time.monotonic() - began < 5

    (checkout / "frontend" / "src" / "page").write_text("two")
    status, said = outcome(make(checkout, "setup"))
    assert status == 0, said
    assert (checkout / "frontend" / "dist" / "index.html").read_text() == "two"
    assert processes_below(checkout) == []


def wait_for(condition, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def few_programs(tmp_path):
    """A PATH with a Python and a shell, and what a test adds."""
    folder = tmp_path / "few programs"
    folder.mkdir()
    for name in ("make", "sh"):
        (folder / name).symlink_to(shutil.which(name))
    (folder / "python3.11").symlink_to(sys._base_executable)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!{shutil.which('sh')}\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("programs", "sentence"),
    [
        (
            {},
            "Ninefold needs Node 20 or newer to build its front end, and none was found on the PATH. Get it from https://nodejs.org/",
        ),
        ({"node": "echo v18.19.0", "npm": "echo 9"}, "node is 18.19.0. Get it from"),
        ({"node": "echo v22.1.0"}, "but npm is not on the PATH (Debian: apt install npm)"),
    ],
)
def test_a_missing_program_is_named_with_the_way_to_get_it(few_programs, programs, sentence):
    for name, script in programs.items():
        program(few_programs, name, script)
    status, said = outcome(make(ROOT, "setup", path=str(few_programs)))
    assert status != 0
    assert sentence in said
    assert "Traceback" not in said


def test_without_any_python_the_makefile_itself_says_so(few_programs):
    (few_programs / "python3.11").unlink()
    status, said = outcome(make(ROOT, "demo", path=str(few_programs)))
    assert status != 0
    assert "Ninefold needs Python 3.11" in said


def test_an_older_python_is_told_apart(few_programs):
    (few_programs / "python3.11").unlink()
    program(
        few_programs, "python3", f'[ "$1" = --version ] && echo Python 3.9.2 && exit; exec {sys._base_executable} "$@"'
    )
    status, said = outcome(make(ROOT, "setup", path=str(few_programs)))
    assert status != 0
    assert "Ninefold needs Python 3.11, and none was found on the PATH" in said


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full. Free some space"),
        ("npm error code ENOTFOUND", "the network did not answer"),
        ("\033[31mFailed to resolve /src/main.tsx", "failed. The end of "),
    ],
)
def test_a_failed_step_says_why_and_what_to_do(tmp_path, monkeypatch, output, sentence):
    monkeypatch.setenv("NINEFOLD_VAR", str(tmp_path))
    with pytest.raises(SetupError, match="run the same command again: what is done is kept") as failure:
        commands.run("Packages", ["sh", "-c", f"echo '{output}'; exit 1"])
    assert sentence in str(failure.value)
    assert "\033" not in str(failure.value)
    assert output in commands.log_path().read_text()


def test_a_disk_too_small_is_said_before_anything_is_downloaded(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2_500_000_000))
    with pytest.raises(SetupError) as failure:
        disk.need_space(tmp_path, "")
    assert str(failure.value).startswith(
        f"Only 2.5 GB are free in {tmp_path}, and a first set-up needs 10 GB. With TORCH=cpu it takes 6"
    )
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=6_100_000_000))
    disk.need_space(tmp_path, "cpu")


def test_a_step_that_failed_is_done_again(tmp_path):
    tries = []

    def work() -> None:
        tries.append(1)
        (tmp_path / "result").touch()
        if len(tries) == 1:
            raise SetupError("the network did not answer")

    step = Step("step", lambda: "inputs", tmp_path / "stamp", tmp_path / "result", work)
    with pytest.raises(SetupError):
        step.run("1 of 1")
    assert step.run("1 of 1") is True
    assert step.run("1 of 1") is False
    (tmp_path / "result").unlink()
    assert step.run("1 of 1") is True
    assert len(tries) == 3


def test_torch_for_cpu_comes_from_its_own_index_and_is_remembered(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(python_environment, "run", lambda title, command: asked.append(command))
    monkeypatch.setattr(python_environment, "TORCH_CHOICE", tmp_path / "choice")
    monkeypatch.setattr(python_environment, "_works", lambda: True)
    monkeypatch.setattr(sys, "platform", "linux")
    [step] = python_environment.python_steps(dev=False, torch="cpu")
    step.work()
    torch, rest = asked
    index, *pins = torch[torch.index("--index-url") + 1 :]
    assert index == "https://download.pytorch.org/whl/cpu"
    assert pins == ["torch==2.13.0+cpu", "torchvision==0.28.0+cpu"]
    assert "--index-url" not in rest
    [again] = python_environment.python_steps(dev=False, torch="")
    assert again.inputs() == step.inputs()
    with pytest.raises(SetupError, match="TORCH needs `cpu` or nothing"):
        python_environment.python_steps(dev=False, torch="gpu")


def test_without_a_browser_every_way_is_tried_and_the_skip_is_loud(monkeypatch, capsys):
    tried = []

    def fail(title: str, command: list[str]) -> None:
        tried.append(command)
        raise SetupError("the network did not answer")

    monkeypatch.setattr(browser.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(browser.os, "geteuid", lambda: 0)
    monkeypatch.setattr(browser, "run", fail)
    browser.need_browser()
    assert tried[0] == ["apt-get", "update"]
    assert tried[1][1:] == ["-m", "playwright", "install", "chromium"]
    assert "SKIPPED" in capsys.readouterr().out


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().lower().splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def test_every_dependency_is_pinned():
    needed = [re.split(r"[=<>\[]", line)[0].lower() for line in python_environment.requirements(dev=True)]
    assert [name for name in needed if name not in pins()] == []


def test_no_dependency_is_under_the_gpl_alone():
    installed = {name for name in pins() if name != "async-timeout"}  # that one is for Python before 3.11.3
    for name in installed:
        licences = [words for words in distribution(name).metadata.get_all("Classifier") or [] if "License ::" in words]
        gpl = [words for words in licences if "General Public License" in words and "Lesser" not in words]
        assert len(gpl) < len(licences) or not gpl, name
    assert "pylibjpeg-libjpeg" not in installed
