"""Runs by hand or by the platform: `python -m ml.cli train|predict|adopt --spec f.json --out folder`, and `versions`.

Standard output carries progress alone, one JSON line each; everything else goes to standard error.
Exit codes: 0 done, 1 failed, 2 the order cannot be understood, 75 stopped and ready to go on.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from ml.contracts import AdoptSpec, PredictSpec, Progress, TrainSpec, from_json, to_json
from ml.nnunet.errors import RunError, Stopped, explain
from ml.nnunet.files import write_text
from ml.nnunet.running import WORK, Report, StopFlag
from ml.nnunet.versions import versions

DONE, FAILED, MISUNDERSTOOD, STOPPED = 0, 1, 2, 75

_SUMMARIES = {
    "train": "train a model",
    "predict": "draft masks with one model",
    "adopt": "take a model out of the zip that nnU-Net exports",
}
_SPECS: dict[str, type[Any]] = {"train": TrainSpec, "predict": PredictSpec, "adopt": AdoptSpec}


def main(arguments: Sequence[str], lines: IO[str]) -> int:
    """Carry out one command; progress goes to `lines`. Returns the exit code."""
    order = _parser().parse_args(arguments)
    if order.command == "versions":
        print(json.dumps(versions()), file=lines)
        return DONE
    stop = StopFlag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stop.request(f"Stopped by {signal.Signals(received).name}"))
    report = _Lines(lines, stop)
    out = Path(order.out)
    try:
        spec = from_json(_SPECS[order.command], Path(order.spec).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        report.fail(f"The order {order.spec} cannot be used: {error}.")
        return MISUNDERSTOOD
    try:
        _run(order.command, spec, out, report, stop)
    except Stopped as stopped:
        report(Progress("stopped", report.fraction, f"{stopped}; the same command goes on from here."))
        return STOPPED
    except Exception as error:  # noqa: BLE001 the border of the process: whatever it was, it is told
        traceback.print_exc()
        report.fail(explain(error, out))
        return FAILED
    report(Progress("done", 1.0, "Done"))
    return DONE


def _run(command: str, spec: Any, out: Path, report: Report, stop: StopFlag) -> None:
    out.mkdir(parents=True, exist_ok=True)
    lock = _lock(out)
    try:
        _claim(out, spec)
        if not (out / "result.json").is_file():
            write_text(out / "result.json", to_json(_command(command)(spec, out, report, stop)))
        shutil.rmtree(out / WORK, ignore_errors=True)  # not before: until then a killed run needs it to go on
    finally:
        lock.close()


def _command(name: str) -> Callable[[Any, Path, Report, StopFlag], Any]:
    """Function that carries out a command. Imported here: torch takes seconds, and a bad spec is told at once."""
    if name == "train":
        from ml.nnunet.train import train  # noqa: PLC0415

        return train
    if name == "adopt":
        from ml.nnunet.adopt import adopt  # noqa: PLC0415

        return adopt
    from ml.nnunet.predict import predict  # noqa: PLC0415

    return predict


def _lock(out: Path) -> IO[str]:
    """Hold the output folder as long as the process lives; a POSIX lock, which forked workers do not inherit."""
    stream = (out / ".lock").open("w", encoding="utf-8")
    try:
        fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        stream.close()
        raise RunError(f"Another run is at work in {out}: wait for it, or give another folder.") from error
    return stream


def _claim(out: Path, spec: Any) -> None:
    """Write down what the folder is for; a folder serves one spec, or a resumed run would mix two."""
    path, text = out / "order.json", to_json(spec)
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        raise RunError(f"{out} holds a run of another spec: give an empty folder.")
    write_text(path, text)


class _Lines:
    """Progress to a stream, one JSON line each. A reader that went away counts as a wish to stop."""

    def __init__(self, stream: IO[str], stop: StopFlag) -> None:
        self._stream = stream
        self._stop = stop
        self.fraction = 0.0

    def __call__(self, progress: Progress) -> None:
        self.fraction = progress.fraction
        try:
            print(to_json(progress), file=self._stream, flush=True)
        except BrokenPipeError:
            self._stop.request("Nobody reads the progress any more")

    def fail(self, message: str) -> None:
        """Tell a failure, in one sentence, on both streams."""
        print(message, file=sys.stderr)
        self(Progress("failed", self.fraction, message))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.cli", description="Train and use nnU-Net as a spec says.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, summary in _SUMMARIES.items():
        command = commands.add_parser(name, help=summary)
        command.add_argument("--spec", required=True, help="JSON file with the order")
        command.add_argument("--out", required=True, help="folder for the result; the same folder resumes the run")
    commands.add_parser("versions", help="print the versions of what computes, as JSON")
    return parser


def _own_stdout() -> IO[str]:
    """The process's standard output, kept for progress; from here on everybody else's goes to standard error."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return lines


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    exit_code = main(sys.argv[1:], _own_stdout())
    sys.stderr.flush()
    os._exit(exit_code)  # all is written and flushed; taking torch down in good order would cost seconds more
