"""The quality gate: each rule with its figures, and a sound study that no rule speaks of."""

from __future__ import annotations

import numpy as np
import pytest

from backend.imaging.dicom.grouping import group
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.plan import StudyPlan, plan_study
from backend.imaging.dicom.quality import warnings_of_pixels
from backend.imaging.dicom.scan import scan
from backend.imaging.dicom.wording import plane_of, rank_of, side_of
from backend.imaging.sources import list_files
from tests.backend.imaging.dicom_files import AXIAL, CORONAL, SAGITTAL

SHAPE = (12, 64, 64)
BREAST = {"spacing_yx": (4.0, 4.0), "step_mm": 8.0, "origin": (-128.0, -100.0, -40.0)}
ONE_BREAST = {"orientation": SAGITTAL, "spacing_yx": (3.0, 3.0), "step_mm": 7.0}
TILTED = (1.0, 0.0, 0.0, 0.0, 0.7071067811865476, 0.7071067811865476)
LEFT, RIGHT = (105.0, -96.0, 96.0), (-30.0, -96.0, 96.0)  # slices follow each other to the right (-x)


def pictures() -> np.ndarray:
    return np.random.default_rng(2).integers(0, 500, SHAPE, dtype=np.uint16)


def plan_of(study) -> StudyPlan:
    (files,) = group(scan(list_files(study.folder)[0]).headers)
    return plan_study(files, max_voxels=10**6)


def warnings_on(study) -> list[str]:
    plan = plan_of(study)
    assert plan.faults == ()
    assert all(warning.subject == "series 1" and warning.action for warning in plan.warnings)
    return [warning.message for warning in plan.warnings]


def only_warning(study) -> str:
    (message,) = warnings_on(study)
    return message


def add(study, **changes):
    return study.add(pictures(), **{**BREAST, **changes})


def test_a_sound_volume_gives_nothing_to_look_at(study):
    add(study, PatientPosition="HFP", SeriesDescription="t1 tra bilateral", SpacingBetweenSlices="8")
    assert warnings_on(study) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"spacing_yx": (1.0, 1.0)}, ["64×64 mm in the plane (usual are 80 to 600)"]),
        ({"spacing_yx": (10.0, 4.0)}, ["640×256 mm in the plane (usual are 80 to 600)"]),
        ({"step_mm": 2.0}, ["24 mm through the plane (usual are 40 to 500)"]),
        ({"step_mm": 50.0}, ["600 mm through the plane (usual are 40 to 500)"]),
    ],
)
def test_a_size_that_breast_mr_seldom_has_is_told_with_its_limits(study, changes, told):
    add(study, **changes)
    assert only_warning(study) == f"has a size that breast MR seldom has: {'; '.join(told)}"


def test_few_slices_of_few_pixels_are_told_together(study):
    study.add(pictures()[:4, :32], **BREAST)
    message = only_warning(study)
    assert "4 slices (usual are 10 to 600)" in message
    assert "32×64 pixels (usual are 64 to 1024)" in message


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({"spacing_yx": (0.004, 0.004), "step_mm": 0.05}, "0.6×0.256×0.256"),
        ({"step_mm": 100.0}, "1200×256×256"),
        ({"spacing_yx": (400.0, 4.0)}, "96×2.56e+04×256"),
    ],
)
def test_a_size_that_nothing_in_a_scanner_has_refuses_the_study(study, changes, size):
    add(study, **changes)
    (fault,) = plan_of(study).faults
    assert fault.message == f"measures {size} mm, which no MR can (limits 1 and 1,000 mm)"


@pytest.mark.parametrize(("slope", "intercept"), [("1e308", "0"), ("1e-30", "0"), ("1", "-1e30")])
def test_a_rescale_that_no_picture_has_refuses_the_study(study, slope, intercept):
    add(study, RescaleSlope=slope, RescaleIntercept=intercept)
    (fault,) = plan_of(study).faults
    assert fault.message.startswith("has 12 of 12 images with Rescale Slope")


def test_slices_that_are_closer_than_their_header_says_are_told(study):
    add(study, SpacingBetweenSlices="9.5")
    assert only_warning(study) == (
        "has slices 8.00 mm apart by their positions, but 9.50 mm by Spacing Between Slices; the positions count"
    )


