"""What axe has to say about a page. It is brought in by the test, past the content policy: contexts need `bypass_csp`."""

import json
from pathlib import Path

from playwright.sync_api import Page

_AXE = (Path(__file__).parents[1] / "assets" / "axe.min.js").read_text()
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def findings(page: Page) -> list[str]:
    """One line a rule that is broken."""
    page.evaluate(_AXE)
    result = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", _TAGS)
    return [f"{page.url} {v['id']}: {v['help']} – {json.dumps(v['nodes'][0]['html'])[:200]}" for v in result["violations"]]
