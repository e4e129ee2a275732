"""`python -m backend.config.supervisor [--port N] [--seed] [--import FOLDER]`: run Ninefold until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from backend.config.embedded import EmbeddedError, ensure_services, leave_services
from backend.config.embedded.locks import FileLock
from backend.config.env import var_dir
from backend.config.processes import adopt_orphans
from backend.config.supervisor.child import kill_descendants
from backend.config.supervisor.console import Console
from backend.config.supervisor.installation import Installation, NotReady
from backend.config.supervisor.ports import PortTaken, need_free_port
from backend.config.supervisor.remains import Remains
from backend.config.supervisor.watch import GaveUp, Watch


def main(arguments: list[str]) -> int:
    """Run it. 0 after a stop by signal, 1 when something failed."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
    var, console = var_dir(), Console()
    alone = FileLock(var / "supervisor.lock")
    if not alone.own(wait=False):
        console.say(
            f"Ninefold already runs from {var}. Stop that one first (Ctrl-C in its window), or set NINEFOLD_VAR."
        )
        return 1
    adopt_orphans()
    remains = Remains(var / "children.json")
    watch = Watch(log_folder=var / "log", remains=remains, say=console.say)
    _stop_on_signals(watch)
    try:
        need_free_port(options.host, options.port)
        if killed := remains.clear():
            console.say(f"Ended {killed} processes that an earlier start left behind")
        console.step("PostgreSQL and Redis", ensure_services)
        Installation(watch=watch, console=console, host=options.host, port=options.port).run(
            seed=options.seed, import_folder=options.import_folder
        )
    except (EmbeddedError, NotReady, PortTaken, GaveUp) as error:
        console.say(str(error))
        return 1
    finally:
        console.say("Stopping")
        watch.stop_all()
        leave_services()
        kill_descendants()
        remains.clear()
        console.say("Stopped; nothing is left running")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m backend.config.supervisor", description="Run Ninefold until Ctrl-C."
    )
    parser.add_argument("--host", default=os.environ.get("NINEFOLD_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=os.environ.get("NINEFOLD_PORT", "8000"))
    parser.add_argument(
        "--seed", action="store_true", help="create the demo project with its users, cases and first round"
    )
    parser.add_argument(
        "--import", dest="import_folder", type=Path, metavar="FOLDER", help="import DICOM into the project my-data"
    )
    return parser


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
