"""Export and erase reach every table with personal data."""

import json
import re
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, func, select

from tests.factories import make_slate
from tests.factories import make_user as new_user
from tests.webapp.at_once import done_at_once
from tests.webapp.services.personal_rows import fill_holdings
from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.operations import AuditEntry
from webapp.models.outbox import OutboxMail
from webapp.models.personal_data import OnErase, holdings, owner_column_info, person_column_info
from webapp.models.user import Profile, Role, User
from webapp.policies import Person, System
from webapp.registries.events import EventKind
from webapp.registries.personal_data import PersonalData
from webapp.services.accounts import grant_role
from webapp.services.audit import record_decision
from webapp.services.errors import Conflict, Invalid
from webapp.services.passwords import hash_password
from webapp.services.privacy import erase_account, export_account
from webapp.services.sessions import SessionLimits, start_session
from webapp.transactions import unit_of_work

PASSWORD = "a short sentence of mine"
HOLDINGS = list(holdings(db.metadata))


_NAMES_A_PERSON = re.compile(r"(?:^|_)(?:user|person|learner|member|author|creator|actor|sender|recipient|owner)_id$")
_IS_CALLED_A_PERSON = re.compile(r"(?:^|_)(?:user|person|learner|student|member|teacher|author|creator|actor|sender|recipient|owner)$")
_NAMES_NOBODY = {
    # A slate is deleted long before what it led to, which keeps its number.
    "events.slate_id",
    "feedback.slate_id",
    # Of the model that the kind names as its subject, which is never a person (test_a_kind_is_declared_whole).
    "events.subject_id",
}
"""Numbers of rows without a foreign key that are no person's, each with its reason."""
_HOLDS_AN_ADDRESS = re.compile(r"(?:^|_)(?:e?mail|recipient|phone|ip)$")


def personal_columns(metadata: MetaData) -> set[str]:
    """Every column that points at a person, by what the schema says or by its name."""
    people = {"users.id", "profiles.user_id"}
    return {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if _NAMES_A_PERSON.search(column.name) or any(key.target_fullname in people for key in column.foreign_keys)
    }


def numbers_of_unknown_rows(metadata: MetaData) -> set[str]:
    """Columns that hold the number of a row, by their name, and neither point at it nor say that it is a person's."""
    said = {holding.column for holding in holdings(metadata)}
    return {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Integer) and not column.foreign_keys and column not in said
        if column.name.endswith(("_id", "_by")) or _IS_CALLED_A_PERSON.search(column.name)
    }


def addresses_of_nobody(metadata: MetaData) -> list[str]:
    """Columns that hold an address of somebody in tables that say of no column whose the rows are."""
    held = {holding.table.name for holding in holdings(metadata)}
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if table.name not in held and _HOLDS_AN_ADDRESS.search(column.name)
    ]


def test_every_table_that_points_at_a_person_is_exported_and_erased() -> None:
    said = {f"{holding.table.name}.{holding.column.name}" for holding in HOLDINGS if holding.owner is None}
    assert said == personal_columns(db.metadata) | {"users.id"}
    assert addresses_of_nobody(db.metadata) == []


def test_every_number_of_a_row_points_at_it_or_is_known_to_be_no_person_s() -> None:
    assert numbers_of_unknown_rows(db.metadata) == _NAMES_NOBODY, "add a foreign key, person_column_info() or a reason why it is nobody"


def test_persons_that_are_called_otherwise_are_seen() -> None:
    metadata = MetaData()
    columns = [Column(name, Integer) for name in ("voter_id", "requested_by", "student", "learners", "position")]
    Table("votes", metadata, Column("id", Integer, primary_key=True), *columns)
    assert numbers_of_unknown_rows(metadata) == {"votes.voter_id", "votes.requested_by", "votes.student"}


def test_persons_without_a_foreign_key_are_seen() -> None:
    metadata = MetaData()
    Table("follows", metadata, Column("id", Integer, primary_key=True), Column("author_id", Integer), Column("course_id", Integer))
    Table("leads", metadata, Column("id", Integer, primary_key=True), Column("email", Integer), Column("mailing", Integer))
    assert personal_columns(metadata) == {"follows.author_id"}
    assert addresses_of_nobody(metadata) == ["leads.email"]


def unmarked(metadata: MetaData) -> list[str]:
    """Columns that point at rows which go with a person, and say neither that they name a person nor whose those rows are."""
    going = {holding.table.name for holding in holdings(metadata) if holding.on_erase is OnErase.DELETE}
    said = {holding.column for holding in holdings(metadata)}
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column not in said and any(key.column.table.name in going for key in column.foreign_keys)
    ]


def test_what_hangs_on_a_person_s_row_is_exported_and_erased_too() -> None:
    assert unmarked(db.metadata) == [], "say beside the column whose it is: person_column_info() or owner_column_info()"


def test_a_table_that_hangs_on_a_person_s_row_and_does_not_say_so_is_seen() -> None:
    metadata = MetaData()
    Table("users", metadata, Column("id", Integer, primary_key=True, info=person_column_info(PersonalData.ACCOUNT)))
    Table(
        "notes",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("author_id", ForeignKey("users.id"), info=person_column_info(PersonalData.ACCOUNT)),
    )
    owner = owner_column_info(PersonalData.ACCOUNT, "notes.author_id")
    Table("marks", metadata, Column("id", Integer, primary_key=True), Column("note_id", ForeignKey("notes.id"), info=owner))
    Table("votes", metadata, Column("id", Integer, primary_key=True), Column("mark_id", ForeignKey("marks.id")))
    assert unmarked(metadata) == ["votes.mark_id"]


