"""The order of phases from what is in headers, each with its reason."""

from __future__ import annotations

import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG2MPML

from backend.imaging.dicom.grouping import group
from backend.imaging.dicom.plan import StudyPlan, plan_study
from backend.imaging.dicom.scan import list_files, scan
from tests.backend.imaging.dicom_files import CORONAL, SAGITTAL, ramp

SHAPE = (4, 8, 6)
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def plan_of(study, *, max_voxels: int = 10**6) -> StudyPlan:
    (files,) = group(scan(list_files(study.folder)[0]).headers)
    return plan_study(files, max_voxels=max_voxels)


def only_volume(study):
    plan = plan_of(study)
    assert plan.faults == ()
    (volume,) = plan.volumes
    return volume


def test_one_series_per_phase_is_ordered_by_acquisition_time_not_by_number(study):
    for minute, agent in ((4, "x"), (0, ""), (2, "x")):
        study.add(
            ramp(SHAPE), AcquisitionDate="20240102", AcquisitionTime=f"10{minute:02d}00", ContrastBolusAgent=agent
        )
    volume = only_volume(study)
    assert volume.is_dce
    assert [phase.source.first.series_number for phase in volume.phases] == [2, 3, 1]
    assert [phase.time_s for phase in volume.phases] == [0, 120, 240]
    assert [phase.label for phase in volume.phases] == ["pre-contrast", "post-contrast 1", "post-contrast 2"]
    assert [phase.reason for phase in volume.phases] == [
        "first by acquisition time; no contrast agent is named",
        "120 s after the first by acquisition time; a contrast agent is named",
        "240 s after the first by acquisition time; a contrast agent is named",
    ]


def test_a_study_over_midnight_keeps_its_order(study):
    study.add(ramp(SHAPE), AcquisitionDate="20240103", AcquisitionTime="000100", ContrastBolusAgent="x")
    study.add(ramp(SHAPE), AcquisitionDate="20240102", AcquisitionTime="235900")
    assert [phase.time_s for phase in only_volume(study).phases] == [0, 120]


def many_in_one(study, **columns):
    """Three time points in one series; each column gives an attribute's value at each time point."""
    uid = None
    for n in range(3):
        attributes = {name: values[n] for name, values in columns.items()}
        paths = study.add(ramp(SHAPE, start=100 * n), uid=uid, SeriesDescription="dyn", **attributes)
        uid = scan(paths[:1]).headers[0].series_uid


@pytest.mark.parametrize(
    ("columns", "times", "clock"),
    [
        (
            {"TemporalPositionIdentifier": [2, 3, 1], "AcquisitionTime": ["1002", "1004", "1000"]},
            [0, 120, 240],
            "acquisition time",
        ),
        ({"AcquisitionTime": ["100200", "100400", "100000"]}, [0, 120, 240], "acquisition time"),
        ({"TriggerTime": [60000, 120000, 0], "AcquisitionTime": ["10"] * 3}, [0, 60, 120], "trigger time"),
        ({"ContentTime": ["100200", "100400", "100000"]}, [0, 120, 240], "content time"),
        ({"TemporalPositionIdentifier": [2, 3, 1]}, [None] * 3, "temporal position"),
        ({"AcquisitionNumber": [2, 3, 1]}, [None] * 3, "acquisition number"),
    ],
)
def test_many_phases_in_one_series_are_told_apart(study, columns, times, clock):
    many_in_one(study, **columns)
    volume = only_volume(study)
    assert volume.is_dce
    assert [phase.time_s for phase in volume.phases] == times
    assert all(f"by {clock}" in phase.reason for phase in volume.phases)
    assert [phase.source.first.path.parent.name for phase in volume.phases] == ["series3", "series1", "series2"]


def test_slices_with_times_of_their_own_are_ranked_at_each_position(study):
    """Some scanners give every slice its own acquisition time, and nothing else."""
    uid = None
    for n in range(3):

        def each(header, z, n=n):
            header.AcquisitionTime = f"10{2 * n:02d}{3 * z:02d}"

        paths = study.add(ramp(SHAPE), uid=uid, edit=each)
        uid = scan(paths[:1]).headers[0].series_uid
    assert [phase.time_s for phase in only_volume(study).phases] == [0, 120, 240]


