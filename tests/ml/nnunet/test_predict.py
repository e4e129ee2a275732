"""Drafts of a trained model, against nnU-Net's own predictor."""

from pathlib import Path

import numpy as np
import pytest
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

from ml.contracts import Case, PredictResult, PredictSpec, Progress, from_json, vector_from_text
from ml.nnunet.errors import RunError, Stopped
from ml.nnunet.predict import predict
from ml.nnunet.running import StopFlag
from ml.query.doubt_map import unpacked
from ml.volumes import read_nifti, write_nifti

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cases(tmp_path_factory, make_case, make_grid) -> tuple[Case, ...]:
    """A case like those of the training, one of another size and spacing, and one with an empty rim to crop."""
    folder = tmp_path_factory.mktemp("cases")
    grids = {
        "like": make_grid((32, 96, 96)),
        "other": make_grid((14, 70, 120), (5.0, 3.0, 1.5)),
        "rimmed": make_grid((20, 96, 96)),
    }
    made = []
    for seed, (name, geometry) in enumerate(grids.items(), start=40):
        make_case(folder, name, seed, geometry)
        files = tuple(str(folder / f"{name}_{channel:04d}.nii.gz") for channel in (0, 1))
        made.append(Case(name, files))
    for file in made[2].channel_files:
        array, geometry = read_nifti(Path(file))
        array[:3], array[:, :10], array[:, :, -7:] = 0, 0, 0
        write_nifti(Path(file), array, geometry)
    return tuple(made)


@pytest.fixture(scope="module")
def drafted(trained, cases, cli, tmp_path_factory) -> tuple[Path, PredictResult, list[Progress]]:
    out = tmp_path_factory.mktemp("drafts") / "out"
    spec = PredictSpec(str(trained.model_dir), trained.result.weights_sha256, cases)
    _, lines, _ = cli("predict", spec, out)
    return out, from_json(PredictResult, (out / "result.json").read_text()), lines


def test_masks_are_those_of_nnunets_own_predictor(trained, cases, drafted, tmp_path):
    out, result, _ = drafted
    stock = nnUNetPredictor(device=torch.device("cpu"), allow_tqdm=False)
    stock.initialize_from_trained_model_folder(str(trained.model_dir), (0,), "checkpoint_final.pth")
    names = [str(tmp_path / case.case_id) for case in cases]
    stock.predict_from_files_sequential([list(case.channel_files) for case in cases], names, False, True, None)
    for case, name in zip(result.cases, names, strict=True):
        mine, my_grid = read_nifti(out / case.mask_file)
        theirs, their_grid = read_nifti(Path(f"{name}.nii.gz"))
        assert np.array_equal(mine, theirs), case.case_id
        assert np.unique(mine).size > 1, case.case_id
        assert my_grid == their_grid


def test_masks_lie_on_the_grid_of_their_channels_and_never_say_ignore(cases, drafted):
    out, result, _ = drafted
    for case, drawn in zip(cases, result.cases, strict=True):
        mask, geometry = read_nifti(out / drawn.mask_file)
        assert mask.dtype == np.uint8
        assert mask.max() <= 3
        assert geometry.same_grid(read_nifti(Path(case.channel_files[0]))[1], tolerance_mm=1e-3)


def test_entropy_is_that_of_nnunets_probabilities(trained, cases, drafted):
    stock = nnUNetPredictor(device=torch.device("cpu"), allow_tqdm=False)
    stock.initialize_from_trained_model_folder(str(trained.model_dir), (0,), "checkpoint_final.pth")
    reader = stock.plans_manager.image_reader_writer_class()
    for case, drawn in zip(cases, drafted[1].cases, strict=True):
        array, properties = reader.read_images(list(case.channel_files))
        _, probabilities = stock.predict_single_npy_array(array, properties, None, None, True)
        terms = probabilities * np.log(np.maximum(probabilities, 1e-30))
        entropy = -terms.sum(axis=0) / np.log(len(probabilities))
        assert drawn.entropy == pytest.approx(entropy.mean(), abs=2e-3)
        assert np.allclose(drawn.slice_entropy, entropy.mean(axis=(1, 2)), atol=2e-3)
        assert len(drawn.slice_entropy) == array.shape[1]


