"""Models taken in, promoted and retired by hand, and given away as a file."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

from backend.annotation.masks import load_labels
from backend.annotation.models import Proposal
from backend.annotation.services import claim
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed
from backend.learning import jobs, model_files, places, registry, services
from backend.learning.models import ModelVersion, Run
from backend.learning.selectors import warm_start_for
from backend.learning.states import ModelState, RoundKind, RoundState, RunKind, RunState
from ml.contracts import AdoptResult, AdoptSpec, from_json, to_json
from tests.backend.cohort import SHAPE_ZYX, Cohort
from tests.backend.learning.results import carry_out

pytestmark = pytest.mark.django_db
CHANNELS = [{"phase": 0, "minus": None}, {"phase": 1, "minus": None}]


def lesion(*_):
    labels = np.zeros(SHAPE_ZYX, np.uint8)
    labels[1:3, 4:9, 3:8] = 5
    return labels


def heart(*_):
    return np.where(lesion() == 5, 7, 0).astype(np.uint8)


@pytest.fixture
def cohort(own_folders):
    cohort = Cohort()
    for _ in range(2):
        cohort.approved_case()
    return cohort


def trained(cohort, word: str, drafts=lesion) -> ModelVersion:
    turn = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    carry_out(turn, weights=word.encode(), draft_labels=drafts)
    return ModelVersion.objects.get(round=turn)


def adopt(cohort, **wishes):
    given = {"channels": CHANNELS, "name": "BreastSegNet.zip", "file": io.BytesIO(b"a zip")} | wishes
    return registry.adopt_model(project=cohort.project, actor=cohort.manager, **given)


def leave_adopted(turn, labels, channels=("pre", "post")) -> Run:
    """What `ml.cli adopt` leaves behind, taken in."""
    run = turn.runs.get()
    jobs.prepare_run(run.pk)
    folder = places.out_folder(run.pk) / "model" / "fold_0"
    folder.mkdir(parents=True)
    (folder / "checkpoint_final.pth").write_bytes(b"theirs")
    for name in ("plans.json", "dataset.json"):
        (folder.parent / name).write_text('{"plans_name": "nnUNetPlans"}')
    digest = hashlib.sha256(b"theirs").hexdigest()
    weights = {"fold_0/checkpoint_final.pth": digest}
    result = AdoptResult("model", weights, digest, 6, "3d_fullres", labels, channels, "nnUNetTrainer", "0" * 64)
    (places.out_folder(run.pk) / "result.json").write_text(to_json(result))
    Run.objects.filter(pk=run.pk).update(state=RunState.COLLECTING, attempt=0)
    jobs.collect_run(run.pk)
    run.refresh_from_db()
    return run


def test_a_held_model_is_promoted_by_hand_with_a_reason_and_drafts_what_nobody_has_begun(cohort):
    waiting, begun = cohort.open_case(), cohort.open_case()
    first = trained(cohort, "one", lesion)
    claim(user=cohort.annotator, task=begun)
    second = trained(cohort, "two", heart)
    ModelVersion.objects.filter(pk=second.pk).update(state=ModelState.HELD)
    ModelVersion.objects.filter(pk=first.pk).update(state=ModelState.ACTIVE)

    turn = registry.promote_model(model=second, actor=cohort.manager, reason=" The lesion label was redefined. ")
    assert turn is not None
    assert (turn.kind, turn.state, turn.subject) == (RoundKind.DRAFT, RoundState.DRAFTING, second)
    assert ModelVersion.objects.get(state=ModelState.ACTIVE) == second
    first.refresh_from_db()
    assert first.state == ModelState.RETIRED
    event = AuditEvent.objects.get(action="model.promoted_by_hand")
    assert event.actor_id == cohort.manager.pk
    assert (event.detail["reason"], event.detail["was"]) == ("The lesion label was redefined.", "held")

    carry_out(turn, weights=b"", draft_labels=lambda *_: np.full(SHAPE_ZYX, 8, np.uint8))
    assert (turn.state, turn.error) == (RoundState.DONE, "")
    assert np.unique(load_labels(Proposal.objects.get(task=waiting).mask)).tolist() == [8]
    assert Proposal.objects.get(task=waiting).source == "model 2"
    assert Proposal.objects.get(task=begun).source == "model 1"


def test_rolling_back_without_waiting_cases_starts_no_round(cohort):
    first, second = trained(cohort, "one"), trained(cohort, "two")
    assert registry.promote_model(model=first, actor=cohort.manager, reason="Drafts were worse.") is None
    assert {model.number: model.state for model in ModelVersion.objects.all()} == {1: "active", 2: "retired"}
    with pytest.raises(Conflict, match="active one already"):
        registry.promote_model(model=first, actor=cohort.manager, reason="again")
    assert second.number == 2


def test_a_change_needs_a_reason_the_right_person_and_a_quiet_project(cohort):
    model = trained(cohort, "one")
    for act in (registry.promote_model, registry.retire_model):
        with pytest.raises(InvalidInput, match="Say why"):
            act(model=model, actor=cohort.manager, reason="  ")
        with pytest.raises(NotAllowed):
            act(model=model, actor=cohort.radiologist, reason="r")
    services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    for act in (registry.promote_model, registry.retire_model):
        with pytest.raises(Conflict, match="Round 2 is still training"):
            act(model=model, actor=cohort.manager, reason="r")
    assert not AuditEvent.objects.filter(action__endswith="by_hand").exists()


def test_a_retired_model_drafts_no_more(cohort):
    model = trained(cohort, "one")
    assert registry.retire_model(model=model, actor=cohort.manager, reason="Wrong labels.").state == ModelState.RETIRED
    assert not ModelVersion.objects.filter(state=ModelState.ACTIVE).exists()
    with pytest.raises(Conflict, match="retired already"):
        registry.retire_model(model=model, actor=cohort.manager, reason="again")


def test_a_model_from_elsewhere_is_registered_promoted_and_drafts_in_our_labels(cohort):
    waiting = cohort.open_case()
    turn = adopt(cohort, labels={"mass": "lesion"}, archive_sha256="a" * 64, configuration="3d_fullres")
    assert (turn.kind, turn.state, turn.snapshot) == (RoundKind.ADOPT, RoundState.ADOPTING, None)
    run = leave_adopted(turn, {"mass": 1, "heart": 2})
    assert run.state == RunState.DONE, run.error
    spec = from_json(AdoptSpec, json.dumps(run.spec))
    assert (spec.archive_sha256, spec.configuration, spec.channels) == ("a" * 64, "3d_fullres", ("phase0", "phase1"))
    model = ModelVersion.objects.get()
    assert (model.state, model.label_map, model.training_cases) == (ModelState.ACTIVE, [[1, 5], [2, 7]], 0)
    turn.refresh_from_db()
    carry_out(turn, weights=b"", draft_labels=lambda *_: (lesion() == 5).astype(np.uint8) + 2 * (lesion() == 0))
    assert (turn.state, turn.error) == (RoundState.DONE, "")
    drafted = load_labels(Proposal.objects.get(task=waiting).mask)
    assert np.array_equal(drafted, np.where(lesion() == 5, 5, 7))


def test_a_model_of_our_own_labels_and_inputs_is_where_the_next_training_starts(cohort):
    turn = adopt(cohort)
    ours = {label["name"]: label["value"] for label in cohort.project.label_set.labels}
    assert leave_adopted(turn, ours).state == RunState.DONE
    following = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
    assert following.snapshot is not None
    assert warm_start_for(following.snapshot) == ModelVersion.objects.get(number=1)
    jobs.prepare_run(following.runs.get().pk)
    spec = following.runs.get().spec
    assert spec["warm_start_sha256"] == hashlib.sha256(b"theirs").hexdigest()


def test_a_model_whose_labels_nobody_named_fails_its_round_and_leaves_no_version(cohort):
    turn = adopt(cohort)
    run = leave_adopted(turn, {"mass": 1})
    turn.refresh_from_db()
    assert (run.state, turn.state) == (RunState.FAILED, RoundState.FAILED)
    assert "no label for the model's mass" in turn.error
    assert not ModelVersion.objects.exists()


def test_an_empty_file_and_a_second_round_leave_nothing_behind(cohort):
    with pytest.raises(InvalidInput, match="empty"):
        adopt(cohort, file=io.BytesIO(b""))
    adopt(cohort)
    with pytest.raises(Conflict, match="is still adopting"):
        adopt(cohort)
    assert len(list(registry.archive_path(cohort.project.rounds.get()).parent.iterdir())) == 1


def test_the_settings_of_a_round_reach_its_order(cohort):
    turn = services.start_round(
        project=cohort.project,
        actor=cohort.manager,
        preset="final",
        settings={"loss": "dice_focal", "planner": "ResEncM", "configurations": ["3d_fullres"]},
    )
    jobs.prepare_run(turn.runs.get().pk)
    settings = turn.runs.get().spec["settings"]
    assert (settings["loss"], settings["planner"], settings["configurations"]) == (
        "dice_focal",
        "ResEncM",
        ["3d_fullres"],
    )
    assert settings["folds"] == [0, 1]  # two patients make two folds
    assert turn.runs.get().spec["warm_start_dir"] is None


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"loss": "best"}, "loss: need one of"),
        ({"epoch": 3}, "unknown field 'epoch'"),
        ({"epochs": 0}, "count from 1"),
        ({"name": "mine"}, "cannot be changed"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(cohort, changes, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke", settings=changes)


def test_a_model_leaves_as_nnunet_lays_it_out_with_a_card(cohort):
    model = trained(cohort, "one")
    folder = places.model_folder(model.folder)
    for name in ("plans.json", "dataset.json"):
        (folder / name).write_text('{"plans_name": "nnUNetPlans"}')
    out = io.BytesIO()
    model_files.write_zip(model, out)
    with zipfile.ZipFile(out) as archive:
        names = sorted(name.partition("/")[2] for name in archive.namelist())
        inside = "nnUNetTrainer__nnUNetPlans__2d"
        assert names == [
            f"{inside}/{name}"
            for name in ("dataset.json", "fold_0/checkpoint_final.pth", "model_card.json", "plans.json")
        ]
        card = json.loads(archive.read(next(name for name in archive.namelist() if name.endswith("card.json"))))
    assert card["weights_sha256"] == model.weights_sha256
    assert card["snapshot"]["sha256"] == model.round.snapshot.sha256
    (folder / "plans.json").unlink()
    with pytest.raises(Conflict, match="restore the run folder"):
        model_files.write_zip(model, io.BytesIO())


def test_only_a_score_run_of_the_right_kind_follows(cohort):
    cohort.approved_case("BENCHMARK")
    turn = adopt(cohort)
    ours = {label["name"]: label["value"] for label in cohort.project.label_set.labels}
    leave_adopted(turn, ours)
    turn.refresh_from_db()
    assert turn.state == RoundState.SCORING
    assert [run.kind for run in turn.runs.all()] == [RunKind.ADOPT, RunKind.SCORE]
