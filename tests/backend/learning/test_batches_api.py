"""Batches over HTTP."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from backend.learning.models import Batch
from backend.learning.states import ModelState
from tests.backend.cohort import Cohort
from tests.backend.learning.scored import add_model, score

pytestmark = pytest.mark.django_db
WISH = {"strategy": "entropy", "size": 3, "random_share": 0.2, "seed": 7}


@pytest.fixture
def cohort():
    cohort = Cohort()
    model = add_model(cohort.project, 1, ModelState.ACTIVE)
    for number in range(5):
        score(model, cohort.open_case().volume, number / 10)
    cohort.open_case("BENCHMARK")
    return cohort


@pytest.fixture
def client(cohort):
    client = APIClient()
    client.force_authenticate(cohort.manager)
    return client


def test_a_batch_is_previewed_started_and_listed(cohort, client):
    preview = client.post("/api/projects/study/batches/preview", WISH, format="json").data
    assert (preview["model"], preview["cases"], len(preview["picks"])) == (1, 5, 3)
    assert not Batch.objects.exists()
    made = client.post("/api/projects/study/batches", WISH, format="json")
    assert made.status_code == 201
    assert made.data["picks"] == preview["picks"]
    (listed,) = client.get("/api/projects/study/batches").data["results"]
    assert listed == made.data
    pick = listed["picks"][0]
    assert (pick["place"], pick["state"]) == (1, "open")
    assert pick["thumbnail"].startswith("/api/volumes/")
    assert client.get(pick["picture"])["Content-Type"] == "image/png"
    assert {pick["arm"] for pick in listed["picks"]} == {"random", "chosen"}
    assert (listed["seed"], listed["started_by"]) == (7, cohort.manager.display_name)


def test_the_strategies_say_of_how_many_cases_they_know_anything(cohort, client):
    cohort.open_case()
    told = client.get("/api/projects/study/strategies").data
    assert (told["model"], told["cases"], told["patients"]) == (1, 6, 6)
    cases = {offer["strategy"]: offer["cases"] for offer in told["strategies"]}
    assert cases == {"random": 6, "in_order": 6} | dict.fromkeys(set(cases) - {"random", "in_order"}, 5)
    assert all(offer["good_for"].endswith(".") for offer in told["strategies"])


def test_before_the_first_model_the_strategies_say_so():
    cohort = Cohort("young")
    cohort.open_case()
    client = APIClient()
    client.force_authenticate(cohort.manager)
    told = client.get("/api/projects/young/strategies").data
    assert told["model"] is None
    known = {offer["strategy"]: offer["cases"] for offer in told["strategies"] if offer["cases"]}
    assert known == {"random": 1, "in_order": 1}


@pytest.mark.parametrize(
    "change", [{"strategy": "best"}, {"size": 1}, {"size": 501}, {"random_share": 2}, {"seed": -1}, {"seed": 2**53}]
)
def test_a_wish_that_makes_no_sense_is_refused(client, change):
    for route in ("batches", "batches/preview"):
        assert client.post(f"/api/projects/study/{route}", WISH | change, format="json").status_code == 400
    assert not Batch.objects.exists()


def test_a_list_of_many_batches_costs_as_many_queries_as_one_of_few(client):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get("/api/projects/study/batches")
        return len(captured)

    client.post("/api/projects/study/batches", WISH, format="json")
    few = queries()
    for seed in range(3):
        client.post("/api/projects/study/batches", WISH | {"seed": seed}, format="json")
    assert queries() == few <= 6
