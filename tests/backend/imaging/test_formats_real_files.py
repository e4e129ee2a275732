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
