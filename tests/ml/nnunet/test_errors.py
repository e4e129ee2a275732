"""Failures in words that name the cause and what to do."""

import errno
import os
from concurrent.futures.process import BrokenProcessPool

import pytest
import torch

from ml.nnunet import errors
from ml.nnunet.errors import RunError, explain


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory"),
        BrokenProcessPool("A process in the process pool was terminated abruptly"),
    ],
)
def test_running_out_of_memory_is_told(tmp_path, error):
    assert "smaller patch or batch" in explain(error, tmp_path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told(tmp_path, number):
    assert f"disk that holds {tmp_path} is full" in explain(OSError(number, os.strerror(number)), tmp_path)


def test_torch_meets_a_full_disk_and_it_is_told(tmp_path):
    with pytest.raises((OSError, RuntimeError)) as met, open("/dev/full", "wb") as stream:  # noqa: PTH123
        torch.save({"weights": torch.zeros(100_000)}, stream)
    assert "is full" in explain(met.value, tmp_path) or isinstance(met.value, RuntimeError)


def test_a_failed_write_without_errno_is_a_full_disk_when_the_disk_is_full(tmp_path, monkeypatch):
    error = RuntimeError("PytorchStreamWriter failed writing file data/0")
    assert "is full" not in explain(error, tmp_path)
    monkeypatch.setattr(errors.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    assert "is full" in explain(error, tmp_path)


def test_what_may_not_be_read_is_named(tmp_path):
    assert "/model/plans.json may not be read" in explain(
        PermissionError(errno.EACCES, "denied", "/model/plans.json"), tmp_path
    )


def test_a_sentence_for_people_is_left_as_it_is(tmp_path):
    assert explain(RunError("Approve more cases."), tmp_path) == "Approve more cases."


def test_anything_else_points_to_the_log(tmp_path):
    assert explain(KeyError("x"), tmp_path) == "KeyError: 'x' (the traceback is in the run's log)."
