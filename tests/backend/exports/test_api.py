"""Snapshots and dataset files over HTTP."""

import io
import json
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from backend.exports import jobs
from backend.exports.models import DatasetFile
from tests.backend.cohort import Cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cohort):
    return signed_in(cohort.scientist)


def signed_in(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_freeze_order_and_download(cohort, client):
    task = cohort.approved_case()
    made = client.post("/api/projects/study/snapshots")
    assert made.status_code == 201
    assert (made.data["number"], made.data["cases"], made.data["files"]) == (1, 1, [])
    assert made.data["created_by"] == cohort.scientist.display_name
    detail = client.get(f"/api/snapshots/{made.data['id']}").data
    assert detail["channels"] == ["phase0", "phase1"]
    assert detail["items"] == [
        {
            "case_id": f"{task.patient.pseudonym}_t{task.pk}",
            "pseudonym": task.patient.pseudonym,
            "task_id": task.pk,
            "revision": 1,
            "mask_sha256": task.approved.mask.sha256,
            "fold": 0,
        }
    ]
    ordered = client.post(f"/api/snapshots/{made.data['id']}/files", {"format": "nnunet"}, format="json")
    assert ordered.status_code == 202
    assert (ordered.data["state"], ordered.data["cases"], ordered.data["url"]) == ("waiting", 1, None)
    early = client.get(f"/api/dataset-files/{ordered.data['id']}/download")
    assert (early.status_code, early.data["code"]) == (409, "conflict")
    jobs.write_file(ordered.data["id"])
    ready = client.get(f"/api/dataset-files/{ordered.data['id']}").data
    assert (ready["state"], ready["cases_done"], ready["name"]) == ("ready", 1, "study-snapshot1-nnunet.zip")
    download = client.get(ready["url"])
    assert download["Content-Disposition"] == 'attachment; filename="study-snapshot1-nnunet.zip"'
    content = b"".join(download.streaming_content)
    assert len(content) == ready["bytes"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert json.loads(archive.read("Dataset001_ninefold/manifest.json"))["sha256"] == made.data["sha256"]


def test_the_proxy_sends_the_file_where_there_is_one(cohort, client, settings):
    cohort.approved_case()
    snapshot = client.post("/api/projects/study/snapshots").data
    file = client.post(f"/api/snapshots/{snapshot['id']}/files", {"format": "nnunet"}, format="json").data
    jobs.write_file(file["id"])
    settings.ACCEL_REDIRECT = True
    answer = client.get(f"/api/dataset-files/{file['id']}/download")
    assert answer["X-Accel-Redirect"] == f"/_exports/{file['id']}-study-snapshot1-nnunet.zip"
    assert answer.content == b""


def test_freezing_nothing_new_is_refused_with_the_snapshot_that_has_it(cohort, client):
    cohort.approved_case()
    first = client.post("/api/projects/study/snapshots").data
    again = client.post("/api/projects/study/snapshots")
    assert again.status_code == 409
    assert again.data["detail"] == {"snapshot": first["id"], "number": 1}


def test_an_unknown_format_is_named(cohort, client):
    cohort.approved_case()
    snapshot = client.post("/api/projects/study/snapshots").data
    answer = client.post(f"/api/snapshots/{snapshot['id']}/files", {"format": "bids"}, format="json")
    assert (answer.status_code, answer.data["code"]) == (400, "invalid")
    assert "bids" in answer.data["message"]


def test_nobody_outside_the_project_learns_of_its_snapshots(cohort, client):
    cohort.approved_case()
    snapshot = client.post("/api/projects/study/snapshots").data
    file = client.post(f"/api/snapshots/{snapshot['id']}/files", {"format": "nnunet"}, format="json").data
    outsider = signed_in(Cohort("other").manager)
    for path in (
        "/api/projects/study/snapshots",
        f"/api/snapshots/{snapshot['id']}",
        f"/api/dataset-files/{file['id']}",
        f"/api/dataset-files/{file['id']}/download",
    ):
        assert outsider.get(path).status_code == 404
    assert outsider.post(f"/api/snapshots/{snapshot['id']}/files", {"format": "nnunet"}).status_code == 404
    assert signed_in(cohort.annotator).get(f"/api/snapshots/{snapshot['id']}").status_code == 403
    assert APIClient().get("/api/projects/study/snapshots").status_code == 401


def test_a_list_of_many_snapshots_costs_as_many_queries_as_one_of_few(cohort, client):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = client.get("/api/projects/study/snapshots").data
        return len(captured), len(page["results"])

    for _ in range(2):
        cohort.approved_case()
        snapshot = client.post("/api/projects/study/snapshots").data
        client.post(f"/api/snapshots/{snapshot['id']}/files", {"format": "nnunet"}, format="json")
    few, of_two = queries()
    for _ in range(3):
        cohort.approved_case()
        snapshot = client.post("/api/projects/study/snapshots").data
        client.post(f"/api/snapshots/{snapshot['id']}/files", {"format": "nnunet"}, format="json")
    many, of_five = queries()
    assert (of_two, of_five, DatasetFile.objects.count()) == (2, 5, 5)
    assert many == few <= 8
