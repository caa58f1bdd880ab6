"""Fragments say what waits to be said, once."""

from flask import Flask, Response, flash

from webapp.web.errors import error_response
from webapp.web.fragments import page_or_fragment

HTMX = {"HX-Request": "true"}


def test_a_flash_in_a_fragment_is_a_toast_and_is_said_once(separate_app: Flask) -> None:
    @separate_app.get("/said")
    def said() -> Response:
        flash("<b>Done</b> & dusted", "success")
        return page_or_fragment("errors/error.html", "title", title="Here")

    @separate_app.get("/quiet")
    def quiet() -> Response:
        return page_or_fragment("errors/error.html", "title", title="Here")

    browser = separate_app.test_client()
    answer = browser.get("/said", headers=HTMX).text
    assert answer.count("&lt;b&gt;Done&lt;/b&gt; &amp; dusted") == 1
    assert 'hx-swap-oob="beforeend:#toasts"' in answer
    quiet_answer = browser.get("/quiet", headers=HTMX)
    assert "toast" not in quiet_answer.text
    assert "Set-Cookie" not in quiet_answer.headers


def test_an_error_is_a_fragment_for_htmx_and_caches_keep_it_apart(app: Flask, client) -> None:
    page, part, restored = (
        client.get("/courses/none-of-that-name", headers=headers) for headers in ({}, HTMX, HTMX | {"HX-History-Restore-Request": "true"})
    )
    assert "<html" in page.text
    assert "<html" not in part.text
    assert "<html" in restored.text
    assert {"HX-Request"} <= set(page.vary) & set(part.vary)


def test_an_error_of_any_status_has_words_that_are_looked_up(app: Flask) -> None:
    with app.test_request_context():
        for status, like in ((416, 400), (505, 500)):
            said, known = (error_response(number).get_data(as_text=True).replace(str(number), "") for number in (status, like))
            assert said == known
