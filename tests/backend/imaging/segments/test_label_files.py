"""Label maps in files, each written by an independent library and compared by position in the patient."""

import gzip
import itertools

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from backend.imaging.dicom.deidentify import Key
from backend.imaging.reading.output import Output
from backend.imaging.segments import Bitmaps, MaskRefused, read_label_file, read_mask_file
from ml.geometry import Geometry
from ml.volumes import write_nifti
from tests.backend.imaging.segments.seg_files import sources_of, write_seg

SHAPE = (5, 7, 6)
ROW = np.array([0.9, 0.3, np.sqrt(0.1)])
COLUMN = np.array([-0.31622776601683794, 0.9486832980505138, 0.0])
TILTED = Geometry.from_axes(
    shape_zyx=SHAPE,
    origin_lps=(-20.0, 35.0, 7.5),
    z_axis_lps=np.cross(ROW, COLUMN) * 3.3,
    y_axis_lps=COLUMN * 0.9,
    x_axis_lps=ROW * 0.7,
)
STRAIGHT = Geometry.from_axes(
    shape_zyx=SHAPE,
    origin_lps=(-20.0, 35.0, 7.5),
    z_axis_lps=np.array([0.0, 0.0, 3.3]),
    y_axis_lps=np.array([0.0, 0.9, 0.0]),
    x_axis_lps=np.array([0.7, 0.0, 0.0]),
)
LABELS = np.random.default_rng(5).choice([0, 1, 4, 255], SHAPE).astype(np.uint8)


def stored(path, grid, tmp_path, name=None):
    mask = read_label_file(path, name or path.name, grid, Output(tmp_path))
    bitmaps = Bitmaps.decode((tmp_path / mask.content).read_bytes(), grid.shape_zyx)
    labels = np.zeros(grid.shape_zyx, np.uint16)
    for number in bitmaps.numbers:
        for z in bitmaps.planes[number]:
            labels[z][bitmaps.plane(number, z)] = number
    return mask, labels


@pytest.mark.parametrize("grid", [STRAIGHT, TILTED], ids=["axial", "oblique"])
@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=3)))
def test_a_nifti_by_nibabel_fits_however_its_axes_run(grid, axes, signs, tmp_path):
    """All 48 storage orders, left-handed ones among them. nibabel's world is RAS, its array (i, j, k)."""
    array = LABELS.transpose(axes)[tuple(slice(None, None, s) for s in signs)]
    to_zyx = np.eye(4)[:, [3]] * 0 + np.zeros((4, 4))
    to_zyx[3, 3] = 1
    for own, (axis, sign) in enumerate(zip(axes, signs, strict=True)):
        to_zyx[axis, own] = sign
        if sign < 0:
            to_zyx[axis, 3] = SHAPE[axis] - 1
    affine_ras = np.diag([-1, -1, 1, 1]) @ grid.matrix @ to_zyx
    path = tmp_path / "mask.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.ascontiguousarray(array), affine_ras), path)
    mask, labels = stored(path, grid, tmp_path)
    assert (labels == LABELS).all()
    assert mask.source == "NIfTI label map"
    assert [(s.number, s.name) for s in mask.segments] == [(1, "value 1"), (4, "value 4"), (255, "value 255")]


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("grid", [STRAIGHT, TILTED], ids=["axial", "oblique"])
def test_every_format_by_simpleitk_fits(suffix, grid, tmp_path):
    path = tmp_path / f"mask{suffix}"
    write_nifti(path, LABELS, grid)  # SimpleITK's writer goes by the suffix
    assert (stored(path, grid, tmp_path)[1] == LABELS).all()


def test_uploaded_files_lie_under_numbers_and_their_suffix_is_told(tmp_path):
    write_nifti(tmp_path / "a.nii.gz", LABELS, TILTED)
    path = (tmp_path / "a.nii.gz").rename(tmp_path / "000001")
    assert (stored(path, TILTED, tmp_path, name="Mask of somebody.NII.GZ")[1] == LABELS).all()


