"""DICOM SEG as highdicom writes it, on grids of every kind."""

import dataclasses

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless, generate_uid

from backend.imaging.dicom.deidentify import Key
from backend.imaging.reading.output import Output
from backend.imaging.segments import Bitmaps, MaskRefused, read_seg
from ml.geometry import Geometry
from tests.backend.imaging.dicom_files import AXIAL, CORONAL, OBLIQUE, SAGITTAL
from tests.backend.imaging.segments.seg_files import described, sources_of, write_seg

KEY = Key(b"secret")
SHAPE = (5, 12, 10)
PLANES = {"axial": AXIAL, "sagittal": SAGITTAL, "coronal": CORONAL, "oblique": OBLIQUE}


def grid_of(plane, shape=SHAPE):
    row, column = np.array(plane[:3]), np.array(plane[3:])
    row, column = row / np.linalg.norm(row), column / np.linalg.norm(column)
    return Geometry.from_axes(
        shape_zyx=shape,
        origin_lps=(-20.0, -30.0, 5.0),
        z_axis_lps=np.cross(row, column) * 3.3,
        y_axis_lps=column * 0.9,
        x_axis_lps=row * 0.7,
    )


def labels_of(seed=0, values=3, shape=SHAPE):
    random = np.random.default_rng(seed)
    return random.integers(0, values + 1, shape).astype(np.uint8)


@pytest.fixture
def read(tmp_path):
    out = Output(tmp_path)

    def run(path, grid, **options):
        options = {"references": {}} | options
        return read_seg(path, key=KEY, grid=grid, out=out, **options)

    return run


@pytest.fixture
def voxels(tmp_path):
    """Segments of a mask as volumes (Z, Y, X)."""

    def run(mask, shape=SHAPE):
        stored = Bitmaps.decode((tmp_path / mask.content).read_bytes(), shape)
        volumes = {}
        for number in stored.numbers:
            volumes[number] = np.zeros(shape, bool)
            for z in stored.planes[number]:
                volumes[number][z] = stored.plane(number, z)
        return volumes

    return run


def as_labels(volumes, shape=SHAPE):
    labels = np.zeros(shape, np.uint8)
    for number, volume in volumes.items():
        labels[volume] = number
    return labels


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_every_voxel_comes_back_on_every_plane(plane, kind, tmp_path, read, voxels):
    grid, labels = grid_of(PLANES[plane]), labels_of()
    mask = read(write_seg(tmp_path / "s.dcm", sources_of(grid), labels, kind=kind), grid)
    assert (as_labels(voxels(mask)) == labels).all()
    assert mask.source == {"BINARY": "DICOM SEG, binary", "LABELMAP": "DICOM SEG, label map"}[kind]
    assert [(s.number, s.voxels) for s in mask.segments] == [(n, int((labels == n).sum())) for n in (1, 2, 3)]


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
@pytest.mark.parametrize("kind", ["LABELMAP", "FRACTIONAL"])
def test_every_compression_is_read(syntax, kind, tmp_path, read, voxels):
    shape = (3, 32, 32)
    grid, labels = grid_of(AXIAL, shape), labels_of(values=1, shape=shape)
    pixels = labels if kind == "LABELMAP" else labels.astype(float)[..., None]
    path = write_seg(tmp_path / "s.dcm", sources_of(grid), pixels, kind=kind, transfer_syntax_uid=syntax)
    assert (as_labels(voxels(read(path, grid), shape), shape) == labels).all()


@pytest.mark.parametrize("flip", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)])
def test_a_volume_stored_the_other_way_round_gets_the_same_places(flip, tmp_path, read, voxels):
    """Left-handed storage among them: the grid's axes run against those of the file."""
    grid, labels = grid_of(OBLIQUE), labels_of()
    start = tuple(float(SHAPE[axis] - 1) if axis in flip else 0.0 for axis in range(3))
    axes = [grid.matrix[:3, axis] * (-1 if axis in flip else 1) for axis in range(3)]
    turned = Geometry.from_axes(
        shape_zyx=SHAPE,
        origin_lps=tuple(grid.position_lps(start)),
        z_axis_lps=axes[0],
        y_axis_lps=axes[1],
        x_axis_lps=axes[2],
    )
    mask = read(write_seg(tmp_path / "s.dcm", sources_of(grid), labels), turned)
    assert (as_labels(voxels(mask)) == np.flip(labels, flip)).all()


