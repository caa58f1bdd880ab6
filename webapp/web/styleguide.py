"""Sample data for the style page: every component with something plausible in it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wtforms import (
    BooleanField,
    Form,
    IntegerRangeField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.queries.cards import CardProgress, CardState, CourseCard
from webapp.registries.events import EventKind
from webapp.support.sentences import Sentence, SentencePart
from webapp.web.styleguide_charts import sample_charts
from webapp.web.styleguide_tables import sample_table

_PUBLISHED = datetime(2026, 10, 12, 9, 30, tzinfo=UTC)


def _choices(*pairs: tuple[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


class SampleForm(Form):  # type: ignore[misc]  # WTForms has no types
    """One field of each kind."""

    name = StringField("Your name", [validators.InputRequired()], description="What we call you.")
    email = StringField("E-mail address", [validators.InputRequired(), validators.Regexp(".+@.+", message="An address has an @ in it.")])
    password = PasswordField("Password", [validators.InputRequired()], description="At least 12 characters; a short sentence works well.")
    about = TextAreaField("About you")
    goal = SelectField(
        "Career goal", choices=_choices(("analyst", "Data analyst"), ("engineer", "Data engineer"), ("designer", "Product designer"))
    )
    topics = SelectMultipleField(
        "Topics you like",
        choices=_choices(("data", "Data analysis"), ("web", "Web development"), ("design", "Design"), ("math", "Mathematics")),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    level = RadioField("Your level", choices=_choices(("new", "New to this"), ("some", "I know the basics"), ("pro", "My daily work")))
    hours = IntegerRangeField("Hours a week", description="What a normal week has room for.")
    mail = BooleanField("Stay signed in on this device")


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A sample page for the pager."""

    number: int = 3
    pages: int = 9
    total: int = 104
    has_prev: bool = True
    has_next: bool = True


def styleguide_context() -> dict[str, Any]:
    """The variables of templates/styleguide.html."""
    return {
        "sample": {
            "cards": _cards(),
            "visitor_card": _card(21, "HTTP in depth", "Web development", 28, level="advanced", price_cents=2900, rating=None),
            "continue": _continue_cards(),
            "page": SamplePage(),
            "forms": {theme: _form(theme) for theme in ("light", "dark")},
            "weeks": _weeks(),
            "when": _PUBLISHED,
            "charts": {tone: sample_charts(tone) for tone in ("light", "dark")},
            "tables": {tone: sample_table(tone) for tone in ("light", "dark")},
            "empty_tables": {tone: sample_table(tone, rows=()) for tone in ("light", "dark")},
        }
    }


def _card(number: int, title: str, topic: str, hue: int, **changes: Any) -> CourseCard:
    values: dict[str, Any] = {
        "id": number,
        "slug": title.lower().replace(" ", "-"),
        "title": title,
        "summary": "Read, clean, join and summarize real tables; end with a report you can show.",
        "topic_slug": topic.lower().replace(" ", "-"),
        "topic_name": topic,
        "hue": hue,
        "level": "beginner",
        "duration_minutes": 240,
        "creator_name": "Ines Okafor",
        "rating": 4.7,
        "rating_count": 312,
        "price_cents": 0,
        "enrollment_count": 1840,
        "published_at": _PUBLISHED,
        "is_new": False,
        "is_sample": True,
    }
    return CourseCard(**(values | changes))


def _because(before: str, strong: str, after: str = "") -> Sentence:
    return SentencePart(before), SentencePart(strong, strong=True), SentencePart(after)


def _cards() -> list[CourseCard]:
    return [
        _card(
            1,
            "Data analysis with pandas",
            "Data analysis",
            165,
            level="intermediate",
            duration_minutes=480,
            state=CardState(said=frozenset({EventKind.THUMBS_UP})),
            reason=_because("Teaches ", "pandas", ", which your goal Data analyst needs"),
        ),
        _card(
            2,
            "Charts that tell the truth",
            "Design",
            330,
            price_cents=1900,
            state=CardState(said=frozenset({EventKind.SAVE})),
            reason=(SentencePart("Because you finished "), SentencePart("Statistics you can explain", href="#cards")),
        ),
        _card(
            3,
            "Git without fear",
            "Web development",
            28,
            duration_minutes=195,
            state=CardState(enrolled=True),
            reason=_because("Often taken next after ", "SQL from the ground up"),
        ),
        _card(
            4,
            "Privacy by design",
            "Security and privacy",
            255,
            level="intermediate",
            is_new=True,
            rating=None,
            rating_count=0,
            state=CardState(said=frozenset({EventKind.KNOW})),
            reason=(SentencePart("New, by a new creator, and close to what you follow"),),
        ),
    ]


def _continue_cards() -> list[CourseCard]:
    return [
        _card(11, "SQL from the ground up", "Data analysis", 165, progress=CardProgress(62, "Joins and keys", 14, "#cards")),
        _card(12, "Statistics you can explain", "Mathematics", 190, progress=CardProgress(27, "Confidence intervals", 18, "#cards")),
    ]


def _form(prefix: str) -> SampleForm:
    """A form sent back with mistakes in it, so that every state shows."""
    form = SampleForm(
        prefix=prefix, data={"name": "Mara Lindqvist", "email": "mara.example.com", "hours": 4, "topics": ["data", "math"], "level": "some"}
    )
    form.email.errors = ["An address has an @ in it."]
    return form


def _weeks() -> list[dict[str, Any]]:
    """Eighteen weeks of minutes a day that look like somebody's autumn."""
    months = {0: "Jul", 4: "Aug", 9: "Sep", 13: "Oct"}
    weeks = []
    for week in range(18):
        days = []
        for day in range(7):
            minutes = max(0, (week * 37 + day * 53) % 97 - 38) if (week + day) % 3 else 0
            days.append({"date": f"Week {week + 1}, day {day + 1}", "minutes": minutes, "level": min(4, (minutes + 14) // 15)})
        weeks.append({"month": months.get(week), "days": days})
    return weeks