def test_slices_without_signal_have_no_entropy(drafted):
    rimmed = drafted[1].cases[2]
    assert rimmed.slice_entropy[:3] == (0.0, 0.0, 0.0)
    assert min(rimmed.slice_entropy[3:]) > 0.1


def test_measures_are_those_of_nnunets_probabilities(trained, cases, drafted):
    stock = nnUNetPredictor(device=torch.device("cpu"), allow_tqdm=False)
    stock.initialize_from_trained_model_folder(str(trained.model_dir), (0,), "checkpoint_final.pth")
    reader = stock.plans_manager.image_reader_writer_class()
    for case, drawn in zip(cases, drafted[1].cases, strict=True):
        array, properties = reader.read_images(list(case.channel_files))
        mask, probabilities = stock.predict_single_npy_array(array, properties, None, None, True)
        entropy = -(probabilities * np.log(np.maximum(probabilities, 1e-30))).sum(axis=0) / np.log(len(probabilities))
        measures = drawn.measures
        assert measures.entropy == pytest.approx(np.average(entropy, weights=1 - probabilities[0]), abs=5e-3)
        top = np.sort(probabilities, axis=0)
        close = 1 - (top[-1] - top[-2])
        assert measures.margin == pytest.approx(np.average(close, weights=1 - probabilities[0]), abs=5e-3)
        assert measures.foreground == pytest.approx((mask > 0).mean(), abs=1e-3)
        assert [label.value for label in measures.labels] == [1, 2, 3]
        for label in measures.labels:
            assert label.doubt == pytest.approx(np.average(entropy, weights=probabilities[label.value]), abs=5e-3)
            drawn_ml = (mask == label.value).sum() * np.prod(properties["spacing"]) / 1000
            assert label.volume_ml == pytest.approx(drawn_ml, rel=0.02, abs=0.2)


def test_the_coarse_map_shows_the_doubt_of_every_slice(cases, drafted):
    out, result, _ = drafted
    for drawn in result.cases:
        shades = unpacked((out / drawn.doubt_map_file).read_bytes())
        assert len(shades) == len(drawn.slice_entropy)
        assert np.allclose(shades.mean(axis=(1, 2)) / 255, drawn.slice_entropy, atol=6e-3)


def test_a_case_has_the_same_features_whether_drafted_or_only_looked_at(trained, cases, drafted, tmp_path):
    like, other = (vector_from_text(drawn.features) for drawn in drafted[1].cases[:2])
    wanted = order(trained, look_at=cases[:2])
    looked = predict(wanted, tmp_path, ignore_progress, StopFlag()).looked_at
    assert [case.case_id for case in looked] == ["like", "other"]
    assert np.allclose(vector_from_text(looked[0].features), like, rtol=1e-4, atol=1e-5)
    assert not np.allclose(other, like, rtol=1e-2)
    assert not list(tmp_path.rglob("*.nii.gz"))


def test_views_of_other_grey_values_disagree_and_leave_the_mask_as_it_is(trained, cases, drafted, tmp_path):
    out, result, _ = drafted
    assert [drawn.measures.disagreement for drawn in result.cases] == [None] * 3
    near, far = (
        predict(order(trained, cases[0], gammas=gammas), tmp_path / name, ignore_progress, StopFlag()).cases[0]
        for name, gammas in (("near", (1.01,)), ("far", (0.5, 2.0)))
    )
    assert 0 <= near.measures.disagreement < far.measures.disagreement < 1
    for name, drawn in (("near", near), ("far", far)):
        drafted_before = (out / result.cases[0].mask_file).read_bytes()
        assert (tmp_path / name / drawn.mask_file).read_bytes() == drafted_before
        assert drawn.entropy == result.cases[0].entropy


def test_every_case_is_told_with_the_time_left(drafted):
    told = [line for line in drafted[2] if line.case_id is not None]
    assert [line.case_id for line in told] == ["like", "other", "rimmed"]
    assert all(line.seconds_left is not None for line in told)
    assert told[-1].seconds_left == 0.0
    assert drafted[2][-1].stage == "done"


