"""Batches: who is picked, why, and who never is."""

import pytest
from django.db import IntegrityError, connection, transaction

from backend.annotation import services as annotation
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.models import Task
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed
from backend.learning import querying
from backend.learning.models import Batch, Pick
from backend.learning.querying import Wish
from backend.learning.states import ModelState
from ml.query.strategies import Strategy
from tests.backend.cohort import Cohort, add_volume, draw, open_task, some_labels
from tests.backend.learning.scored import add_model, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return Cohort()


@pytest.fixture
def pool(cohort):
    """Six drafted cases of six patients, the later the more doubtful; one of the benchmark that is more so."""
    model = add_model(cohort.project, 1, ModelState.ACTIVE)
    tasks = [cohort.open_case() for _ in range(6)]
    for number, task in enumerate(tasks):
        labels = {5: [number / 10, 2.0], 9: [0.01, 0.0 if number else 3.0]}
        score(model, task.volume, number / 10, labels=labels, features=(number, number % 2))
    score(model, cohort.open_case("BENCHMARK").volume, 0.99)
    return tasks


def wish(strategy=Strategy.ENTROPY, size=4, random_share=0.25, seed=1):
    return Wish(strategy, size, random_share, seed)


def start(cohort, **changes):
    return querying.start_batch(project=cohort.project, actor=cohort.manager, wish=wish(**changes))


def test_a_batch_holds_the_most_doubtful_and_one_by_lot(cohort, pool):
    batch = start(cohort)
    assert (batch.number, batch.strategy, batch.model_version.number, batch.cases) == (1, "entropy", 1, 6)
    picks = list(batch.picks.all())
    assert [pick.place for pick in picks] == [1, 2, 3, 4]
    by_lot = [pick.task_id for pick in picks if pick.arm == "random"]
    chosen = {pick.task_id for pick in picks if pick.arm == "chosen"}
    assert len(by_lot) == 1
    left = [task.pk for task in pool if task.pk not in by_lot]
    assert chosen == set(left[-3:])


def test_every_pick_says_why(cohort, pool):
    batch = start(cohort)
    by_lot = batch.picks.get(arm="random")
    assert by_lot.reason == "Drawn by lot among 6 patients, whatever the model says of it."
    first = batch.picks.filter(arm="chosen").order_by("-score").first()
    assert first.reason.startswith("The model is less sure of it than of 80% of the waiting cases")
    assert first.reason.endswith("Lesion is most in doubt; the most doubtful slice is 1.")


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_gives_a_batch_with_reasons_that_can_be_repeated(cohort, pool, strategy):
    cohort.approved_case()
    asked = wish(strategy, 5, 0.2, 9)
    proposed = querying.preview_batch(project=cohort.project, actor=cohort.manager, wish=asked)
    batch = start(cohort, strategy=strategy, size=5, random_share=0.2, seed=9)
    stored = [(pick.task_id, pick.arm, pick.reason) for pick in batch.picks.all()]
    assert stored == [(pick.task_id, pick.arm, pick.reason) for pick in proposed.picks]
    assert len({task for task, _, _ in stored}) == 5
    assert all(reason.endswith(".") and "nan" not in reason for _, _, reason in stored)


def test_picks_are_handed_out_in_their_places_and_then_the_oldest(cohort, pool):
    batch = start(cohort)
    order = [pick.task_id for pick in batch.picks.all()]
    waiting = [task.pk for task in pool if task.pk not in order]
    benchmark = Task.objects.get(partition="BENCHMARK")
    for wanted in (*order, *waiting, benchmark.pk):
        task = annotation.claim_next(user=cohort.annotator, project=cohort.project)
        assert task.pk == wanted
        draw(task, cohort.annotator, some_labels())
        annotation.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)


def test_a_new_batch_takes_the_place_of_the_one_before(cohort, pool):
    start(cohort, seed=1)
    second = start(cohort, strategy=Strategy.IN_ORDER, size=2, seed=2)
    assert second.number == 2
    placed = Task.objects.filter(place__isnull=False).order_by("place").values_list("pk", flat=True)
    assert list(placed) == [pick.task_id for pick in second.picks.all()]


def test_what_somebody_has_begun_is_not_picked(cohort, pool):
    annotation.claim(user=cohort.annotator, task=pool[5])
    released = annotation.claim(user=cohort.radiologist, task=pool[4])
    draw(released, cohort.radiologist, some_labels())
    annotation.release(user=cohort.radiologist, task=released)
    batch = start(cohort, size=6)
    assert {pick.task_id for pick in batch.picks.all()} == {task.pk for task in pool[:4]}


def test_two_cases_of_a_patient_are_never_in_one_batch(cohort, pool):
    twin = open_task(add_volume(pool[5].patient))
    score(pool[5].volume.case_scores.get().model_version, twin.volume, 0.95)
    batch = start(cohort, size=7)
    assert batch.cases == 7
    patients = [pick.task.patient_id for pick in batch.picks.select_related("task")]
    assert len(patients) == len(set(patients)) == 6


