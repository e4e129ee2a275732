"""Masks in and out again: no voxel moves, whoever reads the file."""

import io
import tomllib
from pathlib import Path

import highdicom as hd
import nibabel
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from backend.annotation.imported import Wish, apply_found_mask
from backend.annotation.models import Task
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, NotAllowed, NotFound
from backend.exports.one_mask import VERSION, take_out, task_for
from backend.imaging.importer import store_masks
from backend.imaging.keys import key_of
from backend.imaging.models import FoundMask, Phase, Series, Volume
from backend.imaging.reading.output import Output
from backend.imaging.segments import read_label_file, read_seg
from ml.geometry import Geometry
from tests.backend.annotation.found import add_found_mask, segment
from tests.backend.cohort import SHAPE_ZYX, Cohort, approve, draw, some_labels
from tests.backend.imaging.segments.seg_files import sources_of, write_seg

ROW = np.array([0.9, 0.3, np.sqrt(0.1)])
COLUMN = np.array([-0.31622776601683794, 0.9486832980505138, 0.0])
SPACING = (3.3, 0.9, 0.7)
# Directions of a row (x), of a column (y); slices follow their cross product, but for the left-handed one.
PLANES = {
    "axial": (np.array([1.0, 0, 0]), np.array([0, 1.0, 0])),
    "sagittal": (np.array([0, 1.0, 0]), np.array([0, 0, -1.0])),
    "coronal": (np.array([1.0, 0, 0]), np.array([0, 0, -1.0])),
    "oblique": (ROW, COLUMN),
}


def grid_of(plane, *, left_handed=False):
    row, column = PLANES[plane]
    z_mm, y_mm, x_mm = SPACING
    return Geometry.from_axes(
        shape_zyx=SHAPE_ZYX,
        origin_lps=(-20.25, -30.5, 5.125),
        z_axis_lps=np.cross(row, column) * (-z_mm if left_handed else z_mm),
        y_axis_lps=column * y_mm,
        x_axis_lps=row * x_mm,
    )


def place(task, grid, *, frames=False):
    """The task's volume on a grid, with images as DICOM has them."""
    volume = task.volume
    Volume.objects.filter(pk=volume.pk).update(affine=grid.to_json()["affine"])
    instances = [["2.25.77", z + 5] if frames else [f"2.25.77{z}", 1] for z in range(SHAPE_ZYX[0])]
    Phase.objects.filter(volume=volume).update(instances=instances)
    Series.objects.filter(phases__volume=volume).update(attributes={"FrameOfReferenceUID": "2.25.4711"})
    return Volume.objects.get(pk=volume.pk)


def take_in(volume, built, folder):
    """What the importer does with a mask that was read."""
    from backend.core import blobs

    blobs.put((folder / built.content).read_bytes())
    assert store_masks([volume], [], (built,)) == 1
    return FoundMask.objects.get(volume=volume, instances_key=built.instances_key)


def same_labels(mask):
    return Wish(labels={segment["number"]: segment["number"] for segment in mask.segments})


LABELS = np.random.default_rng(7).choice([0, 1, 5, 9], SHAPE_ZYX).astype(np.uint8)


def world_points(affine_ijk_ras, array_ijk):
    """Positions in mm (LPS) and values of every voxel of an image that nibabel has read."""
    index = np.argwhere(np.ones(array_ijk.shape))
    ras = index @ affine_ijk_ras[:3, :3].T + affine_ijk_ras[:3, 3]
    return ras * [-1, -1, 1], array_ijk[tuple(index.T)]


