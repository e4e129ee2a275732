import pytest

from backend.accounts import selectors, services
from backend.accounts.models import Membership, Project, User
from backend.accounts.permissions import PHRASES, require
from backend.accounts.roles import ROLE_CAPABILITIES, Capability, Role, capabilities_of
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests.backend.cohort import Cohort


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("capability", Capability)
def test_a_member_may_do_what_the_role_says_and_nothing_else(cohort, role, capability):
    user = getattr(cohort, role.value)
    if capability in ROLE_CAPABILITIES[role]:
        assert require(user, cohort.project, capability).role == role
    else:
        with pytest.raises(NotAllowed, match=PHRASES[capability]):
            require(user, cohort.project, capability)


@pytest.mark.parametrize("capability", Capability)
def test_somebody_of_another_project_does_not_even_learn_that_this_one_exists(cohort, capability):
    with pytest.raises(NotFound):
        require(Cohort("elsewhere").manager, cohort.project, capability)


def test_being_a_superuser_of_django_opens_no_project(cohort):
    root = User.objects.create(username="root", is_superuser=True, is_staff=True)
    with pytest.raises(NotFound):
        require(root, cohort.project, Capability.VIEW_CASES)


def test_every_role_sees_cases_and_no_role_both_manages_and_reviews():
    for role in Role:
        held = capabilities_of(role)
        assert Capability.VIEW_CASES in held
        assert not {Capability.MANAGE_CASES, Capability.REVIEW} <= held
    assert frozenset().union(*ROLE_CAPABILITIES.values()) == frozenset(Capability)
    assert set(PHRASES) == set(Capability)


def test_a_project_is_found_by_its_slug_only_by_those_who_may(cohort):
    assert selectors.project_for(cohort.annotator, "study", Capability.DRAW) == cohort.project
    with pytest.raises(NotAllowed):
        selectors.project_for(cohort.annotator, "study", Capability.EXPORT)
    with pytest.raises(NotFound):
        selectors.project_for(cohort.annotator, "nowhere", Capability.DRAW)


def test_who_makes_a_project_becomes_its_manager(db):
    user = User.objects.create(username="founder")
    project = services.create_project(name="New", slug="new", actor=user)
    assert Membership.objects.get(project=project, user=user).role == Role.MANAGER
    actions = AuditEvent.objects.filter(project_id=project.pk).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["project.created", "member.added"]
    with pytest.raises(Conflict, match="new"):
        services.create_project(name="Another", slug="new")
    assert Project.objects.filter(slug="new").count() == 1


def test_a_member_has_one_role_and_each_change_of_it_is_told(cohort):
    user = User.objects.create(username="someone")
    for role in (Role.ANNOTATOR, Role.RADIOLOGIST, Role.RADIOLOGIST):
        services.add_member(project=cohort.project, user=user, role=role, actor=cohort.manager)
    assert Membership.objects.get(project=cohort.project, user=user).role == Role.RADIOLOGIST
    told = AuditEvent.objects.filter(action__startswith="member.").order_by("pk")
    assert [event.action for event in told] == ["member.added", "member.changed"]
    assert (told[1].detail["before"], told[1].detail["role"]) == ("annotator", "radiologist")


def test_who_leaves_a_project_sees_it_no_more_but_stays_in_its_history(cohort):
    services.remove_member(project=cohort.project, user=cohort.annotator, actor=cohort.manager)
    with pytest.raises(NotFound):
        require(cohort.annotator, cohort.project, Capability.VIEW_CASES)
    assert AuditEvent.objects.filter(action="member.removed", actor_id=cohort.manager.pk).count() == 1
    with pytest.raises(InvalidInput, match="not a member"):
        services.remove_member(project=cohort.project, user=cohort.annotator)


def test_the_members_of_a_project_are_listed_for_its_members(cohort, as_user, django_assert_max_num_queries):
    client = as_user(cohort.annotator)
    with django_assert_max_num_queries(5):
        rows = client.get("/api/projects/study/members").json()["results"]
    assert [(row["username"], row["role"]) for row in rows] == [
        (f"study-{role}", role) for role in ("annotator", "radiologist", "manager", "scientist")
    ]
    assert set(rows[0]) == {"id", "user", "username", "role", "created_at"}
