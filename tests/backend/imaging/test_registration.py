"""Registrations of stored volumes: made by a job, looked at, put to use, and given back."""

from datetime import timedelta

import numpy as np
import pytest
import SimpleITK as sitk
from django.utils import timezone

from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed
from backend.core.models import OutboxJob
from backend.exports.services import freeze_snapshot
from backend.imaging import ordering
from backend.imaging.derived import selectors as derived_selectors
from backend.imaging.derived import services as derived
from backend.imaging.models import JobState, Phase, Registration
from backend.imaging.registration import moving, running, services
from backend.imaging.stored import store_phase
from backend.imaging.volumes import read_phase
from tests.backend.cohort import add_patient, add_volume, draw, open_task, some_labels

SHAPE = (24, 40, 40)
SHIFT_VOXELS = 2


def body(shape=SHAPE):
    """Smooth blobs that fill most of the block, as stored values."""
    random = np.random.default_rng(3)
    noise = sitk.GetImageFromArray(random.normal(size=shape).astype(np.float32))
    smooth = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(noise, 2.5))
    z, y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    inside = z**2 + y**2 + x**2 < 0.8
    return np.where(inside, 400 + 2500 * smooth, 0).astype(np.int16)


@pytest.fixture
def volume(cohort):
    """Three phases: the second is the first one shifted along x, the third is the first one as it is."""
    volume = add_volume(add_patient(cohort.project), phases=3, shape_zyx=SHAPE)
    still = body()
    for index, pixels in enumerate((still, np.roll(still, SHIFT_VOXELS, axis=2), still)):
        stored = store_phase(pixels)
        names = ("codec", "slices_per_chunk", "chunks", "window_low", "window_high")
        Phase.objects.filter(volume=volume, index=index).update(**{name: getattr(stored, name) for name in names})
    return volume


@pytest.fixture
def started(cohort, volume):
    return services.start_registration(user=cohort.manager, volume=volume, method="rigid")


@pytest.fixture
def finished(started):
    running.run(registration_id=started.pk)
    started.refresh_from_db()
    return started


def pixels(volume):
    return [phase.chunks for phase in volume.phases.order_by("index")]


def test_a_shifted_phase_comes_back_and_a_still_one_is_left_alone(finished, volume):
    assert (finished.state, finished.message, finished.progress) == (JobState.READY, "", 1.0)
    shifted, still = finished.report
    assert (shifted["index"], shifted["better"], still["better"]) == (1, True, False)
    assert shifted["mean_mm"] == pytest.approx(SHIFT_VOXELS * 2.0, abs=0.4)
    assert shifted["after"] > shifted["before"] + 0.1
    assert "stays as it was" in still["words"]
    first, moved, kept = finished.phases
    assert kept["chunks"] == volume.phases.get(index=2).chunks
    assert first["chunks"] == volume.phases.get(index=0).chunks
    assert moved["chunks"] != volume.phases.get(index=1).chunks


def test_nothing_changes_until_it_is_used(finished, volume):
    before = volume.phases.get(index=1).chunks
    assert before != finished.phases[1]["chunks"]
    assert not volume.phases.filter(chunks=finished.phases[1]["chunks"]).exists()


def test_used_everywhere_and_given_back(cohort, finished, volume):
    originals, truth = pixels(volume), read_phase(volume, 0)
    off_before = np.abs(read_phase(volume, 1) - truth).mean()
    services.use_registration(user=cohort.manager, registration=finished)
    assert np.abs(read_phase(volume, 1) - truth).mean() < 0.35 * off_before
    assert pixels(volume) == [phase["chunks"] for phase in finished.phases]
    services.stop_using(user=cohort.manager, registration=finished)
    assert pixels(volume) == originals
    services.use_registration(user=cohort.manager, registration=finished)
    assert pixels(volume) != originals
    assert list(AuditEvent.objects.filter(object_type="registration").values_list("action", flat=True))[:3] == [
        "registration.used",
        "registration.stopped",
        "registration.used",
    ]


def test_derived_channels_follow_the_phases_in_use(cohort, finished, volume):
    row = derived.derive(user=cohort.manager, volume=volume, key="phase1-phase0")
    derived.make(derived_id=row.pk)
    services.use_registration(user=cohort.manager, registration=finished)
    assert derived_selectors.offer_for(cohort.manager, volume.pk, "phase1-phase0").row is None


def test_a_job_that_runs_twice_has_one_effect(finished, monkeypatch):
    monkeypatch.setattr(running, "move_phase", None)
    running.run(registration_id=finished.pk)


def test_a_lost_job_is_sent_again(started):
    Registration.objects.update(state=JobState.RUNNING, updated_at=timezone.now() - timedelta(seconds=61))
    OutboxJob.objects.all().delete()
    assert running.requeue_stuck_registrations(older_than_s=60) == 1
    assert running.requeue_stuck_registrations(older_than_s=60) == 0
    assert OutboxJob.objects.get().name == "imaging.register_phases"
    running.run(registration_id=started.pk)
    started.refresh_from_db()
    assert started.state == JobState.READY


def test_one_that_kills_every_worker_is_given_up(started):
    Registration.objects.update(state=JobState.RUNNING, attempts=running.MAX_ATTEMPTS)
    running.run(registration_id=started.pk)
    started.refresh_from_db()
    assert (started.state, "lost 3 times" in started.message) == (JobState.FAILED, True)


