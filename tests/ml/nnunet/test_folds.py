"""Several folds and what is chosen from their validation cases: one model, one hash, one mask."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.contracts import Case, PredictSpec, Progress, TrainSpec, preset
from ml.metrics.masks import dice_by_label
from ml.nnunet.errors import Stopped
from ml.nnunet.model import read_model
from ml.nnunet.planning import is_of_planner, planned
from ml.nnunet.postprocessing import Rule, apply_rules, choose_rules, read_rules, write_rules
from ml.nnunet.predict import WarmPredictor, predict
from ml.nnunet.running import StopFlag
from ml.nnunet.train import train
from ml.volumes import read_nifti

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two_folds(raw, tmp_path_factory):
    """The raw dataset with two folds, and a spec of a smoke training on both that chooses rules."""
    folder = tmp_path_factory.mktemp("folds") / raw.name
    shutil.copytree(raw, folder)
    names = [f"case{number}" for number in range(4)]
    splits = [{"train": names[2:], "val": names[:2]}, {"train": names[:2], "val": names[2:]}]
    (folder / "splits_final.json").write_text(json.dumps(splits))
    return TrainSpec(str(folder), preset("smoke", folds=(0, 1), postprocess=True), seed=5)


@pytest.fixture(scope="module")
def finished(two_folds, tmp_path_factory):
    out, lines = tmp_path_factory.mktemp("two") / "out", list[Progress]()
    return out, train(two_folds, out, lines.append, StopFlag()), lines


def test_every_fold_is_trained_into_one_model_under_one_hash(finished):
    out, result, _ = finished
    assert sorted(result.weights) == ["fold_0/checkpoint_final.pth", "fold_1/checkpoint_final.pth"]
    assert result.training_cases == 4
    model = read_model(out / "model", sha256=result.weights_sha256)
    assert sorted(model.folds) == [0, 1]
    assert not all(torch.equal(model.folds[0][name], model.folds[1][name]) for name in model.folds[0])


def test_progress_names_the_fold_and_never_goes_back(finished):
    _, _, lines = finished
    fractions = [line.fraction for line in lines]
    assert fractions == sorted(fractions)
    epochs = [(line.part, line.epoch) for line in lines if line.train_loss is not None]
    assert epochs == [("2d, fold 0", 1), ("2d, fold 0", 2), ("2d, fold 1", 1), ("2d, fold 1", 2)]
    assert all(line.memory_bytes > 10**8 for line in lines if line.train_loss is not None)


def test_the_scores_and_rules_are_those_of_cases_that_a_fold_did_not_see(finished, two_folds):
    out, result, _ = finished
    cases, names = [], {1: "gland", 2: "lesion", 3: "heart"}
    for number in range(4):
        reference, grid = read_nifti(out / "work" / "validation" / "2d" / f"case{number}.nii.gz")
        truth, _ = read_nifti(Path(two_folds.dataset_dir) / "labelsTr" / f"case{number}.nii.gz")
        cases.append((reference.astype(np.uint8), truth.astype(np.uint8), grid.spacing_zyx_mm))
    dice = [dice_by_label(truth, drawn, names, 4) for drawn, truth, _ in cases]
    for value, name in names.items():
        assert result.validation["2d"][name] == pytest.approx(np.mean([case[value] for case in dice]), abs=1e-4)
    assert read_rules(out / "model") == choose_rules(cases, names, ignore=4)


def test_the_mask_of_two_folds_is_that_of_their_mean_logits(finished, two_folds):
    out, result, _ = finished
    model = read_model(out / "model", sha256=result.weights_sha256)
    files = tuple(f"{two_folds.dataset_dir}/imagesTr/case0_{channel:04d}.nii.gz" for channel in range(2))

    def logits(folds):
        predictor = WarmPredictor(replace(model, folds=folds), torch.device("cpu"), StopFlag())
        prepared = predictor.prepare(Case("case0", files))
        return predictor._predictor.predict_logits_from_preprocessed_data(prepared.tensor).float()

    both = logits(model.folds)
    mean = (logits({0: model.folds[0]}) + logits({1: model.folds[1]})) / 2
    assert torch.allclose(both, mean, atol=2e-2)


def test_a_stop_in_the_second_fold_leaves_no_trace_in_the_weights(finished, two_folds, tmp_path):
    stop = StopFlag()

    def stop_in_the_second(line: Progress) -> None:
        if line.part == "2d, fold 1" and line.epoch == 1:
            stop.request("Stopped by a test")

    with pytest.raises(Stopped):
        train(two_folds, tmp_path / "out", stop_in_the_second, stop)
    lines = list[Progress]()
    result = train(two_folds, tmp_path / "out", lines.append, StopFlag())
    assert result.weights == finished[1].weights
    assert {line.part for line in lines if line.train_loss is not None} == {"2d, fold 1"}


@pytest.mark.parametrize(("planner", "network"), [("ResEncM", "ResidualEncoderUNet"), ("default", "PlainConvUNet")])
def test_the_planner_is_the_one_that_was_asked_for(raw, tmp_path, planner, network):
    stop = StopFlag()

    def stop_before_preprocessing(line: Progress) -> None:
        if line.stage == "plan":
            return
        if (tmp_path / "out" / "work" / "plans.json").is_file():
            stop.request("enough")

    settings = preset(
        "smoke",
        planner=planner,
        patch_yx=None,
        features=None,
        batch_size=2,
        configurations=("2d", "3d_fullres", "3d_lowres"),
    )
    with pytest.raises(Stopped):
        train(TrainSpec(str(raw), settings), tmp_path / "out", stop_before_preprocessing, stop)
    plans = json.loads((tmp_path / "out" / "work" / "plans.json").read_text())
    assert is_of_planner(plans, planner)
    assert planned(plans, settings) == ("2d", "3d_fullres")  # small volumes need no low resolution
    for name in ("2d", "3d_fullres"):
        assert plans["configurations"][name]["architecture"]["network_class_name"].endswith(network)
        assert plans["configurations"][name]["batch_size"] == 2


@pytest.mark.parametrize("loss", ["dice_focal", "focal_tversky", "dice_boundary"])
def test_a_training_goes_through_with_every_loss(raw, tmp_path, loss):
    settings = preset("smoke", loss=loss, epochs=2, iterations_per_epoch=2)
    lines = list[Progress]()
    train(TrainSpec(str(raw), settings), tmp_path / "out", lines.append, StopFlag())
    losses = [line.train_loss for line in lines if line.train_loss is not None]
    assert len(losses) == 2
    assert np.isfinite(losses).all()


def test_a_drafting_run_carries_out_the_rules_of_the_model(finished, two_folds, tmp_path):
    out, result, _ = finished
    folder = tmp_path / "model"
    shutil.copytree(out / "model", folder)
    rules = {1: Rule(keep_largest=True), 2: Rule(min_mm3=500.0), 3: Rule(keep_largest=True)}
    files = tuple(f"{two_folds.dataset_dir}/imagesTr/case0_{channel:04d}.nii.gz" for channel in range(2))
    masks = []
    for number, wanted in enumerate(({}, rules)):
        write_rules(folder, wanted)
        spec = PredictSpec(str(folder), result.weights_sha256, (Case("case0", files),))
        predict(spec, tmp_path / str(number), lambda _: None, StopFlag())
        masks.append(read_nifti(tmp_path / str(number) / "masks" / "case0.nii.gz"))
    (plain, grid), (cleaned, _) = masks
    assert np.array_equal(cleaned, apply_rules(plain.astype(np.uint8), rules, grid.spacing_zyx_mm))
    assert not np.array_equal(cleaned, plain)
