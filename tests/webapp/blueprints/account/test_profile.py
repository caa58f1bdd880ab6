"""Profile, theme, and who may open what."""

import re

import pytest
from flask import Flask

from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.user import Profile, Role
from webapp.policies import Permission
from webapp.queries.accounts import profile_view
from webapp.web.guards import current_actor, requires
from webapp.web.redirects import own_path

FORM = {"name": "Ada", "goal": "", "level": "advanced", "hours": "4.5", "language": "en", "timezone": "Europe/Paris"}


def test_a_saved_profile_is_what_the_page_shows_next(client, login, make_user, make_topic, make_course, make_goal) -> None:
    make_course(topic=make_topic("Data"))
    make_goal("Data analyst")
    user = make_user(name="Before")
    login(client, user)
    answer = client.post("/my/profile", data=FORM | {"topics": ["data"], "goal": "data-analyst"})
    assert answer.location == "/my/profile"
    page = client.get("/my/profile").text
    for part in ('value="Ada"', 'value="data" checked', 'selected value="data-analyst"', 'value="4.5"', 'selected value="Europe/Paris"'):
        assert part in page
    db.session.expire_all()
    profile = db.session.get(Profile, user.id)
    assert (profile.weekly_minutes, profile.level, profile.timezone) == (270, "advanced", "Europe/Paris")


def test_answers_can_be_taken_back(client, login, make_user) -> None:
    user = make_user(profile={"level": "advanced", "weekly_minutes": 600})
    login(client, user)
    assert client.post("/my/profile", data=FORM | {"level": "", "hours": ""}).status_code == 302
    db.session.expire_all()
    profile = db.session.get(Profile, user.id)
    assert (profile.level, profile.weekly_minutes) == (None, None)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Tell us what to call you."),
        ("hours", "100", "Between 0.25 and 60 hours."),
        ("hours", "many", "Type a number of hours, such as 2 or 2.5."),
        ("timezone", "Mars/Olympus", "Choose again."),
        ("language", "xx", "Choose again."),
        ("level", "genius", "Choose again."),
        ("goal", "nonsense", "Choose again."),
        ("topics", "nonsense", "Choose again."),
    ],
)
def test_bad_input_is_named_and_nothing_is_saved(client, login, make_user, make_topic, field: str, value: str, message: str) -> None:
    make_topic("Data")
    user = make_user(name="Before", profile={"level": "beginner"})
    login(client, user)
    answer = client.post("/my/profile", data=FORM | {"name": "After", "topics": ["data"]} | {field: value})
    assert answer.status_code == 200
    assert message in answer.text
    if field != "name":
        assert 'value="After"' in answer.text
    db.session.expire_all()
    known = profile_view(user.id)
    assert (known.name, known.level, known.topics) == ("Before", "beginner", ())


def test_every_language_that_is_offered_can_be_chosen_and_stands_once(client, login, make_user, make_course) -> None:
    for tag in ("pt-BR", "PT", "zh-Hans", "yue", "en"):
        make_course(language=tag)
    user = make_user(profile={"language": "PT-br"})
    login(client, user)
    select = re.search(r'<select[^>]*name="language".*?</select>', client.get("/my/profile").text, re.DOTALL)
    assert select
    offered = re.findall(r'value="([^"]*)"', select[0])
    assert sorted(offered) == ["en", "pt", "yue", "zh"]
    assert re.search(r'<option lang="pt" selected value="pt">Português</option>', select[0])
    for language in offered:
        assert client.post("/my/profile", data=FORM | {"language": language}).status_code == 302
        assert profile_view(user.id).language == language


def test_ten_topics_cost_as_many_statements_as_two(client, login, make_user, make_topic, make_course) -> None:
    topics = [make_topic(f"Subject {n}") for n in range(10)]
    for topic in topics:
        make_course(topic=topic)
    few, many = make_user(profile={"topics": topics[:2]}), make_user(profile={"topics": topics})
    costs = []
    for user in (few, many):
        login(client, user)
        with counted() as seen:
            assert client.get("/my/profile").status_code == 200
        costs.append(len(seen))
    assert 3 < costs[0] == costs[1]


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_visitors_choose_a_theme_and_come_back_to_their_page(client, theme: str) -> None:
    answer = client.post("/theme", data={"theme": theme, "next": "/catalog?page=2"})
    assert answer.location == "/catalog?page=2"
    cookie = client.get_cookie("theme")
    assert (cookie.value, cookie.http_only, cookie.same_site) == (theme, True, "Lax")
    assert f'data-theme="{theme}"' in client.get("/login").text