def order(trained, *cases: Case, **changes) -> PredictSpec:
    wanted = {"model_dir": str(trained.model_dir), "model_sha256": trained.result.weights_sha256, "cases": cases}
    return PredictSpec(**(wanted | changes))


def ignore_progress(_: Progress) -> None: ...


def test_weights_that_the_registry_does_not_know_are_not_loaded(trained, cases, tmp_path):
    with pytest.raises(RunError, match="restore the file"):
        predict(order(trained, *cases, model_sha256="0" * 64), tmp_path, ignore_progress, StopFlag())


def test_a_case_with_too_few_channels_is_told_by_name(trained, cases, tmp_path):
    lacking = Case("lacking", cases[0].channel_files[:1])
    with pytest.raises(RunError, match=r"Case lacking has 1 channel files, the model needs 2 \(phase0, phase1\)"):
        predict(order(trained, lacking), tmp_path, ignore_progress, StopFlag())


def test_channels_on_different_grids_are_told_by_name(trained, cases, tmp_path):
    mixed = Case("mixed", (cases[0].channel_files[0], cases[1].channel_files[1]))
    with pytest.raises(RunError, match="Case mixed"):
        predict(order(trained, mixed), tmp_path, ignore_progress, StopFlag())


def test_a_channel_that_is_cut_is_told_by_name(trained, cases, tmp_path):
    cut = tmp_path / "cut_0001.nii.gz"
    cut.write_bytes(Path(cases[0].channel_files[1]).read_bytes()[:-500])
    with pytest.raises(RunError, match=r"Case cut cannot be read \(cut_0001\.nii\.gz is cut short"):
        predict(order(trained, Case("cut", (cases[0].channel_files[0], str(cut)))), tmp_path, print, StopFlag())


@pytest.mark.parametrize("content", [None, b"no image"])
def test_a_channel_that_is_missing_or_broken_is_told_by_name(trained, cases, tmp_path, content):
    broken = tmp_path / "broken_0001.nii.gz"
    if content is not None:
        broken.write_bytes(content)
    with pytest.raises(RunError, match="Case hurt"):
        predict(order(trained, Case("hurt", (cases[0].channel_files[0], str(broken)))), tmp_path, print, StopFlag())


def test_a_stop_is_heeded_between_two_patches(trained, cases, tmp_path):
    stop, patches = StopFlag(), []

    class StopAtThirdPatch(StopFlag):
        def check(self) -> None:
            patches.append(1)
            if len(patches) == 5:
                stop.request("Stopped by a test")
            stop.check()

    with pytest.raises(Stopped):
        predict(order(trained, *cases), tmp_path, ignore_progress, StopAtThirdPatch())
    assert len(patches) < 10
    assert not list(tmp_path.rglob("*.nii.gz"))


def test_a_drafting_that_was_stopped_goes_on_after_the_last_whole_case(trained, cases, drafted, tmp_path):
    stop, first, second = StopFlag(), [], []

    def stop_after_a_case(line: Progress) -> None:
        first.append(line.case_id)
        if line.case_id is not None:
            stop.request("Stopped by a test")

    with pytest.raises(Stopped):
        predict(order(trained, *cases), tmp_path, stop_after_a_case, stop)
    result = predict(order(trained, *cases), tmp_path, lambda line: second.append(line.case_id), StopFlag())
    assert (first, second) == ([None, "like"], [None, "other", "rimmed"])
    for mine, whole in zip(result.cases, drafted[1].cases, strict=True):
        assert (mine.case_id, mine.entropy, mine.slice_entropy) == (whole.case_id, whole.entropy, whole.slice_entropy)
        assert (tmp_path / mine.mask_file).read_bytes() == (drafted[0] / whole.mask_file).read_bytes()


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_told(trained, cases, tmp_path):
    with pytest.raises(RunError, match="'cuda:3' was asked for"):
        predict(order(trained, *cases, device="cuda:3"), tmp_path, ignore_progress, StopFlag())


def test_no_cases_give_an_empty_result(trained, tmp_path):
    assert predict(order(trained), tmp_path, ignore_progress, StopFlag()).cases == ()
