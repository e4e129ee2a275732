import pytest
from django.db import IntegrityError, connection, transaction

from backend.audit.models import AuditEvent, record


@pytest.fixture
def event(cohort):
    return record(actor=cohort.manager, action="thing.done", project_id=1, subject=cohort.project, how="well")


def test_an_event_says_who_did_what_to_what(event, cohort):
    kept = AuditEvent.objects.get(pk=event.pk)
    assert (kept.actor_id, kept.actor_name) == (cohort.manager.pk, "study-manager")
    assert (kept.object_type, kept.object_id) == ("project", str(cohort.project.pk))
    assert (kept.action, kept.detail) == ("thing.done", {"how": "well"})


def test_what_the_platform_does_itself_is_written_as_such(cohort):
    event = record(actor=None, action="thing.done", project_id=None, subject=cohort.project)
    assert (event.actor_id, event.actor_name) == (None, "system")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor_name = 'somebody else'",
        "UPDATE audit_auditevent SET at = now()",
        "DELETE FROM audit_auditevent",
    ],
)
def test_the_database_refuses_to_rewrite_history(event, statement):
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get(pk=event.pk).actor_name == "study-manager"


def test_an_event_outlives_what_it_speaks_of(event, cohort):
    cohort.scientist.delete()
    assert AuditEvent.objects.filter(pk=event.pk).exists()


def test_what_is_undone_leaves_no_event(cohort):
    with transaction.atomic():
        record(actor=None, action="thing.undone", project_id=None, subject=cohort.project)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.filter(action="thing.undone").exists()
