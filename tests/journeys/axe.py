"""What axe has to say about a page. It is brought in by the test, past the content policy: contexts need `bypass_csp`."""

import json
from pathlib import Path

from playwright.sync_api import Page

_AXE = (Path(__file__).parents[1] / "assets" / "axe.min.js").read_text()
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RULES_ON_COLOR = ["color-contrast", "link-in-text-block"]
_RUN = """async (runOnly) => {
  const endless = (animation) => animation.effect.getComputedTiming().endTime === Infinity;
  await Promise.allSettled(document.getAnimations().filter((animation) => !endless(animation)).map((animation) => animation.finished));
  return (await axe.run(document, {runOnly, resultTypes: ["violations"]})).violations;
}"""


def findings(page: Page) -> list[str]:
    """One line a rule that is broken: all rules in the light theme, those on color in the dark one, which differs in nothing else."""
    page.evaluate(_AXE)
    broken = []
    for theme, rules in (("light", {"type": "tag", "values": _TAGS}), ("dark", {"type": "rule", "values": _RULES_ON_COLOR})):
        page.emulate_media(color_scheme=theme)
        broken += [(theme, violation) for violation in page.evaluate(_RUN, rules)]
    return [f"{page.url} {theme} {v['id']}: {v['help']} – {json.dumps(v['nodes'][0]['html'])[:200]}" for theme, v in broken]
