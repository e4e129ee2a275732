"""The demo's cohort and the simulated people."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from backend.annotation.effort import correction_effort
from backend.annotation.labels import DEFAULT_LABELS
from backend.annotation.masks import load_labels, store_mask
from backend.annotation.models import Review, Revision, Task
from backend.annotation.services import claim, offer_proposal
from backend.annotation.workflow import State
from backend.audit.models import AuditEvent
from backend.config.demo import seeding
from backend.config.demo.annotators import draw_and_approve, is_waiting
from backend.config.demo.mistakes import overlooked_label, with_mistakes
from backend.config.demo.patients import task_of
from backend.config.demo.people import Team, ensure_team
from backend.config.demo.phantoms import PHASES, on_grid
from backend.config.demo.seeding import PARTS, Part, seed_demo
from backend.config.demo.simulation import Batch, Effort, Plan, Turn
from backend.config.demo.tables import dice_grid, effort_grid
from backend.imaging.models import Partition, Patient
from backend.learning.models import Round
from ml.geometry import Geometry
from ml.phantom import make_phantom
from ml.phantom.build import make_build
from tests.backend.cohort import SHAPE_ZYX, Cohort, some_labels

THREE = (
    Part(1, Partition.POOL, drawn=True),
    Part(2, Partition.BENCHMARK, drawn=True),
    Part(3, Partition.POOL, drawn=False),
)


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    for name in ("VAR_DIR", "BLOB_DIR", "RUN_DIR", "EXPORT_DIR"):
        setattr(settings, name, tmp_path / name.lower())


def states(project):
    return [(task.partition, task.state) for task in Task.objects.filter(project=project).order_by("pk")]


@pytest.mark.django_db
def test_the_demo_is_seeded_through_the_services_and_survives_being_stopped_and_repeated(monkeypatch):
    monkeypatch.setattr(seeding, "PARTS", THREE)
    made, said = seeding._make, []

    def stopped_at_the_second(part, scan, team):
        if part.seed == 2:
            raise KeyboardInterrupt
        return made(part, scan, team)

    monkeypatch.setattr(seeding, "_make", stopped_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        seed_demo(said.append)
    monkeypatch.setattr(seeding, "_make", made)
    team = seed_demo(said.append)

    assert states(team.project) == [("POOL", State.APPROVED), ("BENCHMARK", State.APPROVED), ("POOL", State.OPEN)]
    assert Patient.objects.count() == 3
    for seed in (1, 2):
        task = task_of(team.project, seed)
        assert task.volume.phases.count() == PHASES
        phantom = make_phantom(seed=seed, phases=2)
        truth = on_grid(phantom.labels, phantom.geometry, task.volume.geometry)
        assert np.array_equal(load_labels(task.approved.mask), truth)
        assert (task.approved.author, task.approved.origin) == (team.annotator, "human")
        assert Review.objects.get(task=task).reviewer == team.radiologist
    assert AuditEvent.objects.filter(action="task.approve").count() == 2

    events = AuditEvent.objects.count()
    said.clear()
    seed_demo(said.append)
    assert said == ["The demo project has its 3 patients."]
    assert AuditEvent.objects.count() == events


@pytest.mark.django_db
def test_seeding_again_leaves_alone_what_people_have_done(monkeypatch):
    monkeypatch.setattr(seeding, "PARTS", THREE[2:])
    team = seed_demo(lambda line: None)
    task = task_of(team.project, 3)
    visitor = team.project.memberships.get(user__username="annotator").user
    claim(user=visitor, task=task)
    seed_demo(lambda line: None)
    assert Task.objects.get().assignee == visitor
    assert not Revision.objects.exists()


@pytest.mark.django_db
def test_the_first_round_is_started_once(monkeypatch):
    monkeypatch.setattr(seeding, "PARTS", ())
    cohort = Cohort("demo")
    ensure_team("demo", "Demo")
    for _ in range(2):
        cohort.approved_case()
    for _ in range(2):
        call_command("seed_demo", "--round", "--preset", "smoke")
    assert Round.objects.get().preset == "smoke"


@pytest.mark.django_db
def test_a_visitor_can_sign_in_as_four_people_and_not_as_the_simulated_one():
    team = ensure_team("demo", "Demo")
    users = {member.user.username: member.user for member in team.project.memberships.select_related("user")}
    assert set(users) == {"annotator", "radiologist", "manager", "scientist", "annotator2"}
    for name, user in users.items():
        assert user.check_password("ninefold-demo") == (name != "annotator2")


def test_the_demo_has_eight_drawn_four_in_the_benchmark_and_twelve_waiting():
    assert len({part.seed for part in PARTS}) == 24
    implants = [part for part in PARTS if make_build(part.seed).implants]
    assert [sum(part.partition is side for part in implants) for side in Partition] == [5, 2]
    assert sum(part.drawn and part.partition is Partition.POOL for part in PARTS) == 8
    assert sum(part.partition is Partition.BENCHMARK for part in PARTS) == 4
    assert sum(not part.drawn for part in PARTS) == 12


def grid(z_mm, first_z, flip=False):
    step = -z_mm if flip else z_mm
    rows = ((0.0, 0.0, 2.0, -30.0), (0.0, 2.5, 0.0, -40.0), (step, 0.0, 0.0, first_z), (0.0, 0.0, 0.0, 1.0))
    return Geometry(SHAPE_ZYX, rows)


def test_labels_follow_a_grid_whose_slices_run_the_other_way():
    labels = some_labels(3)
    up, down = grid(5.0, 0.0), grid(5.0, 15.0, flip=True)
    assert np.array_equal(on_grid(labels, up, up), labels)
    assert np.array_equal(on_grid(labels, up, down), labels[::-1])


def test_labels_end_where_the_other_grid_does():
    labels = some_labels(3)
    shifted = on_grid(labels, grid(5.0, 0.0), grid(5.0, 10.0))
    assert np.array_equal(shifted[:2], labels[2:])
    assert not shifted[2:].any()


@given(st.integers(0, 1000), st.floats(0, 1))
def test_mistakes_stay_on_slices_that_hold_something_and_invent_no_label(seed, share):
    truth = some_labels(seed)
    drawn = with_mistakes(truth, None, share, np.random.default_rng(seed))
    differs = (drawn != truth).any(axis=(1, 2))
    assert not differs[~truth.any(axis=(1, 2))].any()
    assert set(np.unique(drawn)) <= set(np.unique(truth)) | {0}
    if share == 0:
        assert not differs.any()


def test_everybody_who_always_errs_errs_on_every_slice():
    truth = np.zeros((40, 20, 20), dtype=np.uint8)
    truth[:, 5:12, 5:12] = 5
    drawn = with_mistakes(truth, None, 1.0, np.random.default_rng(0))
    areas = set((drawn == 5).sum(axis=(1, 2)).tolist())
    assert areas == {0, 25, 49 + 4 * 7}  # overlooked, a pixel too small, a pixel too large


def test_an_overlooked_slice_stays_as_the_draft_had_it():
    truth = np.full((30, 4, 4), 5, dtype=np.uint8)
    draft = np.full((30, 4, 4), 7, dtype=np.uint8)
    drawn = with_mistakes(truth, draft, 1.0, np.random.default_rng(0))
    assert (drawn == 7).all(axis=(1, 2)).any()


def test_a_reviewer_sees_a_structure_that_is_mostly_missing_and_not_a_thin_edge():
    truth = np.zeros((4, 10, 10), dtype=np.uint8)
    truth[:, 2:8, 2:8] = 7
    edge = truth.copy()
    edge[:, 2] = 0
    gone = truth.copy()
    gone[:3] = 0
    assert overlooked_label(edge, truth) is None
    assert overlooked_label(gone, truth) == 7
    assert overlooked_label(truth, truth) is None


@pytest.fixture
def team(db):
    cohort = Cohort()
    return Team(cohort.project, cohort.annotator, cohort.radiologist, cohort.manager), cohort


def test_a_gross_mistake_is_sent_back_once_and_mended(team):
    people, cohort = team
    task = cohort.open_case()
    truth = np.zeros(SHAPE_ZYX, dtype=np.uint8)
    truth[:, 2:8, 2:8] = 7
    approved = draw_and_approve(task, people, truth, error_share=1.0, random=_always_overlooks())
    decisions = list(Review.objects.filter(task=task).values_list("decision", "reason"))
    assert decisions == [("return", "Most of the heart is missing."), ("approve", "")]
    assert np.array_equal(load_labels(approved.approved.mask), truth)


def _always_overlooks():
    """All slices but the first, so that something is drawn."""
    slices = iter(range(10))

    class Random:
        def random(self):
            return 0.0 if next(slices) else 2.0

        def integers(self, count):
            return count - 1

    return Random()


def test_effort_is_what_changed_from_the_draft(team):
    people, cohort = team
    task = cohort.open_case()
    draft, truth = np.zeros(SHAPE_ZYX, dtype=np.uint8), np.zeros(SHAPE_ZYX, dtype=np.uint8)
    draft[0, :4, :4] = 5
    truth[0, :4, :6] = 5
    offer_proposal(task=task, mask=store_mask(volume=task.volume, labels=draft), model_version_id=1, source="model 1")
    approved = draw_and_approve(task, people, truth)
    assert correction_effort(approved) == {5: 8}


def test_the_simulation_does_not_touch_what_somebody_else_has_begun(team):
    people, cohort = team
    task = cohort.open_case()
    assert is_waiting(task, people)
    other = Team(cohort.project, cohort.radiologist, cohort.radiologist, cohort.manager)
    task = claim(user=cohort.annotator, task=task)
    assert is_waiting(task, people)
    assert not is_waiting(task, other)
    assert not is_waiting(cohort.approved_case(), people)


@pytest.mark.parametrize(
    ("rounds", "batch", "errors", "seed", "named"),
    [(0, 4, 0.1, 1, "rounds"), (4, 0, 0.1, 1, "batch"), (4, 4, 1.5, 1, "errors"), (4, 4, 0.1, 0, "seed")],
)
def test_a_plan_that_makes_no_sense_is_refused_by_name(rounds, batch, errors, seed, named):
    with pytest.raises(ValueError, match=named):
        Plan(rounds, batch, errors, "smoke", seed)


def test_another_seed_simulates_other_patients():
    first, second = (Plan(4, 4, 0.1, "demo", seed).phantom_seeds for seed in (1, 2))
    assert len(set(first)) == 8 + 4 + 16
    assert not set(first) & set(second)


@pytest.mark.django_db
def test_a_simulation_wants_a_project_of_its_own():
    Cohort("taken")
    with pytest.raises(CommandError, match="'taken' already"):
        call_command("simulate", "--project", "taken")


def test_the_tables_show_means_per_case():
    turn = Turn(1, "done", "Promoted", 8, 6, {1: 0.5, 2: None, 5: 1.0}, Batch(4, Effort({1: 40, 5: 8})), 60.0)
    dice = dice_grid([turn], DEFAULT_LABELS)
    assert dict(zip(dice.header, dice.rows[0], strict=True))["mean"] == "0.750"
    assert dict(zip(dice.header, dice.rows[0], strict=True))["vessel"] == "–"
    effort = effort_grid(Batch(8, Effort({1: 800})), [turn], DEFAULT_LABELS)
    assert [row[2] for row in effort.rows] == ["100", "12"]
    assert effort.to_markdown().splitlines()[4].startswith("| drawn from empty | 8 | 100 | 100 |")
