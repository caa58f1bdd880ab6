"""Columns say whose a row is; a row may concern several persons."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from webapp.models.personal_data import OnErase, holdings, is_secret, person_column_info, secret_column_info
from webapp.registries.personal_data import PersonalData


def tables() -> MetaData:
    metadata = MetaData()
    Table("users", metadata, Column("id", Integer, primary_key=True, info=person_column_info(PersonalData.ACCOUNT)))
    Table(
        "shares",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("sender_id", ForeignKey("users.id"), info=person_column_info(PersonalData.ACCOUNT)),
        Column("recipient_id", ForeignKey("users.id"), info=person_column_info(PersonalData.MESSAGES, OnErase.DETACH, learned=True)),
        Column("token", Integer, info=secret_column_info()),
    )
    return metadata


def test_each_column_that_names_a_person_is_a_holding_and_what_points_at_others_goes_first() -> None:
    sender, recipient, user = holdings(tables())
    assert [h.column.name for h in (sender, recipient, user)] == ["sender_id", "recipient_id", "id"]
    assert (sender.on_erase, sender.learned) == (OnErase.DELETE, False)
    assert (recipient.on_erase, recipient.learned) == (OnErase.DETACH, True)


def test_a_holding_knows_who_else_its_rows_name() -> None:
    sender, recipient, user = holdings(tables())
    assert ([c.name for c in sender.other_person_columns], [c.name for c in recipient.other_person_columns], user.other_person_columns) == (
        ["recipient_id"],
        ["sender_id"],
        [],
    )


def test_secrets_are_marked() -> None:
    assert [column.name for column in tables().tables["shares"].columns if is_secret(column)] == ["token"]
