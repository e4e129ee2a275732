"""Rounds, runs and models over HTTP."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from backend.annotation.masks import load_labels
from backend.annotation.models import Revision
from backend.learning import leases, places, services
from backend.learning.models import Run
from backend.learning.states import RunState
from ml.contracts import Progress
from tests.backend.cohort import Cohort, some_labels
from tests.backend.learning.results import carry_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    cohort = Cohort()
    for _ in range(2):
        cohort.approved_case()
    return cohort


def signed_in(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def client(cohort):
    return signed_in(cohort.manager)


def exact(case_id, volume):
    return load_labels(Revision.objects.get(pk=case_id.removeprefix("reference-")).mask)


def drafts(case_id, volume):
    return some_labels(volume.pk)


def test_a_round_is_started_watched_and_read(cohort, client):
    reference = cohort.approved_case("BENCHMARK")
    cohort.open_case()
    made = client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json")
    assert made.status_code == 201
    body = made.data
    assert (body["number"], body["state"], body["preset"]) == (1, "training", "smoke")
    assert body["snapshot"]["cases"] == 2
    assert [step["state"] for step in body["steps"]] == ["done", "running", "waiting", "waiting", "waiting"]
    assert (body["model"], body["previous_scores"], body["started_by"]) == (None, None, cohort.manager.display_name)
    turn = cohort.project.rounds.get()
    carry_out(turn, weights=b"one", benchmark_labels=exact, draft_labels=drafts)
    body = client.get(f"/api/rounds/{body['id']}").data
    assert body["state"] == "done"
    assert [step["state"] for step in body["steps"]] == ["done"] * 5
    assert [run["kind"] for run in body["runs"]] == ["train", "score", "draft"]
    assert (body["model"]["number"], body["model"]["state"]) == (1, "active")
    assert body["model"]["scores"]["lesion"] == 1
    assert body["model"]["scores"]["implant"] is None
    models = client.get("/api/projects/study/models").data
    assert [(model["number"], model["round"], model["state"]) for model in models] == [(1, 1, "active")]
    (evaluation,) = client.get("/api/projects/study/evaluations").data
    assert (evaluation["model"], evaluation["cases"], evaluation["mean"]["heart"]) == (1, 1, 1)
    assert evaluation["per_case"][0]["pseudonym"] == reference.patient.pseudonym
    card = client.get("/api/projects/study/models/1/card").data
    assert (card["model"], card["cases"], card["compared_with"]) == (1, 1, None)
    heart = next(label for label in card["labels"] if label["name"] == "heart")
    assert heart["dice"] == {"n": 1, "mean": 1.0, "low": None, "high": None, "method": "none"}
    assert (heart["hd95_mm"]["mean"], heart["p_value"]) == (0.0, None)
    assert next(label for label in card["labels"] if label["name"] == "implant")["dice"] is None
    assert client.get("/api/projects/study/models/2/card").status_code == 404


def test_a_second_round_shows_the_scores_of_the_model_before_it(cohort, client):
    cohort.approved_case("BENCHMARK")

    def blind(case_id, volume):
        return exact(case_id, volume) * 0

    for weights, labels in ((b"one", blind), (b"two", exact)):
        client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json")
        carry_out(cohort.project.rounds.first(), weights=weights, benchmark_labels=labels)
    newest, oldest = client.get("/api/projects/study/rounds").data["results"]
    assert (newest["number"], newest["previous_scores"]["lesion"], newest["model"]["scores"]["lesion"]) == (2, 0, 1)
    assert (oldest["previous_scores"], oldest["model"]["state"]) == (None, "retired")


def test_a_round_that_cannot_start_is_refused_with_what_to_do(client):
    client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json")
    again = client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json")
    assert (again.status_code, again.data["code"]) == (409, "conflict")
    assert "cancel it" in again.data["message"]
    assert client.post("/api/projects/study/rounds", {"preset": "turbo"}, format="json").status_code == 400
    assert client.post("/api/projects/study/rounds", {}, format="json").status_code == 400


def test_a_running_round_tells_that_it_is_being_cancelled(cohort, client):
    turn = client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json").data
    Run.objects.update(state=RunState.QUEUED)
    lease = leases.claim(holder="one", lease_s=30)
    body = client.post(f"/api/rounds/{turn['id']}/cancel").data
    assert (body["state"], body["cancelling"]) == ("training", True)
    leases.cancelled(lease)
    body = client.get(f"/api/rounds/{turn['id']}").data
    assert (body["state"], body["cancelling"]) == ("cancelled", False)
    assert client.post(f"/api/rounds/{turn['id']}/cancel").status_code == 409


def test_a_failed_round_tells_why_and_can_be_retried(client):
    turn = client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json").data
    assert client.post(f"/api/rounds/{turn['id']}/retry").status_code == 409
    Run.objects.update(state=RunState.QUEUED)
    leases.fail(leases.claim(holder="one", lease_s=30), "The memory ran out.", resumable=False)
    body = client.get(f"/api/rounds/{turn['id']}").data
    assert (body["state"], body["error"], body["steps"][1]["state"]) == ("failed", "The memory ran out.", "failed")
    body = client.post(f"/api/rounds/{turn['id']}/retry").data
    assert (body["state"], body["error"], body["runs"][0]["state"]) == ("training", "", "preparing")


def test_curves_are_read_from_where_the_reader_stopped(client):
    turn = client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json").data
    Run.objects.update(state=RunState.QUEUED)
    lease = leases.claim(holder="one", lease_s=30)
    for epoch in (1, 2, 3):
        line = Progress("train", epoch / 3, f"Epoch {epoch}", 1.0, epoch, 3, -0.5, -0.4, {"lesion": 0.3})
        leases.tell(lease, [line])
    lines = client.get(f"/api/rounds/{turn['id']}/progress").data
    assert [line["line"]["epoch"] for line in lines] == [1, 2, 3]
    assert lines[0]["line"]["pseudo_dice"] == {"lesion": 0.3}
    later = client.get(f"/api/rounds/{turn['id']}/progress?after={lines[1]['id']}").data
    assert [line["line"]["epoch"] for line in later] == [3]
    for bad in ("x", "-1"):
        assert client.get(f"/api/rounds/{turn['id']}/progress?after={bad}").status_code == 400


def test_the_end_of_a_runs_log_is_text(cohort, client):
    client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json")
    run = Run.objects.get()
    assert client.get(f"/api/runs/{run.pk}/log").content == b""
    places.log_path(run.pk).parent.mkdir(parents=True)
    places.log_path(run.pk).write_text("It began.\n<b>not markup</b>\n")
    answer = client.get(f"/api/runs/{run.pk}/log")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content == b"It began.\n<b>not markup</b>\n"


def test_who_may_see_rounds_and_who_may_not(cohort, client):
    turn = client.post("/api/projects/study/rounds", {"preset": "smoke"}, format="json").data
    run = Run.objects.get()
    reads = [
        "/api/projects/study/rounds",
        "/api/projects/study/models",
        "/api/projects/study/evaluations",
        f"/api/rounds/{turn['id']}",
        f"/api/rounds/{turn['id']}/progress",
        f"/api/runs/{run.pk}/log",
    ]
    writes = ["/api/projects/study/rounds", f"/api/rounds/{turn['id']}/cancel", f"/api/rounds/{turn['id']}/retry"]
    outsider = signed_in(Cohort("other").manager)
    for path in reads:
        for user in (cohort.manager, cohort.scientist, cohort.radiologist):
            assert signed_in(user).get(path).status_code == 200
        assert signed_in(cohort.annotator).get(path).status_code == 403
        assert outsider.get(path).status_code == 404
        assert APIClient().get(path).status_code == 401
    for path in writes:
        for user in (cohort.annotator, cohort.radiologist, cohort.scientist):
            assert signed_in(user).post(path, {"preset": "smoke"}, format="json").status_code == 403
        assert outsider.post(path, {"preset": "smoke"}, format="json").status_code == 404


def test_a_list_of_many_rounds_costs_as_many_queries_as_one_of_few(cohort, client):
    cohort.approved_case("BENCHMARK")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/api/projects/study/rounds").data
        return len(captured), len(page["results"])

    def add_round():
        turn = services.start_round(project=cohort.project, actor=cohort.manager, preset="smoke")
        carry_out(turn, weights=f"round {turn.number}".encode(), benchmark_labels=exact)

    add_round()
    few, one = queries()
    for _ in range(3):
        add_round()
    many, four = queries()
    assert (one, four) == (1, 4)
    assert many == few <= 8
