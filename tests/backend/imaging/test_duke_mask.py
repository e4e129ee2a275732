"""Duke 153: its segmentation, from the files to the case that an annotator opens."""

import io
import shutil

import highdicom as hd
import numpy as np
import pydicom
import pytest

from backend.accounts.roles import Role
from backend.annotation import services as annotation
from backend.annotation.found_masks import offer_of
from backend.annotation.imported import Wish, apply_found_mask
from backend.annotation.masks import load_labels
from backend.annotation.models import Revision
from backend.exports.one_mask import take_out, task_for
from backend.imaging.models import FoundMask, Volume


@pytest.fixture
def found(duke_folder, incoming, import_it, project):
    """The pre-contrast pass with the segmentation that was drawn on it, imported."""
    for path in duke_folder.iterdir():
        if "dyn pre" in path.name:
            shutil.copytree(path, incoming / "pre")
        elif path.is_file():
            shutil.copy(path, incoming)
    run = import_it(partition="POOL")
    assert [line["message"] for line in run.report if line["level"] == "error"] == []
    annotation.open_tasks(project=project, volumes=Volume.objects.all())
    return FoundMask.objects.get()


def test_its_two_glands_become_label_1_and_fat_stays_out_with_a_note(found, duke_folder, manager, member):
    offer = offer_of(found)
    assert [(s["name"], s["suggestion"] and s["suggestion"].label) for s in offer.segments] == [
        ("Mammary Fibroglandular Tissue", 1),
        ("Mammary Fibroglandular Tissue", 1),
        ("Fatty tissue of breast", None),
        ("Fatty tissue of breast", None),
        ("Fatty tissue of breast", None),
    ]
    revision = apply_found_mask(user=manager, found=found, wish=Wish(labels={1: 1, 2: 1, 3: 0, 4: 0, 5: 0}))

    seg = pydicom.dcmread(next(duke_folder.glob("*SEG*.dcm")))
    pre = {str(ds.SOPInstanceUID): ds for ds in _headers(duke_folder)}
    depths = sorted(float(ds.ImagePositionPatient[2]) for ds in pre.values())
    wanted = np.zeros(found.volume.shape_zyx, np.uint8)
    for frame, groups in zip(seg.pixel_array, seg.PerFrameFunctionalGroupsSequence, strict=True):
        if groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber in (1, 2):
            source = groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
            wanted[depths.index(float(pre[source].ImagePositionPatient[2]))] |= (frame > 0).astype(np.uint8)
    stored = Revision.objects.select_related("mask__volume").get(pk=revision.pk)
    assert (load_labels(stored.mask) == wanted).all()
    fat = [f"segment {s['number']} (Fatty tissue of breast, {s['voxels']:,} voxels)" for s in found.segments[2:]]
    assert revision.note == f"Left out: {', '.join(fat)}."
    _leaves_and_comes_back(manager, revision.task, found.volume, wanted)
    claimed = annotation.claim(user=member(Role.ANNOTATOR), task=revision.task)
    assert claimed.head_id == revision.pk


def _leaves_and_comes_back(manager, task, volume, wanted):
    """As DICOM SEG, over the stored header of the real images; read by highdicom."""
    for form in ("binary", "labelmap"):
        file = take_out(user=manager, task=task_for(manager, task.pk), number=None, form=form)
        seg = hd.seg.segread(io.BytesIO(file.content))
        read = seg.get_volume(combine_segments=True, relabel=False)
        drawn = np.argwhere(read.array > 0)
        places = (np.linalg.inv(volume.geometry.matrix) @ read.affine @ np.c_[drawn, np.ones(len(drawn))].T).T[:, :3]
        index = np.rint(places).astype(int)
        assert (np.abs(places - index) * volume.geometry.spacing_zyx_mm).max() < 1e-3
        assert sorted(map(tuple, index.tolist())) == sorted(map(tuple, np.argwhere(wanted).tolist()))
        assert (read.array[read.array > 0] == 1).all()
        assert (seg.PatientID, seg.StudyInstanceUID) == (task.patient.pseudonym, volume.study.uid)
        referred = {uid for _, _, uid in seg.get_source_image_uids()}
        assert referred <= {uid for uid, _ in volume.phases.get().instances}


def _headers(folder):
    for path in folder.rglob("*.dcm"):
        if "dyn pre" in str(path):
            yield pydicom.dcmread(path, stop_before_pixels=True)
