"""Every segmentation of the shared data: read against its own images, or refused with the right reason."""

from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from backend.imaging.dicom.deidentify import Key
from backend.imaging.dicom.headers import read_header
from backend.imaging.dicom.stacks import build_stack
from backend.imaging.reading.output import Output
from backend.imaging.segments import Bitmaps, MaskRefused, read_label_file, read_seg
from ml.geometry import Geometry
from ml.volumes import read_geometry, read_nifti
from tests.backend.imaging.conftest import shared

KEY = Key(b"secret")


def stack_of(paths):
    return build_stack([read_header(path) for path in sorted(paths)])


def read(path, grid, tmp_path, references=None, frame_of_reference=""):
    mask = read_seg(
        path,
        key=KEY,
        grid=grid,
        references=references or {},
        out=Output(tmp_path),
        frame_of_reference=frame_of_reference,
    )
    return mask, volumes_of(mask, grid, tmp_path)


def volumes_of(mask, grid, tmp_path):
    stored = Bitmaps.decode((tmp_path / mask.content).read_bytes(), grid.shape_zyx)
    volumes = {number: np.zeros(grid.shape_zyx, bool) for number in stored.numbers}
    for number in stored.numbers:
        for z in stored.planes[number]:
            volumes[number][z] = stored.plane(number, z)
    return volumes


def nrrd(path):
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


# SEG of dcmqi, its images, and dcmqi's own voxels of it: values by segment.
DCMQI = {
    "liver.dcm": ("ct-3slice/*.dcm", {1: ("liver_seg.nrrd", 1)}),
    "partial_overlaps.dcm": (
        "ct-3slice/*.dcm",
        {
            1: ("partial_overlaps-1.nrrd", 1),
            2: ("partial_overlaps-2.nrrd", 2),
            3: ("partial_overlaps-3.nrrd", 3),
            4: ("partial_overlaps-1.nrrd", 4),
            5: ("partial_overlaps-1.nrrd", 5),
        },
    ),
    "23x38x3/seg/label.seg": ("23x38x3/image/*.dcm", {1: ("23x38x3/nrrd/label.nrrd", 1)}),
    "24x38x3/seg/label.seg": ("24x38x3/image/*.dcm", {1: ("24x38x3/nrrd/label.nrrd", 1)}),
    "sparse-labelmap-noppv.dcm": ("24x38x3/image/*.dcm", {1: ("sparse_labelmap_noppv_seg.nrrd", 1)}),
    # dcmqi fills slices without a frame with the padding value 5, which is no segment.
    "sparse-labelmap-ppv5.dcm": ("24x38x3/image/*.dcm", {1: ("sparse_labelmap_ppv5_seg.nrrd", 1)}),
}


@pytest.mark.parametrize("name", DCMQI)
def test_dcmqis_segments_are_what_dcmqi_says_on_their_own_images(name, tmp_path):
    folder = shared("dicom_seg") / "dcmqi"
    images, voxels = DCMQI[name]
    stack = stack_of(folder.glob(images))
    space = KEY.uid(stack.headers[0].frame_of_reference)
    references = {header.sop_uid: z for z, header in enumerate(stack.headers)}
    _, found = read(folder / name, stack.geometry, tmp_path, references, space)
    assert set(found) == set(voxels)
    for number, (reference, value) in voxels.items():
        assert read_geometry(folder / reference).same_grid(stack.geometry, tolerance_mm=1e-3)
        assert (found[number] == (nrrd(folder / reference) == value)).all()


def test_dcmqis_overlaps_are_told(tmp_path):
    folder = shared("dicom_seg") / "dcmqi"
    one, two, three = (nrrd(folder / f"partial_overlaps-{n}.nrrd") == n for n in (1, 2, 3))
    mask, _ = read(folder / "partial_overlaps.dcm", stack_of(folder.glob("ct-3slice/*.dcm")).geometry, tmp_path)
    pairs = {(1, 2): one & two, (1, 3): one & three, (2, 3): two & three}
    assert dict(mask.overlaps) == {pair: int(both.sum()) for pair, both in pairs.items()}


