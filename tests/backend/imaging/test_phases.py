"""The order of phases from what is in headers, each with its reason."""

from __future__ import annotations

import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG2MPML

from backend.imaging.dicom.grouping import group
from backend.imaging.dicom.plan import StudyPlan, plan_study
from backend.imaging.dicom.scan import scan
from backend.imaging.sources import list_files
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


def doubts_of(study) -> list[str]:
    """What the order of the phases leaves to look at; the pictures here are small, which is told as well."""
    warnings = [warning for warning in plan_of(study).warnings if not warning.message.startswith("has a size")]
    assert all(warning.action for warning in warnings)
    return [warning.message for warning in warnings]


def only_doubt(study) -> str:
    (message,) = doubts_of(study)
    return message


def test_an_agent_in_every_phase_is_a_doubt(study):
    for minute in (0, 2):
        study.add(ramp(SHAPE), AcquisitionTime=f"10{minute:02d}", ContrastBolusAgent="x")
    assert "every phase names a contrast agent" in only_doubt(study)


def test_an_agent_that_goes_away_is_a_doubt(study):
    for minute, agent in ((0, "x"), (2, "")):
        study.add(ramp(SHAPE), AcquisitionTime=f"10{minute:02d}", ContrastBolusAgent=agent)
    assert only_doubt(study) == "has a phase without contrast agent (series 2, 120 s) after one with it (series 1, 0 s)"


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
    assert (fault.subject, fault.message) == ("series 2", "has 1 file that is cut short")


def test_a_volume_over_the_limit_is_refused_with_both_figures(study):
    study.add_dynamic()
    (fault,) = plan_of(study, max_voxels=500).faults
    assert fault.message == "is too large: 3 × 4×8×6 = 576 voxels; the limit is 500"


def test_an_unknown_compression_refuses_the_study(study):
    study.add(ramp(SHAPE), edit=lambda header, _: setattr(header.file_meta, "TransferSyntaxUID", "1.2.3.4"))
    (fault,) = plan_of(study).faults
    assert fault.message.startswith("is compressed in a way that cannot be read here")


def test_times_of_day_without_a_date_go_over_midnight(study):
    """Some scanners stamp every image with the date on which the study began, others with none."""
    for time, agent in (("000100", "x"), ("235900", ""), ("000300", "x")):
        study.add(ramp(SHAPE), AcquisitionTime=time, ContrastBolusAgent=agent, AcquisitionDate="20240102")
    volume = only_volume(study)
    assert [phase.time_s for phase in volume.phases] == [0, 120, 240]
    assert [phase.source.first.series_number for phase in volume.phases] == [2, 1, 3]
    assert only_doubt(study).startswith("has times late and early in one day")


def test_a_day_between_morning_and_evening_is_one_day(study):
    for time, agent in (("080000", ""), ("210000", "x")):
        study.add(ramp(SHAPE), AcquisitionTime=time, ContrastBolusAgent=agent, AcquisitionDate="20240102")
    assert [phase.time_s for phase in only_volume(study).phases] == [0, 13 * 3600]


def test_time_points_of_one_series_go_over_midnight_too(study):
    many_in_one(study, AcquisitionTime=["000100", "000300", "235900"], ContrastBolusAgent=["x", "x", ""])
    phases = only_volume(study).phases
    assert [phase.time_s for phase in phases] == [0, 120, 240]
    assert [phase.source.first.path.parent.name for phase in phases] == ["series3", "series1", "series2"]


def test_a_pre_contrast_series_and_a_series_of_triggered_phases_are_one_volume(study):
    """GE writes one acquisition time for all phases of a series, and the delay of each as trigger time."""
    study.add(ramp(SHAPE), AcquisitionTime="100000", SeriesDescription="pre")
    uid = None
    for n in range(3):
        paths = study.add(
            ramp(SHAPE), uid=uid, AcquisitionTime="100500", TriggerTime=90_000 * n, ContrastBolusAgent="x"
        )
        uid = scan(paths[:1]).headers[0].series_uid
    volume = only_volume(study)
    assert [phase.time_s for phase in volume.phases] == [0, 300, 390, 480]
    assert all("by trigger time" in phase.reason for phase in volume.phases)


@pytest.mark.parametrize(
    ("descriptions", "order"),
    [
        (("dyn post 2", "dyn pre", "dyn post 1"), [2, 3, 1]),
        (("ax dyn 2nd pass", "ax dyn 1st pass", "ax dyn pre"), [3, 2, 1]),
        (("t1 nativ", "t1 +c 2", "t1 +c 1"), [1, 3, 2]),
        (("dyn", "dyn", "dyn"), [1, 2, 3]),
    ],
)
def test_without_any_time_the_words_of_the_descriptions_order_series(study, descriptions, order):
    for n, description in enumerate(descriptions):
        study.add(ramp(SHAPE, start=n), SeriesDescription=description)
    phases = only_volume(study).phases
    assert [phase.source.first.series_number for phase in phases] == order
    clock = "series number" if len(set(descriptions)) == 1 else "series description"
    assert phases[1].reason.startswith(f"number 2 of 3 by {clock}; no header gives its time")
    assert any(f"in the order of the {clock}" in doubt for doubt in doubts_of(study))


def test_series_times_order_phases_that_have_no_other(study):
    for time, agent in (("1004", "x"), ("1000", ""), ("1002", "x")):
        study.add(ramp(SHAPE, start=int(time)), SeriesTime=time, SeriesDate="20240102", ContrastBolusAgent=agent)
    phases = only_volume(study).phases
    assert [phase.time_s for phase in phases] == [0, 120, 240]
    assert "by series time" in phases[1].reason


