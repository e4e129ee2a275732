"""The public NRRD and NIfTI files of the shared data, against SimpleITK and nibabel."""

import shutil
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from backend.imaging.formats.finding import MASK_ALONE
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.output import Output
from tests.backend.imaging.image_files import KEY, build, find, mask_arrays, sources, stored

SMALL = Path(__file__).parents[4] / "shared" / "data" / "small"

pytestmark = pytest.mark.skipif(not SMALL.is_dir(), reason="the shared imaging data is not here")


def copied(tmp_path, **names):
    folder = tmp_path / "in" / "P1"
    folder.mkdir(parents=True)
    for target, source in names.items():
        shutil.copy(SMALL / source, folder / (target + "".join(Path(source).suffixes)))
    return build(tmp_path / "in", tmp_path / "out")


def corners(shape_zyx):
    z, y, x = (n - 1 for n in shape_zyx)
    return [(k, j, i) for k in (0, z // 2, z) for j in (0, y // 3, y) for i in (0, x // 2, x)]


@pytest.mark.parametrize(
    ("image", "mask"),
    [("breast1_image.nrrd", "breast1_label.nrrd"), ("example_mr_sm.nii.gz", "example_seg_mr.nii.gz")],
)
def test_an_image_and_its_label_map_lie_where_simpleitk_says(tmp_path, image, mask):
    study = copied(tmp_path, image=image, label=mask)
    (volume,), (found,) = study.volumes, study.masks
    reference, labels = sitk.ReadImage(str(SMALL / image)), sitk.ReadImage(str(SMALL / mask))
    array = stored(tmp_path / "out", volume.phases[0], volume.geometry.shape_zyx)
    segments = mask_arrays(tmp_path / "out", found, volume.geometry.shape_zyx)
    for index in corners(volume.geometry.shape_zyx):
        place = volume.geometry.position_lps(index).tolist()
        there = reference.TransformPhysicalPointToIndex(place)
        assert np.allclose(reference.TransformIndexToPhysicalPoint(there), place, atol=1e-3)
        assert reference[there] == array[index]
        value = labels[labels.TransformPhysicalPointToIndex(place)]
        assert [number for number, drawn in segments.items() if drawn[index]] == ([value] if value else [])
    values, counts = np.unique(sitk.GetArrayFromImage(labels), return_counts=True)
    expected = {int(v): int(n) for v, n in zip(values, counts, strict=True) if v}
    assert {segment.number: segment.voxels for segment in found.segments} == expected


def test_the_label_map_with_a_table_of_names_keeps_them(tmp_path):
    study = copied(tmp_path, image="example_mr_sm.nii.gz", label="example_seg_mr.nii.gz")
    (found,) = study.masks
    names = {segment.number: segment.name for segment in found.segments}
    values = np.unique(np.asarray(nibabel.load(SMALL / "example_seg_mr.nii.gz").dataobj))
    assert len(names) == len(values) - 1 == 23
    assert names[1] == "spleen"
    assert names[5] == "liver"
    assert not any(name.startswith("value") for name in names.values())


def test_the_whole_folder_gives_its_two_images_and_names_what_it_leaves_out(tmp_path):
    files = sources(SMALL)
    found = find(SMALL)
    assert [([m.file.name for m in case.images], [m.file.name for m in case.masks]) for case in found.cases] == [
        (["breast1_image.nrrd"], ["breast1_label.nrrd"]),
        (["example_mr_sm.nii.gz"], []),
        (["example_seg_roi_subset_mr.nii.gz"], []),  # its name does not end as that of a label map
    ]
    assert {files[index].name: refusal for index, refusal in found.refused.items()} == {
        "example_seg_mr.nii.gz": MASK_ALONE,
    }
    out = Output(tmp_path)
    with pytest.raises(StudyRefused) as refused:
        found.cases[2].build(key=KEY, out=out, max_voxels=10**8, step=lambda _: None)
    assert "label maps alone" in refused.value.faults[0].message


SEG = "dicom_seg/dcmqi"
ALONE = "holds no image to draw on, label maps alone"
TABLE = {
    **{f"{SEG}/{shape}x38x3/nrrd/label.nrrd": MASK_ALONE for shape in (23, 24)},
    **{f"{SEG}/{name}_seg.nrrd": MASK_ALONE for name in ("heart", "liver", "liver_spine", "spine")},
    f"{SEG}/liver_spine_gapped_seg.nrrd": MASK_ALONE,
    **{f"{SEG}/sparse_labelmap_{name}_seg.nrrd": MASK_ALONE for name in ("noppv", "ppv5")},
    "small/example_seg_mr.nii.gz": MASK_ALONE,
    **{f"{SEG}/partial_overlaps-{n}.nrrd": ALONE for n in (1, 2, 3)},
    f"{SEG}/spine_seg_label5.nrrd": ALONE,
    "small/example_seg_roi_subset_mr.nii.gz": ALONE,
    "small/breast1_image.nrrd": (21, 120, 45),
    "small/breast1_label.nrrd": "mask",
    "small/example_mr_sm.nii.gz": (20, 91, 117),
}


def test_every_file_of_the_shared_data_that_is_no_dicom_comes_in_or_says_why_not(tmp_path):
    files = sources(SMALL.parent)
    found = find(SMALL.parent)
    told = {files[index].name: refusal for index, refusal in found.refused.items()}
    for case in found.cases:
        (image,) = case.images
        told |= {mask.file.name: "mask" for mask in case.masks}
        try:
            study = case.build(key=KEY, out=Output(tmp_path), max_voxels=10**8, step=lambda _: None)
            told[image.file.name] = study.volumes[0].geometry.shape_zyx
        except StudyRefused as refused:
            told[image.file.name] = refused.faults[0].message
    kinds = (".nrrd", ".nii.gz", ".mha", ".nii", ".npy", ".nhdr", ".mhd")
    assert {file.name for file in files if file.name.endswith(kinds)} == TABLE.keys()
    assert told == TABLE
