"""Every role on every route. The routes come from the OpenAPI schema: one that permissions.csv lacks fails here.

A row names the method, the route, the subject (which of the world's things the route's id means; the usual one where
empty) and the status that each role gets. Each request is undone before the next.
"""

import csv
import re
import uuid
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from backend.annotation import services as annotation
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.masks import store_mask
from backend.api.views import unknown_route
from backend.evaluation.models import Evaluation
from backend.exports import services as exports
from backend.exports.writing import write_file
from backend.imaging.derived import services as derived
from backend.imaging.derived.recipes import digest_of
from backend.imaging.models import HeldStudy, ImportRun, Registration, Volume
from backend.imaging.registration.moving import fields_of
from backend.imaging.uploads.manifest import Manifest
from backend.imaging.uploads.services import open_upload
from backend.learning.models import ModelVersion, Round, Run
from backend.learning.states import RoundState, RunKind, RunState
from tests.backend.annotation.found import like_duke
from tests.backend.annotation.wire import TYPE, packed
from tests.backend.cohort import EVERY_TICK, SHAPE_ZYX, Cohort, add_patient, draw, some_labels
from tests.backend.learning.scored import score

ROLES = ["anonymous", "outsider", "annotator", "radiologist", "manager", "scientist"]
with (Path(__file__).parent / "permissions.csv").open() as file:
    ROWS = list(csv.DictReader(file))

A_FILE = {"names": ["a.dcm"], "sizes": [1], "modified": [0]}
TUS = {"Tus-Resumable": "1.0.0"}

A_BATCH = {"strategy": "random", "size": 2, "random_share": 0.5, "seed": 1}
FIGURES = ("before", "after", "mean_mm", "p95_mm", "max_mm", "shrink", "swell")
A_MOVEMENT = {"index": 0, "label": "", "better": True, "words": ""} | dict.fromkeys(FIGURES, 1.0)


