"""Faults: what can be wrong with data, models and what was asked for. A name is a code; beside it stands its sentence, a %-format.

Where something is wrong a fault is told with its values (`fault_statement`, `RecsysError`). It becomes a sentence when somebody reads it,
in their language (`fault_sentence`). A value `error` holds what the operating system, Python or NumPy say, in their own words.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, unique
from numbers import Integral, Real
from typing import Any

from recsys.messages import N_, Say, format_message
from recsys.types import Statement


@unique
class Fault(Enum):
    """A fault by its name, with the sentence that says it."""

    # Files.
    FILE_ABSENT = N_("%(file)s does not exist")
    FILE_UNREADABLE = N_("%(file)s cannot be read: %(error)s")
    FILE_NOT_READ = N_("Cannot read %(file)s: %(error)s")
    FILE_NOT_WRITTEN = N_("Cannot write %(file)s: %(error)s")
    FILE_NOT_JSON = N_("%(file)s is not JSON")
    CSV_UNREADABLE = N_("%(file)s is not a readable CSV file: %(error)s")
    PART_UNREADABLE = N_("%(part)s: %(file)s cannot be read: %(error)s")

    # Tables of interactions, items, attempts, ratings.
    INTERACTION_COLUMN_ABSENT = N_("Interactions need a column %(column)r; found: %(found)s")
    ITEM_COLUMN_ABSENT = N_("Items need a column %(column)r; found: %(found)s")
    ATTEMPT_COLUMNS_ABSENT = N_("Attempts need the columns %(columns)s; found: %(found)s")
    SEGMENT_COLUMNS_ABSENT = N_("%(file)s needs a column user_id and at least one more")
    INTERACTIONS_UNRECOGNIZED = N_("No known layout of interactions has the columns %(columns)s. Known are %(known)s")
    ITEMS_UNRECOGNIZED = N_("No known layout of items has the columns %(columns)s. Known are %(known)s")
    UNUSABLE_ROWS = "%(problems)s"  # sentences alone
    NO_USABLE_ATTEMPT = N_("No attempt can be used: %(problems)s")
    NO_ROWS = N_("there are no rows")
    NO_ATTEMPT_FILES = N_("%(folder)s holds neither %(first)s nor %(second)s")
    NO_ATTEMPT_BEGAN = N_("%(source)s: no attempt says when it began")
    NO_ATTEMPT_SETTLED = N_("%(source)s: no attempt is old enough for its outcome to be known")
    OUTCOMES_ON_ONE_SIDE = N_("%(source)s: no outcomes are known on one side of the split")
    OUTCOME_UNKNOWN = N_("Outcomes must be 0 (stopped), 1 (finished) or NaN (open)")
    ITEM_REPEATED = N_("Two items of the catalog share an id")
    HISTORIES_MISFIT = N_("Histories must have one row per learner and the same items")
    EVENT_KINDS_UNKNOWN = N_("Unknown kinds of event: %(kinds)s; known: %(known)s")
    NO_COURSE = N_("There is nothing to recommend: neither interactions nor items hold a course")
    ITEMS_UNKNOWN = N_("Not in the catalog: %(items)s")
    NO_RATINGS = N_("Predicting ratings needs a column of ratings (weight); this file says only who took what")
    FEW_RATINGS = N_("%(ratings)s ratings are too few to learn from and to measure on; at least %(least)s are needed")
    RATINGS_ALIKE = N_("Every rating is %(rating)g: there is nothing to predict")
    ALL_COMPLETED = N_("With completed meaning a rating of at least %(threshold)g, all %(pairs)s pairs are completed: one class")
    NONE_COMPLETED = N_("With completed meaning a rating of at least %(threshold)g, all %(pairs)s pairs are only audited: one class")
    FEW_OF_A_CLASS = N_(
        "%(completed)s of %(pairs)s pairs are completed (rating of at least %(threshold)g); each class needs at least %(least)s to be "
        "measured"
    )

    # Rows and cells that cannot be used: the end of a sentence that begins with their place.
    ROW = N_("row %(row)s, %(column)s: %(reason)s")
    MORE_PROBLEMS = N_("and %(rest)s more")
    MISSING = N_("is missing")
    NOT_A_NUMBER = N_("is not a number")
    NOT_A_TIME = N_("is neither a number nor a date")
    NOT_A_TRUTH_VALUE = N_("is neither true nor false")
    NOT_A_SHARE = N_("is not a share from 0 to 1")
    NOT_MINUTES = N_("is not a number of minutes")
    NOT_ONE_OF = N_("is none of %(known)s")
    ENDS_BEFORE_BEGINNING = N_("lies before the beginning")
    REPEATED_ROW = N_("the same row stands further up")
    REPEATED_ATTEMPT = N_("the same attempt stands further up")
    REPEATED_ID = N_("stands further up: %(item)s")
    LEVEL_UNREAD = N_("is not a level: %(cell)r")
    DURATION_UNREAD = N_("is not a positive number: %(cell)r")
    TIME_UNREAD = N_("is neither a number nor a date: %(cell)r")

    # What is asked for.
    NO_CLOCK_FOR_SPLIT = N_("A split by time needs timestamps; use the split leave-last, which needs only an order")
    COUNTS_FOR_SPLIT = N_(
        "A split by time needs dates or seconds since 1970, but these timestamps are small numbers, as places in a sequence are; "
        "use the split leave-last, which needs only an order"
    )
    SPLIT_UNKNOWN = N_("Unknown split %(split)r; known are %(known)s")
    MODELS_UNKNOWN = N_("Unknown model %(models)s; known are %(known)s")
    NOTHING_HELD_OUT = N_("Nothing can be held out: no learner has two courses")
    NOTHING_TO_FIND = N_("The test file holds no positive interaction")
    AGEING_UNKNOWN = N_("Unknown ageing %(ageing)r; known are %(known)s")
    AGEING_WITHOUT_ORDER = N_("A model cannot age on data whose order means nothing")
    AGEING_WITHOUT_CLOCK = N_("Ageing by time needs timestamps")
    AGEING_WITHOUT_WINDOW = N_("No window after the first %(first)s of events holds %(learners)s learners with a new course")
    PROTOCOL_WITHOUT_TEST = N_("--protocol says what --test holds: add the test file")
    ABLATION_WITHOUT_HYBRID = N_("An ablation takes sources out of the hybrid: add it to --models")
    RESULT_NOT_AN_OBJECT = N_("%(file)s holds no result: an object was expected")
    RESULT_INCOMPLETE = N_("%(name)s is not a complete result: %(error)s")
    RESULT_UNKNOWN = N_("%(name)s holds nothing to report: it has none of %(known)s at its top")
    RESULT_EMPTY = N_("%(name)s holds nothing to report: what it names is empty")
    TORCH_ABSENT = N_("Neural models need torch (pip install -r requirements-neural.txt): %(error)s")
    ENCODER_ABSENT = N_("Semantic embeddings are an extra (see requirements-semantic.txt): %(error)s")

    # Logged slates and policies to evaluate on them.
    LOG_EMPTY = N_("The log holds no place")
    POSITION_TAKEN_TWICE = N_("Two rows of the log fill the same position of a slate")
    SLATE_MIXED = N_("Place %(place)s: slate %(slate)r belongs to two learners, contexts or times")
    PROPENSITY_OUT_OF_RANGE = N_("Place %(place)s: a propensity of %(value)s is not in (0, 1]")
    REWARD_NOT_FINITE = N_("Place %(place)s: a reward of %(value)s is not a number")
    SLATE_TIME_NOT_FINITE = N_("Place %(place)s: a time of %(value)s is not a number")
    SCORE_NOT_FINITE = N_("Place %(place)s: a score of %(value)s is not a number")
    SCORE_TOO_LARGE = N_("Place %(place)s: a score of %(value)s is beyond %(most)s")
    POSITION_OUT_OF_RANGE = N_("Place %(place)s: positions count from 1, up to %(most)s, found %(value)s")
    LOG_COLUMN_ABSENT = N_("%(file)s, row %(row)s: there is no %(column)r")
    LOG_ROW_UNREADABLE = N_("%(file)s, row %(row)s: %(error)s")
    LOG_ROW_NOT_AN_OBJECT = N_("Not an object with named values: %(row)s")
    TARGET_CHANCE_UNUSABLE = N_("%(target)s: %(place)s is no chance of an item at a position")
    TARGET_INCOMPLETE = N_("%(target)s says nothing about %(missing)s of %(slates)s logged slates")
    TARGET_CHANCE_REPEATED = N_("%(target)s states the chance of an item at a position twice")
    TARGET_CHANCES_EXCEED_ONE = N_("%(target)s: the chances of a position sum to more than 1")
    TARGET_NAME_REPEATED = N_("Two targets have the same name")
    TARGET_UNREADABLE = N_("--target takes NAME=FILE, found %(target)r")

    # Ranking policies and their rules.
    NOT_A_POLICY = N_("Not a ranking policy: %(error)s")
    POLICY_NOT_A_STRENGTH = N_("%(setting)s must be a number from 0 on")
    POLICY_NOT_A_SHARE = N_("%(setting)s must lie between 0 and 1")
    POLICY_NOT_A_COUNT = N_("%(setting)s must be a whole number from %(least)s on")
    POLICY_NOT_A_MAPPING = N_("%(setting)s must map names to numbers")
    POLICY_NOT_NUMBERS = N_("%(setting)s must hold numbers from 0 on")
    POLICY_LEVEL_UNKNOWN = N_("level_mix knows %(known)s only")
    POLICY_NOT_RULES = N_("rules must be business rules")
    NOT_A_RULE = N_("Not a business rule: %(error)s")
    RULE_ACTION_UNKNOWN = N_("a rule's action is one of %(known)s")
    RULE_TARGET_UNKNOWN = N_("a rule's target is one of %(known)s")
    RULE_WITHOUT_NAME = N_("a rule names what it is about")
    RULE_STRENGTH_UNUSABLE = N_("a rule's strength is a number above 0")
    RULE_SEGMENT_UNUSABLE = N_("a rule's segment is a name or absent")
    RULE_DATE_UNUSABLE = N_("a rule's dates are seconds since the epoch")
    RULE_ENDS_BEFORE_START = N_("a rule ends after it starts")

    # Models in memory.
    NOT_FITTED = N_("%(model)s has to be fitted before it can score")
    COMPLETION_NOT_FITTED = N_("The chance to finish has to be fitted before it is asked for")
    COMPLETION_WITHOUT_CURVES = N_("Too few outcomes were known to learn what finishing depends on")
    FEATURES_MISFIT = N_("The table has other features than the model was fitted on")
    BLEND_WITHOUT_SOURCE = N_("A blend needs a source; none of %(sources)s is one of %(known)s")
    COUNTS_OF_OTHER_ITEMS = N_("Histories over %(items)s items do not fit counts of %(counted)s")
    COUNTS_TOO_MANY = N_("More than %(most)s learners cannot be counted exactly")
    COUNTS_NEVER_COUNTED = N_("A history is to be taken away that was never counted")
    COUNTS_WITHOUT_ITEMS = N_("Items left out that learners took: %(items)s")

    # Stored models: one part, then the whole, then the folder of all.
    PART_FOREIGN = N_("%(part)s holds %(found)r, not a complete %(model)r")
    PART_INCOMPLETE = N_("%(part)s does not hold a complete %(model)r")
    PART_MISFIT = N_("%(part)s: parameters do not fit %(model)r: %(error)s")
    COMPLETION_FOREIGN = N_("%(part)s holds %(found)r, not a %(model)r model")
    COMPLETION_MISFIT = N_("%(part)s: parameters do not fit: %(error)s")
    STATE_FORMAT_UNKNOWN = N_("%(part)s: format %(found)s is not %(known)s")
    STATE_UNREADABLE = N_("%(part)s: stored state cannot be read: %(error)s")
    ARRAY_OF_OBJECTS = N_("%(file)s: arrays of objects cannot be stored")
    ARRAY_NAME_UNUSABLE = N_("%(part)s: %(name)r is not a name of an array")
    ARRAY_CHANGED = N_("%(file)s: shape or type differs from what was stored")
    PAIR_COUNTS_UNREADABLE = N_("%(part)s: counts of pairs cannot be read: %(error)s")
    TEXTS_UNREADABLE = N_("%(part)s holds no index of texts: %(error)s")
    SCORES_ABSENT = N_("%(part)s lacks its scores")
    ITEMS_UNREADABLE = N_("%(part)s: its items cannot be read: %(error)s")
    NET_MISFIT = N_("%(model)s: %(found)s weights do not fit a net of %(expected)s")
    WEIGHTS_MISFIT = N_("%(part)s: weights of shape %(found)s instead of %(expected)s")
    SOURCES_UNKNOWN = N_("%(part)s: unknown sources: %(sources)s")
    SHAPES_DIFFER = N_("shapes differ")
    NAMES_MISFIT = N_("arrays and names differ in length")
    SKILLS_MISFIT = N_("%(skills)s skills but %(rows)s rows")
    TERMS_MISFIT = N_("%(terms)s terms but %(weights)s weights")
    TAKERS_MISFIT = N_("learners and takers do not belong together")
    HISTORIES_TOO_LONG = N_("histories of %(longest)s courses do not fit a limit of %(limit)s")
    ITEM_WEIGHTS_MISFIT = N_("%(model)s has weights of %(rows)s × %(columns)s for %(items)s items")
    ITEM_COUNT_DIFFERS = N_("%(model)s knows %(known)s items, not %(items)s")
    SCORES_NOT_FINITE = N_("it scores what is no number")
    PARTS_DIFFER = N_("%(model)s: its parts know different numbers of items")
    MODEL_MISFIT = N_("%(model)s does not fit its items: %(error)s")
    MODEL_UNLOADABLE = N_("It cannot be loaded: %(error)s")
    MODEL_FOREIGN = N_("%(model)s is not a model of this library")
    MODEL_VERSION_UNKNOWN = N_("%(model)s has format version %(found)r; this library reads %(known)s")
    MODEL_ABSENT = N_("No model in %(folder)s: %(error)s")
    MODEL_FILES_ABSENT = N_("%(model)s lacks %(files)s")
    MODEL_FILES_UNKNOWN = N_("%(model)s holds files its manifest does not name: %(files)s")
    MODEL_FILE_DAMAGED = N_("%(file)s is damaged: its checksum does not match the manifest")
    MODEL_EXISTS = N_("%(model)s exists already")
    MODEL_NOT_STORED = N_("A model cannot be stored in %(folder)s: %(error)s")
    MANIFEST_DAMAGED = N_("The manifest of %(model)s is damaged: its checksum does not match")
    MANIFEST_INCOMPLETE = N_("The manifest of %(model)s is incomplete: %(error)s")
    MANIFEST_FILE_FORBIDDEN = N_("The manifest names a file that is not allowed: %(file)r")
    MANIFEST_TOO_LARGE = N_("%(file)s is too large for a manifest")
    MANIFEST_NOT_JSON = N_("%(file)s is damaged: not JSON")
    MANIFEST_NOT_AN_OBJECT = N_("%(file)s is damaged: not an object")
    CREATED_WITHOUT_ZONE = N_("created_at has no time zone")
    CREATED_UNREADABLE = N_("created_at is not a time: %(value)r")
    PROMOTIONS_TOO_LARGE = N_("%(file)s is damaged: it is too large")
    PROMOTIONS_FOREIGN = N_("%(file)s is of another format")
    PROMOTIONS_DAMAGED = N_("%(file)s is damaged: %(error)s")
    PROMOTIONS_NOT_WRITTEN = N_("%(file)s cannot be written in %(folder)s: %(error)s")
    MODEL_UNKNOWN = N_("There is no model %(model)r in %(folder)s")
    NO_EARLIER_MODEL = N_("There is no usable model in %(folder)s that served before the present one")
    ANOTHER_MODEL_SERVES = N_("%(model)s does not serve any more: %(serving)s does")
    NO_USABLE_MODEL = N_("No usable model in %(folder)s")
    ALL_MODELS_REFUSED = N_("No usable model in %(folder)s: %(refused)s refused")
    NOT_A_FOLDER = N_("%(folder)s is not a directory")
    NOT_A_MODELS_FOLDER = N_("%(folder)s is not a directory of models")

    @property
    def code(self) -> str:
        """What is stored."""
        return self.name.lower()


_MESSAGES: Mapping[str, str] = {fault.code: fault.value for fault in Fault}


def fault_statement(fault: Fault, **values: Any) -> Statement:
    """The fault as a code with plain values: another fault becomes one in JSON, an exception what it says, a path text."""
    return Statement(fault.code, {name: _to_plain_value(value) for name, value in values.items()})


def fault_sentence(fault: Statement | Mapping[str, Any], say: Say = format_message) -> str:
    """The sentence of a statement or of its JSON, said by `say`; the code itself where another version knew it."""
    code, params = (fault.code, fault.params) if isinstance(fault, Statement) else (fault["code"], fault.get("params", {}))
    message = _MESSAGES.get(code, "")
    if not message or ("%(" in message and not params):  # of another version, or cut where it was stored
        return str(code)
    try:
        return say(message, **{name: _value_in_sentence(value, say) for name, value in params.items()})
    except (KeyError, TypeError, ValueError):  # the same
        return str(code)


def _to_plain_value(value: Any) -> Any:
    if hasattr(value, "statement"):  # an error that carries a fault
        value = value.statement
    if isinstance(value, Statement):
        return {"code": value.code, "params": dict(value.params)}
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        return [_to_plain_value(one) for one in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)


def _value_in_sentence(value: Any, say: Say) -> Any:
    """A value as it stands in a sentence: lists with commas between words and semicolons between sentences."""
    if isinstance(value, Mapping):
        return fault_sentence(value, say)
    if isinstance(value, list):
        between = "; " if any(isinstance(one, Mapping) for one in value) else ", "
        return between.join(str(_value_in_sentence(one, say)) for one in value) or say("none")
    return value
