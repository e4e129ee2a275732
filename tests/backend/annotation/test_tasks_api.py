import pytest

from backend.accounts.roles import Role
from backend.annotation import services
from backend.annotation.checking import EVERY_WARNING
from tests.backend.cohort import Cohort, add_member, approve, draw, some_labels


def listed(client, slug="study", **asked):
    answer = client.get(f"/api/projects/{slug}/tasks", asked)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_a_task_says_all_that_a_page_shows_of_it(cohort, as_user):
    task = cohort.open_case()
    body = as_user(cohort.annotator).get(f"/api/tasks/{task.pk}").json()
    body.pop("updated_at")
    assert body == {
        "id": task.pk,
        "project": "study",
        "patient": {"id": task.patient_id, "pseudonym": "NF-0001"},
        "volume_id": task.volume_id,
        "is_benchmark": False,
        "reading": 1,
        "state": "open",
        "assignee": None,
        "head": None,
        "proposal": None,
        "slices": None,
        "active_s": 0,
        "corrected": None,
        "place": None,
        "actions": ["claim"],
        "last_review": None,
        "thumbnail": f"/api/volumes/{task.volume_id}/thumbnail",
    }


def test_each_person_is_told_what_they_may_do_now(cohort, as_user):
    task = draw(cohort.open_case(), cohort.annotator, some_labels())

    def actions(user):
        return as_user(user).get(f"/api/tasks/{task.pk}").json()["actions"]

    assert actions(cohort.annotator) == ["release", "save", "submit"]
    assert actions(cohort.radiologist) == []
    assert actions(cohort.manager) == ["withdraw", "ask"]
    services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
    assert actions(cohort.radiologist) == ["approve", "return"]
    assert actions(cohort.annotator) == []
    services.approve(user=cohort.radiologist, task=task, revision=1)
    assert actions(cohort.manager) == ["reopen"]
    assert actions(cohort.scientist) == []


def test_the_worklist_narrows_by_state_mine_and_review(cohort, as_user):
    waiting = cohort.open_case()
    drawn = draw(cohort.open_case(), cohort.annotator, some_labels())
    sent = draw(cohort.open_case(), cohort.annotator, some_labels())
    services.submit(user=cohort.annotator, task=sent, revision=1, accepted=EVERY_WARNING)
    own = draw(cohort.open_case(), cohort.radiologist, some_labels())
    services.submit(user=cohort.radiologist, task=own, revision=1, accepted=EVERY_WARNING)
    annotator, radiologist = as_user(cohort.annotator), as_user(cohort.radiologist)
    assert listed(annotator) == [waiting.pk, drawn.pk, sent.pk, own.pk]
    assert listed(annotator, state="open") == [waiting.pk]
    assert listed(annotator, mine="1") == [drawn.pk, sent.pk]
    assert listed(annotator, review="1") == []
    assert listed(radiologist, review="1") == [sent.pk]
    assert listed(radiologist, state="submitted") == [sent.pk, own.pk]
    assert annotator.get("/api/projects/study/tasks", {"state": "lost"}).status_code == 400


def test_the_counts_agree_with_the_lists(cohort, as_user):
    cohort.open_case()
    draw(cohort.open_case(), cohort.annotator, some_labels())
    sent = draw(cohort.open_case(), cohort.annotator, some_labels())
    services.submit(user=cohort.annotator, task=sent, revision=1, accepted=EVERY_WARNING)
    cohort.approved_case()
    services.withdraw(user=cohort.manager, task=cohort.open_case())
    Cohort("elsewhere").open_case()
    for user in (cohort.annotator, cohort.radiologist, cohort.scientist):
        client = as_user(user)
        counts = client.get("/api/projects/study/tasks/counts").json()
        for state in ("open", "in_progress", "submitted", "approved", "withdrawn"):
            assert counts[state] == len(listed(client, state=state)) == 1
        assert counts["to_review"] == len(listed(client, review="1"))
        assert counts["mine"] == len(listed(client, mine="1", state="in_progress"))
    assert as_user(cohort.radiologist).get("/api/projects/study/tasks/counts").json()["to_review"] == 1


def test_pages_follow_one_another_without_gap_or_repetition(cohort, as_user):
    tasks = [cohort.open_case().pk for _ in range(5)]
    client, seen, url = as_user(cohort.annotator), [], "/api/projects/study/tasks?page_size=2"
    while url:
        page = client.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == tasks