class World:
    """A project with one of everything, and somebody who manages another project."""

    def __init__(self):
        cohort = self.cohort = Cohort("study")
        self.users = {role: getattr(cohort, role) for role in ROLES[2:]}
        self.users |= {"anonymous": None, "outsider": Cohort("elsewhere").manager}
        self.tasks = {
            "open": cohort.open_case(),
            "benchmark": cohort.open_case("BENCHMARK"),
            "in_progress": draw(cohort.open_case(), cohort.annotator, some_labels()),
            "submitted": self.submitted_by(cohort.annotator),
            "drawn_by_radiologist": self.submitted_by(cohort.radiologist),
            "approved": cohort.approved_case(),
            "drafted": self.drafted_for(cohort.annotator),
        }
        cohort.approved_case("BENCHMARK")
        cohort.approved_case()
        self.snapshot = exports.freeze_snapshot(project=cohort.project, actor=cohort.manager)
        self.file = exports.request_file(snapshot=self.snapshot, actor=cohort.manager, file_format="nnunet")
        write_file(file_id=self.file.pk)
        cohort.approved_case()  # so that another snapshot has something new
        self.patients = {"pool": self.tasks["open"].patient, "unassigned": add_patient(cohort.project, None)}
        self.run_of_import = ImportRun.objects.create(
            project=cohort.project, source="upload", folder="", asked_at=timezone.now()
        )
        self.held = HeldStudy.objects.create(run=self.run_of_import, reasons=[], files=1, folder="somewhere")
        listed = Manifest.from_json(A_FILE | {"names": ["another"]})
        self.upload, _ = open_upload(user=cohort.manager, project=cohort.project, manifest=listed, partition="")
        self.found_masks = {name: like_duke(self.tasks[name].volume)[0] for name in ("open", "approved")}
        self.round = Round.objects.create(
            project=cohort.project, number=1, state=RoundState.FAILED, preset="smoke", snapshot=self.snapshot
        )
        evaluation = Evaluation.objects.create(project=cohort.project, cases=0)
        ModelVersion.objects.create(
            project=cohort.project,
            number=1,
            round=self.round,
            evaluation=evaluation,
            weights_bytes=1,
            folder="a-model",
            channels=[{"phase": 0, "minus": None}],
            training_cases=1,
            result={},
        )
        for name in ("plans.json", "dataset.json"):
            (Path(django_settings.RUN_DIR) / "a-model").mkdir(parents=True, exist_ok=True)
            (Path(django_settings.RUN_DIR) / "a-model" / name).write_text("{}")
        self.tasks["predicted"] = self.predicted_by(ModelVersion.objects.get(project=cohort.project))
        self.run = Run.objects.create(round=self.round, kind=RunKind.TRAIN, state=RunState.FAILED)
        volume = self.tasks["open"].volume
        Volume.objects.filter(pk=volume.pk).update(thumbnail=self.a_picture(), projection=self.a_picture())
        channel = derived.derive(user=cohort.manager, volume=volume, key="dce_in")
        derived.make(derived_id=channel.pk)
        self.registrations = {state: self.a_registration(state) for state in ("waiting", "ready", "in_use")}

    def submitted_by(self, user):
        task = draw(self.cohort.open_case(), user, some_labels())
        return annotation.submit(user=user, task=task, revision=1, accepted=EVERY_WARNING)

    def drafted_for(self, user):
        task = self.cohort.open_case()
        mask = store_mask(volume=task.volume, labels=some_labels())
        annotation.offer_proposal(task=task, mask=mask, model_version_id=1, source="model 1")
        return annotation.claim(user=user, task=task)

    def predicted_by(self, model):
        task = self.cohort.open_case()
        score(model, task.volume, 0.5)
        return task

    def a_picture(self):
        return self.tasks["open"].volume.phases.get(index=0).chunks[0]  # any blob: only who gets it matters here

    def a_registration(self, state):
        volume = self.cohort.open_case().volume
        phases = list(volume.phases.all())
        fields = [fields_of(phase) for phase in phases]
        return Registration.objects.create(
            volume=volume,
            method="rigid",
            state="waiting" if state == "waiting" else "ready",
            inputs=[digest_of(phase) for phase in phases],
            phases=fields,
            originals=fields if state == "in_use" else [],
            in_use=state == "in_use",
            report=[A_MOVEMENT],
            pictures={"0": {"before": self.a_picture()}},
        )

    def address(self, route, subject):
        """The route with the ids of its subject."""
        ids = {
            "/api/patients/": lambda: self.patients[subject].pk,
            "/api/volumes/": lambda: self.tasks["open"].volume_id,
            "/api/uploads/": lambda: self.upload.token,
            "/api/registrations/": lambda: self.registrations[subject].pk,
            "/api/imports/": lambda: self.run_of_import.pk,
            "/api/found-masks/": lambda: self.found_masks[subject].pk,
            "/api/held-studies/": lambda: self.held.pk,
            "/api/tasks/": lambda: self.tasks[subject].pk,
            "/api/snapshots/": lambda: self.snapshot.pk,
            "/api/dataset-files/": lambda: self.file.pk,
            "/api/rounds/": lambda: self.round.pk,
            "/api/runs/": lambda: self.run.pk,
        }
        filled = route
        words = {"slug": "study", "index": "0", "number": "0", "model": "1", "segment": "1", "key": "dce_in"}
        words |= {"plane": "axial", "picture": "before"}
        for word, value in words.items():
            filled = filled.replace(f"{{{word}}}", value)
        for start, number in ids.items():
            if route.startswith(start):
                filled = re.sub(r"\{\w+\}", str(number()), filled, count=1)
        assert "{" not in filled, f"say in World.address which thing {route} means"
        return filled

    def request(self, method, route, subject):
        """Arguments of a request that somebody with every permission would be answered."""
        json = {"content_type": "application/json"}
        special = {
            ("POST", "/api/session"): {"data": {"username": "nobody", "password": "nothing"}} | json,
            ("POST", "/api/patients/{patient_id}/partition"): {"data": {"partition": "POOL"}} | json,
            ("POST", "/api/projects/{slug}/uploads"): {"data": {"files": A_FILE}} | json,
            ("PATCH", "/api/uploads/{token}"): {
                "data": b"x",
                "content_type": "application/offset+octet-stream",
                "headers": TUS | {"Upload-Offset": "0"},
            },
            ("DELETE", "/api/uploads/{token}"): {"headers": TUS},
            ("POST", "/api/volumes/{volume_id}/phase-order"): {"data": {"order": [1, 0], "reason": "r"}} | json,
            ("POST", "/api/volumes/{volume_id}/registrations"): {"data": {"method": "rigid"}} | json,
            ("POST", "/api/projects/{slug}/models/{model}/promote"): {"data": {"reason": "r"}} | json,
            ("POST", "/api/projects/{slug}/models/{model}/retire"): {"data": {"reason": "r"}} | json,
            ("POST", "/api/projects/{slug}/models/import"): {
                "data": {"file": SimpleUploadedFile("m.zip", b"no model"), "channels": '[{"phase": 0}]'}
            },
            ("POST", "/api/volumes/{volume_id}/derived"): {"data": {"key": "phase1-phase0"}} | json,
            ("POST", "/api/patients/{patient_id}/merge"): {"data": {"other": self.patients["pool"].pk}} | json,
            ("POST", "/api/patients/{patient_id}/tell-apart"): {"data": {"other": self.patients["pool"].pk}} | json,
            ("POST", "/api/projects/{slug}/identities/search"): {"data": {"identifier": "7"}} | json,
            ("POST", "/api/tasks/{id}/slices"): {"data": {"slices": [1, 3]}} | json,
            ("POST", "/api/tasks/{id}/activity"): {"data": {"key": "a", "seconds": 5, "span_s": 9}} | json,
            ("POST", "/api/tasks/{id}/submit"): {"data": {"revision": 1, "accepted": EVERY_TICK}} | json,
            ("PUT", "/api/projects/{slug}/checks"): {"data": {"rules": None}} | json,
            ("POST", "/api/tasks/{id}/approve"): {"data": {"revision": 1}} | json,
            ("POST", "/api/tasks/{id}/return"): {"data": {"revision": 1, "reason": "Too wide."}} | json,
            ("PATCH", "/api/tasks/{id}/mask"): {
                "data": packed({1: np.full(SHAPE_ZYX[1:], 5, np.uint8)}),
                "content_type": TYPE,
                "headers": {"If-Match": '"1"', "Idempotency-Key": str(uuid.uuid4())},
            },
            ("POST", "/api/volumes/{volume_id}/found-masks"): {
                "data": {"file": SimpleUploadedFile("a.npy", b"no mask")}
            },
            ("POST", "/api/found-masks/{id}/apply"): {
                "data": {"labels": [{"segment": n, "label": int(n < 3)} for n in (1, 2, 3, 4)]}
            }
            | json,
            ("POST", "/api/projects/{slug}/rounds"): {"data": {"preset": "smoke"}} | json,
            ("POST", "/api/projects/{slug}/batches"): {"data": A_BATCH} | json,
            ("POST", "/api/projects/{slug}/batches/preview"): {"data": A_BATCH} | json,
            ("POST", "/api/snapshots/{id}/files"): {"data": {"format": "nnunet"}} | json,
        }
        return special.get((method, route), {} if method == "GET" else json)

    def status(self, method, route, subject, role):
        """Status that a role gets; whatever the request changed is undone."""
        with transaction.atomic():
            if subject == "running":
                Round.objects.filter(pk=self.round.pk).update(state=RoundState.TRAINING)
                Run.objects.filter(pk=self.run.pk).update(state=RunState.QUEUED)
            client = Client()
            if self.users[role] is not None:
                client.force_login(self.users[role])
            url = self.address(route, subject)
            answer = getattr(client, method.lower())(url, **self.request(method, route, subject))
            transaction.set_rollback(True)
        if answer.status_code >= 400:
            assert set(answer.json()) == {"code", "message", "detail"}, f"{method} {url}: {answer.content}"
        if answer.streaming:
            b"".join(answer)  # read to its end, the file is closed
        return answer.status_code