@pytest.mark.parametrize(
    ("orientation", "description", "told"),
    [
        (AXIAL, "t1 SAG fs", "is axial by its orientation, but its description says sagittal"),
        (SAGITTAL, "t1_fl3d_tra", "is sagittal by its orientation, but its description says axial"),
        (CORONAL, "ax dyn", "is coronal by its orientation, but its description says axial"),
        (CORONAL, "cor stir", ""),
        (SAGITTAL, "dyn from ax and cor", ""),
        (TILTED, "sag", ""),
    ],
)
def test_a_description_of_another_plane_is_told(study, orientation, description, told):
    changes = {"origin": (-40.0, -96.0, 96.0)} if orientation == SAGITTAL else {}
    add(study, orientation=orientation, SeriesDescription=description, **changes)
    assert warnings_on(study) == ([told] if told else [])


SIDES = [
    ({"Laterality": "L"}, "", LEFT, ""),
    ({"ImageLaterality": "R"}, "sag right", RIGHT, ""),
    ({"Laterality": "L"}, "sag right breast", LEFT, "is left by Laterality, but its description says right"),
    (
        {"Laterality": "R"},
        "",
        LEFT,
        "is right by its Laterality, but lies wholly on the left of the scanner's middle (as far as 105 mm)",
    ),
    (
        {},
        "sag LEFT",
        RIGHT,
        "is left by its description, but lies wholly on the right of the scanner's middle (as far as 107 mm)",
    ),
    ({"Laterality": "B"}, "left and right", LEFT, ""),
    ({"Laterality": "L", "ImageLaterality": "R"}, "", RIGHT, ""),
]


@pytest.mark.parametrize(("attributes", "description", "origin", "told"), SIDES)
def test_sides_that_contradict_each_other_are_told(study, attributes, description, origin, told):
    study.add(pictures(), **ONE_BREAST, origin=origin, SeriesDescription=description, **attributes)
    assert warnings_on(study) == ([told] if told else [])


def test_two_sides_in_one_volume_are_told(study):
    add(study, edit=lambda header, n: setattr(header, "ImageLaterality", "LR"[n % 2]))
    assert only_warning(study) == "is both left and right by Laterality in its headers"


@pytest.mark.parametrize(
    ("position", "told"),
    [
        ("HFP", ""),
        ("FFP", ""),
        ("", ""),
        ("HFS", "was made with the patient on the back (HFS), and breast MR is made face down"),
        ("FFDL", "was made with the patient on the side (FFDL), and breast MR is made face down"),
    ],
)
def test_a_patient_who_did_not_lie_face_down_is_told(study, position, told):
    add(study, PatientPosition=position)
    assert warnings_on(study) == ([told] if told else [])


def test_more_than_one_patient_position_is_told_in_codes_alone(study):
    add(study, edit=lambda header, n: setattr(header, "PatientPosition", "HFP" if n else "JANE"))
    assert only_warning(study) == "has images of more than one Patient Position: HFP, unknown"


def test_lossy_compression_is_told(study):
    add(study, edit=lambda header, n: setattr(header, "LossyImageCompression", "01" if n < 5 else "00"))
    assert only_warning(study) == "has 5 of 12 images that lost detail to compression"


def test_low_values_that_are_bright_are_told(study):
    add(study, PhotometricInterpretation="MONOCHROME1")
    assert only_warning(study).startswith("says that low values are bright (MONOCHROME1)")


def test_slices_of_one_value_are_told_once_pixels_are_read(study):
    given = pictures()
    given[0], given[11] = 0, 7
    study.add(given, **BREAST)
    (volume,) = plan_of(study).volumes
    (warning,) = warnings_of_pixels("series 1", read_pixels(volume.phases[0].source.stack))
    assert (warning.subject, warning.message) == ("series 1", "has 2 of 12 slices of one value alone")


@pytest.mark.parametrize(
    ("description", "rank"),
    [
        ("ax dyn pre", 0),
        ("ax dyn 1st pass", 1),
        ("ax dyn 4th pass", 4),
        ("Ph2/Ax VIBRANT", 2),
        ("t1_fl3d_tra_dyn_post_3", 3),
        ("VIBRANT+C2", 2),
        ("t1 nativ", 0),
        ("post", 1),
        ("t1_fl3d_tra_dynaVIEWS_spair", None),
        ("t2 tse", None),
        ("presat bands", None),
    ],
)
def test_words_for_phases(description, rank):
    assert rank_of(description) == rank


@pytest.mark.parametrize(
    ("description", "side", "plane"),
    [
        ("SAG LT breast", "left", "sagittal"),
        ("t1_tra_rechts", "right", "axial"),
        ("Left and right", "", ""),
        ("brighten the trace", "", ""),
        ("ax from sag", "", ""),
        ("coronal", "", "coronal"),
    ],
)
def test_words_for_sides_and_planes(description, side, plane):
    assert (side_of(description), plane_of(description)) == (side, plane)
