"""Derived channels: what they hold, and that a job which runs twice, dies or is overtaken has one effect."""

import threading
from datetime import timedelta

import numpy as np
import pytest
import SimpleITK as sitk
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from backend.audit.models import AuditEvent
from backend.core.errors import InvalidInput, NotAllowed, NotFound
from backend.core.locks import try_lock
from backend.core.models import OutboxJob
from backend.imaging.chunks import decode_block
from backend.imaging.derived import making, selectors, services
from backend.imaging.derived.scales import HIGHEST, LOWEST, scale_for
from backend.imaging.models import DerivedChannel, JobState, Phase
from backend.imaging.stored import load_slices
from backend.imaging.volumes import read_phase
from tests.backend.cohort import add_patient, add_volume

SHAPE = (37, 16, 12)
TIMES_S = (0.0, 1371.135, 1492.545, 1736.7175)


@pytest.fixture
def volume(cohort):
    volume = add_volume(add_patient(cohort.project), phases=4, shape_zyx=SHAPE)
    for phase, time_s in zip(volume.phases.all(), TIMES_S, strict=True):
        Phase.objects.filter(pk=phase.pk).update(time_s=time_s)
    return volume


@pytest.fixture
def made(cohort, volume):
    def make(key) -> DerivedChannel:
        row = services.derive(user=cohort.annotator, volume=volume, key=key)
        services.make(derived_id=row.pk)
        row.refresh_from_db()
        assert (row.state, row.message) == (JobState.READY, "")
        return row

    return make


def values_of(row):
    return load_slices(row, SHAPE, 0, SHAPE[0]).astype(np.float64) * row.slope + row.intercept


def phases_of(volume):
    return [read_phase(volume, index).astype(np.float64) for index in range(4)]


def slope_by_numpy(volume):
    posts = np.stack(phases_of(volume)[1:])
    return np.polyfit(np.array(TIMES_S[1:]) / 60, posts.reshape(3, -1), 1)[0].reshape(SHAPE)


def test_differences_of_whole_numbers_are_exact(made, volume):
    phases = phases_of(volume)
    for key, expected in {
        "phase2-phase0": phases[2] - phases[0],
        "phase1-phase3": phases[1] - phases[3],
        "dce_in": phases[1] - phases[0],
    }.items():
        row = made(key)
        np.testing.assert_array_equal(values_of(row), expected, err_msg=key)
        assert row.window_low < row.window_high


def test_the_washout_slope_is_right_to_half_a_step(made, volume):
    row = made("dce_out")
    expected = slope_by_numpy(volume)
    assert row.slope == pytest.approx((expected.max() - expected.min()) / 65_535, rel=1e-4)
    assert np.abs(values_of(row) - expected).max() <= row.slope / 2 + 1e-4 * np.abs(expected).max()


def test_relative_enhancement_leaves_air_out(made, volume):
    pre, post = phases_of(volume)[0], phases_of(volume)[1]
    floor = 0.05 * volume.phases.get(index=0).window_high
    expected = np.where(pre > floor, np.clip(100 * (post - pre) / np.where(pre > floor, pre, 1), -100, 1000), 0)
    row = made("phase1-phase0-percent")
    assert np.abs(values_of(row) - expected).max() <= row.slope / 2 + 1e-3


def test_a_phase_is_not_stored_again(made, volume):
    phase = volume.phases.get(index=1)
    row = made("phase1")
    assert (row.chunks, row.slope, row.window_high) == (phase.chunks, phase.slope, phase.window_high)
    assert set(row.projections) == {"axial", "coronal", "sagittal"}


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=50),
    st.booleans(),
)
def test_no_value_is_off_by_more_than_half_a_step(values, whole):
    array = np.array([np.rint(v) if whole else v for v in values], dtype=np.float32)
    low, high = float(array.min()), float(array.max())
    scale = scale_for(low, high, whole=whole)
    stored = scale.stored(array)
    assert stored.min() >= LOWEST
    assert stored.max() <= HIGHEST
    off = np.abs(stored.astype(np.float64) * scale.slope + scale.intercept - array).max()
    assert off <= scale.slope / 2 * (1 + 1e-6) + 1e-9
    if whole and high - low <= 65_535:
        assert off == 0


def test_asking_twice_makes_one_job(cohort, volume):
    first = services.derive(user=cohort.annotator, volume=volume, key="dce_in")
    again = services.derive(user=cohort.manager, volume=volume, key="dce_in")
    assert first.pk == again.pk
    assert OutboxJob.objects.filter(name="imaging.derive").count() == 1
    assert AuditEvent.objects.filter(action="derived.asked").count() == 1


def test_what_is_ready_is_not_made_again(made, monkeypatch):
    row = made("dce_in")
    monkeypatch.setattr(services, "make_channel", None)
    services.make(derived_id=row.pk)
    assert made("dce_in").pk == row.pk