def test_an_unknown_theme_is_refused_and_a_forged_cookie_ignored(client) -> None:
    assert client.post("/theme", data={"theme": "pink"}).status_code == 422
    client.set_cookie("theme", "pink")
    assert 'data-theme="auto"' in client.get("/login").text


def test_the_theme_stays_with_the_account(client, login, make_user) -> None:
    user = make_user()
    login(client, user)
    client.post("/theme", data={"theme": "dark"})
    db.session.expire_all()
    assert db.session.get(Profile, user.id).theme == "dark"


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/catalog?topic=data#top", True),
        ("/my/p%C3%A4th", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/\tevil", False),
        ("https://evil.example", False),
        ("javascript:alert(1)", False),
        ("catalog", False),
        ("", False),
        (None, False),
    ],
)
def test_only_paths_of_this_site_are_followed(target: str | None, kept: bool) -> None:
    assert own_path(target) == (target if kept else None)


@pytest.fixture
def guarded_views(application: Flask) -> dict[Permission, object]:
    return {permission: requires(permission)(lambda: f"actor {current_actor().user_id}") for permission in Permission}


@pytest.mark.parametrize(
    ("role", "permission", "status"),
    [
        (None, Permission.SEE_ADMIN, 302),
        (Role.LEARNER, Permission.SEE_STUDIO, 403),
        (Role.LEARNER, Permission.SEE_ADMIN, 403),
        (Role.CREATOR, Permission.SEE_STUDIO, 200),
        (Role.CREATOR, Permission.SEE_ADMIN, 403),
        (Role.ADMIN, Permission.SEE_ADMIN, 200),
    ],
)
def test_guards_ask_visitors_in_and_turn_others_away(app, make_user, guarded_views, role, permission, status: int) -> None:
    from flask_login import login_user

    from webapp.policies import Forbidden

    with app.test_request_context("/somewhere?x=1"):
        if role:
            login_user(make_user(role=role))
        try:
            answer = app.make_response(guarded_views[permission]())
        except Forbidden:
            assert status == 403
            return
        assert answer.status_code == status
        if status == 302:
            assert answer.location == "/login?next=/somewhere?x%3D1"


def test_fragments_are_sent_to_the_sign_in_as_a_whole_page(client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/catalog?page=2"}
    answer = client.get("/my/profile", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/login?next=/catalog?page%3D2"


def test_programs_get_a_401(client) -> None:
    assert client.get("/my/profile", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize(
    ("typed", "minutes", "shown"),
    [
        ("2,5", 150, "2.5"),
        ("2.5", 150, "2.5"),
        ("１０", 600, "10"),
        ("10", 600, "10"),
        ("٢٫٥", 150, "2.5"),
        (" 4 ", 240, "4"),
        ("0,25", 15, "0.25"),
    ],
)
def test_hours_are_taken_as_people_type_them(client, login, make_user, typed: str, minutes: int, shown: str) -> None:
    user = make_user()
    login(client, user)
    assert client.post("/my/profile", data=FORM | {"hours": typed}).status_code == 302
    assert profile_view(user.id).weekly_minutes == minutes
    assert f'name="hours" type="text" value="{shown}"' in client.get("/my/profile").text


@pytest.mark.parametrize("typed", ["NaN", "sNaN", "inf", "-Infinity", "1e999", "1E+1", "9" * 5000, "1,5,2", "1,000"])
def test_what_is_no_number_of_hours_is_refused_and_kept(client, login, make_user, typed: str) -> None:
    user = make_user(profile={"weekly_minutes": 60})
    login(client, user)
    answer = client.post("/my/profile", data=FORM | {"hours": typed})
    assert answer.status_code == 200
    assert "Type a number of hours" in answer.text or "Between 0.25 and 60 hours." in answer.text
    assert f'value="{typed}"' in answer.text
    assert profile_view(user.id).weekly_minutes == 60


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("Mia 👩\u200d💻", "Mia 👩\u200d💻"),
        ("Ada\u202egro.live", "Adagro.live"),
        ("Zoe\u0308\x07", "Zoë"),
    ],
)
def test_a_name_keeps_what_its_script_needs(client, login, make_user, typed: str, kept: str) -> None:
    user = make_user()
    login(client, user)
    client.post("/my/profile", data=FORM | {"name": typed})
    assert profile_view(user.id).name == kept


def test_a_name_of_which_nothing_can_be_seen_is_refused(client, login, make_user) -> None:
    user = make_user(name="Before")
    login(client, user)
    assert "Tell us what to call you." in client.post("/my/profile", data=FORM | {"name": "\u200d\u3164"}).text
    assert profile_view(user.id).name == "Before"
