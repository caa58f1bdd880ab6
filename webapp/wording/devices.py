"""Devices in words: the browser and system a session was begun with."""

from webapp.support.client_description import SEPARATOR
from webapp.support.messages import gettext


def device_name(kept: str) -> str:
    """`Firefox on Linux`; as it stands where only one is known, or a session was begun before both were kept apart."""
    browser, both, system = kept.partition(SEPARATOR)
    if not both:
        return kept or gettext("Unknown browser")
    if not browser:
        return gettext("Unknown browser on %(system)s", system=system)
    return gettext("%(browser)s on %(system)s", browser=browser, system=system)
