"""From files to studies: which files belong together, in what order, and what is said about it."""

import json
from dataclasses import asdict

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.output import Output
from backend.imaging.reading.protocol import StoredGrid
from ml.geometry import Geometry
from tests.backend.imaging.image_files import (
    KEY,
    affine_ras,
    build,
    find,
    furthest_mm,
    mask_arrays,
    metadata,
    nifti,
    numbered,
    places_nibabel,
    places_ours,
    stored,
    turn,
)

SHAPE_ZYX = (4, 5, 6)


def test_two_visits_are_two_studies_of_one_patient(tmp_path):
    for visit in ("visit 1", "visit 2"):
        nifti(tmp_path / "P1" / visit / "pre.nii")
    one, other = (case.summary(0, KEY) for case in find(tmp_path).cases)
    assert one.source_key == other.source_key
    assert one.study_uid != other.study_uid


def phases_of(tmp_path, names, **shapes):
    for n, name in enumerate(names):
        values = numbered((6, 5, 4)) * 5 + n
        nifti(tmp_path / "in" / "P1" / name, shapes.get(name, values), affine_ras(turn(0.1, 0.2, 0.3)))
    return build(tmp_path / "in", tmp_path / "out")


ORDERS = {
    "channels": (
        ["x_0000.nii.gz", "x_0001.nii.gz", "x_0002.nii.gz"],
        [0, 1, 2],
        ["pre-contrast", "post-contrast 1", "post-contrast 2"],
        "number 2 in its file name",
    ),
    "pre and post": (
        ["post10.nii", "post2.nii", "pre.nii"],
        [2, 1, 0],
        ["pre-contrast", "post-contrast 2", "post-contrast 10"],
        'named "post 10"',
    ),
    "phases": (
        ["phase_10.nii", "phase_9.nii"],
        [1, 0],
        ["pre-contrast", "post-contrast 1"],
        'number 10 after "phase" in its file name',
    ),
    "DCE": (
        ["DCE_1.nii", "DCE_2.nii"],
        [0, 1],
        ["pre-contrast", "post-contrast 1"],
        'number 2 after "dce" in its file name',
    ),
    "passes": (
        ["dyn_pre.nii", "dyn_2nd.nii", "dyn_1st pass.nii"],
        [0, 2, 1],
        ["pre-contrast", "post-contrast 1", "post-contrast 2"],
        'named "pass 2"',
    ),
    "bare numbers after the folder's name": (
        ["P1_0.nii", "P1_1.nii"],
        [0, 1],
        ["pre-contrast", "post-contrast 1"],
        "number 1 in its file name",
    ),
    "VIBRANT": (
        ["VIBRANT+C1.nii", "VIBRANT+C3.nii", "VIBRANT.nii"],
        [1, 2, 0],
        ["pre-contrast", "post-contrast 1", "post-contrast 3"],
        'named "VIBRANT+C3"',
    ),
}


@pytest.mark.parametrize(("names", "order", "labels", "reason"), ORDERS.values(), ids=ORDERS)
def test_one_file_per_phase_becomes_one_dce_volume_in_order(tmp_path, names, order, labels, reason):
    study = phases_of(tmp_path, names)
    (volume,) = study.volumes
    assert volume.is_dce
    assert volume.name == f"DCE, {len(names)} phases"
    assert [phase.label for phase in volume.phases] == labels
    assert volume.phases[-1].reason == reason
    found = [int(stored(tmp_path / "out", phase, volume.geometry.shape_zyx).min()) - 5 for phase in volume.phases]
    assert found == sorted(range(len(names)), key=lambda n: order[n]), "each phase holds the voxels of its own file"
    assert all(phase.time_s is None for phase in volume.phases)
    assert any("file names alone" in warning.message for warning in study.warnings)


def test_a_gap_in_the_numbers_is_pointed_out(tmp_path):
    study = phases_of(tmp_path, ["x_0000.nii", "x_0001.nii", "x_0003.nii"])
    assert any("2 did not come" in warning.message for warning in study.warnings)


