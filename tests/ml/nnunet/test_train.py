"""A real training, from dataset to model: told line by line, stopped and resumed without a trace."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from ml.contracts import Progress, TrainSpec, from_json, preset, to_json
from ml.nnunet.checkpoints import Checkpoints
from ml.nnunet.errors import RunError, Stopped
from ml.nnunet.files import sha256_of
from ml.nnunet.running import StopFlag
from ml.nnunet.train import train

pytestmark = pytest.mark.slow


def ignore_progress(_: Progress) -> None: ...


def test_a_training_leaves_a_model_and_nothing_else(trained):
    left = sorted(path.name for path in trained.out.iterdir())
    assert left == [".lock", "model", "order.json", "result.json"]
    assert sorted(path.name for path in trained.model_dir.iterdir()) == ["dataset.json", "fold_0", "plans.json"]


def test_the_result_describes_the_weights(trained):
    weights = trained.model_dir / next(iter(trained.result.weights))
    assert trained.result.weights_sha256 == sha256_of(weights)
    assert trained.result.weights_bytes == weights.stat().st_size
    assert trained.result.training_cases == 3
    assert set(trained.result.pseudo_dice) <= {"gland", "lesion", "heart"}
    assert trained.result.versions["nnunetv2"] == "2.8.1"


def test_progress_walks_through_the_stages_and_never_back(trained):
    stages = list(dict.fromkeys(line.stage for line in trained.lines))
    assert stages == ["prepare", "plan", "preprocess", "train", "done"]
    fractions = [line.fraction for line in trained.lines]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_every_epoch_is_told_with_its_losses_and_dice_by_label(trained):
    epochs = [line for line in trained.lines if line.train_loss is not None]
    assert [(line.epoch, line.epochs) for line in epochs] == [(1, 2), (2, 2)]
    assert all(line.val_loss is not None and line.seconds_left is not None for line in epochs)
    assert all(set(line.pseudo_dice) <= {"gland", "lesion", "heart"} for line in epochs)
    assert epochs[-1].pseudo_dice == trained.result.pseudo_dice


def test_the_preset_overrides_the_plan_and_keeps_the_rest(trained):
    plan = json.loads((trained.model_dir / "plans.json").read_text())["configurations"]["2d"]
    assert plan["patch_size"] == [96, 96]
    assert plan["batch_size"] == 4
    assert plan["architecture"]["arch_kwargs"]["features_per_stage"] == [8, 16, 32]
    assert plan["normalization_schemes"] == ["ZScoreNormalization"] * 2


def test_the_weights_load_without_running_code_and_mirror_nothing(trained):
    stored = torch.load(trained.model_dir / next(iter(trained.result.weights)), weights_only=True)
    assert stored["trainer_name"] == "nnUNetTrainer"
    assert stored["inference_allowed_mirroring_axes"] is None


def test_the_same_command_on_a_finished_run_changes_nothing(trained, cli):
    before = (trained.out / "result.json").read_bytes()
    _, lines, _ = cli("train", trained.spec, trained.out)
    assert [line.stage for line in lines] == ["done"]
    assert (trained.out / "result.json").read_bytes() == before


def test_a_folder_serves_one_spec(trained, cli):
    code, lines, _ = cli(
        "train", TrainSpec(trained.spec.dataset_dir, preset("smoke"), seed=4), trained.out, check=False
    )
    assert code == 1
    assert "another spec" in lines[-1].message


class StopAt:
    """Asks for a stop at the n-th line of a training, as a signal would."""

    def __init__(self, stop: StopFlag, line: int) -> None:
        self.stop, self.left = stop, line

    def __call__(self, progress: Progress) -> None:
        self.left -= progress.stage == "train"
        if self.left == 0:
            self.stop.request("Stopped by a test")


def test_a_training_stopped_twice_and_damaged_once_ends_with_the_very_same_weights(trained, tmp_path):
    for line in (1, 2):  # in the first epoch, and at its end
        stop = StopFlag()
        with pytest.raises(Stopped):
            train(trained.spec, tmp_path / "out", StopAt(stop, line), stop)
    checkpoints = Checkpoints(tmp_path / "out" / "work" / "checkpoints" / "2d" / "fold_0")
    newest = max(checkpoints.folder.glob("step_*.pth"))
    newest.write_bytes(newest.read_bytes()[:-100])
    older = checkpoints.newest()
    assert older is not None
    assert len(older["losses"]) == 1
    result = train(trained.spec, tmp_path / "out", ignore_progress, StopFlag())
    assert result.weights_sha256 == trained.result.weights_sha256


def test_a_run_killed_after_its_last_epoch_writes_the_same_model_without_training_again(trained, tmp_path, monkeypatch):
    def be_killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ml.nnunet.units.write_model", be_killed)
        with pytest.raises(KeyboardInterrupt):
            train(trained.spec, tmp_path / "out", ignore_progress, StopFlag())
    lines: list[Progress] = []
    result = train(trained.spec, tmp_path / "out", lines.append, StopFlag())
    assert result.weights_sha256 == trained.result.weights_sha256
    assert result.pseudo_dice == trained.result.pseudo_dice
    assert not [line for line in lines if line.train_loss is not None]


def test_a_warm_start_takes_the_plan_and_every_tensor_that_fits(trained, tmp_path):
    warm = TrainSpec(
        trained.spec.dataset_dir,
        preset("smoke"),
        warm_start_dir=str(trained.model_dir),
        warm_start_sha256=trained.result.weights_sha256,
    )
    lines: list[Progress] = []
    train(warm, tmp_path / "out", lines.append, StopFlag())
    told = next(line.message for line in lines if "earlier model" in line.message)
    fitting, of_all = (int(word) for word in told.split() if word.isdigit())
    assert fitting == of_all > 20
    first = next(line for line in lines if line.train_loss is not None)
    cold = next(line for line in trained.lines if line.train_loss is not None)
    assert first.train_loss < cold.train_loss - 0.1
    plans = [(folder / "plans.json").read_text() for folder in (trained.model_dir, tmp_path / "out" / "model")]
    assert plans[0] == plans[1]


def test_a_warm_start_refuses_weights_that_the_registry_does_not_know(trained, tmp_path):
    warm = TrainSpec(
        trained.spec.dataset_dir, preset("smoke"), warm_start_dir=str(trained.model_dir), warm_start_sha256="0" * 64
    )
    with pytest.raises(RunError, match="registry knows 000000000000"):
        train(warm, tmp_path / "out", ignore_progress, StopFlag())


def test_sigterm_stops_a_training_within_seconds_with_a_checkpoint(raw, tmp_path):
    (tmp_path / "spec.json").write_text(to_json(TrainSpec(str(raw), preset("demo"))))
    command = [sys.executable, "-m", "ml.cli", "train", "--spec", str(tmp_path / "spec.json")]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [*command, "--out", str(tmp_path / "out")],
            cwd=Path(__file__).parents[3],
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            bufsize=1,
        ) as process,
    ):
        try:
            line = wait_for(process, "train")
            assert line.epoch == 0
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            rest = [from_json(Progress, text) for text in process.stdout]
            code = process.wait(timeout=30)
            took_s = time.monotonic() - asked
        finally:
            process.kill()
    assert code == 75
    assert took_s < 10
    assert rest[-1].stage == "stopped"
    assert "SIGTERM" in rest[-1].message
    saved = Checkpoints(tmp_path / "out" / "work" / "checkpoints" / "2d" / "fold_0").newest()
    assert saved is not None
    assert saved["losses"]
    assert not (tmp_path / "out" / "result.json").exists()


def wait_for(process: subprocess.Popen, stage: str) -> Progress:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 1.0)[0]:
            line = from_json(Progress, process.stdout.readline())
            if line.stage == stage:
                return line
    raise AssertionError(f"no line of stage {stage}")
