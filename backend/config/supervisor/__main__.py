"""`python -m backend.config.supervisor [--port N] [--seed] [--import FOLDER]`: run Ninefold until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from backend.config.embedded import EmbeddedError, ensure_services, leave_services
from backend.config.embedded.locks import FileLock
from backend.config.env import var_dir
from backend.config.supervisor.child import kill_descendants
from backend.config.supervisor.console import Console
from backend.config.supervisor.installation import Installation, NotReady
from backend.config.supervisor.ports import PortTaken, need_free_port
from backend.config.supervisor.remains import Remains
from backend.config.supervisor.sentinel import Sentinel
from backend.config.supervisor.stack import PARTS
from backend.config.supervisor.watch import GaveUp, Watch
from backend.core.processes import adopt_orphans


def main(arguments: list[str]) -> int:
    """Run it. 0 after a stop by signal, 1 when something failed."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
    console, place = Console(), _place(options.only)
    alone = FileLock(place / "supervisor.lock")
    if not alone.own(wait=False):
        console.say(f"Ninefold already runs from {place}. Stop that one first (Ctrl-C in its window).")
        return 1
    adopt_orphans()
    remains = Remains(place / "children.json")
    watch = Watch(log_folder=var_dir() / "log", remains=remains, say=console.say)
    _stop_on_signals(watch)
    sentinel = Sentinel(remains)
    try:
        _run(options, console, watch, remains)
    except (EmbeddedError, NotReady, PortTaken, GaveUp) as error:
        console.say(str(error))
        return 1
    finally:
        console.say("Stopping")
        watch.stop_all()
        leave_services()
        remains.clear()
        sentinel.dismiss()
        kill_descendants()
        console.say("Stopped; nothing is left running")
    return 0


def _run(options: argparse.Namespace, console: Console, watch: Watch, remains: Remains) -> None:
    installation = Installation(watch=watch, console=console, host=options.host, port=options.port)
    if options.import_folder and not options.import_folder.is_dir():
        raise NotReady(f"{options.import_folder} is not a folder: DATA names the folder with your DICOM files")
    if killed := remains.clear():  # first: what is left may hold the port
        console.say(f"Ended {killed} processes that an earlier start left behind")
    if not options.only or "web" in options.only:
        need_free_port(options.host, options.port)
    console.step("PostgreSQL and Redis", ensure_services)
    if options.only:
        installation.run_part(options.only)
    else:
        installation.run(seed=options.seed, import_folder=options.import_folder)


def _place(only: list[str]) -> Path:
    """Where this supervisor keeps its lock and its notes: parts of a server share `var`, but run apart."""
    return Path(tempfile.gettempdir(), f"ninefold-{os.getuid()}-{'-'.join(only)}") if only else var_dir()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.config.supervisor", description="Run Ninefold")
    add = parser.add_argument
    add("--host", default=os.environ.get("NINEFOLD_HOST", "127.0.0.1"), help="address to listen on (NINEFOLD_HOST)")
    add("--port", type=int, default=os.environ.get("NINEFOLD_PORT", "8000"), help="port to listen on (NINEFOLD_PORT)")
    add("--seed", action="store_true", help="create the demo project with its users, cases and first round")
    add("--import", dest="import_folder", type=_folder, metavar="FOLDER", help="import DICOM into the project my-data")
    add(
        "--only",
        nargs="+",
        choices=PARTS,
        default=[],
        help="run these alone, on a ready database, logging here",
    )
    return parser


def _folder(words: str) -> Path:
    return Path(words).expanduser().resolve()


def _stop_on_signals(watch: Watch) -> None:
    def stop(_number: int, _frame: object) -> None:
        if watch.stop.is_set():
            watch.hurry.set()  # a second Ctrl-C: no more patience
        watch.stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup stays in force
            signal.signal(number, stop)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