@pytest.mark.parametrize(
    ("units", "step", "times"),
    [
        ("sec", 90, [0, 90, 180]),
        ("msec", 90_000, [0, 90, 180]),
        ("sec", 0.0045, [None] * 3),
        ("unknown", 90, [None] * 3),
    ],
)
def test_a_4_d_file_becomes_phases_along_time(tmp_path, units, step, times):
    values = np.stack([numbered((6, 5, 4)) * 5 + n for n in range(3)], axis=3)
    image = nibabel.Nifti1Image(values, affine_ras())
    image.header.set_xyzt_units("mm", units)
    image.header["pixdim"][4] = step
    (tmp_path / "in").mkdir()
    nibabel.save(image, tmp_path / "in" / "case7.nii.gz")
    study = build(tmp_path / "in", tmp_path / "out")
    (volume,) = study.volumes
    assert [phase.time_s for phase in volume.phases] == times
    assert [phase.reason for phase in volume.phases] == [f"the {n} volume of a 4-D file" for n in ("1st", "2nd", "3rd")]
    found = [int(stored(tmp_path / "out", phase, SHAPE_ZYX).min()) - 5 for phase in volume.phases]
    assert found == [0, 1, 2]


@pytest.mark.parametrize("time_axis", ["first", "last"])
def test_a_4_d_nrrd_file_becomes_phases_wherever_its_axis_of_time_is(tmp_path, time_axis):
    frames = [numbered(SHAPE_ZYX) * 5 + n for n in range(3)]
    array = np.stack(frames, axis=3 if time_axis == "first" else 0)
    names = ["none", "(0.7,0,0)", "(0,0.8,0)", "(0,0,2.5)"]
    kinds, sizes = ["list", "domain", "domain", "domain"], [3, 6, 5, 4]
    if time_axis == "last":
        names, kinds, sizes = names[1:] + names[:1], kinds[1:] + kinds[:1], sizes[1:] + sizes[:1]
    header = (
        f"NRRD0004\ntype: short\ndimension: 4\nspace: left-posterior-superior\nsizes: {' '.join(map(str, sizes))}\n"
        f"space directions: {' '.join(names)}\nkinds: {' '.join(kinds)}\nendian: little\nencoding: raw\n"
        "space origin: (1,2,3)\n\n"
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "case7_dce.nrrd").write_bytes(header.encode() + array.astype("<i2").tobytes())
    (volume,) = build(tmp_path / "in", tmp_path / "out").volumes
    for n, phase in enumerate(volume.phases):
        assert np.array_equal(stored(tmp_path / "out", phase, SHAPE_ZYX), frames[n])


def test_other_series_of_a_case_are_volumes_of_their_own(tmp_path):
    nifti(tmp_path / "in/P1/t2_stir.nii", numbered((4, 4, 4)), affine_ras(spacing=(1, 1, 4)))
    study = phases_of(tmp_path, ["pre.nii", "post1.nii"])
    assert [(volume.name, volume.is_dce, len(volume.phases)) for volume in study.volumes] == [
        ("DCE, 2 phases", True, 2),
        ("STIR T2 (NIfTI-1)", False, 1),
    ]
    assert study.volumes[1].phases[0].label == "single phase"


def test_a_subtraction_beside_its_phases_is_listed_and_not_drawn_on(tmp_path):
    study = phases_of(tmp_path, ["pre.nii", "post1.nii", "subtraction.nii"])
    assert len(study.volumes) == 1
    assert [series.not_drawn_on[:8] for series in study.series] == ["", "", "computed"]


