"""Patients, volumes, pixels and imports over HTTP."""

from __future__ import annotations

import os
import shutil
import socket

import numpy as np
import pytest
import SimpleITK as sitk
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from gunicorn.http.wsgi import FileWrapper

from backend.accounts.roles import Role
from backend.core import blobs
from backend.imaging.chunks import decode_block
from backend.imaging.models import ImportRun, Patient, Phase, Volume
from tests.backend.imaging.dicom_files import StudyWriter, ramp


@pytest.fixture
def volume(study, import_it) -> Volume:
    study.add_dynamic(phases=2, shape=(20, 8, 6))
    study.add(ramp((1, 8, 6)), Modality="US")
    import_it(partition="POOL")
    return Volume.objects.get()


def chunk_url(volume: Volume, index: int = 0, number: int = 0) -> str:
    return f"/api/volumes/{volume.pk}/phases/{index}/chunks/{number}"


def test_the_patients_of_a_project_are_listed(volume, client):
    (patient,) = client.get("/api/projects/breast/patients").json()["results"]
    created = patient.pop("created_at")
    assert created.endswith("Z")
    assert patient == {
        "id": Patient.objects.get().pk,
        "pseudonym": "P0001",
        "partition": "POOL",
        "sex": "",
        "age_years": None,
        "studies": 1,
        "volumes": 1,
        "tasks": 0,
        "thumbnail": f"/api/volumes/{volume.pk}/thumbnail",
        "projection": f"/api/volumes/{volume.pk}/projection?v={volume.projection[:16]}",
    }


@pytest.mark.parametrize(("partition", "found"), [("POOL", 1), ("BENCHMARK", 0), ("", 1)])
def test_patients_are_filtered_by_partition(volume, client, partition, found):
    assert len(client.get(f"/api/projects/breast/patients?partition={partition}").json()["results"]) == found


def test_an_unknown_partition_is_refused(volume, client):
    assert client.get("/api/projects/breast/patients?partition=X").status_code == 400


def test_a_list_costs_the_same_for_one_patient_and_for_ten(
    volume, client, incoming, import_it, django_assert_max_num_queries
):
    for n in range(9):
        StudyWriter(incoming / f"more{n}", patient={"PatientID": f"more{n}"}).add_dynamic(phases=2)
    import_it()
    with django_assert_max_num_queries(6):
        assert len(client.get("/api/projects/breast/patients").json()["results"]) == 10


