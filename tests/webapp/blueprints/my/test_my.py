"""A learner's dashboard."""


def test_each_heading_holds_its_courses(client, login, make_user, make_course, make_enrollment) -> None:
    learner = make_user()
    make_enrollment(learner, make_course("Under way"))
    make_enrollment(learner, make_course("All done"), status="completed")
    make_enrollment(learner, make_course("Left alone"), status="dropped")
    saved, hidden = make_course("For later"), make_course("Never mind")
    login(client, learner)
    client.post(f"/courses/{saved.slug}/feedback", data={"kind": "save"})
    client.post(f"/courses/{hidden.slug}/feedback", data={"kind": "dismiss"})
    pages = {path: client.get(path).text for path in ("/my", "/my/completed", "/my/saved", "/my/hidden")}
    expected = {"/my": "Under way", "/my/completed": "All done", "/my/saved": "For later", "/my/hidden": "Never mind"}
    for path, html in pages.items():
        assert [title for title in expected.values() if f">{title}<" in html] == [expected[path]]
        assert ">Left alone<" not in html


def test_empty_headings_say_what_helps(client, login, make_user) -> None:
    login(client, make_user())
    assert "Nothing under way" in client.get("/my").text
    assert "Nothing hidden" in client.get("/my/hidden").text


def test_somebody_elses_courses_are_not_there(client, login, make_user, make_course, make_enrollment) -> None:
    make_enrollment(make_user(), make_course("Theirs"))
    assert "Theirs" not in login(client, make_user()).get("/my").text