REFUSED = {
    "phases on grids of other sizes": (
        lambda folder: [nifti(folder / "pre.nii"), nifti(folder / "post1.nii", numbered((6, 5, 3)))],
        "image 2 of 2 in the order of their names",
        "are phases of one volume, but have 4×5×6 and 3×5×6 voxels",
    ),
    "phases at other places": (
        lambda folder: [nifti(folder / "pre.nii"), nifti(folder / "post1.nii", affine=affine_ras(origin=(0, 0, 0)))],
        "",
        "but lie at different places",
    ),
    "two files for one phase": (
        lambda folder: [
            nifti(folder / "pre.nii", numbered((6, 5, 4)) + 9),
            nifti(folder / "post1.nii"),
            metadata(folder / "post_1.nrrd"),
        ],
        "",
        'claim one place among the phases (named "post 1")',
    ),
    "one image twice": (
        lambda folder: [nifti(folder / "pre.nii"), nifti(folder / "post1.nii")],
        "image 2 of 2 in the order of their names",
        "is a copy of image 1 of 2",
    ),
    "a phase cut short": (
        lambda folder: [
            nifti(folder / "pre.nii", numbered((6, 5, 4)) + 9),
            nifti(folder / "post1.nii").write_bytes((folder / "post1.nii").read_bytes()[:-3]),
        ],
        "image 1 of 2 in the order of their names",
        "is cut short: it holds 237 of 240 bytes",
    ),
    "a phase of NaN": (
        lambda folder: [nifti(folder / "dce.nii", np.full((6, 5, 4), np.nan, np.float32))],
        "the image",
        "has 120 of 120 voxels that hold no number",
    ),
    "voxels of a kilometre": (
        lambda folder: [nifti(folder / "dce.nii", affine=affine_ras(spacing=(1e6, 1e6, 1e6)))],
        "the image",
        "which no breast MR has",
    ),
    "voxels like needles": (
        lambda folder: [nifti(folder / "dce.nii", affine=affine_ras(spacing=(0.2, 0.2, 9)))],
        "the image",
        "has voxels stretched 45 times",
    ),
    "a volume of two metres": (
        lambda folder: [
            nifti(folder / "dce.nii", numbered((6, 5, 4), np.int32).repeat(50, 0), affine_ras(spacing=(9, 9, 9)))
        ],
        "the image",
        "which no MR can",
    ),
    "a single slice": (
        lambda folder: [nifti(folder / "dce.nii", numbered((6, 5, 1)))],
        "the image",
        "is no volume: it has 1×5×6 voxels",
    ),
    "nothing but a label map under the name of an image": (
        lambda folder: [nifti(folder / "dce.nii", (numbered((6, 5, 4)) % 3).astype(np.uint8))],
        "the case",
        "holds no image to draw on",
    ),
}


@pytest.mark.parametrize(("write", "subject", "message"), REFUSED.values(), ids=REFUSED)
def test_a_case_comes_in_whole_or_not_at_all(tmp_path, write, subject, message):
    write(tmp_path / "in" / "P1")
    with pytest.raises(StudyRefused) as refused:
        build(tmp_path / "in", tmp_path / "out")
    (fault,) = refused.value.faults
    assert subject in fault.subject
    assert message in fault.message
    assert fault.action.endswith(".")


@pytest.mark.parametrize(
    ("name", "origin", "message"),
    [
        ("dce_sag.nii", (-40, 30, 20), "is axial by its orientation, but its name says sagittal"),
        ("dce_left.nii", (80, 30, 20), "is right by its position, but its name says left"),
        ("dce_tra.nii", (-40, 30, 20), None),
        ("dce_right.nii", (80, 30, 20), None),
    ],
)
def test_a_name_that_contradicts_the_geometry_is_pointed_out(tmp_path, name, origin, message):
    nifti(tmp_path / "in" / "P1" / name, numbered((6, 5, 4)), affine_ras(origin=origin))
    messages = [warning.message for warning in build(tmp_path / "in", tmp_path / "out").warnings]
    assert [m for m in messages if "its name says" in m] == ([message] if message else [])
    assert any("has a size that breast MR seldom has" in m for m in messages)


def test_a_volume_over_the_limit_is_refused_before_it_is_read(tmp_path):
    path = nifti(tmp_path / "in" / "P1" / "dce.nii")
    content = bytearray(path.read_bytes())
    content[42:48] = np.array([9999, 9999, 9999], "<i2").tobytes()
    path.write_bytes(content)
    with pytest.raises(StudyRefused) as refused:
        build(tmp_path / "in", tmp_path / "out", max_voxels=600_000_000)
    assert "999,700,029,999 voxels; the limit is 600,000,000" in refused.value.faults[0].message


def labels_of(tmp_path, mask, *, dtype=np.uint8, name="P1_seg.nii.gz", **kwargs):
    for n, image in enumerate(("pre.nii", "post1.nii")):
        nifti(tmp_path / "in" / "P1" / image, numbered((6, 5, 4)) + n, affine_ras(turn(0.3, 0.2, 0.1)))
    nifti(tmp_path / "in" / "P1" / name, mask.astype(dtype), affine_ras(turn(0.3, 0.2, 0.1)), **kwargs)
    return build(tmp_path / "in", tmp_path / "out")