@pytest.fixture
def world(db, settings, tmp_path):
    for name in ("BLOB_DIR", "RUN_DIR", "EXPORT_DIR", "UPLOAD_DIR", "QUARANTINE_DIR"):
        setattr(settings, name, tmp_path / name.lower())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return World()


def test_each_role_gets_what_the_matrix_says(world):
    wrong = []
    for row in ROWS:
        for role in ROLES:
            got = world.status(row["method"], row["route"], row["subject"], role)
            if got != int(row[role]):
                what = f"{row['method']} {row['route']} {row['subject']}".strip()
                wrong.append(f"{what} by {role}: {row[role]} is listed, {got} was the answer")
    assert wrong == []


def test_the_matrix_lists_every_route_and_no_other():
    schema = SchemaGenerator(urlconf=django_settings.ROOT_URLCONF).get_schema(request=None, public=True)
    routes = {(method.upper(), route) for route, methods in schema["paths"].items() for method in methods}
    listed = {(row["method"], row["route"]) for row in ROWS}
    assert routes - listed == set(), "routes without a row in tests/permissions.csv"
    assert listed - routes == set(), "rows in tests/permissions.csv without a route"


def test_no_route_hides_from_the_schema():
    schema = SchemaGenerator(urlconf=django_settings.ROOT_URLCONF).get_schema(request=None, public=True)
    told = {re.sub(r"\{\w+\}", "{}", route) for route in schema["paths"]}
    hidden = set()
    for route, view in _views(get_resolver().url_patterns, ""):
        if route.startswith("/api/") and view not in {SpectacularAPIView, unknown_route}:
            hidden |= {re.sub(r"<[^>]+>", "{}", route)} - told
    assert hidden == set()


def test_outsiders_and_the_signed_out_are_turned_away_everywhere():
    of_nobodys_project = {"/api/session", "/api/deidentification", "/api/presets"}
    for row in ROWS:
        if row["route"] not in of_nobodys_project:
            assert (row["anonymous"], row["outsider"]) == ("401", "404"), row


def _views(patterns, start):
    for pattern in patterns:
        route = start + str(pattern.pattern) if start else "/" + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, getattr(pattern.callback, "view_class", pattern.callback)
        else:
            yield from _views(pattern.url_patterns, route)