def test_frames_of_another_plane_are_put_into_the_same_voxels(tmp_path, read, voxels):
    """A mask drawn on sagittal reformats of the same voxels."""
    grid, labels = grid_of(AXIAL), labels_of()
    resliced = Geometry.from_axes(
        shape_zyx=(SHAPE[2], SHAPE[0], SHAPE[1]),
        origin_lps=tuple(grid.position_lps((0.0, 0.0, 0.0))),
        z_axis_lps=grid.matrix[:3, 2],
        y_axis_lps=grid.matrix[:3, 0],
        x_axis_lps=grid.matrix[:3, 1],
    )
    path = write_seg(tmp_path / "s.dcm", sources_of(resliced), labels.transpose(2, 0, 1).copy())
    assert (as_labels(voxels(read(path, grid))) == labels).all()


def test_a_mask_of_some_slices_and_a_part_of_them_fits(tmp_path, read, voxels):
    grid, labels = grid_of(AXIAL), labels_of()
    part = Geometry.from_axes(
        shape_zyx=(2, 4, 5),
        origin_lps=tuple(grid.position_lps((1.0, 3.0, 2.0))),
        z_axis_lps=grid.matrix[:3, 0] * 2,  # every other slice
        y_axis_lps=grid.matrix[:3, 1],
        x_axis_lps=grid.matrix[:3, 2],
    )
    drawn = labels[1:4:2, 3:7, 2:7]
    mask = read(write_seg(tmp_path / "s.dcm", sources_of(part), drawn.copy()), grid)
    wanted = np.zeros(SHAPE, np.uint8)
    wanted[1:4:2, 3:7, 2:7] = drawn
    assert (as_labels(voxels(mask)) == wanted).all()


@pytest.mark.parametrize(("kind", "meaning"), [("PROBABILITY", "probability"), ("OCCUPANCY", "share of the voxel")])
def test_fractions_of_half_and_more_count_and_the_remark_says_so(kind, meaning, tmp_path, read, voxels):
    grid = grid_of(AXIAL)
    fractions = np.random.default_rng(3).random(SHAPE)
    path = write_seg(
        tmp_path / "s.dcm",
        sources_of(grid),
        fractions[..., None],
        kind="FRACTIONAL",
        fractional_type=kind,
        max_fractional_value=200,
    )
    mask = read(path, grid)
    assert (voxels(mask)[1] == (np.around(fractions * 200) >= 100)).all()
    assert mask.source == f"DICOM SEG, fractional ({meaning})"
    assert mask.remarks == (
        f"The file holds fractions ({meaning}): voxels with at least 0.5 of the highest value (200) belong to the "
        "segment, the others do not.",
    )


def test_overlapping_segments_are_kept_apart_and_counted(tmp_path, read, voxels):
    grid = grid_of(AXIAL)
    random = np.random.default_rng(4)
    layers = random.random((*SHAPE, 3)) < 0.4
    mask = read(write_seg(tmp_path / "s.dcm", sources_of(grid), layers.astype(np.uint8)), grid)
    for number in (1, 2, 3):
        assert (voxels(mask)[number] == layers[..., number - 1]).all()
    shared = [((a, b), int((layers[..., a - 1] & layers[..., b - 1]).sum())) for a, b in ((1, 2), (1, 3), (2, 3))]
    assert mask.overlaps == tuple(shared)


def test_names_and_codes_are_read_and_words_of_the_patient_cut(tmp_path, read):
    grid, labels = grid_of(AXIAL), labels_of(values=2)
    descriptions = [described(1, "Jane liver 20240102"), described(2, "rim by Curie")]
    path = write_seg(
        tmp_path / "s.dcm", sources_of(grid), labels, descriptions=descriptions, content_creator_name="Curie^Marie"
    )
    mask = read(path, grid)
    first = mask.segments[0]
    assert [s.name for s in mask.segments] == ["liver", "rim by"]
    assert (first.category, first.type) == ("85756007^SCT^Tissue", "10200004^SCT^Liver")
    assert [s.algorithm for s in mask.segments] == ["MANUAL", "MANUAL"]


def test_a_code_outside_the_dictionaries_is_left_out(tmp_path, read):
    def edit(seg):
        code = seg.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0]
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "JaneDoe", "99ME", "Doe rim"

    grid = grid_of(AXIAL)
    mask = read(write_seg(tmp_path / "s.dcm", sources_of(grid), labels_of(values=1), edit=edit), grid)
    assert mask.segments[0].type == "^^rim"


