"""Existing masks over HTTP."""

from tests.backend.annotation.found import like_duke

ALL_DECIDED = [
    {"segment": 1, "label": 1},
    {"segment": 2, "label": 1},
    {"segment": 3, "label": 0},
    {"segment": 4, "label": 0},
]


def post(client, url, body=None):
    return client.post(url, body or {}, content_type="application/json")


def test_the_list_narrows_by_patient_study_volume_and_state(cohort, as_user):
    tasks = [cohort.open_case(), cohort.open_case()]
    found = [like_duke(task.volume)[0] for task in tasks]
    client = as_user(cohort.manager)

    def listed(**asked):
        return [row["id"] for row in client.get("/api/projects/study/found-masks", asked).json()["results"]]

    assert listed() == [found[0].pk, found[1].pk]
    for name, value in {
        "patient": tasks[1].patient_id,
        "study": tasks[1].volume.study_id,
        "volume": tasks[1].volume_id,
    }.items():
        assert listed(**{name: value}) == [found[1].pk]
    assert listed(state="stored") == []
    row = client.get("/api/projects/study/found-masks").json()["results"][0]
    row.pop("created_at")
    assert row == {
        "id": found[0].pk,
        "patient": {"id": tasks[0].patient_id, "pseudonym": "NF-0001"},
        "volume_id": tasks[0].volume_id,
        "volume_name": "DCE",
        "series_id": None,
        "source": "DICOM SEG, binary",
        "state": "waiting",
        "segments": 4,
        "remarks": [],
    }


def test_the_list_costs_the_same_whatever_its_length(cohort, as_user, django_assert_num_queries):
    client = as_user(cohort.manager)
    like_duke(cohort.open_case().volume)
    client.get("/api/projects/study/found-masks")
    for _ in range(3):
        like_duke(cohort.open_case().volume)
    with django_assert_num_queries(5):
        assert len(client.get("/api/projects/study/found-masks").json()["results"]) == 4


def test_segments_come_with_what_they_may_mean(cohort, as_user):
    task = cohort.open_case()
    found, _ = like_duke(task.volume)
    body = as_user(cohort.manager).get(f"/api/found-masks/{found.pk}").json()
    assert body["segments"][0] == {
        "number": 1,
        "name": "Mammary Fibroglandular Tissue",
        "concept": "Mammary Fibroglandular Tissue",
        "algorithm": "MANUAL",
        "voxels": 16,
        "first_slice": 0,
        "last_slice": 0,
        "label": None,
        "suggestion": {"label": 1, "by": "code"},
    }
    assert [s["suggestion"] for s in body["segments"]] == [{"label": 1, "by": "code"}] * 2 + [None, None]
    assert body["overlaps"] == [{"segments": [2, 3], "voxels": 4}]
    assert body["case"] == {"task_id": task.pk, "is_benchmark": False, "holds_import": False}
    assert (body["blocked"], body["note"]) == ("", "")


def test_a_segment_says_where_it_lies(cohort, as_user):
    found, _ = like_duke(cohort.open_case().volume)
    client = as_user(cohort.manager)
    assert client.get(f"/api/found-masks/{found.pk}/segments/2").json() == {
        "number": 2,
        "voxels": 20,
        "first_zyx": [2, 4, 1],
        "last_zyx": [2, 8, 4],
        "slices": [{"z": 2, "voxels": 20}],
    }
    assert client.get(f"/api/found-masks/{found.pk}/segments/9").status_code == 404


def test_applying_answers_with_what_became_of_it(cohort, as_user):
    task = cohort.open_case()
    found, _ = like_duke(task.volume)
    client = as_user(cohort.manager)
    answer = post(client, f"/api/found-masks/{found.pk}/apply", {"labels": ALL_DECIDED})
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["mask"]["state"] == "stored"
    assert [s["label"] for s in body["segments"]] == [1, 1, 0, 0]
    assert body["case"]["holds_import"] is True
    assert body["note"].startswith("Left out: segment 3")
    history = as_user(cohort.annotator).get(f"/api/tasks/{task.pk}/revisions").json()["results"]
    assert (history[0]["origin"], history[0]["source"]) == ("import", "DICOM SEG, binary")
    assert history[0]["note"] == body["note"]


def test_what_a_decision_lacks_is_told_in_a_form_a_program_can_use(cohort, as_user):
    client = as_user(cohort.manager)
    found, _ = like_duke(cohort.open_case("BENCHMARK").volume)
    url = f"/api/found-masks/{found.pk}/apply"
    meeting = [
        {"segment": 1, "label": 1},
        {"segment": 2, "label": 1},
        {"segment": 3, "label": 5},
        {"segment": 4, "label": 0},
    ]
    answer = post(client, url, {"labels": ALL_DECIDED})
    assert (answer.status_code, answer.json()["detail"]) == (409, {"needs": "drawn_unaided"})
    answer = post(client, url, {"labels": meeting, "drawn_unaided": True})
    assert answer.json()["detail"]["needs"] == "order"
    answer = post(client, url, {"labels": meeting, "drawn_unaided": True, "order": [5, 1]})
    assert answer.status_code == 200
    answer = post(client, url, {"labels": meeting, "drawn_unaided": True, "order": [5, 1]})
    assert (answer.status_code, answer.json()["detail"]) == (409, {"needs": "earlier"})
    answer = post(client, url, {"labels": meeting, "drawn_unaided": True, "order": [5, 1], "earlier": "replace"})
    assert answer.status_code == 200
    for body in ({}, {"labels": []}, {"labels": [*ALL_DECIDED, ALL_DECIDED[0]]}, {"labels": ALL_DECIDED[:2]}):
        assert post(client, url, body).status_code == 400


def test_a_blocked_mask_says_why(cohort, as_user):
    task = cohort.approved_case()
    found, _ = like_duke(task.volume)
    body = as_user(cohort.manager).get(f"/api/found-masks/{found.pk}").json()
    assert body["case"] is None
    assert "Somebody has begun this case (approved)" in body["blocked"]


def test_a_mask_is_discarded_once(cohort, as_user):
    found, _ = like_duke(cohort.open_case().volume)
    client = as_user(cohort.manager)
    for _ in range(2):
        assert post(client, f"/api/found-masks/{found.pk}/discard").json()["mask"]["state"] == "discarded"
