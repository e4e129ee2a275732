"""NIfTI, NRRD, MetaImage and arrays from the folder to the database, through the reading process."""

from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from backend.imaging.models import FoundMask, ImportRun, Patient, Phase, Series, Study, Volume
from backend.imaging.volumes import read_phase
from tests.backend.imaging.dicom_files import StudyWriter
from tests.backend.imaging.image_files import (
    affine_ras,
    furthest_mm,
    metadata,
    nifti,
    numbered,
    places_nibabel,
    places_ours,
    turn,
)

AFFINE = affine_ras(turn(0.1, -0.2, 0.3))


def dynamic(folder, *, patient="P1", phases=3):
    return [
        nifti(folder / patient / f"{patient}_000{n}.nii.gz", numbered((6, 5, 4)) * 3 + n, AFFINE) for n in range(phases)
    ]


def messages(run, level):
    return [line["message"] for line in run.report if line["level"] == level]


def test_a_folder_of_nifti_phases_becomes_one_patient_with_one_dce_volume(incoming, import_it):
    paths = dynamic(incoming)
    run = import_it()
    assert run.state == ImportRun.State.DONE
    (volume,) = Volume.objects.all()
    assert Patient.objects.count() == Study.objects.count() == 1
    assert (volume.name, volume.is_dce, volume.phases.count()) == ("DCE, 3 phases", True, 3)
    for phase, path in zip(volume.phases.all(), paths, strict=True):
        array = read_phase(volume, phase.index).astype(int)
        assert furthest_mm(places_ours(volume.geometry, array), places_nibabel(path)) < 1e-3
    assert [phase.reason for phase in volume.phases.all()] == [f"number {n} in its file name" for n in range(3)]
    assert volume.thumbnail
    assert any("nothing says which is pre-contrast" in message for message in messages(run, "warning"))


def test_the_command_prints_a_line_for_each_case_and_what_to_do(project, incoming):
    dynamic(incoming)
    metadata(incoming / "P2" / "image.nrrd")
    (incoming / "P3").mkdir()
    (incoming / "P3" / "dce.nii.gz").write_bytes(b"\x1f\x8bnothing")
    out = StringIO()
    with pytest.raises(CommandError, match="1 of the lines above"):
        call_command("import_studies", str(incoming), "--project", project.slug, stdout=out)
    text = out.getvalue()
    assert "Imported (study 1 of 3): DCE volume 4×5×6, 3 phases." in text
    assert "its header cannot be read" in text
    assert "in: P3" in text
    assert (Study.objects.count(), Patient.objects.count()) == (2, 2)


def test_the_same_files_again_change_nothing(incoming, import_it):
    dynamic(incoming)
    import_it()
    before = (Study.objects.count(), Series.objects.count(), Phase.objects.count())
    run = import_it()
    assert (Study.objects.count(), Series.objects.count(), Phase.objects.count()) == before
    assert messages(run, "error") == []


def test_the_same_files_under_other_names_are_known_again(incoming, import_it):
    dynamic(incoming)
    import_it()
    (incoming / "P1").rename(incoming / "P9")
    run = import_it()
    assert (Patient.objects.count(), Study.objects.count()) == (1, 1)
    assert messages(run, "ok") == ["Already imported; nothing was added or changed."]


def test_other_files_of_another_patient_are_not_taken_for_known_ones(incoming, import_it):
    first = dynamic(incoming)
    import_it()
    dynamic(incoming, patient="P2", phases=2)
    nifti(incoming / "P2" / "P2_0001.nii.gz", numbered((6, 5, 4)) * 7, AFFINE)
    import_it()
    assert first[0].read_bytes() == (incoming / "P2" / "P2_0000.nii.gz").read_bytes(), "one file is in both"
    assert (Patient.objects.count(), Study.objects.count()) == (2, 2)


