"""A mask file added by hand: read in the process for untrusted files, or refused with what differs."""

import io

import numpy as np
import pydicom
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.annotation.api import found_masks as api
from backend.audit.models import AuditEvent
from backend.imaging.found_masks import discard_found_mask
from backend.imaging.models import FoundMask, Phase, Series
from ml.geometry import Geometry
from ml.volumes import write_nifti
from tests.backend.cohort import SHAPE_ZYX, draw, some_labels
from tests.backend.imaging.segments.seg_files import sources_of, write_seg

LABELS = np.random.default_rng(7).choice([0, 1, 5], SHAPE_ZYX).astype(np.uint8)


@pytest.fixture
def send(cohort, as_user):
    task = cohort.open_case()
    client = as_user(cohort.manager)

    def post(name, content):
        file = SimpleUploadedFile(name, content)
        return client.post(f"/api/volumes/{task.volume_id}/found-masks", {"file": file})

    post.task, post.volume = task, task.volume
    return post


def nifti(tmp_path, grid, labels=LABELS, name="a.nii.gz"):
    write_nifti(tmp_path / name, labels, grid)
    return (tmp_path / name).read_bytes()


def test_a_label_map_is_offered_with_its_values(send, tmp_path):
    answer = send("Doe_Jane.nii.gz", nifti(tmp_path, send.volume.geometry))
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["mask"]["source"], body["mask"]["state"]) == ("NIfTI label map", "waiting")
    assert [(s["number"], s["name"], s["voxels"]) for s in body["segments"]] == [
        (1, "value 1", int((LABELS == 1).sum())),
        (5, "value 5", int((LABELS == 5).sum())),
    ]
    assert AuditEvent.objects.get(action="found_mask.added").object_id == str(body["mask"]["id"])
    stored = FoundMask.objects.get()
    assert "Doe" not in f"{stored.__dict__} {AuditEvent.objects.values_list('detail', flat=True)}"


def test_the_same_file_is_found_again_and_a_discarded_one_comes_back(send, cohort, tmp_path):
    content = nifti(tmp_path, send.volume.geometry)
    first = send("a.nii.gz", content).json()["mask"]["id"]
    discard_found_mask(user=cohort.manager, found=FoundMask.objects.get())
    again = send("b.nii.gz", content).json()["mask"]
    assert (again["id"], again["state"]) == (first, "waiting")
    assert FoundMask.objects.count() == 1


def test_a_mask_that_left_as_dicom_comes_back_by_its_stand_ins(send, cohort, as_user, tmp_path):
    """The frame of reference and the images are known although the file holds stand-ins only."""
    Phase.objects.filter(volume=send.volume).update(instances=[[f"2.25.{z + 7}", 1] for z in range(4)])
    Series.objects.filter(phases__volume=send.volume).update(attributes={"FrameOfReferenceUID": "2.25.4711"})
    drawn = draw(send.task, cohort.annotator, some_labels())
    content = as_user(cohort.manager).get(f"/api/tasks/{drawn.pk}/mask/seg").content
    body = send("a.dcm", content).json()
    assert [(s["name"], s["suggestion"]) for s in body["segments"]] == [
        ("fibroglandular tissue", {"label": 1, "by": "code"}),
        ("lesion", {"label": 5, "by": "code"}),
        ("heart", {"label": 7, "by": "code"}),
    ]
    moved = pydicom.dcmread(io.BytesIO(content))
    moved.FrameOfReferenceUID = "2.25.99"
    other = io.BytesIO()
    moved.save_as(other)
    answer = send("b.dcm", other.getvalue())
    assert answer.status_code == 400
    assert "another frame of reference" in answer.json()["message"]


def test_a_seg_of_another_program_comes_in(send, tmp_path):
    path = write_seg(tmp_path / "s.dcm", sources_of(send.volume.geometry), (LABELS == 5).astype(np.uint8))
    assert send("no suffix", path.read_bytes()).json()["mask"]["source"] == "DICOM SEG, binary"


def test_a_file_that_is_no_mask_of_the_volume_changes_nothing_and_says_why(send, tmp_path):
    grid = send.volume.geometry
    shifted = Geometry(
        grid.shape_zyx, tuple((*row[:3], row[3] + (1.0 if n == 0 else 0)) for n, row in enumerate(grid.affine))
    )
    for name, content, words in (
        ("a.nii.gz", nifti(tmp_path, shifted), "its voxels lie up to 1 mm beside the volume's"),
        ("a.npy", b"\x93NUMPY", "says nothing of where its voxels lie"),
        ("a.dcm", b"no dicom" * 50, "is no DICOM file"),
        ("a.nii.gz", nifti(tmp_path, grid)[:-30], "cut short or damaged"),
    ):
        answer = send(name, content)
        assert answer.status_code == 400, name
        assert words in answer.json()["message"]
        assert answer.json()["message"].startswith("The file ")
    assert not FoundMask.objects.exists()
    assert not AuditEvent.objects.filter(action="found_mask.added").exists()


def test_too_large_a_file_is_refused_before_it_is_read(send, tmp_path, monkeypatch):
    monkeypatch.setattr(api, "MAX_FILE_BYTES", 1000)
    answer = send("a.nii", bytes(70_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert send("a.nii", b"").status_code == 400