def test_phases_that_no_header_tells_apart_are_refused(study):
    many_in_one(study)
    (fault,) = plan_of(study).faults
    assert fault.message == "has 3 images at each of 4 positions, and no header tells them apart"


def test_a_slice_lost_inside_one_phase_is_found(study):
    many_in_one(study, TemporalPositionIdentifier=[1, 2, 3])
    (study.folder / "series2" / "0002").unlink()
    (fault,) = plan_of(study).faults
    assert fault.message.startswith("is incomplete: 1 slice is missing")


def test_a_slice_lost_at_the_edge_of_one_phase_is_found_by_comparing_phases(study):
    phases = study.add_dynamic()
    phases[1][-1].unlink()
    plan = plan_of(study)
    (fault,) = plan.faults
    assert "series 1 has 4 slices and series 2 has 3" in fault.message
    assert plan.volumes == ()


def test_another_protocol_on_the_same_grid_is_no_phase(study):
    study.add_dynamic()
    study.add(ramp(SHAPE), ScanningSequence="SE", EchoTime="80", RepetitionTime="4000", AcquisitionTime="1100")
    volumes = plan_of(study).volumes
    assert [(v.is_dce, len(v.phases)) for v in volumes] == [(True, 3), (False, 1)]


def test_the_same_protocol_on_the_other_breast_is_no_phase(study):
    study.add_dynamic(orientation=SAGITTAL, origin=(20.0, -30.0, 5.0))
    study.add_dynamic(orientation=SAGITTAL, origin=(120.0, -30.0, 5.0))
    assert [len(volume.phases) for volume in plan_of(study).volumes] == [3, 3]


@pytest.mark.parametrize(
    "attributes", [{"ImageType": ["DERIVED", "PRIMARY", "M", "SUB"]}, {"SeriesDescription": "dyn_SUB"}]
)
def test_a_subtraction_is_neither_phase_nor_volume(study, attributes):
    study.add_dynamic()
    study.add(ramp(SHAPE), AcquisitionTime="1002", **attributes)
    plan = plan_of(study)
    assert [len(volume.phases) for volume in plan.volumes] == [3]
    assert list(plan.not_drawn_on.values()) == ["computed from other images (a subtraction, projection or reformat)"]


def test_echoes_become_volumes_of_their_own(study):
    uid = None
    for echo in ("2.3", "4.6"):
        paths = study.add(ramp(SHAPE), uid=uid, EchoTime=echo, AcquisitionTime="10")
        uid = scan(paths[:1]).headers[0].series_uid
    assert [(v.kind, len(v.phases)) for v in plan_of(study).volumes] == [("echo 2.3", 1), ("echo 4.6", 1)]


def test_long_echoes_repeated_in_time_are_phases_but_not_dce(study):
    many_in_one(study, TemporalPositionIdentifier=[1, 2, 3], EchoTime=["30"] * 3)
    volume = only_volume(study)
    assert not volume.is_dce
    assert [phase.label for phase in volume.phases] == ["time 0", "time 1", "time 2"]


def test_two_repeats_without_any_sign_of_contrast_stay_apart(study):
    for minute in (0, 2):
        study.add(ramp(SHAPE), AcquisitionTime=f"10{minute:02d}", SeriesDescription="t1")
    assert [(v.is_dce, len(v.phases)) for v in plan_of(study).volumes] == [(False, 1), (False, 1)]


def test_an_agent_in_every_phase_is_a_doubt(study):
    for minute in (0, 2):
        study.add(ramp(SHAPE), AcquisitionTime=f"10{minute:02d}", ContrastBolusAgent="x")
    assert plan_of(study).remarks == ("every phase names a contrast agent; check that phase 0 is pre-contrast",)


def test_an_agent_that_goes_away_is_a_doubt(study):
    for minute, agent in ((0, "x"), (2, "")):
        study.add(ramp(SHAPE), AcquisitionTime=f"10{minute:02d}", ContrastBolusAgent=agent)
    (remark,) = plan_of(study).remarks
    assert remark.startswith("a phase without contrast agent comes after one with it")


