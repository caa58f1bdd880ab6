"""From the form to the home page: registering, three questions, confirming the address."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.webapp.blueprints.account.conftest import PASSWORD, text_without_own_words
from tests.webapp.markup import plain
from webapp.extensions import db
from webapp.models.user import Profile, Role, User
from webapp.support.clock import now

GOOD = {"name": "Ada Lovelace", "email": "ada@example.com", "password": PASSWORD}


def person(email: str = "ada@example.com") -> User | None:
    db.session.expire_all()
    return db.session.scalar(select(User).where(User.email == email))


def test_registering_leads_through_three_questions_to_the_home_page(client, outbox, make_topic, make_goal, make_course) -> None:
    make_course(topic=make_topic("Data"))
    make_course(topic=make_topic("Design"))
    make_goal("Data analyst")
    assert client.post("/register", data=GOOD).location == "/welcome"
    assert client.get("/welcome").location == "/welcome/interests"
    assert "Data" in client.get("/welcome/interests").text
    assert client.post("/welcome/interests", data={"topics": ["data", "design"]}).location == "/welcome/goal"
    assert client.post("/welcome/goal", data={"goal": "data-analyst"}).location == "/welcome/pace"
    assert client.post("/welcome/pace", data={"level": "beginner", "pace": "180"}).location == "/"
    user = person()
    assert user is not None
    assert (user.name, user.role, user.confirmed_at) == ("Ada Lovelace", Role.LEARNER, None)
    assert user.password.startswith("$argon2id$")
    profile = db.session.get(Profile, user.id)
    assert (profile.level, profile.weekly_minutes) == ("beginner", 180)
    assert profile.onboarded_at is not None
    assert client.get("/welcome").location == "/"
    page = client.get("/my/profile").text
    assert page.count(" checked") == 3
    assert '<option selected value="data-analyst">' in page


def test_every_question_can_be_skipped(client, outbox, make_topic, make_course, make_goal) -> None:
    make_course(topic=make_topic("Data"))
    make_goal("Data analyst")
    client.post("/register", data=GOOD)
    place = "/welcome/interests"
    for _ in range(3):
        place = client.post(place, data={"skip": "yes", "topics": ["data"], "pace": "nonsense"}).location
    assert place == "/"
    profile = db.session.get(Profile, person().id)
    assert (profile.level, profile.weekly_minutes, profile.goal_id) == (None, None, None)
    assert profile.onboarded_at is not None


def test_going_back_shows_what_was_answered(client, outbox, make_topic, make_course, make_goal) -> None:
    make_course(topic=make_topic("Data"))
    make_goal("Data analyst")
    client.post("/register", data=GOOD)
    client.post("/welcome/interests", data={"topics": ["data"]})
    goal = client.get("/welcome/goal").text
    assert 'href="/welcome/interests"' in goal
    assert 'value="data" checked' in client.get("/welcome/interests").text
    assert "Step 2 of 3" in goal


def test_answers_that_do_not_exist_are_refused_with_the_question(client, outbox, make_topic, make_goal) -> None:
    make_topic("Data")
    make_goal("Data analyst")
    client.post("/register", data=GOOD)
    for step, data in (
        ("interests", {"topics": ["nonsense"]}),
        ("goal", {"goal": "nonsense"}),
        ("pace", {"pace": "soon"}),
        ("pace", {"pace": "\N{SUPERSCRIPT TWO}"}),
        ("pace", {"level": "x"}),
    ):
        answer = client.post(f"/welcome/{step}", data=data)
        assert answer.status_code == 200
        assert "Choose again." in answer.text


def test_a_question_without_answers_to_choose_from_is_not_asked(client, outbox) -> None:
    client.post("/register", data=GOOD)
    assert client.get("/welcome?next=/catalog").location == "/welcome/pace?next=/catalog"
    assert client.get("/welcome/goal?next=/catalog").location == "/welcome/pace?next=/catalog"
    page = client.get("/welcome/pace?next=/catalog").text
    assert "Step 1 of 1" in page
    assert ">Back" not in page
    assert client.post("/welcome/pace?next=/catalog", data={"skip": "yes"}).location == "/catalog"


def test_where_they_were_going_is_reached_after_the_questions(client, outbox, make_topic, make_goal) -> None:
    make_topic("Data")
    make_goal("Data analyst")
    place = client.post("/register", data=GOOD | {"next": "/catalog"}).location
    assert place == "/welcome?next=/catalog"
    place = client.get(place).location
    for _ in range(3):
        place = client.post(place, data={"skip": "yes"}).location
    assert place == "/catalog"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "   ", "Tell us what to call you."),
        ("name", "x" * 121, "at most 120"),
        ("email", "ada@", "not an e-mail address"),
        ("email", "", "Enter your e-mail address."),
        ("email", "\u043e\u043b\u0435\u043d\u0430@example.com", "Mail does not reach this address"),
        ("email", "a\u0301da@example.com", "Mail does not reach this address"),
        ("password", "short", "at least 10"),
        ("password", "", "Choose a password."),
        ("password", "password123!", "among the first"),
        ("password", "adalovelace1", "not your name"),
        ("password", "0123456789", "among the first"),
    ],
)
def test_bad_input_is_named_and_kept(client: FlaskClient, field: str, value: str, message: str) -> None:
    answer = client.post("/register", data=GOOD | {field: value})
    assert answer.status_code == 200
    assert message in answer.text
    assert person() is None
    for name in {"name", "email"} - {field}:
        assert f'value="{GOOD[name]}"' in answer.text
    assert PASSWORD not in answer.text


def test_a_taken_address_gets_the_same_answer_and_its_owner_a_message(app, make_person, outbox) -> None:
    make_person(email="taken@example.com", name="Owner")
    new, taken = (app.test_client().post("/register", data=GOOD | {"email": f"{who}@example.com"}) for who in ("new", "taken"))
    assert (new.status_code, new.location) == (taken.status_code, taken.location)
    assert new.text == taken.text
    assert [message.to for message in outbox] == [["new@example.com"], ["taken@example.com"]]
    assert "account with it already" in outbox[1].body
    assert person("taken@example.com").name == "Owner"


def test_the_owner_of_a_taken_address_is_told_once_of_each_account_that_waits_for_it(app, make_person, outbox) -> None:
    make_person(email="taken@example.com", name="Owner")
    for number in range(2):
        stranger = app.test_client()
        stranger.post("/register", data=GOOD | {"email": "taken@example.com", "password": f"{PASSWORD} {number}"})
        for _ in range(3):
            assert stranger.post("/confirm", data={"email": "taken@example.com"}).status_code == 200
    assert ["account with it already" in message.body for message in outbox] == [True] * 2


def test_the_owner_is_told_of_an_account_that_got_the_number_of_an_erased_one(app, make_person, outbox) -> None:
    make_person(email="taken@example.com", name="Owner")
    for number in range(2):
        stranger, password = app.test_client(), f"{PASSWORD} {number}"
        stranger.post("/register", data=GOOD | {"email": "taken@example.com", "password": password})
        assert stranger.post("/my/privacy/delete", data={"password": password}).status_code == 302
    assert ["account with it already" in message.body for message in outbox] == [True] * 2


def test_a_taken_address_does_not_hide_other_mistakes(client, make_person, outbox) -> None:
    make_person(email="taken@example.com")
    answer = client.post("/register", data=GOOD | {"email": "taken@example.com", "password": "short"})
    assert "at least 10" in answer.text
    assert "already" not in answer.text.replace("Have an account already?", "")
    assert outbox == []


def test_mail_says_nothing_a_stranger_has_typed(client, outbox) -> None:
    client.post("/register", data=GOOD | {"name": "Win a prize at evil.example"})
    assert "evil" not in outbox[0].body + outbox[0].subject


def test_the_link_confirms_after_a_press_not_by_being_opened(client, outbox) -> None:
    client.post("/register", data=GOOD)
    link = outbox.link("/confirm/")
    page = client.get(link)
    assert "ada@example.com" in page.text
    assert person().confirmed_at is None
    assert client.post(link).status_code == 302
    assert person().confirmed_at is not None
    assert client.get(link).status_code == 302


def test_whoever_is_signed_out_by_a_link_of_another_account_is_told(app, client, make_person, sign_in, outbox) -> None:
    client.post("/register", data=GOOD)
    another = app.test_client()
    sign_in(another, make_person(name="Bo").email)
    page = another.post(outbox.link("/confirm/"), follow_redirects=True)
    assert "Bo was signed in here, and is signed out now." in plain(page.text)
    assert another.get("/my").status_code == 302


def test_a_new_link_can_be_asked_for_without_telling_who_has_an_account(app, make_person, outbox) -> None:
    make_person(email="open@example.com", confirmed_at=None)
    make_person(email="done@example.com")

    emails = ("open@example.com", "done@example.com", "nobody@example.com")
    texts = {text_without_own_words(app.test_client().post("/confirm", data={"email": email}), email) for email in emails}
    assert len(texts) == 1
    assert "a message with a link is on its way" in texts.pop()
    assert [message.to for message in outbox] == [["open@example.com"]]


def test_a_broken_link_offers_a_new_one(client) -> None:
    assert client.get("/confirm/nonsense", follow_redirects=True).text.count("does not work any more") == 1
    assert client.get("/reset/nonsense", follow_redirects=True).text.count("does not work") == 1


def test_a_form_that_is_sent_twice_makes_one_account(app, outbox) -> None:
    pages = [app.test_client(), app.test_client()]
    assert [page.post("/register", data=GOOD | {"email": "Ada@Example.com"}).location for page in pages] == ["/welcome", "/welcome"]
    assert len(db.session.scalars(select(User).where(User.email == "ada@example.com")).all()) == 1
    assert len(outbox) == 1
    assert all("Ada Lovelace" in page.get("/my/profile").text for page in pages)


@pytest.mark.parametrize("change", [{"password": "another phrase nobody has typed"}, {"name": "Eve"}])
def test_whoever_waits_for_the_same_address_gets_an_account_of_their_own(app, outbox, change: dict[str, str]) -> None:
    for form in (GOOD, GOOD | change):
        assert app.test_client().post("/register", data=form).location == "/welcome"
    assert len(db.session.scalars(select(User).where(User.email == "ada@example.com")).all()) == 2


def test_an_account_of_an_hour_ago_was_made_by_another_form(app, outbox) -> None:
    app.test_client().post("/register", data=GOOD)
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        app.test_client().post("/register", data=GOOD)
    assert len(db.session.scalars(select(User).where(User.email == "ada@example.com")).all()) == 2