def test_a_segment_without_voxels_is_remarked_and_not_offered(tmp_path, read):
    grid = grid_of(AXIAL)
    descriptions = [described(1), described(2, "nothing of it")]
    path = write_seg(tmp_path / "s.dcm", sources_of(grid), labels_of(values=1), descriptions=descriptions)
    mask = read(path, grid)
    assert [s.number for s in mask.segments] == [1]
    assert mask.remarks == ("Segment 2 (nothing of it) holds no voxel.",)


def without(keyword):
    def edit(seg):
        for groups in (*seg.SharedFunctionalGroupsSequence, *seg.PerFrameFunctionalGroupsSequence):
            groups.pop(keyword, None)

    return edit


def test_frames_without_a_position_follow_the_images_they_refer_to(tmp_path, read, voxels):
    grid, labels = grid_of(AXIAL), labels_of()
    sources = sources_of(grid)
    path = write_seg(tmp_path / "s.dcm", sources, labels, edit=without("PlanePositionSequence"))
    originals = {str(source.SOPInstanceUID): z for z, source in enumerate(sources)}
    for references in (originals, {KEY.uid(uid): z for uid, z in originals.items()}):
        assert (as_labels(voxels(read(path, grid, references=references))) == labels).all()
    with pytest.raises(MaskRefused, match="refers to no image of the volume"):
        read(path, grid)


def test_another_frame_of_reference_is_refused_and_the_own_one_known_by_its_stand_in(tmp_path, read):
    grid, frame_uid = grid_of(AXIAL), generate_uid()
    path = write_seg(tmp_path / "s.dcm", sources_of(grid, frame_uid), labels_of())
    for own in ("", frame_uid, KEY.uid(frame_uid)):
        assert read(path, grid, frame_of_reference=own).segments
    with pytest.raises(MaskRefused, match="another frame of reference"):
        read(path, grid, frame_of_reference=KEY.uid(generate_uid()))


def deeper(seg):
    seg.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence[0].ImagePositionPatient[2] += 0.4


def named_elsewhere(seg):
    seg.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"


def whole_slide(seg):
    seg.TotalPixelMatrixRows = 100


def fewer_frames(seg):
    seg.NumberOfFrames = 1


def other_type(seg):
    seg.SegmentationType = "SURFACE"


def nameless(seg):
    seg.PerFrameFunctionalGroupsSequence[0].SegmentIdentificationSequence = []


def cut(seg):
    seg.PixelData = seg.PixelData[: len(seg.PixelData) // 2]


def blank(seg):
    seg.PixelData = bytes(len(seg.PixelData))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (deeper, "up to 0.4 mm beside the volume's"),
        (named_elsewhere, "no DICOM Segmentation"),
        (whole_slide, "of a whole slide"),
        (fewer_frames, "says that it has 1 frames, and describes 14"),
        (other_type, "neither binary, fractional nor a label map"),
        (nameless, "names no segment"),
        (cut, "cannot be read after 0 of 14 frames|is cut short"),
        (blank, "is empty"),
        (without("PlaneOrientationSequence"), "without a place in the patient"),
    ],
)
def test_what_does_not_belong_on_the_volume_is_refused_by_name(edit, words, tmp_path, read):
    grid = grid_of(AXIAL)
    labels = labels_of()
    labels[0][labels[0] == 3] = 0  # 14 frames: segment 3 is not in the first slice
    path = write_seg(tmp_path / "s.dcm", sources_of(grid), labels, edit=edit)
    with pytest.raises(MaskRefused, match=words) as refused:
        read(path, grid)
    assert refused.value.action


def test_a_segment_that_is_not_described_is_offered_without_a_name(tmp_path, read):
    def edit(seg):
        del seg.SegmentSequence[1]

    grid = grid_of(AXIAL)
    mask = read(write_seg(tmp_path / "s.dcm", sources_of(grid), labels_of(values=2), edit=edit), grid)
    assert [(s.number, s.name, s.type) for s in mask.segments][1] == (2, "value 2", "")


def test_a_file_that_is_no_dicom_is_refused(tmp_path, read):
    path = tmp_path / "s.dcm"
    path.write_bytes(b"no dicom" * 100)
    with pytest.raises(MaskRefused, match="no DICOM file"):
        read(path, grid_of(AXIAL))


def test_the_same_file_has_the_same_key_and_another_project_another(tmp_path, read):
    grid = grid_of(AXIAL)
    path = write_seg(tmp_path / "s.dcm", sources_of(grid), labels_of())
    assert read(path, grid).instances_key == read(path, grid).instances_key
    other = read_seg(path, key=Key(b"other"), grid=grid, references={}, out=Output(tmp_path))
    assert other.instances_key != read(path, grid).instances_key
    assert dataclasses.replace(other, volume=2, series=4).series == 4
