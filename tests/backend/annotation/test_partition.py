"""A patient of the benchmark stays out of drafts and snapshots, whoever asks and in whatever language."""

import pytest

from backend.annotation import selectors, services
from backend.annotation.masks import store_mask
from backend.annotation.models import Proposal
from backend.core.errors import Conflict, InvalidInput
from backend.exports.services import freeze_snapshot
from tests.backend.annotation.raw_sql import DRAFT, ITEM, PARTITION, REVISION, TASK, attempts, refused
from tests.backend.cohort import add_patient, draw, some_labels


@pytest.fixture
def sides(cohort):
    pool, benchmark = cohort.approved_case("POOL"), cohort.approved_case("BENCHMARK")
    cohort.approved_case("POOL")
    snapshot = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    return pool, benchmark, snapshot


def test_postgresql_refuses_every_way_across_the_wall(sides):
    pool, benchmark, snapshot = sides
    for what, (statement, values) in attempts(pool, benchmark, snapshot.pk).items():
        assert refused(statement, values), what


def test_the_same_statements_pass_where_they_are_right(sides, cohort):
    """Else the test above might fail for a misspelt column."""
    fresh = cohort.open_case("POOL")
    mask = store_mask(volume=fresh.volume, labels=some_labels())
    fresh = draw(fresh, cohort.annotator, some_labels())
    assert not refused(DRAFT, [fresh.pk, fresh.patient_id, "POOL", mask.pk])
    assert not refused(ITEM, [sides[2].pk, fresh.patient_id, "POOL", fresh.head_id])
    assert not refused(TASK, [cohort.project.pk, fresh.volume_id, fresh.patient_id, "POOL"])
    assert not refused(REVISION, [fresh.pk, mask.pk])
    assert not refused(PARTITION, ["BENCHMARK", add_patient(cohort.project, None).pk])


@pytest.mark.parametrize("other", ["BENCHMARK", None])
def test_a_patient_of_whom_nothing_is_drawn_yet_stays_on_their_side_too(cohort, other):
    assert refused(PARTITION, [other, add_patient(cohort.project, "POOL").pk])


def test_a_draft_is_never_offered_for_a_benchmark_case(cohort):
    task = cohort.open_case("BENCHMARK")
    with pytest.raises(Conflict, match="unaided"):
        services.offer_proposal(
            task=task, mask=store_mask(volume=task.volume, labels=some_labels()), model_version_id=1, source="model 1"
        )
    assert not Proposal.objects.exists()


def test_a_benchmark_case_shows_no_draft_even_if_the_row_were_there(cohort, as_user):
    """The query asks for the partition itself, so that it holds without the database's constraint too."""
    assert "BENCHMARK" not in str(selectors.visible_proposals().query)
    assert '"annotation_task"."partition" = POOL' in str(selectors.visible_proposals().query)
    task = cohort.open_case("BENCHMARK")
    body = as_user(cohort.annotator).get(f"/api/tasks/{task.pk}").json()
    assert (body["is_benchmark"], body["proposal"]) == (True, None)


def test_a_benchmark_case_is_claimed_without_any_revision(cohort, as_user):
    task = cohort.open_case("BENCHMARK")
    assert as_user(cohort.annotator).post(f"/api/tasks/{task.pk}/claim").json()["head"] is None


def test_a_newer_draft_replaces_an_older_one_until_somebody_begins(cohort):
    task = cohort.open_case()
    for number in (1, 2):
        mask = store_mask(volume=task.volume, labels=some_labels(number))
        services.offer_proposal(task=task, mask=mask, model_version_id=number, source=f"model {number}")
    assert Proposal.objects.get(task=task).source == "model 2"
    services.claim(user=cohort.annotator, task=task)
    with pytest.raises(Conflict, match="begun"):
        services.offer_proposal(task=task, mask=mask, model_version_id=3, source="model 3")
    services.release(user=cohort.annotator, task=task)
    with pytest.raises(Conflict, match="begun"):
        services.offer_proposal(task=task, mask=mask, model_version_id=3, source="model 3")


def test_a_draft_for_another_volume_is_refused(cohort):
    task, other = cohort.open_case(), cohort.open_case()
    with pytest.raises(InvalidInput, match="volume"):
        services.offer_proposal(
            task=task, mask=store_mask(volume=other.volume, labels=some_labels()), model_version_id=1, source="model 1"
        )