def test_a_patient_shows_its_studies(volume, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        patient = client.get(f"/api/patients/{Patient.objects.get().pk}").json()
    (study,) = patient["studies"]
    assert study["study_date"] != "2024-01-02"
    assert [series["kind"] for series in study["series"]] == [
        "phase 0 of “DCE, 2 phases”",
        "phase 1 of “DCE, 2 phases”",
        "not drawn on: not MR (modality US)",
    ]
    assert [v["id"] for v in study["volumes"]] == [volume.pk]
    assert [phase["series_id"] for phase in study["volumes"][0]["phases"]] == [s["id"] for s in study["series"][:2]]
    assert study["report"][0]["message"].startswith("Imported (study 1 of 1): DCE volume 20×8×6, 2 phases")


def test_a_series_tells_how_it_was_made(study, import_it, client):
    study.add_dynamic(phases=2, MagneticFieldStrength=1.5, Manufacturer="Maker", MRAcquisitionType="3D")
    import_it()
    (shown,) = client.get(f"/api/patients/{Patient.objects.get().pk}").json()["studies"]
    made = shown["series"][0]["acquisition"]
    assert (made["field_strength_t"], made["manufacturer"], made["dimensions"]) == (1.5, "Maker", "3D")
    assert (made["model"], made["patient_position"]) == ("", "")
    assert {"repetition_time_ms", "echo_time_ms", "flip_angle_deg", "contrast_agent_named"} <= set(made)


def test_a_volume_tells_its_grid_and_its_phases(volume, client):
    shown = client.get(f"/api/volumes/{volume.pk}").json()
    assert shown["shape_zyx"] == [20, 8, 6]
    assert shown["spacing_zyx_mm"] == pytest.approx([2.0, 0.8, 0.7])
    np.testing.assert_allclose(np.array(shown["affine"]) @ [19, 7, 5, 1], [-20 + 3.5, -30 + 5.6, 5 + 38, 1])
    assert shown["task_id"] is None
    first, second = shown["phases"]
    assert (first["index"], first["time_s"], second["time_s"]) == (0, 0, 120)
    assert first["slices_per_chunk"] == 16
    digests = Phase.objects.get(index=0).chunks
    assert first["chunks"] == [f"{chunk_url(volume, 0, n)}?v={digest[:16]}" for n, digest in enumerate(digests)]
    assert client.get(first["chunks"][1]).status_code == 200
    assert first["window_low"] < first["window_high"]


def test_chunks_are_the_pixels(volume, client):
    phase = client.get(f"/api/volumes/{volume.pk}").json()["phases"][1]
    blocks = []
    for number in range(2):
        response = client.get(chunk_url(volume, 1, number))
        assert response.status_code == 200
        assert response["Content-Encoding"] == "gzip"
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"
        blocks.append(decode_block(b"".join(response.streaming_content), phase["codec"], (8, 6)))
    np.testing.assert_array_equal(np.concatenate(blocks), ramp((20, 8, 6), start=100))


def test_a_browser_that_has_a_chunk_gets_304(volume, client):
    response = client.get(chunk_url(volume))
    assert response["ETag"] == f'"{Phase.objects.get(index=0).chunks[0]}"'
    again = client.get(chunk_url(volume), headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == response["ETag"]
    other = client.get(chunk_url(volume, 1), headers={"If-None-Match": response["ETag"]})
    assert other.status_code == 200


def test_behind_a_proxy_the_proxy_sends(volume, client, settings):
    settings.ACCEL_REDIRECT = True
    response = client.get(chunk_url(volume))
    digest = Phase.objects.get(index=0).chunks[0]
    assert response["X-Accel-Redirect"] == f"/_blobs/{digest[:2]}/{digest}"
    assert response["Content-Encoding"] == "gzip"
    assert response.content == b""


def test_the_address_of_pixels_that_were_replaced_gives_no_others(volume, client):
    url = client.get(f"/api/volumes/{volume.pk}").json()["phases"][0]["chunks"][0]
    Phase.objects.filter(index=0).update(chunks=Phase.objects.get(index=1).chunks)
    answer = client.get(url)
    assert answer.status_code == 404
    assert "load the page again" in answer.json()["message"]


@pytest.mark.parametrize(("index", "number"), [(0, 2), (2, 0), (99, 99)])
def test_a_chunk_that_is_not_there(volume, client, index, number):
    assert client.get(chunk_url(volume, index, number)).status_code == 404


def test_a_blob_that_is_lost_is_a_clear_answer(volume, client, settings):
    shutil.rmtree(settings.BLOB_DIR)
    response = client.get(chunk_url(volume))
    assert response.status_code == 404
    assert "missing from the store" in response.json()["message"]


def test_the_thumbnail_is_a_picture(volume, client, tmp_path):
    response = client.get(f"/api/volumes/{volume.pk}/thumbnail")
    assert response["Content-Type"] == "image/png"
    path = tmp_path / "thumbnail.png"
    path.write_bytes(b"".join(response.streaming_content))
    picture = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    assert max(picture.shape) <= 256
    assert picture.std() > 0
    assert (
        client.get(f"/api/volumes/{volume.pk}/thumbnail", headers={"If-None-Match": response["ETag"]}).status_code
        == 304
    )


def test_the_projection_is_a_picture_of_its_own(volume, client):
    shown = client.get(f"/api/volumes/{volume.pk}").json()
    listed = client.get("/api/projects/breast/patients").json()["results"][0]
    assert shown["projection"] == listed["projection"]
    response = client.get(shown["projection"])
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["ETag"] == f'"{volume.projection}"' != f'"{volume.thumbnail}"'
    assert b"".join(response.streaming_content)[:8] == bytes.fromhex("89504e470d0a1a0a")


def test_a_volume_of_an_earlier_version_has_no_projection(volume, client):
    Volume.objects.update(projection="")
    assert client.get(f"/api/volumes/{volume.pk}").json()["projection"] is None
    assert client.get(f"/api/volumes/{volume.pk}/projection").status_code == 404


def test_head_tells_the_size_and_sends_nothing(volume, client):
    whole, asked = client.get(chunk_url(volume)), client.head(chunk_url(volume))
    assert asked.status_code == 200
    for header in ("Content-Length", "Content-Encoding", "Content-Type", "ETag", "Cache-Control"):
        assert asked[header] == whole[header]
    assert int(asked["Content-Length"]) == len(b"".join(whole.streaming_content))
    assert asked.content == b""


def test_a_chunk_takes_three_queries(volume, client, django_assert_num_queries):
    with django_assert_num_queries(3):  # the session, the user, and the block's name with the right to see it
        client.get(chunk_url(volume, 1, 1))


def test_without_a_proxy_the_kernel_sends_the_file(volume, client, monkeypatch):
    """Through every middleware an open file reaches gunicorn, which hands it to `os.sendfile`."""
    cookies = client.cookies.output(header="", sep=";")
    asked = WSGIRequest(client._base_environ(PATH_INFO=chunk_url(volume), HTTP_COOKIE=cookies))
    response = WSGIHandler().get_response(asked)
    file = FileWrapper(response.file_to_stream)  # as Django does where the server offers it
    sent = []
    kernel = os.sendfile
    monkeypatch.setattr(os, "sendfile", lambda *given: sent.append(kernel(*given)) or sent[-1])
    here, there = socket.socketpair()
    with here, there:
        here.sendfile(file.filelike)
        assert sum(sent) == int(response["Content-Length"])
        assert there.recv(1 << 20) == blobs.get(Phase.objects.get(index=0).chunks[0])


def routes(volume: Volume) -> list[str]:
    patient = volume.study.patient_id
    return [
        "/api/projects/breast/patients",
        f"/api/patients/{patient}",
        f"/api/volumes/{volume.pk}",
        chunk_url(volume),
        f"/api/volumes/{volume.pk}/thumbnail",
        f"/api/volumes/{volume.pk}/projection",
        "/api/projects/breast/imports",
        f"/api/imports/{ImportRun.objects.get().pk}",
    ]


def test_nothing_without_signing_in_and_nothing_for_strangers(volume, signed_in, outsider):
    for route in routes(volume):
        assert signed_in(None).get(route).status_code == 401, route
        assert signed_in(outsider).get(route).status_code == 404, route


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RADIOLOGIST, Role.SCIENTIST])
def test_members_see_cases_but_not_imports(volume, signed_in, member, role):
    client = signed_in(member(role))
    statuses = [client.get(route).status_code for route in routes(volume)]
    assert statuses == [200] * 6 + [403] * 2


class TestPartition:
    @pytest.fixture
    def url(self, study, import_it) -> str:
        study.add_dynamic()
        import_it()
        return f"/api/patients/{Patient.objects.get().pk}/partition"

    def post(self, client, url, partition):
        return client.post(url, {"partition": partition}, content_type="application/json")

    def test_once(self, url, client):
        response = self.post(client, url, "POOL")
        assert response.status_code == 200
        assert response.json()["partition"] == "POOL"
        again = self.post(client, url, "BENCHMARK")
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
        assert again.json()["detail"] == {"partition": "POOL"}

    def test_another_word(self, url, client):
        assert self.post(client, url, "TRAIN").status_code == 400

    def test_an_annotator_may_not(self, url, signed_in, member):
        assert self.post(signed_in(member(Role.ANNOTATOR)), url, "POOL").status_code == 403

    def test_a_stranger_learns_nothing(self, url, signed_in, outsider):
        assert self.post(signed_in(outsider), url, "POOL").status_code == 404