HIGHDICOM = {
    "seg_image_ct_binary.dcm": "DICOM SEG, binary",
    "seg_image_ct_binary_fractional.dcm": "DICOM SEG, fractional (probability)",
    "seg_image_ct_binary_overlap.dcm": "DICOM SEG, binary",
    "seg_image_ct_binary_single_frame.dcm": "DICOM SEG, binary",
    "seg_image_ct_true_fractional.dcm": "DICOM SEG, fractional (probability)",
}


def own_grid(seg):
    """The grid that a SEG's frames lie on; the images of most of highdicom's files are not there."""
    frames = seg.PerFrameFunctionalGroupsSequence
    positions = sorted({tuple(f.PlanePositionSequence[0].ImagePositionPatient) for f in frames}, key=lambda p: p[2])
    measures = seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    step = float(measures.SliceThickness)
    count = round((positions[-1][2] - positions[0][2]) / step) + 1
    return Geometry.from_axes(
        shape_zyx=(count, seg.Rows, seg.Columns),
        origin_lps=tuple(map(float, positions[0])),
        z_axis_lps=np.array([0, 0, step]),
        y_axis_lps=np.array([0, float(measures.PixelSpacing[0]), 0]),
        x_axis_lps=np.array([float(measures.PixelSpacing[1]), 0, 0]),
    )


@pytest.mark.parametrize("name", HIGHDICOM)
def test_highdicoms_segments_are_what_highdicom_reads(name, tmp_path):
    path = shared("dicom_seg") / "highdicom" / name
    seg = hd.seg.segread(path)
    grid = own_grid(seg)
    mask, found = read(path, grid, tmp_path)
    assert mask.source == HIGHDICOM[name]
    for number in seg.segment_numbers:
        wanted = np.zeros(grid.shape_zyx, bool)
        for index, groups in enumerate(seg.PerFrameFunctionalGroupsSequence):
            if groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number:
                depth = groups.PlanePositionSequence[0].ImagePositionPatient[2] - grid.matrix[2, 3]
                frame = seg.get_stored_frame(index + 1)
                wanted[round(depth / grid.spacing_zyx_mm[0])] |= frame >= (128 if frame.max() > 1 else 1)
        assert (found[number] == wanted).all()


def test_highdicoms_single_frame_lies_on_its_own_image(tmp_path):
    folder = shared("dicom_seg") / "highdicom"
    header = read_header(folder / "ct_image.dcm")
    seg = hd.seg.segread(folder / "seg_image_ct_binary_single_frame.dcm")
    grid = own_grid(seg)
    assert header.position_lps == tuple(grid.matrix[:3, 3])
    read(
        folder / "seg_image_ct_binary_single_frame.dcm",
        grid,
        tmp_path,
        {header.sop_uid: 0},
        KEY.uid(header.frame_of_reference),
    )


REFUSED = {
    "highdicom/seg_image_cr_binary.dcm": "without a place in the patient",
    "highdicom/seg_image_sm_control_labelmap.dcm": "of a whole slide",
    "highdicom/seg_image_sm_control_labelmap_palette_color.dcm": "of a whole slide",
    "highdicom/seg_image_ct_binary.dcm": "another frame of reference",
    "highdicom/seg_image_ct_binary_fractional.dcm": "another frame of reference",
    "highdicom/seg_image_ct_binary_overlap.dcm": "another frame of reference",
    "highdicom/seg_image_ct_binary_single_frame.dcm": "another frame of reference",
    "highdicom/seg_image_ct_true_fractional.dcm": "another frame of reference",
    "dcmqi/23x38x3/seg/label.seg": "another frame of reference",
    "dcmqi/24x38x3/seg/label.seg": "another frame of reference",
    "dcmqi/sparse-labelmap-noppv.dcm": "another frame of reference",
    "dcmqi/sparse-labelmap-ppv5.dcm": "another frame of reference",
    "dcmqi/23x38x3/multiframe/mf.dcm": "no DICOM Segmentation",
    "dcmqi/ct-3slice/01.dcm": "no DICOM Segmentation",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_belongs_elsewhere_is_refused_with_the_right_reason(name, tmp_path):
    """Each against the liver CT, which it was not drawn on."""
    folder = shared("dicom_seg")
    stack = stack_of((folder / "dcmqi").glob("ct-3slice/*.dcm"))
    with pytest.raises(MaskRefused, match=REFUSED[name]):
        read(folder / name, stack.geometry, tmp_path, {}, KEY.uid(stack.headers[0].frame_of_reference))


def test_the_table_names_every_segmentation_of_the_shared_data():
    folder = shared("dicom_seg")
    segs = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and _is_seg(path)}
    assert segs <= {f"dcmqi/{name}" for name in DCMQI} | {f"highdicom/{name}" for name in HIGHDICOM} | set(REFUSED)