def test_a_label_map_lies_on_the_voxels_of_its_image(tmp_path):
    mask = np.zeros((6, 5, 4), np.uint8)
    mask[1, 2, 3], mask[4, 0, 0], mask[4, 1, 0] = 3, 7, 7
    study = labels_of(tmp_path, mask)
    (found,) = study.masks
    assert found.volume == 0
    assert found.source == "NIfTI-1 label map"
    assert [(s.number, s.name, s.voxels) for s in found.segments] == [(3, "value 3", 1), (7, "value 7", 2)]
    grid = study.volumes[0].geometry
    bitmaps = mask_arrays(tmp_path / "out", found, grid.shape_zyx)
    places = {number: grid.position_lps(np.argwhere(array).astype(float)).tolist() for number, array in bitmaps.items()}
    affine = np.diag([-1, -1, 1, 1]) @ affine_ras(turn(0.3, 0.2, 0.1))
    assert np.allclose(places[3], [(affine @ [1, 2, 3, 1])[:3]], atol=1e-3)
    expected = sorted((affine @ [4, j, 0, 1])[:3].tolist() for j in (0, 1))
    assert np.allclose(sorted(places[7]), expected, atol=1e-3)


def test_a_label_map_of_fractions_is_not_guessed(tmp_path):
    study = labels_of(tmp_path, np.full((6, 5, 4), 0.3), dtype=np.float32)
    assert study.masks == ()
    assert [w.message for w in study.warnings if w.subject == "the label map"] == [
        "holds float32 values and was left out"
    ]


def test_a_label_map_on_another_grid_is_left_out_by_name(tmp_path):
    study = labels_of(tmp_path, np.ones((6, 5, 3)))
    assert study.masks == ()
    assert "lies on a grid of its own (3×5×6 voxels) and was left out" in [w.message for w in study.warnings]


def test_a_damaged_label_map_does_not_keep_its_images_out(tmp_path):
    for n, image in enumerate(("pre.nii", "post1.nii")):
        nifti(tmp_path / "in" / "P1" / image, numbered((6, 5, 4)) + n)
    (tmp_path / "in" / "P1" / "mask.nii").write_bytes(b"nothing")
    study = build(tmp_path / "in", tmp_path / "out")
    assert len(study.volumes) == 1
    assert any(w.subject == "the label map" and "is not NIfTI" in w.message for w in study.warnings)


def test_an_image_that_looks_like_a_label_map_is_listed_with_its_reason(tmp_path):
    nifti(tmp_path / "in/P1/breast.nii", (numbered((6, 5, 4)) % 2).astype(np.uint8))
    study = phases_of(tmp_path, ["pre.nii", "post1.nii"])
    assert len(study.volumes) == 1
    assert "holds 2 different values, as a label map does" in study.series[0].not_drawn_on
    assert study.masks == ()


def test_segments_of_3d_slicer_keep_their_names(tmp_path):
    metadata(tmp_path / "in/P1/image.nrrd")
    labels = np.zeros(SHAPE_ZYX, np.uint8)
    labels[1, 1, 1], labels[2, 2, :2] = 1, 2
    path = metadata(tmp_path / "in/P1/Segmentation.seg.nrrd", labels)
    named = [(0, "tumour", 1), (1, "cyst", 2)]
    tags = "".join(f"Segment{n}_Name:={name}\nSegment{n}_LabelValue:={value}\n" for n, name, value in named)
    path.write_bytes(path.read_bytes().replace(b"kinds", tags.encode() + b"kinds", 1))
    (found,) = build(tmp_path / "in", tmp_path / "out").masks
    assert [(s.name, s.voxels) for s in found.segments] == [("tumour", 1), ("cyst", 2)]


CANARIES = ("Quixotina", "Sanchez", "Dulcinea")


def test_no_name_of_a_file_or_folder_and_no_free_text_of_a_header_comes_out(tmp_path):
    folder = tmp_path / "in" / "Quixotina 1970" / "Sanchez_visit"
    fields = {"descrip": b"Dulcinea", "aux_file": b"Dulcinea.nii", "db_name": b"Dulcinea", "intent_name": b"Dulcinea"}
    for n, name in enumerate(("Sanchez_visit_Dulcinea_pre.nii", "Sanchez_visit_Dulcinea_post1.nii")):
        nifti(folder / name, numbered((6, 5, 4)) + n, **fields)
    metadata(folder / "Sanchez_visit_seg.nrrd", np.ones(SHAPE_ZYX, np.uint8))
    case = find(tmp_path / "in").cases[0]
    (tmp_path / "out").mkdir()
    study = build(tmp_path / "in", tmp_path / "out")
    identity = study.identity.patient_id
    assert "Sanchez" in identity
    told = json.dumps([asdict(case.summary(0, KEY)), {**asdict(study), "identity": None}], default=str)
    told += "".join(path.name for path in (tmp_path / "out").iterdir())
    content = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    for canary in CANARIES:
        assert canary.lower() not in told.lower()
        assert canary.encode() not in content