def test_each_kind_of_personal_data_is_kept_somewhere() -> None:
    assert {holding.data for holding in HOLDINGS} == set(PersonalData), "the privacy page names what no column holds"


def test_what_is_kept_can_be_kept_without_the_person() -> None:
    for holding in HOLDINGS:
        if holding.on_erase is OnErase.DETACH:
            assert holding.column.nullable


@pytest.fixture
def lived_in(make_user, make_course, make_enrollment, make_topic, make_event, db_session):
    """Someone with a row in every table, and somebody else with rows beside."""
    course = make_course(title="Maps from coordinates", enrollment_count=2)
    people = []
    for name in ("Ada", "Bob"):
        user = make_user(name=name, password=hash_password(PASSWORD), profile={"level": "beginner", "topics": [make_topic("Data")]})
        make_enrollment(user, course)
        start_session(user, SessionLimits())
        make_event(EventKind.VIEW, user, course)
        db_session.add(OutboxMail(key=f"mail-{name}", user_id=user.id, recipient=user.email))
        make_slate(user, [course])
        record_decision(Person.of(user), "course.publish", "course:1")
        record_decision(System(), "account.grant", f"user:{user.id}", role="learner")
        make_course(title=f"Taught by {name}", creator=user)
        people.append(user)
    db_session.flush()
    beside = make_user(name="Eve")
    for user in people:
        fill_holdings(user, beside)
    return people


def rows_about(user_id: int) -> dict[str, int]:
    return {h.table.name: db.session.scalar(select(func.count()).select_from(h.table).where(h.belongs_to(user_id))) for h in HOLDINGS}


def test_the_export_has_a_row_of_every_table_as_json(lived_in) -> None:
    ada, bob = lived_in
    data = json.loads(json.dumps(export_account(Person.of(ada))))
    for holding in HOLDINGS:
        assert data[holding.table.name], holding.table.name
    assert data["users"][0]["name"] == "Ada"
    assert data["profiles"][0]["level"] == "beginner"
    assert data["events"][0]["kind"] == "view"
    assert "Maps from coordinates" in data["names"]["courses"].values()
    assert "Data" in data["names"]["topics"].values()
    assert bob.email not in json.dumps(data)
    assert not {"password", "fs_uniquifier"} & set(data["users"][0])
    assert "body" not in data["outbox"][0]


def test_the_export_says_what_others_have_done_with_the_account(make_user) -> None:
    ada, bob, eve = make_user(name="Ada"), make_user(name="Bob"), make_user("admin", name="Eve")
    for looked_at in (ada, bob):
        record_decision(Person.of(eve), "learner.see_home", f"user:{looked_at.id}")
    record_decision(Person.of(ada), "account.note", f"user:{ada.id}")  # both by and about her: told once
    db.session.flush()
    entries = export_account(Person.of(ada))["audit_entries"]
    assert sorted((entry["action"], str(entry["actor_id"])) for entry in entries) == [
        ("account.note", str(ada.id)),
        ("learner.see_home", "somebody else"),
    ]


def test_erasing_leaves_nothing_of_the_person_and_everything_of_others(lived_in) -> None:
    ada, bob = lived_in
    ada_id, ada_email, before = ada.id, ada.email, rows_about(bob.id)
    assert min(rows_about(ada_id).values()) > 0
    with unit_of_work():
        erase_account(Person.of(ada), PASSWORD)
    assert set(rows_about(ada_id).values()) == {0}
    assert rows_about(bob.id) == before
    for table in db.metadata.tables.values():
        stored = json.dumps([[str(value) for value in row] for row in db.session.execute(select(table))])
        assert ada_email not in stored
        assert f'user:{ada_id}"' not in stored
    course = db.session.scalar(select(Course).where(Course.title == "Maps from coordinates"))
    assert course.enrollment_count == 1
    assert db.session.scalar(select(Course).where(Course.title == "Taught by Ada")).creator_id is None
    assert db.session.scalar(select(AuditEntry).where(AuditEntry.action == "account.erase")).actor_id is None


def test_the_wrong_password_erases_nothing(lived_in) -> None:
    ada, _bob = lived_in
    with pytest.raises(Invalid):
        erase_account(Person.of(ada), "not mine at all")
    assert min(rows_about(ada.id).values()) > 0


@pytest.mark.parametrize("leave", ["erase", "step down"])
def test_of_all_administrators_that_go_at_once_one_stays(committing_app: Flask, leave: str) -> None:
    with unit_of_work():
        admins = [(Person.of(admin), str(admin.email)) for admin in (new_user("admin", password=hash_password(PASSWORD)) for _ in range(4))]

    def go(admin: Person, email: str) -> None:
        with unit_of_work():
            erase_account(admin, PASSWORD) if leave == "erase" else grant_role(System(), email, Role.LEARNER)

    assert done_at_once(committing_app, [partial(go, *admin) for admin in admins], refused=Conflict) == len(admins) - 1
    assert db.session.scalar(select(func.count()).where(User.role == Role.ADMIN)) == 1


def test_the_only_administrator_cannot_go(make_user) -> None:
    admin = make_user(role="admin", password=hash_password(PASSWORD))
    with pytest.raises(Conflict):
        erase_account(Person.of(admin), PASSWORD)
    assert db.session.get(User, admin.id) is not None
    assert db.session.get(Profile, admin.id) is not None