def at_places(found_mm, values, grid, wanted):
    """Every voxel of the wanted labels (Z, Y, X) on the grid has its value within 1e-3 mm of its place."""
    index = np.argwhere(np.ones(grid.shape_zyx))
    own_mm = grid.position_lps(index.astype(float))
    order = [np.lexsort(np.round(p, 1).T) for p in (found_mm, own_mm)]
    assert np.abs(found_mm[order[0]] - own_mm[order[1]]).max() < 1e-3
    assert (values[order[0]] == wanted[tuple(index.T)][order[1]]).all()


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("left_handed", [False, True], ids=["right-handed", "left-handed"])
@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_nifti_to_the_platform_and_back_moves_no_voxel(plane, left_handed, axes, cohort, tmp_path):
    """Written by nibabel in any order of axes, one of them reversed; read back by nibabel and by SimpleITK."""
    grid = grid_of(plane, left_handed=left_handed)
    task = cohort.open_case()
    volume = place(task, grid)
    array = np.flip(LABELS.transpose(axes), 1)
    to_zyx = np.zeros((4, 4))
    for own, axis in enumerate(axes):
        to_zyx[axis, own] = -1 if own == 1 else 1
        to_zyx[axis, 3] = SHAPE_ZYX[axis] - 1 if own == 1 else 0
    to_zyx[3, 3] = 1
    affine = np.diag([-1, -1, 1, 1]) @ grid.matrix @ to_zyx
    path = tmp_path / "in.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.ascontiguousarray(array), affine), path)
    found = take_in(volume, read_label_file(path, path.name, volume.geometry, Output(tmp_path)), tmp_path)
    apply_found_mask(user=cohort.manager, found=found, wish=same_labels(found))

    file = take_out(user=cohort.manager, task=task_for(cohort.manager, task.pk), number=None, form="nifti")
    out = tmp_path / file.name
    out.write_bytes(file.content)
    image = nibabel.load(out)
    at_places(*world_points(image.affine, np.asarray(image.dataobj)), grid, LABELS)
    at_places(*world_points(affine, array), grid, LABELS)  # what went in lay there too
    read = sitk.ReadImage(str(out))
    assert (sitk.GetArrayFromImage(read) == LABELS).all()
    for z, y, x in ((0, 0, 0), (3, 2, 1), (1, 15, 11)):
        at = read.TransformIndexToPhysicalPoint((x, y, z))
        assert np.abs(np.array(at) - grid.position_lps((z, y, x))).max() < 1e-3


def seg_points(content):
    """Positions (LPS) and values of every voxel, as highdicom reads a segmentation."""
    seg = hd.seg.segread(io.BytesIO(content))
    volume = seg.get_volume(combine_segments=True, relabel=False)
    array = volume.array
    index = np.argwhere(np.ones(array.shape))
    return index @ volume.affine[:3, :3].T + volume.affine[:3, 3], array[tuple(index.T)], seg


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("kind_in", ["BINARY", "LABELMAP"])
@pytest.mark.parametrize("kind_out", ["binary", "labelmap"])
def test_seg_to_the_platform_and_back_moves_no_voxel(plane, kind_in, kind_out, cohort, tmp_path):
    grid = grid_of(plane)
    task = cohort.open_case()
    volume = place(task, grid)
    numbered = np.searchsorted([0, 1, 5, 9], LABELS).astype(np.uint8)
    path = write_seg(tmp_path / "in.dcm", sources_of(grid), numbered, kind=kind_in)
    built = read_seg(path, key=key_of(cohort.project), grid=volume.geometry, references={}, out=Output(tmp_path))
    found = take_in(volume, built, tmp_path)
    apply_found_mask(user=cohort.manager, found=found, wish=Wish(labels={1: 1, 2: 5, 3: 9}))

    file = take_out(user=cohort.manager, task=task_for(cohort.manager, task.pk), number=None, form=kind_out)
    points, values, seg = seg_points(file.content)
    values = values if kind_out == "labelmap" else np.array([0, 1, 5, 9])[values]
    at_places(points, values, grid, LABELS)
    again = read_seg(
        write(tmp_path / "out.dcm", file.content),
        key=key_of(cohort.project),
        grid=grid,
        references={},
        out=Output(tmp_path),
        frame_of_reference="2.25.4711",
    )
    assert [(s.name, s.voxels) for s in again.segments] == [
        (name, int(np.count_nonzero(value == LABELS)))
        for name, value in (("fibroglandular tissue", 1), ("lesion", 5), ("implant", 9))
    ]
    source = pydicom.dcmread(path)
    for sent, came in ((source, None), (seg, volume)):
        assert (sent.FrameOfReferenceUID == "2.25.4711") is (came is not None)


def write(path, content):
    path.write_bytes(content)
    return path


@pytest.fixture
def drawn(cohort):
    task = draw(cohort.open_case(), cohort.annotator, LABELS)
    place(task, grid_of("axial"))
    return task


def seg_of(cohort, task, **options):
    options = {"number": None, "form": "binary"} | options
    task = task_for(cohort.manager, task.pk)
    return pydicom.dcmread(io.BytesIO(take_out(user=cohort.manager, task=task, **options).content))


def test_a_seg_refers_to_the_images_by_their_stand_ins(cohort, drawn):
    seg = seg_of(cohort, drawn)
    study = drawn.volume.study
    series = Series.objects.get(study=study)
    assert (seg.StudyInstanceUID, seg.FrameOfReferenceUID) == (study.uid, "2.25.4711")
    assert (str(seg.PatientName), seg.PatientID) == ("NF-0001^", "NF-0001")
    assert seg.ReferencedSeriesSequence[0].SeriesInstanceUID == series.uid
    referred = {item.ReferencedSOPInstanceUID for item in seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence}
    assert referred == {f"2.25.77{z}" for z in range(4)}
    for groups in seg.PerFrameFunctionalGroupsSequence:
        z = round((groups.PlanePositionSequence[0].ImagePositionPatient[2] - 5.125) / 3.3)
        (source,) = groups.DerivationImageSequence[0].SourceImageSequence
        assert source.ReferencedSOPInstanceUID == f"2.25.77{z}"
        assert "ReferencedFrameNumber" not in source