def test_a_part_of_the_volume_lands_in_its_place(tmp_path):
    part = Geometry.from_axes(
        shape_zyx=(2, 3, 4),
        origin_lps=tuple(TILTED.position_lps((2.0, 3.0, 1.0))),
        z_axis_lps=TILTED.matrix[:3, 0],
        y_axis_lps=TILTED.matrix[:3, 1],
        x_axis_lps=TILTED.matrix[:3, 2],
    )
    write_nifti(tmp_path / "a.nrrd", np.full((2, 3, 4), 4, np.uint8), part)
    labels = stored(tmp_path / "a.nrrd", TILTED, tmp_path)[1]
    wanted = np.zeros(SHAPE)
    wanted[2:4, 3:6, 1:5] = 4
    assert (labels == wanted).all()


def slicer_file(path, layers, segments):
    image = sitk.GetImageFromArray(np.stack(layers, axis=-1), isVector=True) if len(layers) > 1 else None
    image = image or sitk.GetImageFromArray(layers[0])
    z_mm, y_mm, x_mm = TILTED.spacing_zyx_mm
    image.SetSpacing((x_mm, y_mm, z_mm))
    image.SetOrigin([float(v) for v in TILTED.matrix[:3, 3]])
    image.SetDirection([float(v) for v in TILTED.direction_zyx[:, ::-1].reshape(-1)])
    for n, segment in enumerate(segments):
        for word, text in segment.items():
            image.SetMetaData(f"Segment{n}_{word}", text)
    sitk.WriteImage(image, str(path))
    return path


def test_slicers_segments_bring_names_codes_and_layers(tmp_path):
    """Layers as 3D Slicer stores overlapping segments: several values in each voxel."""
    lower, upper = (LABELS == 1).astype(np.uint8), (LABELS != 4).astype(np.uint8)
    tags = "TerminologyEntry:DICOM master list~SCT^85756007^Tissue~SCT^10200004^Liver~^^~Anatomic codes~^^~^^"
    path = slicer_file(
        tmp_path / "a.seg.nrrd",
        [lower, upper],
        [
            {"Name": "liver", "LabelValue": "1", "Layer": "0", "Tags": f"{tags}|DICOM.x:"},
            {"Name": "rim of Dr. Somebody", "LabelValue": "1", "Layer": "1", "Tags": ""},
            {"Name": "nothing", "LabelValue": "2", "Layer": "1"},
        ],
    )
    mask, _ = stored(path, TILTED, tmp_path)
    assert [(s.number, s.name, s.category, s.type, s.voxels) for s in mask.segments] == [
        (1, "liver", "85756007^SCT^Tissue", "10200004^SCT^Liver", int(lower.sum())),
        (2, "rim of", "", "", int(upper.sum())),
    ]
    assert mask.overlaps == (((1, 2), int((lower & upper).sum())),)
    assert mask.remarks == ("Segment 3 (nothing) holds no voxel.",)


def test_values_that_slicers_head_does_not_name_are_offered_too(tmp_path):
    path = slicer_file(tmp_path / "a.seg.nrrd", [LABELS], [{"Name": "liver", "LabelValue": "4", "Layer": "0"}])
    mask, _ = stored(path, TILTED, tmp_path)
    assert [(s.number, s.name, s.voxels) for s in mask.segments] == [
        (1, "liver", int((LABELS == 4).sum())),
        (2, "value 1", int((LABELS == 1).sum())),
        (3, "value 255", int((LABELS == 255).sum())),
    ]


def refused(path, words, tmp_path, grid=TILTED):
    with pytest.raises(MaskRefused, match=words) as error:
        read_label_file(path, path.name, grid, Output(tmp_path))
    assert error.value.action
    assert str(tmp_path) not in str(error.value)


