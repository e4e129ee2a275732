"""One function over many items: in this process, or in several that end with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

from ml.nnunet.running import StopFlag

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    function: Callable[[Item], Result], items: Sequence[Item], *, processes: int, stop: StopFlag
) -> Iterator[tuple[int, Result]]:
    """Yield (index, result) as they are done; `function` must be importable when there are several processes.

    Raises Stopped between two items, and BrokenProcessPool when a process vanishes.
    """
    if processes > 1 and len(items) > 1:
        yield from _spread(function, items, min(processes, len(items)), stop)
        return
    for index, item in enumerate(items):
        stop.check()
        yield index, function(item)


def _spread(
    function: Callable[[Item], Result], items: Sequence[Item], processes: int, stop: StopFlag
) -> Iterator[tuple[int, Result]]:
    executor = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
    try:
        waiting: dict[Future[Result], int] = {executor.submit(function, item): n for n, item in enumerate(items)}
        while waiting:
            stop.check()
            for future in wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():  # else a stop would wait for the cases at hand
            child.terminate()
