"""What nobody types: it is refused or passed over, and never breaks a page."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.urls import iri_to_uri

from tests.settings import test_settings
from tests.tables import make_tables
from webapp.factory import create_app
from webapp.models.lesson import Lesson
from webapp.services.passwords import hash_password

HUGE = "9" * 30
NUL = "%00"
ADDRESSES = [
    f"/admin/learners/{HUGE}/home",
    f"/admin/imports/{HUGE}/errors.csv",
    f"/admin/learners?page={HUGE}&q={NUL}",
    f"/studio?all=1&page={HUGE}&sort={NUL}",
    f"/studio/a{NUL}/unpublish",
    f"/catalog?topic={NUL}&level={NUL}&length={NUL}&sort={NUL}&q=%ff%fe{NUL}&page=-1",
    f"/courses/a{NUL}",
    "/courses/{slug}" + f"?slate=a{NUL}&position={HUGE}",
    "/courses/{slug}/learn/" + f"a{NUL}",
    f"/courses/a{NUL}/learn",
    f"/my?page={HUGE}",
    f"/login?next=//evil.example{NUL}",
]
FORMS = [
    ("/courses/{slug}/feedback", {"kind": "save", "slate_id": "a\0", "position": "\N{SUPERSCRIPT TWO}"}),
    ("/courses/{slug}/feedback", {"kind": "\0"}),
    ("/courses/{slug}/enroll", {"slate_id": "\0", "position": HUGE}),
    ("/courses/a\0/enroll", {}),
    ("/courses/{slug}/learn/a\0/complete", {}),
    ("/courses/{slug}/learn/{quiz}/answer", {"question-1": HUGE}),
    ("/welcome/interests", {"topics": ["a\0"]}),
    ("/welcome/goal", {"goal": "a\0"}),
    ("/welcome/pace", {"level": "a\0", "pace": HUGE}),
    ("/my/profile", {"name": "Ada\0", "topics": "a\0", "goal": "a\0", "hours": "NaN", "language": "\0", "timezone": "\0"}),
    ("/my/profile", {"name": "Ada", "hours": "1e999", "language": "en", "timezone": "UTC"}),
    ("/my/privacy/delete", {"password": "a\0"}),
    ("/theme", {"theme": "\0", "next": "\0"}),
    ("/admin/jobs/a\0/run", {}),
    ("/studio/a\0/publish", {}),
]
VISITORS = [
    ("/login", {"email": "a\0@example.com", "password": "\0"}),
    ("/reset", {"email": "a\0@example.com"}),
    ("/confirm", {"email": "a\0@example.com"}),
    ("/register", {"name": "\0", "email": "a\0@example.com", "password": "a long enough\0 phrase"}),
]


@pytest.fixture
def taken(make_user, make_course, make_enrollment, make_topic, make_goal, login, client: FlaskClient) -> dict[str, str]:
    """An administrator who takes a course with a quiz."""
    make_topic("Data")
    make_goal("Data analyst")
    user, course = make_user("admin", password=hash_password("a phrase of tests")), make_course(quiz=True)
    make_enrollment(user, course)
    login(client, user)
    quiz = Lesson.query.filter_by(course_id=course.id, kind="quiz").one()
    return {"slug": course.slug, "quiz": quiz.slug}


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses(client: FlaskClient, taken: dict[str, str], address: str) -> None:
    assert client.get(address.format(**taken)).status_code < 500


@pytest.mark.parametrize(("address", "data"), FORMS)
def test_forms(client: FlaskClient, taken: dict[str, str], address: str, data: dict[str, str]) -> None:
    assert client.post(address.format(**taken).replace("\0", NUL), data=data).status_code < 500


@pytest.mark.parametrize(("address", "data"), VISITORS)
def test_forms_of_visitors(client: FlaskClient, address: str, data: dict[str, str]) -> None:
    assert client.post(address, data=data).status_code < 500


@pytest.mark.parametrize(("address", "data"), FORMS + VISITORS)
def test_files_and_json_in_the_place_of_fields(client: FlaskClient, taken: dict[str, str], address: str, data: dict[str, str]) -> None:
    path = address.format(**taken).replace("\0", NUL)
    files = {name: (BytesIO(b"Ada"), "name.txt") for name in data} or {"file": (BytesIO(b""), "x")}
    assert client.post(path, data=files).status_code in (404, 415)
    for body in (data, [], ["a"], "text", 1, True, {"email": {"a": [1]}, "name": 1, "password": [[]], "kind": None}):
        assert client.post(path, json=body).status_code in (404, 415)


WORDS = ["_scheme", "_anchor", "_external", "_method", "_subdomain", "endpoint", "self", "values", "slug", "tab", "page", "next"]
LISTS = [
    "/catalog",
    "/my",
    "/my/saved",
    "/notifications",
    "/studio",
    "/admin/learners",
    "/admin/imports",
    "/styleguide",
    "/",
    "/courses/{slug}",
]
VALUES = ["x", "1", "http://evil.example", "NaN", "sNaN", "-inf", "1e999", HUGE * 200, "\u0661", "１", "%", "\u202e"]


@pytest.mark.parametrize("path", LISTS)
def test_no_word_of_a_query_breaks_a_page_or_leads_elsewhere(client: FlaskClient, taken: dict[str, str], make_course, path: str) -> None:
    for _ in range(30):
        make_course()
    each_word = [{word: "x"} for word in WORDS]
    each_value = [dict.fromkeys([word for word in WORDS if word != "page"], value) | {"q": value} for value in VALUES]
    each_page = [{"page": value, "q": value} for value in VALUES]  # alone: what is no page may hide the rest
    for query in each_word + each_value + each_page:
        answer = client.get(path.format(**taken), query_string=query)
        assert answer.status_code < 500, query
        assert 'href="http://evil' not in answer.text
        assert 'href="x://' not in answer.text


@pytest.mark.parametrize("path", ["/login", "/register", "/reset", "/confirm"])
def test_no_word_of_a_query_breaks_the_pages_of_visitors(client: FlaskClient, path: str) -> None:
    for word in WORDS:
        assert client.get(path, query_string={word: "x"}).status_code < 500, word


@pytest.mark.parametrize("value", VALUES)
def test_no_number_breaks_a_form(client: FlaskClient, taken: dict[str, str], value: str) -> None:
    for path, name in (
        ("/my/profile", "hours"),
        ("/welcome/pace", "pace"),
        ("/courses/{slug}/enroll", "position"),
        ("/courses/{slug}/feedback", "position"),
    ):
        assert client.post(path.format(**taken), data={name: value, "name": "Ada", "kind": "save", "slate_id": "a"}).status_code < 500, path


@pytest.mark.parametrize("host", ["x" * 300, ".", "a..b", "[::1", "a b", "%00", "127.0.0.1:abc", "-", "\xff"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/login"])
def test_a_host_that_is_none_breaks_no_page(client: FlaskClient, host: str, path: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code < 500


@pytest.mark.parametrize("header", ["Referer", "Origin", "HX-Current-URL"])
@pytest.mark.parametrize("address", ["http://[::1", "http://[x]/", "//[", "http://a:b:c/", "javascript:1", "\xff", "http://\uff0f/", ""])
def test_no_address_in_a_header_breaks_a_form(tmp_path, header: str, address: str) -> None:
    app = create_app(test_settings(f"sqlite:///{tmp_path}/headers.db", tmp_path), WTF_CSRF_ENABLED=True)
    with app.app_context():
        make_tables()
    headers = {header: address.encode().decode("latin-1")}
    for path in ("/login", "/theme", "/logout", "/impressions"):
        for more in ({}, {"HX-Request": "true"}):
            assert app.test_client().post(path, data={"email": "a@example.com"}, headers=headers | more).status_code < 500
    assert app.test_client().get("/my", headers=headers | {"HX-Request": "true"}).status_code < 500


@pytest.mark.parametrize("address", ["/☃", "/é", "/catalog?q=Введение", "/a\u2028b", "/\U0001f680#é"])
def test_an_address_to_go_back_to_in_any_letters_fits_into_a_header(client: FlaskClient, address: str) -> None:
    for more, name in (({}, "Location"), ({"HX-Request": "true"}, "HX-Redirect")):
        answer = client.post("/theme", data={"theme": "dark", "next": address}, headers=more)
        assert answer.status_code < 400
        assert answer.headers[name].isascii()
        assert iri_to_uri(address) == answer.headers[name]


@pytest.mark.parametrize(("length", "status"), [(600_000, 302), (2_000_000, 302), (2_200_000, 413)])
@pytest.mark.parametrize("in_parts", [False, True])
def test_as_much_can_be_sent_as_the_refusal_says(client: FlaskClient, in_parts: bool, length: int, status: int) -> None:
    fields = {"theme": "dark", "text": "a" * length}
    head = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    parts = "".join(head.format(*field) for field in fields.items()) + "--x--\r\n"
    body = {"data": parts, "content_type": "multipart/form-data; boundary=x"} if in_parts else {"data": fields}
    answer = client.post("/theme", **body)
    assert answer.status_code == status
    assert ("Up to 2 MB" in answer.text) == (status == 413)


@pytest.mark.parametrize(("method", "path"), [("GET", "/catalog"), ("POST", "/theme"), ("POST", "/no/such/page")])
@pytest.mark.parametrize("field", ["&", "&a", "&a=b"])
def test_a_form_of_more_fields_than_anybody_fills_in_is_refused(client: FlaskClient, method: str, path: str, field: str) -> None:
    body = {"content_type": "application/x-www-form-urlencoded", "headers": {"Referer": "http://localhost/catalog"}}
    assert client.post("/theme", data="theme=dark" + field * 5_000, **body).status_code == 302
    assert client.open(path, method=method, data="theme=dark" + field * 300_000, **body).status_code == 400


@pytest.mark.parametrize("text", ["%" * 500_000, "%4", "%zz", "100%", "%\u00e9"])
def test_a_form_no_browser_has_written_is_refused(client: FlaskClient, text: str) -> None:
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert client.post("/theme", data=f"theme=dark&text={text}", **form).status_code == 400
    assert client.post("/theme", data={"theme": "dark", "text": text}).status_code == 302
