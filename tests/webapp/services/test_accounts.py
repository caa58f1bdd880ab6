"""Accounts and profiles below the pages."""

import pytest
from sqlalchemy import select

from webapp.extensions import db
from webapp.models.operations import AuditEntry
from webapp.models.user import Profile, Role, User
from webapp.policies import Forbidden, Person, System
from webapp.queries.accounts import account_by_email, topic_options
from webapp.services.accounts import canonical_email, create_account, grant_role, mark_address_confirmed, register, validated_email
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.services.passwords import hash_password, password_matches, password_problems
from webapp.services.profiles import Details, finish_onboarding, save_details, save_goal, save_interests, save_pace, save_theme
from webapp.services.sessions import sign_out_elsewhere

PASSWORD = "a short sentence of mine"
SYSTEM = System()


def test_an_account_is_made_with_profile_hash_and_audit_entry(app) -> None:
    user = create_account(SYSTEM, " Ada@Example.com ", "Ada   Lovelace", PASSWORD, Role.CREATOR)
    assert (user.email, user.name, user.role) == ("ada@example.com", "Ada Lovelace", Role.CREATOR)
    assert user.password.startswith("$argon2id$")
    assert password_matches(PASSWORD, user.password)
    assert not password_matches(PASSWORD + "!", user.password)
    assert db.session.get(Profile, user.id) is not None
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.subject == f"user:{user.id}"))
    assert (entry.action, entry.detail) == ("account.create", {"role": "creator"})
    assert account_by_email("ADA@example.com").id == user.id


@pytest.mark.parametrize(
    "spellings",
    [
        ("J\u030cana@example.com", "j\u030cana@example.com", "\u01f0ana@example.com"),
        ("H\u0331ala@example.com", "\u1e96ala@example.com"),
        ("ada@B\u00fccher.example", "ADA@XN--BCHER-KVA.EXAMPLE", "ada@bu\u0308cher.example"),
        ("\u2167@example.com", "VIII@example.com"),
    ],
)
def test_spellings_of_one_address_have_one_form_that_is_its_own(spellings: tuple[str, ...]) -> None:
    forms = {validated_email(spelling) for spelling in spellings} | {canonical_email(spelling) for spelling in spellings}
    assert len(forms) == 1
    assert {validated_email(form) for form in forms} == forms


@pytest.mark.parametrize("address", ["\u043e\u043b\u0435\u043d\u0430@example.com", "a\u0301da@example.com", "\u01f0ana@example.com"])
def test_no_account_begins_with_an_address_that_mail_does_not_reach(app, address: str) -> None:
    for begin in (lambda: register(address, "Ada", "*"), lambda: create_account(SYSTEM, address, "Ada", PASSWORD)):
        with pytest.raises(Invalid, match="Mail does not reach this address"):
            begin()
    assert register("ada+tag@b\u00fccher.example", "Ada", "*").email == "ada+tag@b\u00fccher.example"


def test_several_may_wait_for_an_address_and_one_has_it_in_whatever_spelling(app) -> None:
    first, second = register("ada@example.com", "Ada", "*"), register("ＡDA@example.com", "Somebody", "*")
    assert second.email == first.email
    assert account_by_email("ada@example.com").id == first.id
    mark_address_confirmed(second)
    assert account_by_email("ada@example.com").id == second.id
    mark_address_confirmed(first)
    assert first.confirmed_at is None
    with pytest.raises(Conflict):
        create_account(SYSTEM, "ada@EXAMPLE.com", "Third", PASSWORD)


def test_a_role_goes_to_nobody_while_it_is_open_whose_the_address_is(app) -> None:
    first, second = register("ada@example.com", "Ada", "*"), register("ada@example.com", "Somebody", "*")
    with pytest.raises(Conflict):
        grant_role(SYSTEM, "ada@example.com", Role.ADMIN)
    mark_address_confirmed(second)
    assert grant_role(SYSTEM, "Ada@Example.com", Role.ADMIN).id == second.id
    assert first.role is Role.LEARNER


@pytest.mark.parametrize(
    ("email", "name", "password", "field"),
    [("nowhere", "Ada", PASSWORD, "email"), ("a@example.com", " \t", PASSWORD, "name"), ("a@example.com", "Ada", "short", "password")],
)
def test_bad_data_is_refused_by_field(app, email: str, name: str, password: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_account(SYSTEM, email, name, password)
    assert refused.value.field == field


def test_only_administrators_make_accounts_and_give_roles(make_user) -> None:
    actor = Person.of(make_user(role=Role.CREATOR))
    with pytest.raises(Forbidden):
        create_account(actor, "new@example.com", "New", PASSWORD)
    with pytest.raises(Forbidden):
        grant_role(actor, "new@example.com", Role.ADMIN)


def test_a_role_is_given_and_written_down(make_user) -> None:
    admin, user = make_user(role=Role.ADMIN), make_user(email="ada@example.com")
    assert grant_role(Person.of(admin), "Ada@example.com", Role.CREATOR).role == Role.CREATOR
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "account.grant"))
    assert (entry.actor_id, entry.subject, entry.detail) == (admin.id, f"user:{user.id}", {"role": "creator", "before": "learner"})
    with pytest.raises(NotFound):
        grant_role(Person.of(admin), "nobody@example.com", Role.CREATOR)


