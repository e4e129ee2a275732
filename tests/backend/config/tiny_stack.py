"""`python tiny_stack.py VAR CHILDREN.json [--sentinel]`: the watch over tiny children, for tests to stop and kill."""

import json
import os
import signal
import sys
from pathlib import Path

from backend.config.supervisor.child import ChildSpec, kill_descendants
from backend.config.supervisor.remains import Remains
from backend.config.supervisor.sentinel import Sentinel
from backend.config.supervisor.watch import GaveUp, Watch
from backend.core.processes import adopt_orphans


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(var: Path, scripts: dict[str, str]) -> int:
    os.environ["VAR"] = str(var)
    adopt_orphans()
    remains = Remains(var / "children.json")
    sentinel = Sentinel(remains, patience_s=1) if "--sentinel" in sys.argv else None
    watch = Watch(log_folder=var / "log", remains=remains, say=say)
    signal.signal(signal.SIGTERM, lambda *_: watch.stop.set())
    say(f"cleared {remains.clear()}")
    try:
        watch.start(
            [
                ChildSpec(name, [sys.executable, "-c", script, str(var)], stops=((signal.SIGTERM, 1.0),))
                for name, script in scripts.items()
            ]
        )
        watch.run_until(lambda: False)
    except GaveUp as gave_up:
        say(f"gave up: {gave_up}")
        return 1
    finally:
        watch.stop_all()
        remains.clear()
        if sentinel:
            sentinel.dismiss()
        kill_descendants()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
