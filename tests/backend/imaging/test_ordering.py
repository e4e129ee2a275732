"""Phases put in order by hand: who may, what changes, and when it is too late."""

import pytest

from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed
from backend.evaluation.selectors import benchmark
from backend.evaluation.services import evaluate, measure_predictions
from backend.exports.services import freeze_snapshot
from backend.imaging import ordering
from backend.imaging.derived import selectors as derived_selectors
from backend.imaging.derived import services as derived
from backend.imaging.models import Phase
from tests.backend.cohort import add_patient, add_volume

FOUND = [
    ("pre-contrast", 0.0, "first by acquisition time"),
    ("post-contrast 1", 120.0, "120 s after the first"),
    ("post-contrast 2", 240.0, "240 s after the first"),
    ("post-contrast 3", 300.0, "300 s after the first"),
]


@pytest.fixture
def volume(cohort):
    volume = add_volume(add_patient(cohort.project), phases=4)
    for index, (label, time_s, reason) in enumerate(FOUND):
        Phase.objects.filter(volume=volume, index=index).update(label=label, time_s=time_s, reason=reason)
    return volume


def rows(volume):
    return list(volume.phases.order_by("index").values_list("label", "time_s", "reason"))


def pixels(volume):
    return [phase.chunks for phase in volume.phases.order_by("index")]


@pytest.mark.parametrize("order", [[1, 0, 2, 3], [3, 2, 1, 0], [0, 2, 3, 1]])
def test_pixels_go_to_their_new_places_and_back(cohort, volume, order):
    before = pixels(volume)
    ordering.reorder_phases(user=cohort.manager, volume=volume, order=order, reason="The clock was wrong.")
    assert pixels(volume) == [before[index] for index in order]
    assert [label for label, _, _ in rows(volume)] == [label for label, _, _ in FOUND]
    assert all("put in order by a manager: The clock was wrong." in reason for _, _, reason in rows(volume))
    ordering.restore_order(user=cohort.manager, volume=volume)
    assert rows(volume) == FOUND
    assert pixels(volume) == before
    assert list(AuditEvent.objects.filter(object_type="volume").values_list("action", flat=True)) == [
        "phases.restored",
        "phases.reordered",
    ]


def test_a_second_change_does_not_forget_what_was_found(cohort, volume):
    before = pixels(volume)
    ordering.reorder_phases(user=cohort.manager, volume=volume, order=[1, 2, 3, 0], reason="a")
    ordering.reorder_phases(user=cohort.manager, volume=volume, order=[3, 1, 0, 2], reason="b")
    ordering.restore_order(user=cohort.manager, volume=volume)
    assert (rows(volume), pixels(volume)) == (FOUND, before)


def test_times_that_contradict_the_order_are_dropped(cohort, volume):
    ordering.reorder_phases(user=cohort.manager, volume=volume, order=[1, 0, 2, 3], reason="r")
    assert [time for _, time, _ in rows(volume)] == [None] * 4


def test_times_count_from_the_new_first_phase(cohort, volume):
    for index, time_s in enumerate((300.0, 0.0, 120.0, 240.0)):  # the import believed another clock
        Phase.objects.filter(volume=volume, index=index).update(time_s=time_s + 10)
    ordering.reorder_phases(user=cohort.manager, volume=volume, order=[1, 2, 3, 0], reason="r")
    assert [time for _, time, _ in rows(volume)] == [0.0, 120.0, 240.0, 300.0]


def test_two_phases_before_contrast_stay_two(cohort, volume):
    Phase.objects.filter(volume=volume, index=0).update(label="pre-contrast 1")
    Phase.objects.filter(volume=volume, index=1).update(label="pre-contrast 2")
    ordering.reorder_phases(user=cohort.manager, volume=volume, order=[1, 0, 2, 3], reason="r")
    labels = [label for label, _, _ in rows(volume)]
    assert labels == ["pre-contrast 1", "pre-contrast 2", "post-contrast 1", "post-contrast 2"]