def test_a_page_of_many_cases_takes_no_more_queries_than_one(cohort, as_user, django_assert_max_num_queries):
    for _ in range(6):
        task = draw(cohort.open_case(), cohort.annotator, some_labels())
        services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
        pins = [services.Pin(z=1, text="Here."), services.Pin(z=2, y=3, x=4, text="And here.")]
        services.return_task(user=cohort.radiologist, task=task, revision=1, reason="Too wide.", remarks=pins)
    client = as_user(cohort.annotator)
    with django_assert_max_num_queries(8):  # session, user, project, membership, tasks, reviews, remarks
        rows = client.get("/api/projects/study/tasks").json()["results"]
    assert len(rows) == 6
    assert len(rows[5]["last_review"]["remarks"]) == 2


@pytest.mark.parametrize("route", ["tasks", "tasks/counts"])
def test_who_is_not_in_a_project_finds_no_project(cohort, as_user, route):
    outsider = Cohort("elsewhere").manager
    assert as_user(outsider).get(f"/api/projects/study/{route}").status_code == 404
    assert as_user(outsider).get(f"/api/tasks/{cohort.open_case().pk}").status_code == 404


def test_next_gives_the_oldest_open_case_once_and_then_ones_own(cohort, as_user):
    first, second = cohort.open_case(), cohort.open_case()
    client, other = as_user(cohort.annotator), as_user(cohort.radiologist)
    url = "/api/projects/study/tasks/next"
    got = client.post(url).json()
    assert (got["id"], got["state"], got["assignee"]["id"]) == (first.pk, "in_progress", cohort.annotator.pk)
    assert client.post(url).json()["id"] == first.pk
    assert other.post(url).json()["id"] == second.pk
    third = as_user(add_member(cohort.project, "third", Role.ANNOTATOR)).post(url)
    assert (third.status_code, third.json()["code"]) == (404, "not_found")


def test_next_gives_a_returned_case_back_before_a_new_one(cohort, as_user):
    task = draw(cohort.open_case(), cohort.annotator, some_labels())
    cohort.open_case()
    services.submit(user=cohort.annotator, task=task, revision=1, accepted=EVERY_WARNING)
    services.return_task(user=cohort.radiologist, task=task, revision=1, reason="Too wide.")
    got = as_user(cohort.annotator).post("/api/projects/study/tasks/next").json()
    assert got["id"] == task.pk
    assert got["last_review"]["reason"] == "Too wide."


def test_next_is_for_those_who_draw(cohort, as_user):
    cohort.open_case()
    assert as_user(cohort.manager).post("/api/projects/study/tasks/next").status_code == 403


def test_approving_over_http_tells_who_may_not(cohort, as_user):
    task = draw(cohort.open_case(), cohort.radiologist, some_labels())
    services.submit(user=cohort.radiologist, task=task, revision=1, accepted=EVERY_WARNING)
    answer = as_user(cohort.radiologist).post(
        f"/api/tasks/{task.pk}/approve", {"revision": 1}, content_type="application/json"
    )
    assert answer.status_code == 403
    assert answer.json()["message"] == "You drew in this case; somebody else has to approve it."


def test_an_approved_case_lists_as_approved(cohort, as_user):
    task = draw(cohort.open_case(), cohort.annotator, some_labels())
    approve(task, cohort.annotator, cohort.radiologist)
    assert listed(as_user(cohort.scientist), state="approved") == [task.pk]


def test_the_history_is_read_from_either_end(cohort, as_user):
    task = draw(cohort.open_case(), cohort.annotator, some_labels())
    services.save(user=cohort.annotator, task=task, base=1, key="k", slices={1: some_labels()[2]})
    history = f"/api/tasks/{task.pk}/revisions"
    client = as_user(cohort.annotator)
    assert [row["number"] for row in client.get(history).json()["results"]] == [1, 2]
    newest = client.get(history, {"newest": "true", "page_size": 1}).json()
    assert [row["number"] for row in newest["results"]] == [2]
    assert [row["number"] for row in client.get(newest["next"]).json()["results"]] == [1]


def test_a_page_that_asks_again_for_a_task_that_is_as_it_was_gets_no_body(cohort, as_user):
    task = draw(cohort.open_case(), cohort.annotator, some_labels())
    client = as_user(cohort.annotator)
    etag = client.get(f"/api/tasks/{task.pk}").headers["ETag"]
    again = client.get(f"/api/tasks/{task.pk}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    services.release(user=cohort.annotator, task=task)
    assert client.get(f"/api/tasks/{task.pk}", headers={"If-None-Match": etag}).status_code == 200
