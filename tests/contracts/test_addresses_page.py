"""The page of addresses says what the routes are."""

from flask import Flask

from tests.addresses_page import PAGE, addresses_page


def test_the_page_is_what_make_addresses_writes(application: Flask) -> None:
    assert PAGE.read_text("utf-8") == addresses_page(application), "run make addresses"


def test_a_line_says_who_may_where_it_is_and_what_it_uses(application: Flask) -> None:
    (line,) = [line for line in addresses_page(application).splitlines() if "`course.feedback`" in line]
    cells = [cell.strip() for cell in line.strip("|").split(" | ")]
    assert cells[:5] == [
        "`/courses/<slug>/feedback`",
        "POST",
        "`course.feedback`",
        "`learner:feedback:give`",
        "`blueprints.course.feedback`",
    ]
    assert {"`services.feedback`", "`queries.cards`"} <= set(cells[5].split(", "))


def test_every_endpoint_stands_there_once_for_each_address(application: Flask) -> None:
    lines = addresses_page(application).splitlines()
    for rule in application.url_map.iter_rules():
        if rule.endpoint != "static":
            assert sum(f"| `{rule.endpoint}` |" in line and f"| `{rule.rule}`" in line for line in lines) >= 1
