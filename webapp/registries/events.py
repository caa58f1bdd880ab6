"""Event kinds: everything that can happen, each with what the rest of the house has to know of it.

A kind is a member of EventKind with its EventSpec. Schema checks, imports, the card's buttons, reasons, training and the data
dictionary read the spec; no other list of kinds exists.
"""

from dataclasses import dataclass
from enum import StrEnum

from webapp.registries.declared_kind import DeclaredKind
from webapp.registries.permissions import Permission
from webapp.support.messages import N_


@dataclass(frozen=True, slots=True)
class CardButton:
    """A button of the course card: its label, its icon, and what is said once it was pressed ({} is the course). `place` is where it
    stands among the buttons, from 1; 0 for one that only takes back what another said."""

    label: str
    icon: str
    done: str
    place: int = 0


class Keeps(StrEnum):
    """What stands of an event until it is taken back, beside its row in the log."""

    VERDICT = "verdict"
    """The one row of the learner in `feedback`; the next verdict on the course replaces it."""
    SAVED = "saved"
    """A row in `saved_courses`, which does not know its kind: one kind alone keeps it."""


@dataclass(frozen=True, slots=True)
class EventSpec:
    """What an event of a kind carries and means. Messages are in English; who shows one translates it.

    The schema: `low` and `high` bound `value`, which is absent where they are None, in the unit of `value`; `data` names the keys that
    its `data` may have; `subject` is what it is about, the name of a model in small letters (never a person:
    people stand in columns that are erased with them; what belongs to another event is about that `event`).

    `visitors`: it may happen without an account. `importable`: files may hold it. `undo` is the kind that takes it back. Whoever writes
    one must hold `permission`; where none is named, the one for feedback or, for what is only done, the one for taking courses.

    `explicit`: said of the course, not only done: it teaches, or takes back what did. `keeps` is what stands of it, `takes_back` what it
    ends; one with neither is in the log alone. A verdict that `settles` keeps the course from being recommended. `enrollment` is the
    status that it brings an enrollment to. `glance`: somebody looked, no more.

    `daily` is the column of CourseDay that counts it. `signal` is what the recommender calls it (recsys.data.engagement, which knows its
    weight), None where it teaches nothing.
    `verb` completes "Because you … X", `basis` "From what you …", `button` is shown on cards, `standing` says what an administrator reads.
    """

    happens: str
    value: str = ""
    low: float | None = None
    high: float | None = None
    data: frozenset[str] = frozenset()
    subject: str = "course"
    visitors: bool = False
    importable: bool = True
    undo: str | None = None
    permission: Permission | None = None
    explicit: bool = False
    keeps: Keeps | None = None
    takes_back: Keeps | None = None
    settles: bool = False
    enrollment: str | None = None
    glance: bool = False
    daily: str = ""
    signal: str | None = None
    verb: str = ""
    basis: str = ""
    button: CardButton | None = None
    standing: str = ""

    @property
    def required_permission(self) -> Permission:
        """What an account must hold to write one."""
        return self.permission or (Permission.GIVE_FEEDBACK if self.explicit else Permission.LEARN_COURSE)

    @property
    def is_verdict(self) -> bool:
        """Whether it is what a learner thinks of the course, until the next verdict replaces it."""
        return self.keeps is Keeps.VERDICT

    @property
    def about_something_else(self) -> bool:
        """Whether it is about something that is not the course, but belongs to it."""
        return self.subject != "course"


