"""Fragments say what waits to be said, once."""

from flask import Flask, Response, flash

from webapp.web.fragments import page_or_fragment

HTMX = {"HX-Request": "true"}


def test_a_flash_in_a_fragment_is_a_toast_and_is_said_once(separate_app: Flask) -> None:
    @separate_app.get("/said")
    def said() -> Response:
        flash("<b>Done</b> & dusted", "success")
        return page_or_fragment("errors/error.html", "_partials/mark.html")

    @separate_app.get("/quiet")
    def quiet() -> Response:
        return page_or_fragment("errors/error.html", "_partials/mark.html")

    browser = separate_app.test_client()
    answer = browser.get("/said", headers=HTMX).text
    assert answer.count("&lt;b&gt;Done&lt;/b&gt; &amp; dusted") == 1
    assert 'hx-swap-oob="beforeend:#toasts"' in answer
    quiet_answer = browser.get("/quiet", headers=HTMX)
    assert "toast" not in quiet_answer.text
    assert "Set-Cookie" not in quiet_answer.headers
