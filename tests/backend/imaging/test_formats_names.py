"""Which files are of one case, by the names that they came with."""

from pathlib import Path

import pytest

from backend.imaging.formats import find_cases
from backend.imaging.formats.finding import ARCHIVE, ARRAY_ALONE, BARE_NUMBER, DETACHED, MASK_ALONE, PAIR
from backend.imaging.formats.names import natural, read_name
from backend.imaging.reading.messages import SourceFile


def listed(*names):
    return [SourceFile(Path(f"/nowhere/{n:06d}"), name) for n, name in enumerate(names)]


def grouped(*names):
    """Patients, each with the names of the images and masks of her case."""
    files = listed(*names)
    found = find_cases(files)
    return [
        (case.images[0].named.patient, [m.file.name for m in case.images], [m.file.name for m in case.masks])
        for case in found.cases
    ], {names[index]: refusal for index, refusal in found.refused.items()}


CASES = {
    "nnU-Net": (
        ["imagesTr/case_0000.nii.gz", "imagesTr/case_0001.nii.gz", "imagesTr/odd_0000.nii.gz", "labelsTr/case.nii.gz"],
        [
            ("case", ["imagesTr/case_0000.nii.gz", "imagesTr/case_0001.nii.gz"], ["labelsTr/case.nii.gz"]),
            ("odd", ["imagesTr/odd_0000.nii.gz"], []),
        ],
    ),
    "MAMA-MIA": (
        [
            "images/DUKE_001/duke_001_0000.nii.gz",
            "images/DUKE_001/duke_001_0001.nii.gz",
            "segmentations/expert/duke_001.nii.gz",
        ],
        [
            (
                "DUKE_001",
                ["images/DUKE_001/duke_001_0000.nii.gz", "images/DUKE_001/duke_001_0001.nii.gz"],
                ["segmentations/expert/duke_001.nii.gz"],
            )
        ],
    ),
    "BreastDCEDL": (
        ["A1/dce/A1_dce_aqc_0.nii.gz", "A1/dce/A1_dce_aqc_1.nii.gz", "A1/mask/A1_mask.nii.gz"],
        [("A1", ["A1/dce/A1_dce_aqc_0.nii.gz", "A1/dce/A1_dce_aqc_1.nii.gz"], ["A1/mask/A1_mask.nii.gz"])],
    ),
    "BIDS": (
        ["sub-01/ses-1/perf/sub-01_ses-1_dce.nii.gz", "sub-02/ses-1/perf/sub-02_ses-1_dce.nii.gz"],
        [
            ("sub-01", ["sub-01/ses-1/perf/sub-01_ses-1_dce.nii.gz"], []),
            ("sub-02", ["sub-02/ses-1/perf/sub-02_ses-1_dce.nii.gz"], []),
        ],
    ),
    "a folder per case": (
        ["P2/pre.nii", "P2/post1.nii", "P10/pre.nii", "P10/post1.nii", "P2/lesion_mask.nii"],
        [("P2", ["P2/post1.nii", "P2/pre.nii"], ["P2/lesion_mask.nii"]), ("P10", ["P10/post1.nii", "P10/pre.nii"], [])],
    ),
    "one folder for all": (
        [
            "breast cohort/A_pre.mha",
            "breast cohort/A_post 1.mha",
            "breast cohort/B_pre.mha",
            "breast cohort/A_seg.nrrd",
        ],
        [
            (
                "breast cohort/A",
                ["breast cohort/A_post 1.mha", "breast cohort/A_pre.mha"],
                ["breast cohort/A_seg.nrrd"],
            ),
            ("breast cohort/B", ["breast cohort/B_pre.mha"], []),
        ],
    ),
    "BreastDM": (
        [
            f"seg3D/train/{kind}/BreaDM-Ma-1802/{name}.npy"
            for kind in ("images", "labels")
            for name in ("SUB2", "VIBRANT+C2", "VIBRANT")
        ],
        [
            (
                "BreaDM-Ma-1802",
                [f"seg3D/train/images/BreaDM-Ma-1802/{name}.npy" for name in ("SUB2", "VIBRANT+C2", "VIBRANT")],
                [f"seg3D/train/labels/BreaDM-Ma-1802/{name}.npy" for name in ("SUB2", "VIBRANT+C2", "VIBRANT")],
            )
        ],
    ),
    "loose files of nobody": (["pre.nii", "post1.nii"], [("", ["post1.nii", "pre.nii"], [])]),
    "names that start as their folder": (
        ["P1/P1_0.nii", "P1/P1_1.nii", "P1/P1_t2_stir.nii"],
        [("P1", ["P1/P1_0.nii", "P1/P1_1.nii", "P1/P1_t2_stir.nii"], [])],
    ),
    "numbers of patients, not channels": (
        ["set/Breast_MRI_0012.nii", "set/Breast_MRI_0013.nii"],
        [
            ("set/Breast_MRI_0012", ["set/Breast_MRI_0012.nii"], []),
            ("set/Breast_MRI_0013", ["set/Breast_MRI_0013.nii"], []),
        ],
    ),
    "two visits": (
        ["P1/visit 1/pre.nii", "P1/visit 2/pre.nii"],
        [("P1", ["P1/visit 1/pre.nii"], []), ("P1", ["P1/visit 2/pre.nii"], [])],
    ),
}


@pytest.mark.parametrize(("names", "expected"), CASES.values(), ids=CASES)
def test_files_are_sorted_into_cases_by_their_names(names, expected):
    cases, refused = grouped(*names)
    assert cases == expected
    assert refused == {}


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("a/x.hdr", PAIR),
        ("a/x.img", PAIR),
        ("a/x.nhdr", DETACHED),
        ("a/x.mhd", DETACHED),
        ("a/x.npz", ARCHIVE),
        ("a/001.nii.gz", BARE_NUMBER),
        ("7.nrrd", BARE_NUMBER),
        ("a/features.npy", ARRAY_ALONE),
        ("a/A_seg.nii.gz", MASK_ALONE),
    ],
)
def test_a_file_that_belongs_to_no_case_says_why(name, refusal):
    assert grouped(name) == ([], {name: refusal})


def test_a_label_map_that_fits_two_cases_is_given_to_neither():
    cases, refused = grouped("one/A_pre.nii", "two/A_pre.nii", "labels/A.nii")
    assert [case[2] for case in cases] == [[], []]
    assert refused == {"labels/A.nii": MASK_ALONE}


def test_files_of_other_kinds_are_left_to_others():
    assert grouped("notes.txt", "P1/IM0001", "P1/.hidden.nii", "x.raw") == ([], {})


def test_names_are_ordered_as_people_count():
    assert sorted(["p10", "P9", "p1", "é2", "É10"], key=natural) == ["p1", "P9", "p10", "é2", "É10"]


def test_a_name_in_two_forms_of_unicode_is_one_patient():
    assert read_name("Zoe\u0308/pre.nii").person == read_name("Zo\u00eb/pre.nii").person
