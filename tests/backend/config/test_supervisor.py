"""The watch over children, proven with tiny ones; then the real supervisor with the real stack's first steps."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.config.env import ROOT
from backend.config.supervisor.ports import PortTaken, free_port, need_free_port
from backend.config.supervisor.remains import Remains
from tests.backend.config.users_of_servers import clean_environment, processes_below

SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
# A child with a child of its own session, as a trainer is: a kill of the group does not reach it.
FAMILY = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {STUBBORN!r}, sys.argv[1]], start_new_session=True).wait()
"""
TALKING_DEATH = "import sys; print('the reason is here'); sys.exit(3)"
LIVES_TWICE = """
import sys, time, pathlib
mark = pathlib.Path(sys.argv[1], "lived")
if mark.exists():
    pathlib.Path(sys.argv[1], "lives again").touch(); time.sleep(600)
mark.touch()
"""


def start(var: Path, *flags: str, **scripts: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).with_name("tiny_stack.py")), str(var), json.dumps(scripts), *flags]
    return subprocess.Popen(command, env=clean_environment(var), cwd=ROOT, stdout=subprocess.PIPE, text=True)


def wait_for(condition, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_a_stop_ends_children_and_grandchildren_even_stubborn_ones(tmp_path):
    running = start(tmp_path, sleeper=SLEEP, stubborn=STUBBORN, family=FAMILY)
    wait_for(lambda: len(processes_below(tmp_path)) == 5)  # with the grandchild, and the supervisor itself
    running.terminate()
    assert running.wait(10) == 0
    assert processes_below(tmp_path) == []


def test_children_end_with_a_killed_supervisor(tmp_path):
    running = start(tmp_path, sleeper=SLEEP, other=SLEEP)
    wait_for(lambda: len(processes_below(tmp_path)) == 3)
    running.kill()
    running.wait()
    wait_for(lambda: processes_below(tmp_path) == [])


def test_a_sentinel_ends_even_stubborn_children_of_a_killed_supervisor(tmp_path):
    running = start(tmp_path, "--sentinel", stubborn=STUBBORN)
    wait_for(lambda: len(processes_below(tmp_path)) == 3)
    time.sleep(0.3)  # until the child ignores signals
    running.kill()
    running.wait()
    assert len(processes_below(tmp_path)) == 2
    wait_for(lambda: processes_below(tmp_path) == [])


def test_the_next_start_ends_what_survived_a_killed_supervisor(tmp_path):
    running = start(tmp_path, stubborn=STUBBORN)
    wait_for(lambda: len(processes_below(tmp_path)) == 2)
    time.sleep(0.3)  # until the child ignores signals
    running.kill()
    running.wait()
    [survivor] = processes_below(tmp_path)
    again = start(tmp_path, sleeper=SLEEP)
    assert again.stdout is not None
    assert again.stdout.readline() == "cleared 1\n"
    wait_for(lambda: not survivor.is_running())
    again.terminate()
    assert again.wait(10) == 0
    assert processes_below(tmp_path) == []


def test_the_port_of_what_survived_is_free_once_it_is_cleared_away(tmp_path):
    held = (
        "import socket, sys, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); "
    )
    with subprocess.Popen(
        [sys.executable, "-c", held + "time.sleep(600)"], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as survivor:
        assert survivor.stdout is not None
        port = int(survivor.stdout.readline())
        remains = Remains(tmp_path / "children.json")
        remains.write([survivor.pid])
        with pytest.raises(PortTaken):
            need_free_port("127.0.0.1", port)
        assert remains.clear() == 1
        need_free_port("127.0.0.1", port)


def test_a_dead_child_is_started_again_and_that_is_said(tmp_path):
    running = start(tmp_path, cat=LIVES_TWICE)
    wait_for((tmp_path / "lives again").exists)
    running.terminate()
    said = running.communicate(timeout=10)[0]
    assert "cat ended with status 0; starting it again in 0.5 s" in said


def test_a_child_that_dies_at_once_five_times_stops_everything_with_its_log(tmp_path, monkeypatch):
    running = start(tmp_path, sleeper=SLEEP, broken=TALKING_DEATH)
    said = running.communicate(timeout=40)[0]
    assert running.returncode == 1
    assert "gave up: broken ended with status 3, 5 times in a row" in said
    assert said.rstrip().endswith("the reason is here")
    assert processes_below(tmp_path) == []


def test_a_taken_port_names_its_holder_and_the_way_out():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(PortTaken) as taken:
            need_free_port("127.0.0.1", port)
    assert f"Port {port} is taken by " in str(taken.value)
    assert f"process {os.getpid()}" in str(taken.value)
    assert "make demo PORT=" in str(taken.value)


def test_a_free_port_is_free():
    need_free_port("127.0.0.1", free_port("127.0.0.1", 20000))


def supervisor(var: Path, *words: str, **variables: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "backend.config.supervisor", *words]
    return subprocess.Popen(
        command,
        env=clean_environment(var, NINEFOLD_DEVICE="cpu", **variables),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_supervisor_says_that_its_port_is_taken_before_it_starts_anything(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        running = supervisor(tmp_path, "--port", str(holder.getsockname()[1]))
        said = running.communicate(timeout=30)[0]
    assert running.returncode == 1
    assert "is taken by" in said
    assert not (tmp_path / "postgres").exists()


def test_a_folder_that_is_not_there_is_refused_before_anything_starts(tmp_path):
    running = supervisor(tmp_path, "--port", str(free_port("127.0.0.1", 20100)), "--import", str(tmp_path / "none"))
    said = running.communicate(timeout=30)[0]
    assert running.returncode == 1
    assert "none is not a folder: DATA names the folder with your DICOM files" in said


def test_the_real_stack_answers_and_ctrl_c_leaves_nothing_behind(tmp_path):
    port = free_port("127.0.0.1", 20200)
    running = supervisor(tmp_path, "--port", str(port))
    assert running.stdout is not None
    lines = []
    for line in running.stdout:
        lines.append(line)
        if "Ninefold is ready" in line:
            break
    assert f"http://localhost:{port}" in lines[-1], "".join(lines)
    second = supervisor(tmp_path, "--port", str(port))
    assert "already runs from" in second.communicate(timeout=30)[0]
    assert second.returncode == 1
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 0
    assert processes_below(tmp_path) == []
    assert "nothing is left running" in running.stdout.read()
    need_free_port("127.0.0.1", port)


def test_the_console_names_the_sign_ins_that_the_demo_makes():
    from backend.config.demo.people import PEOPLE
    from backend.config.supervisor import installation

    assert set(installation.SIGN_INS) <= {person.username for person in PEOPLE if person.signs_in}