def test_the_start_of_contrast_tells_pre_from_post_where_every_phase_names_the_agent(study):
    for minute in (0, 2, 4, 6):
        study.add(
            ramp(SHAPE),
            AcquisitionTime=f"10{minute:02d}00",
            ContrastBolusAgent="x",
            ContrastBolusStartTime="100330",
        )
    labels = [phase.label for phase in only_volume(study).phases]
    assert labels == ["pre-contrast 1", "pre-contrast 2", "post-contrast 1", "post-contrast 2"]
    assert doubts_of(study) == []


def test_a_start_of_contrast_that_contradicts_the_agent_is_a_doubt(study):
    for minute, agent in ((0, ""), (2, "x"), (4, "x")):
        study.add(
            ramp(SHAPE),
            AcquisitionTime=f"10{minute:02d}00",
            ContrastBolusAgent=agent,
            ContrastBolusStartTime="100300",
        )
    assert only_doubt(study) == (
        "names a contrast agent from phase 1 on, but contrast began 180 s after phase 0, which is before phase 2"
    )


def test_no_agent_at_all_is_a_doubt(study):
    many_in_one(study, TemporalPositionIdentifier=[1, 2, 3], AcquisitionTime=["1000", "1002", "1004"])
    assert "no phase names a contrast agent" in only_doubt(study)


def test_descriptions_that_contradict_the_times_are_a_doubt(study):
    for minute, words, agent in ((0, "post 1", ""), (2, "pre", "x"), (4, "post 2", "x")):
        study.add(ramp(SHAPE), AcquisitionTime=f"10{minute:02d}", SeriesDescription=words, ContrastBolusAgent=agent)
    assert only_doubt(study) == (
        "would be in another order by the descriptions of its series: series 2, series 1, series 3"
    )


def test_temporal_positions_that_contradict_the_times_are_a_doubt(study):
    many_in_one(
        study,
        TemporalPositionIdentifier=[1, 3, 2],
        AcquisitionTime=["1000", "1002", "1004"],
        ContrastBolusAgent=["", "x", "x"],
    )
    assert only_doubt(study) == "has temporal positions in another order than its times: 1, 3, 2"


def test_two_phases_of_one_acquisition_time_are_ordered_by_another_header_and_a_doubt(study):
    for n, (minute, agent) in enumerate(((0, ""), (2, "x"), (2, "x"))):
        study.add(
            ramp(SHAPE, start=9 * n),
            AcquisitionTime=f"10{minute:02d}",
            ContentTime=f"11{n:02d}",
            ContrastBolusAgent=agent,
        )
    assert [phase.time_s for phase in only_volume(study).phases] == [0, 60, 120]
    assert only_doubt(study).startswith("has phases of one acquisition time (series 2 and series 3)")


def test_a_series_that_was_exported_twice_is_one_phase(study):
    study.add_dynamic()
    study.add(
        ramp(SHAPE, start=100),
        SeriesDescription="ax dyn 1",
        AcquisitionDate="20240102",
        AcquisitionTime="100230.500",
        ContrastBolusAgent="Gadobutrol",
    )
    plan = plan_of(study)
    assert [len(volume.phases) for volume in plan.volumes] == [3]
    assert list(plan.not_drawn_on.values()) == ["the same pictures as series 2, exported twice"]


def test_a_whole_dynamic_series_that_was_exported_twice_is_one_volume(study):
    for number in (7, 8):
        many_in_one(
            study,
            AcquisitionTime=["1000", "1002", "1004"],
            ContrastBolusAgent=["", "x", "x"],
            SeriesNumber=[number] * 3,
        )
    plan = plan_of(study)
    assert [len(volume.phases) for volume in plan.volumes] == [3]
    assert list(plan.not_drawn_on.values()) == ["the same pictures as series 7, exported twice"]


def test_other_pictures_of_the_same_time_are_never_taken_for_copies(study):
    study.add_dynamic()
    study.add(ramp(SHAPE, start=101), AcquisitionDate="20240102", AcquisitionTime="100230.500", ContrastBolusAgent="x")
    plan = plan_of(study)
    assert plan.not_drawn_on == {}
    assert [len(volume.phases) for volume in plan.volumes] == [4]


def test_subtractions_inside_of_a_series_are_left_out_and_told(study):
    uid = None
    for minute, image_type in ((0, "M"), (2, "M"), (2, "SUB")):
        paths = study.add(
            ramp(SHAPE),
            uid=uid,
            AcquisitionTime=f"10{minute:02d}",
            ImageType=["ORIGINAL" if image_type == "M" else "DERIVED", "PRIMARY", image_type],
            ContrastBolusAgent="x" if minute else "",
        )
        uid = scan(paths[:1]).headers[0].series_uid
    plan = plan_of(study)
    assert [len(volume.phases) for volume in plan.volumes] == [2]
    assert plan.warnings[0].message == ("has 4 of 12 images that are computed from the others; they were left out")


def test_diffusion_directions_that_nothing_tells_apart_do_not_refuse_the_study(study):
    study.add_dynamic()
    uid = None
    for _ in range(3):
        paths = study.add(ramp(SHAPE), uid=uid, ScanningSequence=["EP", "SE"], EchoTime="80", DiffusionBValue=800.0)
        uid = scan(paths[:1]).headers[0].series_uid
    plan = plan_of(study)
    assert [len(volume.phases) for volume in plan.volumes] == [3]
    assert list(plan.not_drawn_on.values()) == [
        "it has 3 images at each of 4 positions, and no header tells them apart"
    ]