def test_the_same_images_are_known_again_under_other_names(tmp_path):
    for folder in ("one/A", "two/B"):
        for n, name in enumerate(("pre.nii", "post1.nii")):
            nifti(tmp_path / folder / name, numbered((6, 5, 4)) + n)
    one, other = (find(tmp_path / folder).cases[0].summary(0, KEY) for folder in ("one", "two"))
    assert one.series == other.series
    assert len(one.series) == 2
    assert one.study_uid != other.study_uid


def test_the_summary_agrees_with_what_is_built(tmp_path):
    study = phases_of(tmp_path, ["pre.nii", "post1.nii"])
    summary = find(tmp_path / "in").cases[0].summary(3, KEY)
    assert (summary.number, summary.kind, summary.files, summary.masks) == (3, "nifti", (0, 1), ())
    assert summary.series == {series.uid: series.instances_key for series in study.series}
    assert (summary.study_uid, summary.source_key) == (study.study_uid, study.source_key)


def test_a_label_map_that_comes_later_is_read_onto_the_stored_volume(tmp_path):
    mask = np.zeros((6, 5, 4), np.uint8)
    mask[1, 2, 3] = 3
    study = labels_of(tmp_path, mask)
    case = find(tmp_path / "in").cases[0]
    grids = [StoredGrid(grid, {}, "") for grid in (other_grid(), study.volumes[0].geometry)]
    masks, series, faults = case.masks_on(grids, key=KEY, out=Output(tmp_path / "out"))
    assert faults == ()
    assert [(m.volume, m.series, m.content, m.instances_key) for m in masks] == [
        (1, 0, study.masks[0].content, study.masks[0].instances_key)
    ]
    assert series[0].uid == study.series[study.masks[0].series].uid
    assert case.summary(0, KEY).masks == (series[0].uid,)


def test_a_label_map_that_comes_later_and_fits_no_volume_is_named(tmp_path):
    labels_of(tmp_path, np.ones((6, 5, 4)))
    case = find(tmp_path / "in").cases[0]
    masks, _, faults = case.masks_on([StoredGrid(other_grid(), {}, "")], key=KEY, out=Output(tmp_path / "out"))
    assert masks == ()
    assert "lies on a grid of its own" in faults[0].message


def other_grid():
    return Geometry((4, 5, 6), tuple(tuple(row) for row in np.eye(4).tolist()))


def test_every_voxel_that_is_stored_lies_where_nibabel_says(tmp_path):
    values = np.random.default_rng(2).permutation(numbered((6, 5, 4)).ravel()).reshape(6, 5, 4)
    image = nibabel.Nifti1Image(values, affine_ras(turn(0.5, 0.1, -2.0))).as_reoriented([[2, -1], [0, 1], [1, -1]])
    path = nifti(tmp_path / "in" / "case7.nii", np.asarray(image.dataobj), image.affine)
    (volume,) = build(tmp_path / "in", tmp_path / "out").volumes
    array = stored(tmp_path / "out", volume.phases[0], volume.geometry.shape_zyx).astype(int)
    assert furthest_mm(places_ours(volume.geometry, array), places_nibabel(path)) < 1e-3


def test_a_reader_of_pictures_is_told_of_each_file(tmp_path):
    for n, name in enumerate(("pre.nii", "post1.nii")):
        nifti(tmp_path / "in" / "P1" / name, numbered((6, 5, 4)) + n)
    (tmp_path / "out").mkdir()
    steps = []
    find(tmp_path / "in").cases[0].build(key=KEY, out=Output(tmp_path / "out"), max_voxels=10**6, step=steps.append)
    assert steps == [1, 1]
    assert all(sitk.ReadImage(str(p)).GetSize() for p in (tmp_path / "out").glob("*.png"))