def test_label_maps_wait_to_be_mapped(incoming, import_it):
    dynamic(incoming)
    labels = np.zeros((6, 5, 4), np.uint8)
    labels[1, 1, 1], labels[2:4, 2, 2] = 1, 5
    nifti(incoming / "P1" / "P1_seg.nii.gz", labels, AFFINE)
    import_it()
    (mask,) = FoundMask.objects.all()
    assert mask.volume == Volume.objects.get()
    assert [(s["number"], s["name"], s["voxels"], s["label"]) for s in mask.segments] == [
        (1, "value 1", 1, None),
        (5, "value 5", 2, None),
    ]
    assert (mask.series.modality, mask.series.not_drawn_on) == ("SEG", "a label map, not an image")


def test_a_label_map_that_comes_later_is_added_to_its_study(incoming, import_it):
    dynamic(incoming)
    import_it()
    nifti(incoming / "P1" / "P1_seg.nii.gz", np.ones((6, 5, 4), np.uint8), AFFINE)
    run = import_it()
    assert FoundMask.objects.get().segments[0]["voxels"] == 120
    assert any("can be mapped to labels" in message for message in messages(run, "ok"))
    import_it()
    assert FoundMask.objects.count() == 1
    assert Study.objects.count() == 1


def test_a_case_of_breastdm_comes_in_with_its_lesion(incoming, import_it):
    picture = np.random.default_rng(1).integers(1, 255, (20, 18, 8)).astype(np.float64)
    picture[:, :, 6:] = 0
    label = np.zeros_like(picture)
    label[3:5, 3:5, 2] = 255
    for kind in ("images", "labels"):
        place = incoming / "seg3D" / "test" / kind / "BreaDM-Be-1801"
        place.mkdir(parents=True)
        for n, name in enumerate(("VIBRANT", "VIBRANT+C2", "SUB2")):
            np.save(place / f"{name}.npy", np.clip(picture - n * (picture > 9), 0, 255) if kind == "images" else label)
    run = import_it()
    volume, mask = Volume.objects.get(), FoundMask.objects.get()
    assert (volume.shape_zyx, volume.phases.count()) == ((6, 20, 18), 2)
    assert [(s["name"], s["voxels"]) for s in mask.segments] == [("lesion", 4)]
    assert any("holds no geometry in its files" in message for message in messages(run, "warning"))
    assert any("2 of 8 slices blank" in message for message in messages(run, "warning"))


def test_dicom_and_other_files_in_one_folder_come_in_side_by_side(incoming, import_it):
    StudyWriter(incoming / "dicom", patient={"PatientID": "A"}).add_dynamic()
    dynamic(incoming)
    (incoming / "x.hdr").write_bytes(b"half of a pair")
    (incoming / "notes.txt").write_text("nothing")
    np.savez(incoming / "features.npz", np.ones(3))
    run = import_it()
    assert sorted(Volume.objects.values_list("name", flat=True)) == ["DCE, 3 phases", "DCE, 3 phases"]
    assert Patient.objects.count() == 2
    assert any("1 file is one half of a pair" in message for message in messages(run, "error"))
    assert any("1 file is an archive of arrays" in message for message in messages(run, "error"))
    assert any("1 file is no image that can be read" in message for message in messages(run, "warning"))


def test_a_dicom_file_whose_name_ends_as_that_of_a_pair_is_dicom(incoming, import_it):
    StudyWriter(incoming).add_dynamic()
    for path in list(incoming.rglob("*")):
        if path.is_file():
            path.rename(path.with_suffix(".img"))
    run = import_it()
    assert messages(run, "error") == []
    assert Volume.objects.get().is_dce


def test_the_report_names_no_file_and_no_folder(incoming, import_it):
    dynamic(incoming, patient="Quixotina")
    nifti(incoming / "Quixotina" / "Sancho.nii", numbered((2, 2, 2)), AFFINE)
    run = import_it()
    told = str(run.report) + str([study.report for study in Study.objects.all()])
    assert "uixotina" not in told
    assert "ancho" not in told
    assert str(incoming) not in told
