"""Stop flag, estimates, files written aside, work spread over processes."""

import os
import time

import pytest

from ml.nnunet.errors import Stopped
from ml.nnunet.files import aside, sha256_of, write_text
from ml.nnunet.running import Pace, StopFlag
from ml.nnunet.workers import each


def test_a_stop_is_raised_with_its_first_reason():
    stop = StopFlag()
    stop.check()
    stop.request("first")
    stop.request("second")
    with pytest.raises(Stopped, match="first"):
        stop.check()


def test_the_time_left_follows_the_pace_of_this_attempt():
    now = iter([100.0, 130.0])
    pace = Pace(10, skipped=4, clock=lambda: next(now))
    assert pace.seconds_left(4) is None
    assert pace.seconds_left(6) == 60.0  # 2 units in 30 s, 4 to go
    assert pace.fraction(6) == 0.6


def test_nothing_to_do_is_all_done():
    assert Pace(0).fraction(0) == 1.0


def test_a_file_written_aside_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "folder" / "file.txt"
    write_text(path, "before")

    def fail_half_way():
        with aside(path) as part:
            part.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert path.read_text() == "before"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.txt"]


def test_the_hash_of_a_known_file(tmp_path):
    write_text(tmp_path / "abc", "abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def square(number: int) -> int:
    return number * number


def end_abruptly(_: int) -> None:
    os._exit(9)


def sleep_long(_: int) -> None:
    time.sleep(60)


@pytest.mark.parametrize("processes", [1, 2])
def test_every_item_is_done_once(processes):
    assert sorted(each(square, [3, 1, 2], processes=processes, stop=StopFlag())) == [(0, 9), (1, 1), (2, 4)]


def test_a_stop_is_heeded_between_items():
    stop, done = StopFlag(), []

    def work(number: int) -> None:
        done.append(number)
        if number == 2:
            stop.request("enough")

    with pytest.raises(Stopped):
        list(each(work, range(9), processes=1, stop=stop))
    assert done == [0, 1, 2]


def test_a_stop_does_not_wait_for_the_processes():
    stop = StopFlag()
    stop.request("enough")
    start = time.monotonic()
    with pytest.raises(Stopped):
        list(each(sleep_long, range(4), processes=2, stop=stop))
    assert time.monotonic() - start < 20


def test_a_process_that_vanishes_is_an_error_and_not_a_silence():
    with pytest.raises(Exception, match="terminated abruptly"):
        list(each(end_abruptly, range(2), processes=2, stop=StopFlag()))
