"""Static files are asked for once and never served stale."""

import re
from pathlib import Path
from urllib.parse import urljoin

from flask.testing import FlaskClient

from webapp.web.static_files import static_folder_url


def test_the_address_follows_the_contents(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    sheet = tmp_path / "css" / "a.css"
    sheet.write_text("a {}")
    before = static_folder_url(tmp_path)
    assert static_folder_url(tmp_path) == before
    sheet.write_text("b {}")
    changed = static_folder_url(tmp_path)
    sheet.rename(tmp_path / "css" / "b.css")
    assert len({before, changed, static_folder_url(tmp_path)}) == 3


def test_browsers_keep_what_a_page_links_to_and_what_that_imports(client: FlaskClient) -> None:
    linked = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', client.get("/").text))
    sheet = next(path for path in linked if path.endswith(".css"))
    with client.get(sheet) as answer:
        imported = {urljoin(sheet, path) for path in re.findall(r'@import url\("([^"]+)"', answer.text)}
    assert len(imported) > 5
    for path in linked | imported:
        with client.get(path) as answer:
            assert answer.status_code == 200
            assert answer.cache_control.public
            assert answer.cache_control.max_age > 30 * 24 * 3600
    assert not client.get("/").cache_control.public