def test_a_job_that_dies_is_sent_again_and_ends_the_same(cohort, volume, monkeypatch):
    row = services.derive(user=cohort.annotator, volume=volume, key="dce_in")

    def die(*_):
        raise KeyboardInterrupt  # nothing handles this: as good as a killed worker

    with monkeypatch.context() as patch:
        patch.setattr(services, "make_channel", die)
        with pytest.raises(KeyboardInterrupt):
            services.make(derived_id=row.pk)
    row.refresh_from_db()
    assert row.state == JobState.RUNNING
    assert services.requeue_stuck_channels(older_than_s=60) == 0
    DerivedChannel.objects.update(updated_at=timezone.now() - timedelta(seconds=61))
    OutboxJob.objects.all().delete()
    assert services.requeue_stuck_channels(older_than_s=60) == 1
    assert OutboxJob.objects.get().arguments == {"derived_id": row.pk}
    services.make(derived_id=row.pk)
    row.refresh_from_db()
    assert row.state == JobState.READY


def test_a_channel_that_kills_every_worker_is_given_up(cohort, volume, monkeypatch):
    row = services.derive(user=cohort.annotator, volume=volume, key="dce_in")
    DerivedChannel.objects.update(state=JobState.RUNNING, attempts=services.MAX_ATTEMPTS)
    services.make(derived_id=row.pk)
    row.refresh_from_db()
    assert (row.state, "lost 3 times" in row.message) == (JobState.FAILED, True)
    again = services.derive(user=cohort.annotator, volume=volume, key="dce_in")
    assert (again.pk, again.state, again.attempts) == (row.pk, JobState.WAITING, 0)


def test_a_lost_blob_fails_with_words_and_can_be_tried_again(cohort, volume, settings):
    row = services.derive(user=cohort.annotator, volume=volume, key="dce_in")
    there, settings.BLOB_DIR = settings.BLOB_DIR, settings.BLOB_DIR / "elsewhere"
    services.make(derived_id=row.pk)
    row.refresh_from_db()
    assert row.state == JobState.FAILED
    assert "missing from the store" in row.message
    settings.BLOB_DIR = there
    services.derive(user=cohort.annotator, volume=volume, key="dce_in")
    services.make(derived_id=row.pk)
    row.refresh_from_db()
    assert row.state == JobState.READY


@pytest.mark.django_db(transaction=True)
def test_the_same_job_in_two_workers_has_one_effect(cohort, volume, monkeypatch):
    row = services.derive(user=cohort.annotator, volume=volume, key="dce_in")
    entered, made = threading.Barrier(2, timeout=20), []
    real = services.make_channel

    def slow(*arguments):
        made.append(1)
        entered.wait()
        return real(*arguments)

    monkeypatch.setattr(services, "make_channel", slow)

    def work():
        services.make(derived_id=row.pk)
        connection.close()

    first = threading.Thread(target=work)
    first.start()
    while not made:
        pass
    services.make(derived_id=row.pk)  # the second worker comes while the first one is at it, and leaves at once
    entered.wait()
    first.join()
    row.refresh_from_db()
    assert (len(made), row.state, row.attempts) == (1, JobState.READY, 1)


def test_a_channel_of_other_phases_is_out_of_date_and_made_anew(made, cohort, volume):
    before = made("dce_in")
    first = volume.phases.get(index=0)
    Phase.objects.filter(volume=volume, index=1).update(chunks=volume.phases.get(index=2).chunks)
    offer = selectors.offer_for(cohort.annotator, volume.pk, "dce_in")
    assert offer.row is None
    with pytest.raises(NotFound):
        selectors.chunk_for(cohort.annotator, volume.pk, "dce_in", 0)
    after = made("dce_in")
    assert after.pk == before.pk
    assert after.chunks != before.chunks
    np.testing.assert_array_equal(values_of(after), phases_of(volume)[2] - phases_of(volume)[0])
    assert first.chunks == volume.phases.get(index=0).chunks


def test_a_result_that_was_overtaken_is_dropped(cohort, volume, monkeypatch):
    row = services.derive(user=cohort.annotator, volume=volume, key="dce_in")
    real = services.make_channel

    def overtaken(*arguments):
        result = real(*arguments)
        Phase.objects.filter(volume=volume, index=1).update(chunks=volume.phases.get(index=2).chunks)
        services.derive(user=cohort.annotator, volume=volume, key="dce_in")
        return result

    with monkeypatch.context() as patch:
        patch.setattr(services, "make_channel", overtaken)
        services.make(derived_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.chunks) == (JobState.WAITING, [])


def test_no_more_than_a_few_slices_are_computed_at_once(made, monkeypatch):
    sizes = []
    real = making.compute
    monkeypatch.setattr(making, "compute", lambda *a, **k: sizes.append(real(*a, **k).shape) or real(*a, **k))
    made("dce_out")
    assert [size[0] for size in sizes] == [16, 16, 5]


@pytest.mark.parametrize("key", ["phase4", "phase1-phase9", "subtraction", "phase1-phase1"])
def test_a_channel_that_the_phases_do_not_give_is_refused(cohort, volume, key):
    with pytest.raises(InvalidInput, match="cannot be derived"):
        services.derive(user=cohort.annotator, volume=volume, key=key)