def test_a_seg_of_a_multi_frame_image_refers_to_its_frames(cohort, drawn):
    place(drawn, grid_of("axial"), frames=True)
    seg = seg_of(cohort, drawn)
    (instance,) = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert instance.ReferencedSOPInstanceUID == "2.25.77"
    for groups in seg.PerFrameFunctionalGroupsSequence:
        z = round((groups.PlanePositionSequence[0].ImagePositionPatient[2] - 5.125) / 3.3)
        (source,) = groups.DerivationImageSequence[0].SourceImageSequence
        assert (source.ReferencedSOPInstanceUID, source.ReferencedFrameNumber) == ("2.25.77", z + 5)


def test_attributes_that_the_header_keeps_go_into_the_seg(cohort, drawn):
    header = {"00100040": {"vr": "CS", "Value": ["F"]}, "00080020": {"vr": "DA", "Value": ["20010203"]}}
    header |= {"00280008": {"vr": "IS", "Value": [160]}, "52009229": {"vr": "SQ", "Value": []}}
    header |= {"00200032": {"vr": "DS", "Value": [1, 2, 3]}, "00280010": {"vr": "US", "Value": [999]}}
    Series.objects.filter(study=drawn.volume.study).update(header=header)
    seg = seg_of(cohort, drawn)
    depths = {
        groups.PlanePositionSequence[0].ImagePositionPatient[2] for groups in seg.PerFrameFunctionalGroupsSequence
    }
    assert (len(depths), seg.Rows) == (4, SHAPE_ZYX[1])
    assert (seg.PatientSex, seg.StudyDate) == ("F", "20010203")
    assert seg.NumberOfFrames == len(seg.PerFrameFunctionalGroupsSequence)


def test_segments_carry_the_codes_of_their_structures_and_other_labels_a_code_of_our_own(cohort, drawn):
    labels = cohort.project.label_set
    labels.labels = [{**label, "name": "rim of the coil"} if label["value"] == 5 else label for label in labels.labels]
    labels.save()
    seg = seg_of(cohort, drawn)
    coded = [(item.SegmentLabel, item.SegmentedPropertyTypeCodeSequence[0].CodeValue) for item in seg.SegmentSequence]
    assert coded == [
        ("fibroglandular tissue", "C114467"),
        ("rim of the coil", "RIM-OF-THE-COIL"),
        ("implant", "2282003"),
    ]
    own = seg.SegmentSequence[1].SegmentedPropertyTypeCodeSequence[0]
    assert own.CodingSchemeDesignator == "99NINEFOLD"


def ways(seg):
    return [item.SegmentAlgorithmType for item in seg.SegmentSequence]


def test_what_a_person_drew_is_manual(cohort, drawn):
    assert ways(seg_of(cohort, drawn)) == ["MANUAL"] * 3


def test_a_draft_that_was_corrected_is_semiautomatic_where_it_was_and_names_the_model(cohort):
    from backend.annotation import masks, proposals, services

    task = cohort.open_case()
    place(task, grid_of("axial"))
    draft = masks.store_mask(volume=task.volume, labels=LABELS)
    services.offer_proposal(task=task, mask=draft, model_version_id=1, source="model 1")
    services.claim(user=cohort.annotator, task=task)
    proposals.accept(user=cohort.annotator, task=task)
    assert ways(seg_of(cohort, Task.objects.get(pk=task.pk))) == ["AUTOMATIC"] * 3
    corrected = np.where(LABELS == 5, 0, LABELS)
    corrected[tuple(np.argwhere(LABELS == 0)[0])] = 5
    task = draw(Task.objects.get(pk=task.pk), cohort.annotator, corrected)
    seg = seg_of(cohort, task)
    assert ways(seg) == ["AUTOMATIC", "SEMIAUTOMATIC", "AUTOMATIC"]
    named = seg.SegmentSequence[1].SegmentationAlgorithmIdentificationSequence[0]
    assert named.AlgorithmName == "model 1"