def test_two_phases_before_the_agent_are_both_pre_contrast(study):
    for minute, agent in ((0, ""), (1, ""), (2, "x")):
        study.add(ramp(SHAPE), AcquisitionTime=f"10{minute:02d}", ContrastBolusAgent=agent)
    assert [p.label for p in only_volume(study).phases] == ["pre-contrast 1", "pre-contrast 2", "post-contrast 1"]


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Modality": "US"}, "not MR (modality US)"),
        ({"Modality": "SEG"}, "a segmentation (SEG), not an image"),
        ({"Modality": "Jane"}, "not MR (modality unknown)"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "a localizer"),
        ({"ImageType": ["DERIVED", "PRIMARY", "MOSAIC"]}, "a mosaic: many slices in one picture"),
        ({"SamplesPerPixel": 3}, "colour pictures"),
        ({"ImagePositionPatient": None}, "its headers do not say where the images lie in the patient"),
        (
            {"SOPClassUID": SECONDARY_CAPTURE},
            "MR without being an MR image (a report, a screenshot or raw data)",
        ),
    ],
)
def test_what_is_no_stack_of_mr_slices_is_listed_with_its_reason(study, attributes, reason):
    study.add(ramp(SHAPE), edit=lambda header, _: [setattr(header, *item) for item in attributes.items()])
    plan = plan_of(study)
    assert (plan.volumes, plan.faults, list(plan.not_drawn_on.values())) == ((), (), [reason])


def test_a_few_slices_in_three_planes_are_a_localizer_whatever_they_are_called(study):
    uid = None
    for orientation in ((1, 0, 0, 0, 1, 0), SAGITTAL, CORONAL):
        paths = study.add(ramp((3, 4, 4)), orientation=orientation, uid=uid)
        uid = scan(paths[:1]).headers[0].series_uid
    assert list(plan_of(study).not_drawn_on.values()) == ["a localizer: 3 planes of at most 3 slices"]


def test_two_slices_are_no_volume(study):
    study.add(ramp((2, 4, 4)))
    assert list(plan_of(study).not_drawn_on.values()) == ["fewer than 3 slices"]


def test_frames_that_nothing_places_are_listed_and_the_study_goes_on(study):
    study.add_dynamic()

    def cine(header, _):
        header.NumberOfFrames, header.PixelData = 4, 4 * header.PixelData

    study.add(ramp(SHAPE), edit=cine)
    plan = plan_of(study)
    assert [len(volume.phases) for volume in plan.volumes] == [3]
    assert list(plan.not_drawn_on.values()) == ["16 frames in files that do not say where each lies in the patient"]


def test_pixels_of_32_bits_refuse_the_study(study):
    def wide(header, _):
        header.BitsAllocated, header.PixelData = 32, bytes(2 * len(header.PixelData))

    study.add(ramp(SHAPE), edit=wide)
    assert [fault.message for fault in plan_of(study).faults] == ["has pixels of 32 bits; 8 or 16 can be read"]


def test_a_compression_without_decoder_refuses_the_study_by_its_name(study):
    def compressed(header, _):
        header.file_meta.TransferSyntaxUID = MPEG2MPML
        header.PixelData = encapsulate([b"\0" * 64])

    study.add(ramp(SHAPE), edit=compressed)
    (fault,) = plan_of(study).faults
    assert "MPEG2" in fault.message


def test_a_file_cut_short_refuses_the_study_by_its_series(study):
    paths = study.add_dynamic()
    paths[1][0].write_bytes(paths[1][0].read_bytes()[:-1])
    (fault,) = plan_of(study).faults
    assert (fault.series, fault.message) == ("series 2", "has 1 file that is cut short")


def test_a_volume_over_the_limit_is_refused_with_both_figures(study):
    study.add_dynamic()
    (fault,) = plan_of(study, max_voxels=500).faults
    assert fault.message == "is too large: 3 × 4×8×6 = 576 voxels; the limit is 500"


def test_an_unknown_compression_refuses_the_study(study):
    study.add(ramp(SHAPE), edit=lambda header, _: setattr(header.file_meta, "TransferSyntaxUID", "1.2.3.4"))
    (fault,) = plan_of(study).faults
    assert fault.message.startswith("is compressed in a way that cannot be read here")
