"""What the platform writes is what a run reads, and what a run writes is what the platform reads.

The platform's side goes through the gateway on real rows; the run's side through `ml.cli`'s own reading and writing.
"""

import io
import json
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Conflict
from backend.core.files import sha256_of
from backend.exports.channels import channels_from_json
from backend.learning import gateway, places, preparing, services, supervisor
from backend.learning.leases import _as_json
from backend.learning.models import ModelVersion, Run
from backend.learning.serializers import ProgressSerializer
from backend.learning.states import ModelState, RunKind, RunState
from ml import cli
from ml.contracts import (
    PRESETS,
    Case,
    CasePrediction,
    Channel,
    PredictResult,
    PredictSpec,
    Progress,
    TrainResult,
    TrainSpec,
    from_json,
    joint_sha256,
    to_json,
)
from ml.nnunet.dataset import check_labels, read_dataset
from ml.nnunet.files import write_text
from ml.volumes import read_nifti, write_nifti
from tests.backend.cohort import Cohort, phase_pixels

names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=12).filter(
    lambda text: text[0].isalnum()
)
shares = st.floats(0, 1)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)

SPECS = st.one_of(
    st.builds(
        TrainSpec,
        dataset_dir=names,
        settings=st.sampled_from(sorted(PRESETS.values(), key=lambda preset: preset.name)),
        seed=st.integers(0, 2**31),
        device=st.sampled_from(["cpu", "cuda", "cuda:1"]),
        warm_start_dir=st.none() | names,
        warm_start_sha256=st.none() | digests,
    ),
    st.builds(
        PredictSpec,
        model_dir=names,
        model_sha256=digests,
        cases=st.lists(
            st.builds(Case, case_id=names, channel_files=st.lists(names, max_size=3).map(tuple)),
            max_size=4,
            unique_by=lambda case: case.case_id,
        ).map(tuple),
        device=st.just("cpu"),
    ),
)
RESULTS = st.one_of(
    st.builds(
        TrainResult,
        model_dir=names,
        weights=st.dictionaries(names, digests, min_size=1, max_size=3),
        configuration=st.sampled_from(["2d", "3d_fullres"]),
        weights_sha256=digests,
        weights_bytes=st.integers(0, 2**40),
        epochs=st.integers(1, 1000),
        training_cases=st.integers(1, 1000),
        pseudo_dice=st.dictionaries(names, shares),
        seconds=st.floats(0, 1e6),
        device=names,
        versions=st.dictionaries(names, names),
    ),
    st.builds(
        PredictResult,
        cases=st.lists(
            st.builds(
                CasePrediction,
                case_id=names,
                mask_file=names,
                seconds=st.floats(0, 1e6),
                entropy=shares,
                slice_entropy=st.lists(shares, max_size=4).map(tuple),
            ),
            max_size=3,
        ).map(tuple),
        seconds=st.floats(0, 1e6),
        device=names,
        versions=st.dictionaries(names, names),
    ),
)
LINES = st.builds(
    Progress,
    stage=names,
    fraction=shares,
    message=names,
    seconds_left=st.none() | st.floats(0, 1e6),
    epoch=st.none() | st.integers(0, 1000),
    epochs=st.none() | st.integers(0, 1000),
    train_loss=st.none() | st.floats(-10, 10),
    val_loss=st.none() | st.floats(-10, 10),
    pseudo_dice=st.dictionaries(names, shares),
    case_id=st.none() | names,
)


@given(SPECS)
def test_an_order_survives_the_border_and_the_database(spec):
    text = to_json(spec)
    assert from_json(type(spec), text) == spec
    in_jsonb = json.loads(text)
    assert from_json(type(spec), json.dumps(dict(reversed(in_jsonb.items())))) == spec


@given(RESULTS)
def test_a_result_survives_the_border(result):
    assert from_json(type(result), to_json(result)) == result


@given(LINES)
def test_a_line_of_progress_survives_the_border_the_database_and_the_api(line):
    read = from_json(Progress, to_json(line))
    assert read == line
    assert from_json(Progress, json.dumps(_as_json(read))) == line
    assert set(ProgressSerializer().get_fields()) == {field.name for field in fields(Progress)}
    assert json.loads(json.dumps(ProgressSerializer(_as_json(read)).data)) == json.loads(to_json(line))


@given(st.builds(Channel, phase=st.integers(0, 9), minus=st.none() | st.integers(0, 9)))
def test_a_channel_survives_the_registry(channel):
    assert channels_from_json(json.loads(json.dumps([asdict(channel)]))) == (channel,)


@pytest.fixture
def cohort(db, settings, tmp_path):
    for name in ("BLOB_DIR", "RUN_DIR", "EXPORT_DIR"):
        setattr(settings, name, Path(tmp_path) / name.lower())
    return Cohort()


@pytest.fixture
def prepared(cohort):
    for _ in range(3):
        cohort.approved_case()
    turn = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    return _prepare(turn.runs.get())


def _prepare(run):
    started = preparing.begin_job(run.pk, RunState.PREPARING)
    preparing.prepare(started)
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
    return run


def _run(kind, run):
    """What `python -m ml.cli` reads of an order, by its own code."""
    order = cli._parser().parse_args([kind, "--spec", str(places.spec_path(run.pk)), "--out", "unused"])
    return from_json(cli._SPECS[order.command], Path(order.spec).read_text(encoding="utf-8"))