def _is_seg(path: Path) -> bool:
    if path.suffix == ".nrrd":
        return False
    return pydicom.dcmread(path, stop_before_pixels=True).Modality == "SEG"


def test_another_crop_of_the_same_space_is_refused_with_numbers(tmp_path):
    """dcmqi's two small masks lie in spaces of their own, but have one grid's voxels but for a column."""
    folder = shared("dicom_seg") / "dcmqi"
    grid = stack_of(folder.glob("ct-3slice/*.dcm")).geometry
    with pytest.raises(
        MaskRefused, match=r"38×23 voxels of 0\.7×0\.7 mm; the volume has 3×512×512 of 1×0\.8105×0\.8105"
    ):
        read(folder / "23x38x3/seg/label.seg", grid, tmp_path)


@pytest.fixture(scope="module")
def duke(duke_folder):
    stack = stack_of(path for path in duke_folder.rglob("*") if "dyn pre" in str(path) and path.is_file())
    return stack, next(duke_folder.glob("*SEG*.dcm"))


def test_dukes_segments_come_in_despite_the_noise_of_their_positions(duke, tmp_path):
    stack, path = duke
    references = {header.sop_uid: z for z, header in enumerate(stack.headers)}
    space = KEY.uid(stack.headers[0].frame_of_reference)
    mask, found = read(path, stack.geometry, tmp_path, references, space)
    seg = pydicom.dcmread(path)
    pixels = seg.pixel_array
    assert [(s.number, s.name) for s in mask.segments] == [
        (1, "Mammary Fibroglandular Tissue"),
        (2, "Mammary Fibroglandular Tissue"),
        (3, "Fatty tissue of breast"),
        (4, "Fatty tissue of breast"),
        (5, "Fatty tissue of breast"),
    ]
    for index, groups in enumerate(seg.PerFrameFunctionalGroupsSequence):
        number = groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        source = groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        assert (found[number][references[source]] == (pixels[index] > 0)).all()
        assert found[number].sum() == pixels[index].sum()
    shared_voxels = int((pixels[1] & pixels[4]).sum())  # frames of segments 2 and 5, of one slice
    assert (mask.source, mask.overlaps) == ("DICOM SEG, binary", (((2, 5), shared_voxels),))
    assert shared_voxels == 4099


def test_dukes_segments_do_not_fit_the_other_series_and_the_numbers_are_said(duke_folder, duke, tmp_path):
    stack = stack_of(path for path in duke_folder.rglob("*") if "t1 tse" in str(path) and path.is_file())
    with pytest.raises(
        MaskRefused, match=r"448×448 voxels of 0\.7589×0\.7589 mm; the volume has 40×256×256 of 3\.99×1\.328"
    ):
        read(duke[1], stack.geometry, tmp_path, {}, KEY.uid(stack.headers[0].frame_of_reference))


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("breast1_image.nrrd", "breast1_label.nrrd"),
        ("example_mr_sm.nii.gz", "example_seg_mr.nii.gz"),
        ("example_mr_sm.nii.gz", "example_seg_roi_subset_mr.nii.gz"),
    ],
)
def test_label_maps_come_in_voxel_by_voxel_on_their_own_images(image, label, tmp_path):
    folder = shared("small")
    grid = read_geometry(folder / image)
    mask = read_label_file(folder / label, label, grid, Output(tmp_path))
    wanted = nrrd(folder / label)
    found = volumes_of(mask, grid, tmp_path)
    assert set(found) == set(np.unique(wanted).tolist()) - {0}
    assert all((volume == (wanted == number)).all() for number, volume in found.items())


def test_the_liver_of_one_file_is_not_taken_for_another_image(tmp_path):
    folder = shared("small")
    grid = read_nifti(folder / "example_mr_sm.nii.gz")[1]
    with pytest.raises(MaskRefused, match="lies on a grid of 21×120×45 voxels"):
        read_label_file(folder / "breast1_label.nrrd", "breast1_label.nrrd", grid, Output(tmp_path))
