"""`python3 -m backend.config.setup [--dev] [--browser] [--torch cpu]`: make this checkout ready to run."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from backend.config.env import ROOT
from backend.config.setup.errors import SetupError
from backend.config.setup.tools import need_node, need_python

CURRENT = (3, 11)


def main(arguments: list[str]) -> int:
    """Do what is not done yet. 1 when something is missing or failed, with the sentence."""
    options = _parser().parse_args(arguments)
    try:
        python, npm = need_python(), need_node()
        if sys.version_info[:2] != CURRENT:  # whoever typed `python3` may have another one
            again = [python, "-m", "backend.config.setup", *arguments]
            return subprocess.run(again, cwd=ROOT, check=False).returncode
        return _set_up(options, npm)
    except SetupError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The same command goes on from here.\n")
        return 130


def _set_up(options: argparse.Namespace, npm: str) -> int:
    from backend.config.setup.browser import need_browser  # noqa: PLC0415 - from here on Python is 3.11
    from backend.config.setup.disk import need_space  # noqa: PLC0415
    from backend.config.setup.front_end import front_end_steps  # noqa: PLC0415
    from backend.config.setup.python_environment import PYTHON, python_steps  # noqa: PLC0415
    from backend.config.setup.steps import alone, say  # noqa: PLC0415

    began = time.monotonic()
    steps = [*python_steps(dev=options.dev, torch=options.torch), *front_end_steps(npm)]
    waiting = [step for step in steps if not step.done]
    if waiting and not PYTHON.exists():
        need_space(ROOT, options.torch)
        if not options.torch and sys.platform == "linux" and not os.path.exists("/dev/nvidiactl"):  # noqa: PTH110
            say("No NVIDIA GPU is seen here: `make demo TORCH=cpu` downloads about 2 GB less.")
    with alone():
        for number, step in enumerate(waiting, 1):
            step.run(f"{number} of {len(waiting)}")
        if options.browser:
            need_browser()
    if waiting:
        say(f"Set-up done in {time.monotonic() - began:.0f} s")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m backend.config.setup", description="Make a checkout ready to run")
    parser.add_argument("--dev", action="store_true", help="also what checks and tests need")
    parser.add_argument("--browser", action="store_true", help="also a browser for the end-to-end tests")
    parser.add_argument("--torch", default="", metavar="cpu", help="`cpu`: the small build from PyTorch's own index")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