@pytest.mark.parametrize("order", [[], [0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 4], [0, 1, 2, 3, 4]])
def test_what_is_no_permutation_is_refused(cohort, volume, order):
    with pytest.raises(InvalidInput, match="each of 0 to 3 once"):
        ordering.reorder_phases(user=cohort.manager, volume=volume, order=order, reason="r")


def test_a_reason_is_needed(cohort, volume):
    with pytest.raises(InvalidInput, match="Say why"):
        ordering.reorder_phases(user=cohort.manager, volume=volume, order=[1, 0, 2, 3], reason="  ")


def test_the_same_order_is_no_change(cohort, volume):
    with pytest.raises(Conflict, match="already"):
        ordering.reorder_phases(user=cohort.manager, volume=volume, order=[0, 1, 2, 3], reason="r")
    with pytest.raises(Conflict, match="as the headers have them"):
        ordering.restore_order(user=cohort.manager, volume=volume)


@pytest.mark.parametrize("role", ["annotator", "radiologist", "scientist"])
def test_only_a_manager_may(cohort, volume, role):
    with pytest.raises(NotAllowed):
        ordering.reorder_phases(user=getattr(cohort, role), volume=volume, order=[1, 0, 2, 3], reason="r")


def test_once_frozen_in_a_snapshot_the_order_stays(cohort):
    task = cohort.approved_case()
    freeze_snapshot(project=cohort.project, actor=cohort.manager)
    before = rows(task.volume)
    with pytest.raises(Conflict, match=r"since snapshot 1 was made of them"):
        ordering.reorder_phases(user=cohort.manager, volume=task.volume, order=[1, 0], reason="r")
    assert rows(task.volume) == before


def test_an_approved_case_that_is_not_frozen_may_still_change(cohort):
    task = cohort.approved_case()
    ordering.reorder_phases(user=cohort.manager, volume=task.volume, order=[1, 0], reason="r")
    assert "by a manager" in rows(task.volume)[0][2]


def test_derived_channels_go_out_of_date(cohort, volume):
    row = derived.derive(user=cohort.manager, volume=volume, key="dce_in")
    derived.make(derived_id=row.pk)
    assert derived_selectors.offer_for(cohort.manager, volume.pk, "dce_in").row is not None
    ordering.reorder_phases(user=cohort.manager, volume=volume, order=[1, 0, 2, 3], reason="r")
    assert derived_selectors.offer_for(cohort.manager, volume.pk, "dce_in").row is None
    again = derived.derive(user=cohort.manager, volume=volume, key="dce_in")
    derived.make(derived_id=again.pk)
    again.refresh_from_db()
    assert (again.pk, again.state) == (row.pk, "ready")
    assert again.chunks != row.chunks


def test_over_http(cohort, volume, as_user):
    client = as_user(cohort.manager)
    url = f"/api/volumes/{volume.pk}/phase-order"
    shown = client.get(url).json()
    assert (shown["by_hand"], shown["fixed"]) == (False, "")
    assert [phase["found_index"] for phase in shown["phases"]] == [0, 1, 2, 3]
    body = {"order": [0, 2, 1, 3], "reason": "Second pass came first."}
    changed = client.post(url, body, content_type="application/json").json()
    assert changed["by_hand"]
    assert [phase["found_index"] for phase in changed["phases"]] == [0, 2, 1, 3]
    assert client.post(url, {"order": [0], "reason": "r"}, content_type="application/json").status_code == 400
    restored = client.delete(url)
    assert (restored.status_code, restored.json()) == (200, shown)
    assert client.delete(url).status_code == 409


def test_once_a_model_was_scored_on_it_the_order_of_a_benchmark_case_stays(cohort):
    task = cohort.approved_case("BENCHMARK")
    masks = {reference.pk: reference.mask for reference in benchmark(cohort.project).references}
    measured = measure_predictions(project=cohort.project, masks=masks)
    assert ordering.why_fixed(task.volume) == ""
    evaluate(project=cohort.project, measured=measured)
    with pytest.raises(Conflict, match="a score of the benchmark was made of them"):
        ordering.reorder_phases(user=cohort.manager, volume=task.volume, order=[1, 0], reason="r")