def test_strangers_get_nothing(volume, db):
    from tests.backend.cohort import Cohort

    with pytest.raises((NotAllowed, NotFound)):
        services.derive(user=Cohort("other").manager, volume=volume, key="dce_in")


def test_a_channel_under_lock_is_left_to_who_holds_it(cohort, volume):
    row = services.derive(user=cohort.annotator, volume=volume, key="dce_in")
    with try_lock(services.JOB, row.pk) as held:
        assert held
    services.make(derived_id=row.pk)
    row.refresh_from_db()
    assert row.state == JobState.READY


class TestOverHttp:
    def test_the_usual_channels_are_offered(self, cohort, volume, as_user, django_assert_max_num_queries):
        client = as_user(cohort.annotator)
        with django_assert_max_num_queries(6):
            offers = client.get(f"/api/volumes/{volume.pk}/derived").json()
        assert [offer["key"] for offer in offers] == [
            *(f"phase{n}" for n in range(4)),
            *(f"phase{n}-phase0" for n in (1, 2, 3)),
            "dce_in",
            "dce_out",
            *(f"phase{n}-phase0-percent" for n in (1, 2, 3)),
        ]
        assert {offer["state"] for offer in offers} == {None}
        assert {offer["key"]: offer["unit"] for offer in offers}["dce_out"] == "per minute"

    def test_without_times_the_slope_says_so(self, cohort, volume, as_user):
        volume.phases.filter(index=2).update(time_s=None)
        offer = as_user(cohort.annotator).get(f"/api/volumes/{volume.pk}/derived/dce_out").json()
        assert offer["unit"] == "per phase"
        assert "not known" in offer["remark"]

    def test_asked_made_and_read_like_a_phase(self, cohort, volume, as_user):
        client = as_user(cohort.annotator)
        base = f"/api/volumes/{volume.pk}/derived"
        asked = client.post(base, {"key": "phase3-phase1"}, content_type="application/json")
        assert (asked.status_code, asked.json()["state"], asked.json()["pixels"]) == (202, "waiting", None)
        assert client.get(f"{base}/phase3-phase1/chunks/0").status_code == 404
        services.make(derived_id=DerivedChannel.objects.get().pk)
        shown = client.get(f"{base}/phase3-phase1").json()
        assert "phase3-phase1" in [offer["key"] for offer in client.get(base).json()]
        pixels = shown["pixels"]
        assert (shown["state"], shown["name"]) == ("ready", "phase 3 − phase 1")
        blocks = []
        for url in pixels["chunks"]:
            answer = client.get(url)
            assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
            assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
            blocks.append(decode_block(b"".join(answer.streaming_content), pixels["codec"], SHAPE[1:]))
        assert len(blocks) == -(-SHAPE[0] // pixels["slices_per_chunk"])
        stored = np.concatenate(blocks)
        phases = phases_of(volume)
        np.testing.assert_array_equal(stored * pixels["slope"] + pixels["intercept"], phases[3] - phases[1])

    def test_projections_are_upright_pictures_of_the_maximum(self, made, cohort, volume, as_user, tmp_path):
        row = made("phase2-phase0")
        client = as_user(cohort.annotator)
        shown = client.get(f"/api/volumes/{volume.pk}/derived/{row.key}").json()
        assert set(shown["projections"]) == {"axial", "coronal", "sagittal"}
        path = tmp_path / "coronal.png"
        path.write_bytes(b"".join(client.get(shown["projections"]["coronal"]).streaming_content))
        picture = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
        assert picture.dtype == np.uint8
        # 37 slices of 5 mm over 12 columns of 2 mm, head up; all that matters is which way it is turned.
        assert picture.shape == (round(37 * 5 / 2), 12)
        expected = (phases_of(volume)[2] - phases_of(volume)[0]).max(axis=1)
        rows = np.round((np.arange(37) + 0.5) * len(picture) / 37 - 0.5).astype(int)
        likeness = {
            turn: np.corrcoef(picture[rows].ravel(), expected[:: turn[0], :: turn[1]].ravel())[0, 1]
            for turn in ((-1, 1), (1, 1), (-1, -1), (1, -1))
        }
        assert likeness[-1, 1] > 0.8
        assert all(likeness[turn] < 0.3 for turn in ((1, 1), (-1, -1), (1, -1)))

    @pytest.mark.parametrize("path", ["nonsense", "phase9", "dce_in/chunks/0", "dce_in/projections/axial"])
    def test_what_is_not_there_is_404(self, cohort, volume, as_user, path):
        assert as_user(cohort.annotator).get(f"/api/volumes/{volume.pk}/derived/{path}").status_code == 404

    def test_another_word_is_400(self, cohort, volume, as_user):
        answer = as_user(cohort.annotator).post(
            f"/api/volumes/{volume.pk}/derived", {"key": "phase9"}, content_type="application/json"
        )
        assert (answer.status_code, "there is no phase 9" in answer.json()["message"]) == (400, True)
