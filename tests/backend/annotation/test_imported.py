"""Existing masks become starting points, and nothing that somebody drew is touched."""

import dataclasses

import numpy as np
import pytest

from backend.annotation import masks, services
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.imported import Earlier, Wish, apply_found_mask, bitmaps_of
from backend.annotation.models import Revision, Task
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.imaging.found_masks import discard_found_mask
from backend.imaging.models import FoundMask
from tests.backend.annotation.found import add_found_mask, like_duke, segment
from tests.backend.cohort import SHAPE_ZYX, Cohort, add_patient, add_volume, draw, some_labels

FGT_ONLY = Wish(labels={1: 1, 2: 1, 3: 0, 4: 0})


@pytest.fixture
def case(cohort):
    task = cohort.open_case()
    found, drawn = like_duke(task.volume)
    return cohort, task, found, drawn


def labels_of(revision):
    return masks.load_labels(Revision.objects.select_related("mask__volume").get(pk=revision.pk).mask)


def test_two_segments_of_one_tissue_are_merged_and_fat_is_left_out_with_a_note(case):
    cohort, _, found, drawn = case
    revision = apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    assert (labels_of(revision) == np.where(drawn[1] | drawn[2], 1, 0)).all()
    assert (revision.number, revision.origin, revision.author, revision.parent) == (1, "import", None, None)
    assert (revision.source, revision.found_mask) == ("DICOM SEG, binary", found)
    assert revision.changed == {"1": int((drawn[1] | drawn[2]).sum())}
    assert revision.note == (
        "Left out: segment 3 (Fatty tissue of breast, 30 voxels), segment 4 (Fatty tissue of breast, 9 voxels)."
    )
    found.refresh_from_db()
    assert found.state == FoundMask.State.STORED
    assert [s["label"] for s in found.segments] == [1, 1, 0, 0]


def test_the_annotator_opens_the_case_with_the_mask_in_it(case):
    cohort, task, found, _ = case
    revision = apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    claimed = services.claim(user=cohort.annotator, task=task)
    assert claimed.head_id == revision.pk
    later = draw(Task.objects.get(pk=task.pk), cohort.annotator, some_labels())
    assert later.head.parent_id == revision.pk


def test_a_draft_that_was_offered_before_does_not_hide_the_imported_mask(case):
    cohort, task, found, _ = case
    draft = masks.store_mask(volume=task.volume, labels=some_labels())
    services.offer_proposal(task=task, mask=draft, model_version_id=1, source="model 1")
    revision = apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    assert services.claim(user=cohort.annotator, task=task).head_id == revision.pk


def test_what_was_decided_is_in_the_audit(case):
    cohort, task, found, _ = case
    revision = apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    events = {event.action: event for event in AuditEvent.objects.filter(actor_id=cohort.manager.pk)}
    assert events["found_mask.applied"].detail == {
        "task": task.pk,
        "revision": 1,
        "labels": {"1": 1, "2": 1, "3": 0, "4": 0},
        "order": [],
        "drawn_unaided": False,
    }
    assert events["task.import_stored"].detail["mask"] == revision.mask.sha256
    assert events["task.import_stored"].object_id == str(task.pk)


@pytest.mark.parametrize(("order", "winner"), [([1, 5], 1), ([5, 1], 5), ([5], 5), ([1], 1)])
def test_where_labels_meet_the_first_in_the_order_stays(case, order, winner):
    cohort, _, found, drawn = case
    wish = Wish(labels={1: 1, 2: 1, 3: 5, 4: 0}, order=order)
    revision = apply_found_mask(user=cohort.manager, found=found, wish=wish)
    wanted = np.zeros(SHAPE_ZYX, np.uint8)
    for label, voxels in ((6 - winner, {1: drawn[1] | drawn[2], 5: drawn[3]}[6 - winner]),):
        wanted[voxels] = label
    wanted[{1: drawn[1] | drawn[2], 5: drawn[3]}[winner]] = winner
    assert (labels_of(revision) == wanted).all()
    both = int((drawn[2] & drawn[3]).sum())
    name = {1: "fibroglandular tissue", 5: "lesion"}[winner]
    assert f"fibroglandular tissue and lesion met in {both} voxels, which became {name}." in revision.note


