"""The command line as the platform meets it: exit codes, one last line, nothing else on standard output."""

import fcntl
import io
import json
import multiprocessing
import re
from pathlib import Path

import pytest

from ml import cli as command_line
from ml.contracts import PredictSpec, Progress, TrainSpec, from_json, preset, to_json


def run(tmp_path: Path, command: str, text: str | None) -> tuple[int, list[Progress]]:
    """Run in this process, which torch need not enter for these."""
    if text is not None:
        (tmp_path / "spec.json").write_text(text)
    lines = io.StringIO()
    arguments = [command, "--spec", str(tmp_path / "spec.json"), "--out", str(tmp_path / "out")]
    code = command_line.main(arguments, lines)
    return code, [from_json(Progress, line) for line in lines.getvalue().splitlines()]


@pytest.mark.parametrize("command", ["train", "predict"])
@pytest.mark.parametrize(
    ("text", "complaint"), [(None, "No such file"), ("{", "Expecting"), ('{"preset":"smoke"}', "is missing|unknown")]
)
def test_an_order_that_cannot_be_understood_ends_with_2_and_one_sentence(tmp_path, capfd, command, text, complaint):
    code, lines = run(tmp_path, command, text)
    assert code == 2
    assert [line.stage for line in lines] == ["failed"]
    assert capfd.readouterr().err.strip() == lines[0].message
    assert re.search(complaint, lines[0].message)
    assert not (tmp_path / "out").exists()


def test_a_dataset_that_is_not_there_ends_with_1_and_says_what_to_do(tmp_path, capfd):
    code, lines = run(tmp_path, "train", to_json(TrainSpec(str(tmp_path / "Dataset001_none"), preset("smoke"))))
    assert code == 1
    assert [line.stage for line in lines] == ["prepare", "failed"]
    assert "dataset.json is missing: write the dataset again" in lines[-1].message
    assert "Traceback" in capfd.readouterr().err
    assert not (tmp_path / "out" / "result.json").exists()


def test_a_model_that_is_not_there_ends_with_1_and_says_what_to_do(tmp_path):
    code, lines = run(tmp_path, "predict", to_json(PredictSpec(str(tmp_path / "none"), "0" * 64, ())))
    assert code == 1
    assert "give a model folder of a finished run" in lines[-1].message


def hold(out: str, held, done) -> None:
    with (Path(out) / ".lock").open("w") as stream:
        fcntl.lockf(stream, fcntl.LOCK_EX)
        held.set()
        done.wait(30)


def test_a_folder_in_which_another_run_works_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    context = multiprocessing.get_context("fork")
    held, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(str(tmp_path / "out"), held, done))
    other.start()
    try:
        assert held.wait(30)
        code, lines = run(tmp_path, "train", to_json(TrainSpec(str(tmp_path / "Dataset001_none"), preset("smoke"))))
    finally:
        done.set()
        other.join()
    assert code == 1
    assert "Another run is at work" in lines[-1].message


def test_a_reader_that_went_away_is_a_wish_to_stop(tmp_path):
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    (tmp_path / "spec.json").write_text(to_json(TrainSpec(str(tmp_path), preset("smoke"))))
    stop = command_line.StopFlag()
    lines = command_line._Lines(Gone(), stop)
    lines(Progress("train", 0.5))
    assert stop.is_set
    assert lines.fraction == 0.5


def test_versions_are_told_as_json():
    lines = io.StringIO()
    assert command_line.main(["versions"], lines) == 0
    told = json.loads(lines.getvalue())
    assert told["nnunetv2"] == "2.8.1"
    assert {"python", "torch", "numpy"} <= set(told)


@pytest.mark.slow
def test_standard_output_carries_progress_alone(trained):
    assert all(isinstance(line, Progress) for line in trained.lines)  # each line of the process was read as one


@pytest.mark.slow
def test_a_bad_spec_is_told_before_torch_is_loaded(cli, tmp_path):
    code, lines, errors = cli("train", '{"dataset_dir": 1}', tmp_path / "out", check=False)
    assert code == 2
    assert lines[-1].stage == "failed"
    assert errors.strip().splitlines() == [lines[-1].message]