def test_the_benchmark_is_never_picked_by_any_strategy(cohort, pool):
    benchmark = Task.objects.get(partition="BENCHMARK")
    for strategy in Strategy:
        for seed in range(3):
            asked = wish(strategy, 20, 0.5, seed)
            proposed = querying.preview_batch(project=cohort.project, actor=cohort.manager, wish=asked)
            assert benchmark.pk not in {pick.task_id for pick in proposed.picks}
            assert proposed.cases == 6


def test_a_second_reading_is_never_picked(cohort, pool):
    second = Task.objects.create(
        project=cohort.project, volume=pool[5].volume, patient=pool[5].patient, partition="POOL", reading=2
    )
    assert second.pk not in {pick.task_id for pick in start(cohort, size=20).picks.all()}


@pytest.mark.parametrize("what", ["benchmark", "second reading"])
def test_the_database_itself_refuses_a_pick_that_may_not_be(cohort, pool, what):
    batch = start(cohort)
    wrong = Task.objects.get(partition="BENCHMARK")
    if what == "second reading":
        wrong = Task.objects.create(
            project=cohort.project, volume=pool[0].volume, patient=pool[0].patient, partition="POOL", reading=2
        )
    for partition, reading in (("POOL", 1), (wrong.partition, wrong.reading)):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO learning_pick (batch_id, task_id, place, partition, reading, arm, reason, values) "
                "VALUES (%s, %s, 99, %s, %s, 'chosen', '', '{}')",
                [batch.pk, wrong.pk, partition, reading],
            )
    assert not Pick.objects.filter(task=wrong).exists()


def test_a_score_that_was_slipped_in_for_the_benchmark_moves_nobody(cohort, pool):
    """The benchmark's own score is the highest of all: it is neither picked nor counted among the waiting cases."""
    first = start(cohort).picks.filter(arm="chosen").order_by("-score").first()
    assert first.values["share_below"] == pytest.approx(0.8)


def test_before_the_first_model_only_chance_and_order_choose(cohort):
    for _ in range(3):
        cohort.open_case()
    for strategy in Strategy:
        if strategy in {Strategy.RANDOM, Strategy.IN_ORDER}:
            batch = start(cohort, strategy=strategy, size=3)
            assert (batch.picks.count(), batch.model_version) == (3, None)
        else:
            with pytest.raises(Conflict, match="choose Random or In order until a round has drafted them"):
                start(cohort, strategy=strategy)


def test_nobody_waiting_is_told(cohort):
    with pytest.raises(Conflict, match="No case waits"):
        start(cohort)


@pytest.mark.parametrize("changes", [{"size": 1}, {"size": 501}, {"random_share": -0.1}, {"random_share": 1.5}])
def test_a_batch_that_makes_no_sense_is_refused(cohort, pool, changes):
    with pytest.raises(InvalidInput, match="2 to 500"):
        start(cohort, **changes)
    assert not Batch.objects.exists()


def test_who_may_start_a_batch_is_recorded_and_who_may_not_is_refused(cohort, pool):
    for user in (cohort.annotator, cohort.radiologist, cohort.scientist):
        with pytest.raises(NotAllowed):
            querying.start_batch(project=cohort.project, actor=user, wish=wish())
    batch = start(cohort)
    event = AuditEvent.objects.get(action="batch.start")
    assert (event.actor_name, event.object_id) == (cohort.manager.username, str(batch.pk))
    assert event.detail["tasks"] == [pick.task_id for pick in batch.picks.all()]


def test_a_batch_that_fails_half_way_leaves_no_trace(cohort, pool, monkeypatch):
    start(cohort, seed=1)
    before = list(Task.objects.order_by("pk").values_list("pk", "place"))

    def fall_over(**_):
        raise RuntimeError

    monkeypatch.setattr(querying, "record", fall_over)
    with pytest.raises(RuntimeError):
        start(cohort, seed=2)
    assert Batch.objects.count() == 1
    assert list(Task.objects.order_by("pk").values_list("pk", "place")) == before


def test_scores_of_a_retired_model_choose_nobody(cohort, pool):
    newer = add_model(cohort.project, 2)
    cohort.project.models.filter(number=1).update(state=ModelState.RETIRED)
    cohort.project.models.filter(pk=newer.pk).update(state=ModelState.ACTIVE)
    with pytest.raises(Conflict, match="Entropy needs a draft"):
        start(cohort)


def test_diversity_keeps_away_from_what_is_approved(cohort, pool):
    approved = cohort.approved_case()
    model = pool[0].volume.case_scores.get().model_version
    score(model, approved.volume, 0.0, features=(5.0, 1.0))
    asked = wish(Strategy.CORE_SET, 2, 0.01, 4)
    proposed = querying.preview_batch(project=cohort.project, actor=cohort.manager, wish=asked)
    by_lot, chosen = ([pick.task_id for pick in proposed.picks if pick.arm == arm] for arm in ("random", "chosen"))
    farthest = next(task.pk for task in pool if task.pk not in by_lot)
    assert chosen == [farthest]