def test_a_training_finds_its_dataset_as_the_platform_wrote_it(prepared):
    spec = _run("train", prepared)
    assert isinstance(spec, TrainSpec)
    assert json.loads(to_json(spec)) == prepared.spec
    dataset = read_dataset(Path(spec.dataset_dir), spec.settings.folds)
    check_labels(dataset)
    manifest = prepared.round.snapshot.manifest
    assert dataset.channels == tuple(Channel(**channel).name for channel in manifest["channels"])
    assert dataset.foreground == {label["value"]: label["name"] for label in manifest["labels"]}
    folds = {case["case_id"]: case["fold"] for case in manifest["cases"]}
    (fold,) = dataset.folds
    assert fold.validation == tuple(case for case, index in folds.items() if index == 0)
    assert set(fold.train) == set(folds) - set(fold.validation)


def _trained(run):
    """A model as a training leaves it, written with the run's own tools."""
    out = places.out_folder(run.pk)
    weights = out / "model" / "fold_0" / "checkpoint_final.pth"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"weights")
    files = {"fold_0/checkpoint_final.pth": sha256_of(weights)}
    result = TrainResult(
        "model", files, joint_sha256(files), 7, 2, 2, {"lesion": 0.5}, 3.5, "cpu", "2d", versions={"a": "1"}
    )
    write_text(out / "result.json", to_json(result))
    return result


def test_the_platform_reads_the_model_that_a_training_left(prepared):
    left = _trained(prepared)
    assert gateway.has_result(prepared)
    assert gateway.train_result(prepared) == left
    model = ModelVersion(folder=gateway.relative_model_folder(prepared, left))
    assert (places.model_folder(model.folder) / next(iter(left.weights))).read_bytes() == b"weights"


def test_the_platform_refuses_weights_that_are_not_those_of_the_result(prepared):
    _trained(prepared)
    (places.out_folder(prepared.pk) / "model" / "fold_0" / "checkpoint_final.pth").write_bytes(b"altered")
    with pytest.raises(Conflict, match="missing or damaged"):
        gateway.train_result(prepared)


@pytest.mark.parametrize("text", ["", "{", '{"model_dir": "model"}', '{"cases": []}'])
def test_the_platform_refuses_a_result_that_it_cannot_read(prepared, text):
    places.out_folder(prepared.pk).mkdir(parents=True)
    (places.out_folder(prepared.pk) / "result.json").write_text(text)
    with pytest.raises(Conflict, match="cannot be read"):
        gateway.train_result(prepared)


def test_a_prediction_finds_its_channels_and_the_platform_its_mask(cohort, prepared):
    left = _trained(prepared)
    task = cohort.open_case()
    turn = prepared.round
    Run.objects.filter(pk=prepared.pk).update(state=RunState.DONE)
    ModelVersion.objects.create(
        project=cohort.project,
        number=1,
        round=turn,
        state=ModelState.ACTIVE,
        folder=gateway.relative_model_folder(prepared, left),
        weights_sha256=left.weights_sha256,
        weights_bytes=left.weights_bytes,
        channels=turn.snapshot.manifest["channels"],
        training_cases=2,
        result={},
    )
    run = _prepare(services.begin_run(turn, RunKind.DRAFT))
    spec = _run("predict", run)
    assert isinstance(spec, PredictSpec)
    assert Path(spec.model_dir) == places.out_folder(prepared.pk) / "model"
    assert spec.model_sha256 == left.weights_sha256
    (case,) = spec.cases
    assert case.case_id == f"task-{task.pk}"
    for index, file in enumerate(case.channel_files):
        pixels, geometry = read_nifti(Path(file))
        assert np.array_equal(pixels, phase_pixels(task.volume_id, index))
        assert geometry.same_grid(task.volume.geometry)
    mask = np.full(task.volume.shape_zyx, 5, dtype=np.uint8)
    out = places.out_folder(run.pk)
    (out / "masks").mkdir(parents=True)
    write_nifti(out / "masks" / f"{case.case_id}.nii.gz", mask, task.volume.geometry)
    prediction = CasePrediction(case.case_id, f"masks/{case.case_id}.nii.gz", 1.0, 0.25, (0.25,) * 4)
    write_text(out / "result.json", to_json(PredictResult((prediction,), 1.0, "cpu")))
    assert gateway.predict_result(run).cases == (prediction,)
    assert np.array_equal(gateway.predicted_labels(run, prediction.mask_file, task.volume), mask)


def test_an_order_that_makes_no_sense_ends_with_code_2_and_a_line_that_the_platform_reads(tmp_path):
    order = tmp_path / "spec.json"
    order.write_text('{"dataset_dir": "x", "folds": 3}')
    said = io.StringIO()
    assert cli.main(["train", "--spec", str(order), "--out", str(tmp_path / "out")], said) == supervisor.MISUNDERSTOOD
    line = from_json(Progress, said.getvalue().splitlines()[-1])
    assert line.stage == "failed"
    assert "folds" in line.message


def test_both_sides_mean_the_same_by_an_exit_code():
    assert (supervisor.DONE, supervisor.MISUNDERSTOOD, supervisor.STOPPED) == (
        cli.DONE,
        cli.MISUNDERSTOOD,
        cli.STOPPED,
    )
