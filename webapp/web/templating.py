"""Template environment: filters, globals, and the variables of the base page."""

import re
from functools import lru_cache
from typing import Any

import nh3
from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from jinja2 import Undefined
from jinja2.exceptions import UndefinedError
from jinja2.utils import missing
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from webapp.queries.catalog import has_sample_courses
from webapp.queries.notifications import unread_count
from webapp.registries.events import CARD_BUTTONS, EventKind
from webapp.support.messages import gettext
from webapp.support.text import duration, is_date_without_time, weeks_in_words
from webapp.web.charts.scale import number_text
from webapp.web.covers import cover_svg
from webapp.web.field_labels import field_label
from webapp.web.foreign_text import bidi_isolated_text, foreign, foreign_attributes
from webapp.web.guards import current_account
from webapp.web.redirects import reopen_address
from webapp.web.theme import theme_of
from webapp.wording.devices import device_name
from webapp.wording.imports import file_kind_name
from webapp.wording.levels import level_name

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_CODE = re.compile(r"`([^`]+)`")
_ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}}


def markdown(text: str) -> Markup:
    """Markdown as HTML that holds nothing but text structure: no raw HTML, no images, no scripts."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.tag in ("h1", "h2"):
            token.tag = "h3"  # the page around it has those
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener nofollow")
    # A wide table or a long line scrolls by itself instead of the page; the keyboard must reach what scrolls.
    label = escape(gettext("Table"))
    clean = clean.replace("<table>", f'<div class="table-wrap" tabindex="0" role="region" aria-label="{label}"><table>')
    clean = clean.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')
    return Markup(clean)  # noqa: S704 - cleaned above


def code_spans(text: str) -> Markup:
    """Plain words with `code` among them, as questions and their choices are."""
    parts = _CODE.split(text)
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def svg_icon(name: str, label: str | None = None, size: int = 20, **attributes: str) -> Markup:
    """An icon of static/img/icons.svg. With a label it is an image, without one decoration; `class` adds to its own."""
    classes = f"icon {attributes.get('class', '')}".strip()
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    href = url_for("static", filename="img/icons.svg", _anchor=name)
    svg = Markup('<svg class="{}" width="{}" height="{}" {}><use href="{}"/></svg>')
    return svg.format(classes, size, size, role, href)


def has_endpoint(name: str) -> bool:
    """Whether a screen exists in this installation."""
    return name in current_app.view_functions


def unread_notifications() -> int:
    """The number at the bell of whoever is signed in; one statement a request, and only on pages that have a bell."""
    if "unread_notifications" not in g:
        user = current_account()
        g.unread_notifications = unread_count(user.id) if user else 0
    return int(g.unread_notifications)


def card_buttons_with_labels() -> list[tuple[EventKind, str]]:
    """The buttons of a card with their labels; a page asks once a card, so the labels are looked up here and not one by one there."""
    return [(kind, gettext(kind.spec.button.label)) for kind in CARD_BUTTONS if kind.spec.button]


class NoAbsentAttribute(Undefined):
    """An undefined value that is refused where a template asks an object of ours for an attribute it does not have: what has been
    renamed would be left empty, and nobody would see that it is gone. Variables and keys may be absent."""

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: type = UndefinedError) -> None:
        super().__init__(hint, obj, name, exc)
        if type(obj).__module__.startswith(("webapp.", "recsys.")):
            raise UndefinedError(f"{type(obj).__module__}.{type(obj).__name__} has no {name!r}")


def base_context() -> dict[str, Any]:
    """Variables of templates/base.html."""
    return {"theme": theme_of(request)}


def init_templating(app: Flask) -> None:
    """Register filters, globals and the variables of the base page."""
    if app.extensions["settings"].environment != "production":  # there a page is shown all the same
        app.jinja_env.undefined = NoAbsentAttribute
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(markdown=markdown, code_spans=code_spans, duration=duration, weeks_in_words=weeks_in_words)
    app.jinja_env.filters.update(device_name=device_name, level_name=level_name, file_kind_name=file_kind_name, field_label=field_label)
    app.jinja_env.filters.update(foreign=foreign, isolated=bidi_isolated_text, number=number_text)
    app.jinja_env.tests.update(a_day=is_date_without_time)
    app.jinja_env.globals.update(
        has_endpoint=has_endpoint,
        foreign_attributes=lru_cache(maxsize=256)(foreign_attributes),
        # Each application keeps its own: the addresses of icons differ between two in one process.
        svg_icon=lru_cache(maxsize=512)(svg_icon),
        cover_svg=lru_cache(maxsize=4096)(cover_svg),
        current_user=current_user,
    )
    app.jinja_env.globals.update(
        card_buttons=card_buttons_with_labels,
        sample_world=has_sample_courses,
        unread_notifications=unread_notifications,
        reopen_address=reopen_address,
    )
    app.context_processor(base_context)
