import json

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from backend.api import errors
from backend.api import urls as api_urls
from backend.config import urls as root_urls
from backend.core import errors as domain

SECRET = "relation secret_table does not exist"


class Breaks(APIView):
    permission_classes = (AllowAny,)

    def get(self, request):
        raise DatabaseError(SECRET)


class Breaking:
    """A set of routes of which one breaks, with the product's own error handlers."""

    handler400, handler500 = root_urls.handler400, root_urls.handler500
    urlpatterns = (path("api/breaks", Breaks.as_view()),)


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_an_address_that_no_route_has_is_told_in_json(method):
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/no/such/route")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": "not_found",
        "message": "The API has no route /api/no/such/route.",
        "detail": {},
    }


def test_a_broken_view_tells_nothing_of_the_inside(settings):
    settings.ROOT_URLCONF = Breaking
    answer = Client(raise_request_exception=False).get("/api/breaks")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert "secret" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_a_host_that_is_not_ours_is_refused_in_json(settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    answer = Client().get("/api/session", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_every_kind_of_domain_error_has_a_status_and_a_code_of_its_own():
    kinds = domain.DomainError.__subclasses__()
    assert set(errors.STATUS) == set(kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        answer = errors.exception_response(kind("Sentence.", value=1), {})
        assert answer.status_code == errors.STATUS[kind]
        assert answer.data == {"code": kind.code, "message": "Sentence.", "detail": {"value": 1}}


def test_a_wrong_field_is_named_with_its_rule(cohort, as_user):
    answer = as_user(cohort.annotator).get("/api/projects/study/tasks", {"state": "lost"}).json()
    assert answer["code"] == "invalid"
    assert answer["message"].startswith("state: ")
    assert list(answer["detail"]["fields"]) == ["state"]


def test_a_method_that_a_route_does_not_have_is_told(cohort, as_user):
    answer = as_user(cohort.annotator).delete("/api/projects/study/tasks")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("number", ["99999999999999999999", "9223372036854775808"])
def test_a_number_that_no_row_can_have_is_not_found(cohort, as_user, number):
    assert as_user(cohort.annotator).get(f"/api/tasks/{number}").status_code == 404


def test_a_cursor_that_nobody_gave_out_is_not_found(cohort, as_user):
    assert as_user(cohort.annotator).get("/api/projects/study/tasks", {"cursor": "x"}).status_code == 404


def test_the_schema_is_complete_and_without_warnings(capsys):
    schema = SchemaGenerator(patterns=None, urlconf=root_urls).get_schema(request=None, public=True)
    assert capsys.readouterr().err == ""
    for route, operations in schema["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {route}"
            assert operation["responses"]["default"]["content"]["application/json"]["schema"], where
            assert operation["operationId"], where
    names = [o["operationId"] for operations in schema["paths"].values() for o in operations.values()]
    assert len(names) == len(set(names))
    json.dumps(schema)


def test_nothing_answers_after_the_route_that_answers_all():
    assert str(api_urls.urlpatterns[-1].pattern) == "^"