def test_cancelling_stops_it_in_the_middle(cohort, started, monkeypatch):
    monkeypatch.setattr(running, "TELL_EVERY_S", 0.0)
    real, shares = moving.find_transform, []

    def cancelled(fixed, moving_image, *, deformable, on_step):
        def step(share):
            shares.append(share)
            if len(shares) == 3:
                services.cancel_registration(user=cohort.manager, registration=started)
            on_step(share)

        return real(fixed, moving_image, deformable=deformable, on_step=step)

    monkeypatch.setattr(moving, "find_transform", cancelled)
    running.run(registration_id=started.pk)
    started.refresh_from_db()
    assert (started.state, started.phases, len(shares)) == (JobState.CANCELLED, [], 3)
    with pytest.raises(Conflict, match="ended already"):
        services.cancel_registration(user=cohort.manager, registration=started)


def test_one_that_waits_is_cancelled_at_once(cohort, started):
    services.cancel_registration(user=cohort.manager, registration=started)
    running.run(registration_id=started.pk)
    started.refresh_from_db()
    assert started.state == JobState.CANCELLED


@pytest.mark.parametrize("role", ["annotator", "radiologist", "scientist"])
def test_only_a_manager_may(cohort, volume, finished, role):
    user = getattr(cohort, role)
    with pytest.raises(NotAllowed):
        services.start_registration(user=user, volume=volume, method="rigid")
    for service in (services.use_registration, services.stop_using, services.cancel_registration):
        with pytest.raises(NotAllowed):
            service(user=user, registration=finished)


def test_what_cannot_be_started_is_said(cohort, volume, started):
    with pytest.raises(Conflict, match="under way"):
        services.start_registration(user=cohort.manager, volume=volume, method="rigid")
    with pytest.raises(InvalidInput, match="rigid or deformable"):
        services.start_registration(user=cohort.manager, volume=volume, method="affine")
    single = add_volume(add_patient(cohort.project), phases=1)
    with pytest.raises(InvalidInput, match="two phases"):
        services.start_registration(user=cohort.manager, volume=single, method="rigid")


def test_what_cannot_be_used_is_said(cohort, volume, finished):
    manager = cohort.manager
    twin = Registration.objects.create(
        volume=volume, method="rigid", state=JobState.READY, inputs=finished.inputs, phases=finished.phases
    )
    with pytest.raises(Conflict, match="nothing to use"):
        services.use_registration(user=manager, registration=twin)
    services.use_registration(user=manager, registration=finished)
    with pytest.raises(Conflict, match="in use already"):
        services.use_registration(user=manager, registration=finished)
    with pytest.raises(Conflict, match="Another registration"):
        services.use_registration(user=manager, registration=twin)
    with pytest.raises(Conflict, match="stop using it first"):
        services.start_registration(user=manager, volume=volume, method="rigid")
    with pytest.raises(Conflict, match="stop using it first"):
        ordering.reorder_phases(user=manager, volume=volume, order=[1, 0, 2], reason="r")
    with pytest.raises(Conflict, match="not in use"):
        services.stop_using(user=manager, registration=twin)


def test_one_made_of_another_order_is_out_of_date(cohort, volume, finished):
    ordering.reorder_phases(user=cohort.manager, volume=volume, order=[1, 0, 2], reason="r")
    with pytest.raises(Conflict, match="register them again"):
        services.use_registration(user=cohort.manager, registration=finished)


@pytest.mark.parametrize("used_before", [False, True])
def test_what_a_snapshot_froze_stays(cohort, volume, finished, used_before):
    if used_before:
        services.use_registration(user=cohort.manager, registration=finished)
    from tests.backend.cohort import approve

    task = draw(open_task(volume), cohort.annotator, some_labels(1, SHAPE))
    approve(task, cohort.annotator, cohort.radiologist)
    snapshot = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    frozen = [phase["chunks"] for phase in snapshot.manifest["cases"][0]["phases"]]
    change = services.stop_using if used_before else services.use_registration
    with pytest.raises(Conflict, match="since snapshot 1 was made of them"):
        change(user=cohort.manager, registration=finished)
    assert pixels(volume)[: len(frozen)] == frozen


class TestOverHttp:
    def test_started_looked_at_used_and_stopped(self, cohort, volume, as_user):
        client = as_user(cohort.manager)
        base = f"/api/volumes/{volume.pk}/registrations"
        row = client.post(base, {"method": "rigid"}, content_type="application/json")
        assert (row.status_code, row.json()["state"], row.json()["seconds_left"]) == (202, "waiting", None)
        url = f"/api/registrations/{row.json()['id']}"
        assert "not finished" in client.get(url).json()["unusable"]
        running.run(registration_id=row.json()["id"])
        shown = client.get(url).json()
        assert (shown["state"], shown["unusable"], shown["in_use"]) == ("ready", "", False)
        assert set(shown["report"][0]["pictures"]) == {"slice_before", "slice_after", "mip_before", "mip_after"}
        for address in shown["report"][0]["pictures"].values():
            picture = client.get(address)
            assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
            assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
        assert client.post(f"{url}/use").json()["in_use"]
        assert [item["in_use"] for item in client.get(base).json()] == [True]
        assert not client.post(f"{url}/stop").json()["in_use"]

    def test_the_time_left_is_told_while_it_runs(self, cohort, started, as_user):
        now = timezone.now()
        Registration.objects.filter(pk=started.pk).update(
            state=JobState.RUNNING, progress=0.25, began_at=now - timedelta(seconds=20), updated_at=now
        )
        shown = as_user(cohort.annotator).get(f"/api/registrations/{started.pk}").json()
        assert shown["seconds_left"] == pytest.approx(60, abs=3)
