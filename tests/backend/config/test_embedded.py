"""The embedded servers, by the life of the processes that use them."""

import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dj_database_url
import psycopg
import pytest
from kombu import Connection

from backend.config.embedded import EmbeddedError
from backend.config.embedded.places import SOCKET_FOLDER_LIMIT, Places
from backend.config.env import ROOT
from tests.backend.config.users_of_servers import processes_below, use


def host_of(database_url: str) -> str:
    return dj_database_url.parse(database_url)["HOST"]


def ask(database_url: str, query: str) -> object:
    host = host_of(database_url)
    with psycopg.connect(host=host, user="postgres", dbname="ninefold", autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def wait_until_gone(folder: Path, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while left := processes_below(folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_stored_rows_and_jobs_are_there_at_the_second_start(tmp_path):
    first = use(tmp_path, fast=False)
    ask(first.database_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    with Connection(first.broker_url) as broker, broker.SimpleQueue("cpu") as queue:
        queue.put({"job": 1})
    first.leave()
    assert processes_below(tmp_path) == []

    second = use(tmp_path, fast=False)
    assert ask(second.database_url, "SELECT answer FROM kept") == 42
    with Connection(second.broker_url) as broker, broker.SimpleQueue("cpu") as queue:
        message = queue.get(timeout=5)
        assert message.payload == {"job": 1}
        message.ack()
    second.leave()


def test_users_share_servers_and_the_last_one_stops_them(tmp_path):
    first = use(tmp_path)
    second = use(tmp_path)
    assert first.database_url == second.database_url
    started = ask(second.database_url, "SELECT pg_postmaster_start_time()")
    first.leave()
    assert ask(second.database_url, "SELECT pg_postmaster_start_time()") == started
    second.leave()
    assert processes_below(tmp_path) == []
    assert not Path(host_of(first.database_url)).exists()


def test_users_that_start_at_once_get_the_same_server(tmp_path):
    with ThreadPoolExecutor(3) as pool:
        users = list(pool.map(use, [tmp_path] * 3))
    assert len({user.database_url for user in users}) == 1
    for user in users:
        assert ask(user.database_url, "SELECT 1") == 1
        user.leave()
    assert processes_below(tmp_path) == []


def test_killed_users_leave_no_server_behind(tmp_path):
    user = use(tmp_path)
    assert len(processes_below(tmp_path)) > 2
    user.kill()
    wait_until_gone(tmp_path)


def test_servers_die_with_a_killed_guard_and_start_again(tmp_path):
    user = use(tmp_path, fast=False)
    ask(user.database_url, "CREATE TABLE kept AS SELECT 1 AS answer")
    for guard in [
        process for process in processes_below(tmp_path) if "backend.config.embedded.guard" in process.cmdline()
    ]:
        guard.kill()
    user.kill()
    wait_until_gone(tmp_path)
    second = use(tmp_path, fast=False)
    assert ask(second.database_url, "SELECT answer FROM kept") == 1
    second.leave()


def test_a_killed_server_is_started_again_by_its_guard(tmp_path):
    user = use(tmp_path)
    postmaster = int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, 9)
    deadline = time.monotonic() + 20
    while True:
        try:
            assert ask(user.database_url, "SELECT 1") == 1
            break
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0]) != postmaster
    user.leave()


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(tmp_path):
    use(tmp_path).leave()
    stranger = subprocess.Popen(["sleep", "60"], user="nobody" if os.getuid() == 0 else None)
    try:
        (tmp_path / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}/postgres\n")
        (tmp_path / "redis" / "redis.pid").write_text(f"{stranger.pid}\n")
        user = use(tmp_path)
        assert ask(user.database_url, "SELECT 1") == 1
        user.leave()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_cluster_is_made_anew(tmp_path):
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18")
    user = use(tmp_path)
    assert ask(user.database_url, "SELECT 1") == 1
    user.leave()


def test_a_cluster_of_another_version_is_left_alone_and_named(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(RuntimeError, match="made by PostgreSQL 15, this is 18"):
        use(tmp_path)
    wait_until_gone(tmp_path)


def test_spaces_and_length_of_the_folder_do_not_matter(tmp_path):
    var = tmp_path / "a folder with spaces, and ünicode" / ("long" * 30)
    var.mkdir(parents=True)
    user = use(var)
    assert ask(user.database_url, "SELECT 1") == 1
    with Connection(user.broker_url) as broker:
        broker.ensure_connection(max_retries=1, timeout=5)
    user.leave()


@pytest.mark.parametrize("length", [10, 300])
def test_sockets_are_reached_whatever_the_temporary_folder(tmp_path, length, monkeypatch):
    folder = tmp_path / "a space" / ("x" * (length % 200))
    folder.mkdir(parents=True)
    user = use(tmp_path / "var", TMPDIR=str(folder))
    with Connection(user.broker_url) as broker:
        broker.ensure_connection(max_retries=1, timeout=5)
    assert ask(user.database_url, "SELECT 1") == 1
    user.leave()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    used = Places("redis", tmp_path / "var").socket_folder()
    assert len(os.fsencode(used)) <= SOCKET_FOLDER_LIMIT
    used.rmdir()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    places = Places("redis", Path("/nowhere"))
    folder = places.socket_folder()
    folder.chmod(0o777)
    with pytest.raises(EmbeddedError, match="not a private folder of ours"):
        places.socket_folder()
    folder.rmdir()


@pytest.mark.parametrize(
    ("variable", "url"), [("DATABASE_URL", "postgresql://elsewhere/x"), ("BROKER_URL", "amqp://elsewhere//")]
)
def test_a_server_that_is_named_is_not_started(tmp_path, variable, url):
    user = use(tmp_path, **{variable: url})
    assert url in (user.database_url, user.broker_url)
    assert (tmp_path / "postgres").exists() is (variable == "BROKER_URL")
    assert (tmp_path / "redis").exists() is (variable == "DATABASE_URL")
    user.leave()


def test_with_both_servers_named_nothing_is_started(tmp_path):
    user = use(tmp_path / "var", DATABASE_URL="postgresql://elsewhere/x", BROKER_URL="amqp://elsewhere//")
    assert not (tmp_path / "var").exists()
    user.leave()


def test_an_ordinary_user_runs_the_servers_as_itself(tmp_path):
    if os.getuid() != 0:
        pytest.skip("already an ordinary user: every other test here proves it")
    python = _python_for_everybody()
    if python is None:
        pytest.skip("NO PYTHON 3.11 THAT AN ORDINARY USER CAN REACH")
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.owner() == "root" and not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    var = tmp_path / "var"
    var.mkdir()
    os.chown(var, 65534, 65534)
    command = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", python)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    user = use(var, command=command, PYTHONPATH=f"{ROOT}:{packages}", PYTHONDONTWRITEBYTECODE="1")
    assert "%2Fpg/" not in user.database_url
    assert ask(user.database_url, "SELECT 1") == 1
    assert {process.uids().real for process in processes_below(var)} == {65534}
    assert (var / "redis").owner() == (var / "postgres").owner() == "nobody"
    user.leave()
    assert processes_below(var) == []
    assert use(var).leave() is None  # and root may go on with the same folder


def _python_for_everybody() -> str | None:
    for candidate in (sys.executable, "/usr/bin/python3.11", "/usr/local/bin/python3.11"):
        path = Path(candidate)
        if path.exists() and all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents):
            return candidate
    return None
