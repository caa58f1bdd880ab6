"""Pages as tests read them."""

import re

_SET_APART = re.compile(r"</?bdi[^>]*>| dir=\"auto\"(?: lang=\"[^\"]*\")?")


def plain(html: str) -> str:
    """A page without what sets foreign text apart, so that sentences with names in them can be looked for."""
    return _SET_APART.sub("", html)