def test_labels_that_meet_need_an_order_and_nothing_is_done_without(case):
    cohort, task, found, _ = case
    with pytest.raises(Conflict, match="fibroglandular tissue and lesion in 4 voxels") as refused:
        apply_found_mask(user=cohort.manager, found=found, wish=Wish(labels={1: 1, 2: 1, 3: 5, 4: 0}))
    assert refused.value.detail == {"needs": "order", "meetings": [{"labels": [1, 5], "voxels": 4}]}
    untouched(task, found)


def test_segments_that_meet_under_one_label_need_no_order(case):
    cohort, _, found, drawn = case
    revision = apply_found_mask(user=cohort.manager, found=found, wish=Wish(labels={1: 0, 2: 5, 3: 5, 4: 0}))
    assert (labels_of(revision) == np.where(drawn[2] | drawn[3], 5, 0)).all()


def untouched(task, found):
    found.refresh_from_db()
    assert found.state == FoundMask.State.WAITING
    assert [s["label"] for s in found.segments] == [None] * 4
    assert not Revision.objects.filter(task=task).exists()
    assert not AuditEvent.objects.filter(action__in=["found_mask.applied", "task.import_stored"]).exists()


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({1: 1, 2: 1}, r"\[3, 4\] are not decided"),
        ({1: 1, 2: 1, 3: 0, 4: 0, 9: 1}, "no segment 9"),
        ({1: 1, 2: 77, 3: 0, 4: 0}, "no label 77"),
        ({1: 0, 2: 0, 3: 0, 4: 0}, "discard the mask instead"),
    ],
)
def test_a_mapping_that_is_not_whole_changes_nothing(case, labels, words):
    cohort, task, found, _ = case
    with pytest.raises(InvalidInput, match=words):
        apply_found_mask(user=cohort.manager, found=found, wish=Wish(labels=labels))
    untouched(task, found)


def test_a_case_that_somebody_has_begun_is_refused_and_keeps_what_is_drawn(case):
    cohort, task, found, _ = case
    drawn = draw(task, cohort.annotator, some_labels())
    for state in ("in progress", "open", "submitted", "approved"):
        if state == "open":
            services.release(user=cohort.annotator, task=task)
        if state == "submitted":
            services.claim(user=cohort.annotator, task=task)
            services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
        if state == "approved":
            services.approve(user=cohort.radiologist, task=task, revision=1)
        with pytest.raises(Conflict, match=rf"Somebody has begun this case \({state}\)"):
            apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    assert Revision.objects.filter(task=task).get() == drawn.head


def test_a_case_begun_and_given_back_without_a_stroke_takes_the_mask(case):
    cohort, task, found, _ = case
    services.claim(user=cohort.annotator, task=task)
    with pytest.raises(Conflict, match="in progress"):
        apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    services.release(user=cohort.annotator, task=task)
    assert apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY).number == 1


def test_a_second_mask_says_what_becomes_of_the_first(case):
    cohort, task, found, drawn = case
    other, more = like_duke(task.volume, key="other")
    apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    lesion = Wish(labels={1: 0, 2: 0, 3: 5, 4: 5})
    with pytest.raises(Conflict, match="holds an imported mask already") as refused:
        apply_found_mask(user=cohort.manager, found=other, wish=lesion)
    assert refused.value.detail == {"needs": "earlier"}
    kept = apply_found_mask(user=cohort.manager, found=other, wish=dataclasses.replace(lesion, earlier=Earlier.KEEP))
    wanted = np.where(more[3] | more[4], 5, np.where(drawn[1] | drawn[2], 1, 0))
    assert (labels_of(kept) == wanted).all()
    assert (kept.number, kept.parent.number) == (2, 1)
    assert "Drawn over revision 1." in kept.note
    alone = apply_found_mask(
        user=cohort.manager, found=other, wish=dataclasses.replace(lesion, earlier=Earlier.REPLACE)
    )
    assert (labels_of(alone) == np.where(more[3] | more[4], 5, 0)).all()