def test_a_header_that_takes_its_voxels_from_another_file_is_refused(tmp_path):
    """It could name any file of the server."""
    secret = tmp_path / "secret"
    secret.write_bytes(LABELS.tobytes())
    nrrd = tmp_path / "a.nrrd"
    nrrd.write_text(
        "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 6 7 5\nencoding: raw\nspace: left-posterior-superior\n"
        "space directions: (0.7,0,0) (0,0.9,0) (0,0,3.3)\nspace origin: (-20,35,7.5)\n"
        f"data file: {secret}\n\n"
    )
    assert (sitk.GetArrayFromImage(sitk.ReadImage(str(nrrd))) == LABELS).all()  # ITK by itself would take it
    refused(nrrd, "voxels lie in another file", tmp_path, STRAIGHT)
    mha = tmp_path / "a.mha"
    mha.write_text(
        "ObjectType = Image\nNDims = 3\nDimSize = 6 7 5\nElementSpacing = 0.7 0.9 3.3\nOffset = -20 35 7.5\n"
        f"ElementType = MET_UCHAR\nElementDataFile = {secret}\n"
    )
    refused(mha, "voxels lie in another file", tmp_path, STRAIGHT)


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    for suffix in (".nii", ".nii.gz", ".nrrd", ".mha"):
        path = tmp_path / f"a{suffix}"
        write_nifti(path, LABELS, TILTED)
        path.write_bytes(path.read_bytes()[:-40])
        refused(path, "cut short or damaged", tmp_path)


def test_a_picture_that_promises_more_than_the_volume_is_refused_before_it_is_opened(tmp_path):
    header = nibabel.Nifti1Header()
    header.set_data_shape((2000, 2000, 2000))
    header.set_data_dtype(np.uint8)
    header.set_zooms((0.7, 0.9, 3.3))
    header.set_sform(np.diag([-1, -1, 1, 1]) @ STRAIGHT.matrix[:, [2, 1, 0, 3]], code=1)
    content = header.binaryblock + b"\0" * 4
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(content))
    refused(tmp_path / "a.nii.gz", "reaches from 0 to 1999 of the volume's slices", tmp_path, STRAIGHT)


def test_what_is_no_label_map_on_the_grid_is_refused_by_name(tmp_path):
    write_nifti(tmp_path / "a.nii.gz", LABELS, STRAIGHT)
    refused(tmp_path / "a.nii.gz", "turned by|beside the volume's", tmp_path)
    write_nifti(tmp_path / "b.nii.gz", LABELS / 7, TILTED)
    refused(tmp_path / "b.nii.gz", "not whole numbers", tmp_path)
    write_nifti(tmp_path / "c.nii.gz", LABELS * 0, TILTED)
    refused(tmp_path / "c.nii.gz", "is empty", tmp_path)
    nibabel.save(nibabel.Nifti1Image(np.ones((2, 3, 4, 5), np.uint8), np.eye(4)), tmp_path / "d.nii.gz")
    refused(tmp_path / "d.nii.gz", "4 dimensions", tmp_path)
    sitk.WriteImage(sitk.GetImageFromArray(np.ones((*SHAPE, 3), np.uint8), isVector=True), str(tmp_path / "e.nrrd"))
    refused(tmp_path / "e.nrrd", "3 values in each voxel|volume", tmp_path)
    (tmp_path / "f.nrrd").write_bytes(b"no image")
    refused(tmp_path / "f.nrrd", "cannot be read", tmp_path)
    (tmp_path / "f.txt").touch()
    refused(tmp_path / "f.txt", "none of the files", tmp_path)


def test_one_door_takes_every_kind_by_its_name(tmp_path):
    out, key = Output(tmp_path), Key(b"x")
    write_nifti(tmp_path / "a.nii.gz", LABELS, TILTED)
    write_seg(tmp_path / "b", sources_of(TILTED), (LABELS == 4).astype(np.uint8))
    np.save(tmp_path / "c.npy", LABELS)

    def read(name, given=None):
        return read_mask_file(tmp_path / name, given or name, key=key, grid=TILTED, references={}, out=out)

    assert read("a.nii.gz").source == "NIfTI label map"
    assert read("b").source == "DICOM SEG, binary"
    with pytest.raises(MaskRefused, match="nothing of where its voxels lie"):
        read("c.npy")