@pytest.mark.parametrize(
    ("algorithm", "before", "after"),
    [
        ("MANUAL", "MANUAL", "MANUAL"),
        ("AUTOMATIC", "AUTOMATIC", "SEMIAUTOMATIC"),
        ("SEMIAUTOMATIC", "SEMIAUTOMATIC", "SEMIAUTOMATIC"),
        ("", "SEMIAUTOMATIC", "SEMIAUTOMATIC"),
    ],
)
def test_an_imported_mask_is_what_its_file_says_until_somebody_draws_on_it(algorithm, before, after, cohort):
    task = cohort.open_case()
    place(task, grid_of("axial"))
    voxels = LABELS == 5
    found = add_found_mask(task.volume, {1: voxels}, [segment(1, "a", algorithm=algorithm)])
    apply_found_mask(user=cohort.manager, found=found, wish=Wish(labels={1: 5}))
    assert ways(seg_of(cohort, task)) == [before]
    more = np.where(voxels, 5, 0).astype(np.uint8)
    more[0, 0, 0] = 5 - more[0, 0, 0]
    task = draw(Task.objects.get(pk=task.pk), cohort.annotator, more)
    assert ways(seg_of(cohort, task)) == [after]


def test_the_approved_mask_leaves_by_default_and_any_other_by_its_number(cohort, drawn):
    task = approve(drawn, cohort.annotator, cohort.radiologist)
    file = take_out(user=cohort.scientist, task=task_for(cohort.scientist, task.pk), number=None, form="nifti")
    assert file.name == f"NF-0001-task{task.pk}-revision1.nii.gz"
    from backend.annotation import services

    services.reopen(user=cohort.manager, task=task)
    task = draw(Task.objects.get(pk=task.pk), cohort.annotator, some_labels())
    task = task_for(cohort.manager, task.pk)
    newest = take_out(user=cohort.manager, task=task, number=None, form="nifti")
    first = take_out(user=cohort.manager, task=task, number=1, form="nifti")
    assert newest.name.endswith("revision2.nii.gz")
    assert first.content == file.content != newest.content
    assert "not approved" in seg_of(cohort, task).SeriesDescription
    with pytest.raises(NotFound, match="no revision 9"):
        take_out(user=cohort.manager, task=task, number=9, form="nifti")


def test_the_same_mask_gives_the_same_file(cohort, drawn):
    task = task_for(cohort.manager, drawn.pk)
    for form in ("nifti", "binary", "labelmap"):
        one, two = (take_out(user=cohort.manager, task=task, number=None, form=form) for _ in range(2))
        assert one == two


def test_what_leaves_is_audited_and_a_benchmark_case_says_that_it_is_one(cohort):
    task = draw(cohort.open_case("BENCHMARK"), cohort.annotator, LABELS)
    file = take_out(user=cohort.manager, task=task_for(cohort.manager, task.pk), number=None, form="nifti")
    assert "-benchmark-" in file.name
    event = AuditEvent.objects.get(action="mask.exported")
    assert event.detail == {
        "revision": 1,
        "mask": task.head.mask.sha256,
        "form": "nifti",
        "partition": "BENCHMARK",
        "slices": "",
    }


def test_what_cannot_leave_says_why(cohort):
    task = cohort.open_case()
    with pytest.raises(Conflict, match="Nothing is drawn in this case yet"):
        take_out(user=cohort.manager, task=task_for(cohort.manager, task.pk), number=None, form="nifti")
    task = draw(task, cohort.annotator, np.zeros(SHAPE_ZYX, np.uint8))
    with pytest.raises(Conflict, match="did not come as DICOM"):
        take_out(user=cohort.manager, task=task_for(cohort.manager, task.pk), number=None, form="binary")
    place(task, grid_of("axial"))
    with pytest.raises(Conflict, match="DICOM has no empty segmentation"):
        take_out(user=cohort.manager, task=task_for(cohort.manager, task.pk), number=None, form="binary")
    assert not AuditEvent.objects.filter(action="mask.exported").exists()


def test_a_volume_without_dicom_images_has_no_seg(cohort):
    task = draw(cohort.open_case(), cohort.annotator, LABELS)
    with pytest.raises(Conflict, match="did not come as DICOM"):
        take_out(user=cohort.manager, task=task_for(cohort.manager, task.pk), number=None, form="labelmap")


def test_only_those_who_may_export_take_masks_out(cohort, drawn, as_user):
    for user in (cohort.annotator, cohort.radiologist):
        with pytest.raises(NotAllowed):
            task_for(user, drawn.pk)
    with pytest.raises(NotFound):
        task_for(Cohort("elsewhere").manager, drawn.pk)
    client = as_user(cohort.scientist)
    answer = client.get(f"/api/tasks/{drawn.pk}/mask/seg", {"kind": "labelmap"})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="NF-0001-task{drawn.pk}-revision1.dcm"'
    assert pydicom.dcmread(io.BytesIO(answer.content)).SegmentationType == "LABELMAP"
    assert client.get(f"/api/tasks/{drawn.pk}/mask/seg", {"kind": "surface"}).status_code == 400
    assert client.get(f"/api/tasks/{drawn.pk}/mask/nifti", {"revision": 0}).status_code == 400


def test_the_version_in_files_is_that_of_the_product():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