def test_a_benchmark_case_needs_the_statement_which_is_audited(cohort):
    task = cohort.open_case("BENCHMARK")
    found, _ = like_duke(task.volume)
    with pytest.raises(Conflict, match="state that this mask was") as refused:
        apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    assert refused.value.detail == {"needs": "drawn_unaided"}
    untouched(task, found)
    apply_found_mask(user=cohort.manager, found=found, wish=dataclasses.replace(FGT_ONLY, drawn_unaided=True))
    for action in ("found_mask.applied", "task.import_stored"):
        assert AuditEvent.objects.get(action=action).detail["drawn_unaided"] is True


def test_the_service_itself_holds_the_wall_of_the_benchmark(cohort):
    task = cohort.open_case("BENCHMARK")
    found, _ = like_duke(task.volume)
    mask = masks.store_mask(volume=task.volume, labels=some_labels())
    with pytest.raises(Conflict, match="drawn unaided"):
        services.start_from_import(
            user=cohort.manager, task=task, mask=mask, found_mask=found, note="", drawn_unaided=False
        )


def test_a_segment_drawn_by_a_program_never_enters_the_benchmark(cohort):
    task = cohort.open_case("BENCHMARK")
    voxels = np.ones(SHAPE_ZYX, bool)
    found = add_found_mask(
        task.volume, {1: voxels, 2: voxels}, [segment(1, "a", algorithm="AUTOMATIC"), segment(2, "b")]
    )
    with pytest.raises(Conflict, match="segment 1 was drawn by a program"):
        apply_found_mask(user=cohort.manager, found=found, wish=Wish(labels={1: 1, 2: 0}, drawn_unaided=True))
    apply_found_mask(user=cohort.manager, found=found, wish=Wish(labels={1: 0, 2: 1}, drawn_unaided=True))


def test_a_volume_without_a_case_says_why(cohort):
    waiting, _ = like_duke(add_volume(add_patient(cohort.project, None)))
    with pytest.raises(Conflict, match="no partition yet"):
        apply_found_mask(user=cohort.manager, found=waiting, wish=FGT_ONLY)
    other, _ = like_duke(add_volume(add_patient(cohort.project)))
    with pytest.raises(Conflict, match="no case to draw in"):
        apply_found_mask(user=cohort.manager, found=other, wish=FGT_ONLY)


def test_only_managers_of_the_project_decide(case):
    cohort, task, found, _ = case
    for user in (cohort.annotator, cohort.radiologist, cohort.scientist):
        with pytest.raises(NotAllowed):
            apply_found_mask(user=user, found=found, wish=FGT_ONLY)
        with pytest.raises(NotAllowed):
            discard_found_mask(user=user, found=found)
    with pytest.raises(NotFound):
        apply_found_mask(user=Cohort("elsewhere").manager, found=found, wish=FGT_ONLY)
    untouched(task, found)


def test_a_discarded_mask_is_put_aside_and_a_used_one_stays(case):
    cohort, task, found, _ = case
    discard_found_mask(user=cohort.manager, found=found)
    with pytest.raises(Conflict, match="was discarded"):
        apply_found_mask(user=cohort.manager, found=found, wish=FGT_ONLY)
    used, _ = like_duke(task.volume, key="used")
    apply_found_mask(user=cohort.manager, found=used, wish=FGT_ONLY)
    with pytest.raises(Conflict, match="stays in the history"):
        discard_found_mask(user=cohort.manager, found=used)
    assert AuditEvent.objects.filter(action="found_mask.discarded").count() == 1


def test_the_voxels_of_a_found_mask_are_those_that_were_stored(case):
    _, _, found, drawn = case
    bitmaps = bitmaps_of(found)
    assert bitmaps.numbers == (1, 2, 3, 4)
    assert all(bitmaps.voxels(n) == drawn[n].sum() for n in drawn)