def test_somebody_stays_administrator(make_user) -> None:
    first = make_user(role=Role.ADMIN)
    make_user(role=Role.ADMIN, active=False)
    with pytest.raises(Conflict):
        grant_role(Person.of(first), first.email, Role.LEARNER)
    make_user(role=Role.ADMIN)
    assert grant_role(Person.of(first), first.email, Role.LEARNER).role == Role.LEARNER


def sign_out_everywhere(actor: Person) -> None:
    sign_out_elsewhere(actor, None)


@pytest.mark.parametrize("call", [sign_out_everywhere, finish_onboarding, lambda actor: save_goal(actor, None)])
def test_a_suspended_account_and_the_system_have_no_profile(make_user, call) -> None:
    for actor in (Person.of(make_user(active=False)), SYSTEM):
        with pytest.raises(Forbidden):
            call(actor)


def test_interests_goal_and_pace_replace_what_was_there(make_user, make_topic, make_goal) -> None:
    user = make_user()
    actor = Person.of(user)
    for name in ("Data", "Design", "Music"):
        make_topic(name)
    goal = make_goal("Data analyst")
    save_interests(actor, ["data", "design"])
    profile = save_interests(actor, ["music", "data"])
    assert {topic.slug for topic in profile.topics} == {"data", "music"}
    assert save_goal(actor, "data-analyst").goal_id == goal.id
    assert save_goal(actor, None).goal_id is None
    assert save_pace(actor, "advanced", 240).weekly_minutes == 240
    save_theme(actor, "dark")
    assert profile.theme == "dark"


def test_someone_imported_without_a_profile_gets_one(db_session) -> None:
    user = User(name="Imported", source="test", external_id="1")
    db_session.add(user)
    db_session.flush()
    assert save_pace(Person.of(user), "beginner", None).user_id == user.id


@pytest.mark.parametrize(
    "call",
    [
        lambda actor: save_interests(actor, ["nonsense"]),
        lambda actor: save_goal(actor, "nonsense"),
        lambda actor: save_pace(actor, "genius", None),
        lambda actor: save_pace(actor, None, 5),
        lambda actor: save_pace(actor, None, 100_000),
        lambda actor: save_theme(actor, "pink"),
        lambda actor: save_details(actor, Details(name="Ada", timezone="Mars/Olympus")),
        lambda actor: save_details(actor, Details(name="Ada", language="<b>")),
        lambda actor: save_details(actor, Details(name="")),
    ],
)
def test_answers_that_cannot_be_are_refused(make_user, call) -> None:
    with pytest.raises(Invalid):
        call(Person.of(make_user()))


def test_topics_offered_are_those_with_courses_and_those_chosen_before(make_topic, make_course) -> None:
    for n in range(4):
        make_topic(f"Empty {n}", position=n)
    full = [make_topic(f"Full {n}", position=10 + n) for n in range(2)]
    for topic in full:
        make_course(topic=topic)
    make_course(topic=make_topic("Draft"), published=False)
    assert [option.slug for option in topic_options(limit=2)] == ["full-0", "full-1"]
    assert {option.slug for option in topic_options(["empty-3"], limit=2)} == {"empty-3", "full-0"}


@pytest.mark.parametrize(
    "password",
    ["short", "password123", "Passw0rd2024!", "qwertyuiop", "1234567890", "aaaaaaaaaaaa", "abcdefghijkl", "2024-11-22", "x" * 300],
)
def test_what_is_tried_first_is_no_password(password: str) -> None:
    assert len(password_problems(password)) == 1


@pytest.mark.parametrize("password", ["ada.lovelace", "AdaLovelace1!", "lovelace@ex", "ada lovelace"])
def test_who_one_is_makes_no_password(password: str) -> None:
    assert password_problems(password, "lovelace@example.com", "Ada Lovelace") != []


@pytest.mark.parametrize(
    "password", ["a short sentence of mine", "correct horse battery", "пароль с пробелами", "tr0ub4dor&3x", "9" + "38471650284756"]
)
def test_long_and_own_is_a_password(password: str) -> None:
    assert password_problems(password, "ada@example.com", "Ada") == []


def test_keyboards_that_compose_letters_differently_type_the_same_password(app) -> None:
    assert password_matches("ein scho\u0308ner Satz", hash_password("ein sch\u00f6ner Satz"))
