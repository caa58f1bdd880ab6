"""A creator's courses."""


def test_creators_see_their_own_courses_with_counts(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    make_course("Mine", creator=creator, enrollment_count=8, completion_count=2)
    make_course("Not mine", creator=make_user("creator"))
    html = login(client, creator).get("/studio").text
    assert ">Mine<" in html
    assert "Not mine" not in html
    assert "25 %" in html


def test_a_creator_without_courses_is_told_what_comes(client, login, make_user) -> None:
    assert "No courses yet" in login(client, make_user("creator")).get("/studio").text


def test_administrators_can_look_at_all(client, login, make_user, make_course) -> None:
    make_course("Somebody's", creator=make_user("creator"))
    login(client, make_user("admin"))
    assert "Somebody&#39;s" not in client.get("/studio").text
    assert "Somebody&#39;s" in client.get("/studio?all=1").text


def test_a_course_published_a_second_ago_is_found_and_recommended(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    course = make_course("Brand new", creator=creator, published=False)
    visitor = client.application.test_client()
    assert visitor.get(f"/courses/{course.slug}").status_code == 404
    assert login(client, creator).post(f"/studio/{course.slug}/publish").status_code == 302
    assert visitor.get(f"/courses/{course.slug}").status_code == 200
    assert "Brand new" in visitor.get("/catalog").text
    assert "Brand new" in visitor.get("/").text
    client.post(f"/studio/{course.slug}/unpublish")
    assert "Brand new" not in visitor.get("/catalog").text


def test_nobody_publishes_for_others(client, login, make_user, make_course) -> None:
    course = make_course(creator=make_user("creator"), published=False)
    assert login(client, make_user("creator")).post(f"/studio/{course.slug}/publish").status_code == 404
    assert course.status.value == "draft"