class EventKind(DeclaredKind):
    """The kinds of event, from the least to the most telling: a course is called by the most telling thing that happened with it."""

    spec: EventSpec

    VIEW = (
        "view",
        EventSpec(N_("a course page is opened"), visitors=True, glance=True, daily="views", signal="view", verb=N_("looked at")),
    )
    CLICK = (
        "click",
        EventSpec(N_("a recommended card is opened (beside the view)"), visitors=True, glance=True, signal="click", verb=N_("looked at")),
    )
    DWELL = (
        "dwell",
        EventSpec(
            N_("time in a lesson with the tab visible"),
            value=N_("seconds"),
            low=1,
            high=6 * 3600,
            visitors=True,
            glance=True,
            signal="dwell",
            verb=N_("looked at"),
        ),
    )
    UNSAVE = (
        "unsave",
        EventSpec(
            N_("a course is no longer put aside"),
            importable=False,
            explicit=True,
            takes_back=Keeps.SAVED,
            undo="save",
            button=CardButton(N_("No longer saved"), "bookmark", N_("No longer saved: {}.")),
        ),
    )
    CLEAR = (
        "clear",
        EventSpec(
            N_("a verdict on a course is taken back"),
            importable=False,
            explicit=True,
            takes_back=Keeps.VERDICT,
            button=CardButton(N_("Take back"), "undo-2", N_("Taken back: what you said about {}.")),
        ),
    )
    SAVE = (
        "save",
        EventSpec(
            N_("a course is put aside for later"),
            explicit=True,
            keeps=Keeps.SAVED,
            undo="unsave",
            daily="saved",
            signal="save",
            verb=N_("saved"),
            basis=N_("saved"),
            button=CardButton(N_("Save for later"), "bookmark", N_("Saved for later: {}."), 5),
            standing=N_("Saved for later"),
        ),
    )
    THUMBS_UP = (
        "thumbs_up",
        EventSpec(
            N_("a learner wants more like it"),
            explicit=True,
            keeps=Keeps.VERDICT,
            undo="clear",
            signal="thumbs_up",
            verb=N_("liked"),
            basis=N_("like"),
            button=CardButton(N_("More like this"), "thumbs-up", N_("You will see more like {}."), 1),
            standing=N_("More like it"),
        ),
    )
    REPORT = (
        "report",
        EventSpec(N_("a recommendation is reported as poor"), explicit=True, signal="report"),
    )
    RATING = (
        "rating",
        EventSpec(
            N_("stars are given"), value=N_("stars"), low=1, high=5, explicit=True, signal="rating", verb=N_("rated"), basis=N_("took")
        ),
    )
    KNOW = (
        "know",
        EventSpec(
            N_("a learner knows what it teaches"),
            explicit=True,
            keeps=Keeps.VERDICT,
            settles=True,
            undo="clear",
            signal="already_know",
            verb=N_("know"),
            basis=N_("know"),
            button=CardButton(N_("I know this already"), "check", N_("Noted: you know what {} teaches."), 4),
            standing=N_("Knows it already"),
        ),
    )
    THUMBS_DOWN = (
        "thumbs_down",
        EventSpec(
            N_("a learner wants less like it"),
            explicit=True,
            keeps=Keeps.VERDICT,
            undo="clear",
            signal="thumbs_down",
            button=CardButton(N_("Less like this"), "thumbs-down", N_("You will see less like {}."), 2),
            standing=N_("Less like it"),
        ),
    )
    DISMISS = (
        "dismiss",
        EventSpec(
            N_("a course is not for the learner"),
            explicit=True,
            keeps=Keeps.VERDICT,
            settles=True,
            undo="clear",
            daily="dismissed",
            signal="dismiss",
            button=CardButton(N_("Not for me"), "x", N_("Hidden: {}. You will see fewer like it."), 3),
            standing=N_("Not for me"),
        ),
    )
    DROP = (
        "drop",
        EventSpec(
            N_("a learner leaves the course"), enrollment="dropped", daily="dropped", signal="drop", verb=N_("began"), basis=N_("took")
        ),
    )
    PROGRESS = (
        "progress",
        EventSpec(
            N_("a lesson is done"),
            value=N_("percent of the course"),
            low=0,
            high=100,
            enrollment="active",
            signal="progress",
            verb=N_("took"),
            basis=N_("took"),
        ),
    )
    ENROLL = (
        "enroll",
        EventSpec(N_("a learner enrolls"), enrollment="active", daily="enrolled", signal="enroll", verb=N_("took"), basis=N_("took")),
    )
    COMPLETE = (
        "complete",
        EventSpec(
            N_("the last lesson is done"),
            enrollment="completed",
            daily="completed",
            signal="complete",
            verb=N_("finished"),
            basis=N_("took"),
        ),
    )

    @property
    def undone_by(self) -> "EventKind | None":
        """The kind that takes it back."""
        return None if self.spec.undo is None else EventKind(self.spec.undo)


VERDICTS = tuple(kind for kind in EventKind if kind.spec.is_verdict)
SETTLING = tuple(kind for kind in EventKind if kind.spec.settles)
GLANCES = tuple(kind for kind in EventKind if kind.spec.glance)
IMPORTABLE = tuple(kind for kind in EventKind if kind.spec.importable)
CARD_ACTIONS = tuple(kind for kind in EventKind if kind.spec.button is not None)
"""What a learner can say on a card, taking back included."""
_PLACES = {kind.spec.button.place: kind for kind in EventKind if kind.spec.button is not None and kind.spec.button.place}
CARD_BUTTONS = tuple(_PLACES[place] for place in sorted(_PLACES))
"""The buttons of a card in their order; a pressed one offers what takes it back."""
STATED_IN_FORCE = frozenset(kind for kind in EventKind if kind.spec.keeps is not None)
"""Kinds of which the rows in force are read, not the log: they know what was taken back."""
COUNTED_DAILY = tuple(kind for kind in EventKind if kind.spec.daily)
BY_SIGNAL = {kind.spec.signal: kind for kind in EventKind if kind.spec.signal is not None}
