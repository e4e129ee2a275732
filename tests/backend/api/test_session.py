from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import SignInAttempt, User
from backend.accounts.roles import ROLE_CAPABILITIES, Role
from backend.annotation.labels import DEFAULT_LABELS
from backend.audit.models import AuditEvent
from tests.backend.cohort import Cohort, add_member

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user(cohort):
    user = cohort.annotator
    user.set_password(PASSWORD)
    user.first_name, user.last_name = "Ada", "Lovelace"
    user.save()
    return user


def sign_in(client, username, password=PASSWORD, **headers):
    given = {"username": username, "password": password}
    return client.post("/api/session", given, content_type="application/json", headers=headers)


def test_signing_in_says_who_one_is_and_what_one_may_do(user, cohort):
    client = Client()
    assert client.get("/api/session").status_code == 401
    body = sign_in(client, user.username).json()
    assert body["user"] == {"id": user.pk, "username": user.username, "display_name": "Ada Lovelace"}
    assert body["projects"] == [
        {
            "id": cohort.project.pk,
            "slug": "study",
            "name": "Study",
            "role": "annotator",
            "capabilities": sorted(ROLE_CAPABILITIES[Role.ANNOTATOR]),
            "labels": [label.to_json() for label in DEFAULT_LABELS],
        }
    ]
    assert client.get("/api/session").json() == body
    assert AuditEvent.objects.filter(action="session.opened", actor_id=user.pk).count() == 1


def test_signing_out_ends_the_session(user):
    client = Client()
    sign_in(client, user.username)
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/session").status_code == 401
    assert client.delete("/api/session").status_code == 204


@pytest.mark.parametrize(("name", "password"), [("study-annotator", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(user, name, password):
    answer = sign_in(Client(), name or "nobody", password or "x")
    assert (answer.status_code, answer.json()) == (
        400,
        {"code": "invalid", "message": "Wrong user name or password.", "detail": {}},
    )


def test_somebody_who_was_locked_out_cannot_sign_in(user):
    user.is_active = False
    user.save()
    assert sign_in(Client(), user.username).status_code == 400


def test_the_eleventh_attempt_within_a_minute_is_refused_even_with_the_right_password(user):
    for _ in range(10):
        assert sign_in(Client(), user.username, "wrong").status_code == 400
    answer = sign_in(Client(), user.username)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert answer.json()["detail"]["retry_after_s"] == 60


def test_attempts_count_per_name_and_per_address(user, cohort):
    for _ in range(11):
        sign_in(Client(), user.username.upper(), "wrong")
    cohort.radiologist.set_password(PASSWORD)
    cohort.radiologist.save()
    assert sign_in(Client(), cohort.radiologist.username).status_code == 200
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9"), user.username).status_code == 200
    assert sign_in(Client(), user.username).status_code == 429


def test_attempts_are_forgotten_after_a_minute_and_after_a_success(user):
    for _ in range(9):
        sign_in(Client(), user.username, "wrong")
    assert sign_in(Client(), user.username).status_code == 200
    assert not SignInAttempt.objects.exists()
    for _ in range(11):
        sign_in(Client(), user.username, "wrong")
    SignInAttempt.objects.update(at=timezone.now() - timedelta(seconds=61))
    assert sign_in(Client(), user.username).status_code == 200


def test_nothing_typed_at_the_door_is_kept_in_clear(user):
    sign_in(Client(), "my-password-by-mistake", "hunter22")
    kept = SignInAttempt.objects.get()
    assert len(kept.key) == 64
    assert "mistake" not in kept.key


def test_the_door_itself_asks_for_the_token_against_forged_requests(user):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, user.username).status_code == 403
    assert client.get("/api/session").status_code == 401
    token = client.cookies["csrftoken"].value
    assert sign_in(client, user.username, **{"X-CSRFToken": token}).status_code == 200


def test_a_signed_in_browser_needs_the_token_for_every_change(user, cohort):
    task = cohort.open_case()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    url = f"/api/tasks/{task.pk}/claim"
    refused = client.post(url, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    client.get("/api/session")
    token = client.cookies["csrftoken"].value
    allowed = client.post(url, content_type="application/json", headers={"X-CSRFToken": token})
    assert allowed.status_code == 200


def test_cookies_keep_scripts_and_other_sites_out(user):
    client = Client()
    sign_in(client, user.username)
    session = client.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"


def test_many_projects_take_no_more_queries_than_one(user, cohort, as_user, django_assert_max_num_queries):
    for number in range(5):
        add_member_again(Cohort(f"more{number}"), user)
    client = as_user(user)
    with django_assert_max_num_queries(3):
        assert len(client.get("/api/session").json()["projects"]) == 6


def add_member_again(cohort, user):
    stranger = add_member(cohort.project, f"{cohort.project.slug}-x", Role.ANNOTATOR)
    stranger.memberships.update(user=user)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"username": 1}', b'{"username": "a\\u0000", "password": "b"}', b""])
def test_a_body_that_makes_no_sense_is_told_and_breaks_nothing(db, body):
    answer = Client().post("/api/session", body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "detail"}


def test_users_without_a_full_name_go_by_their_user_name(db):
    assert User(username="grace").display_name == "grace"
