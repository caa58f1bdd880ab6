"""Every visible string can be extracted for translation: none stands in a template or in code by itself, none is put together."""

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from webapp.registries.events import EventKind
from webapp.registries.jobs import JOBS
from webapp.registries.notifications import NotificationKind
from webapp.registries.personal_data import PersonalData

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
POT = ROOT / "webapp" / "translations" / "messages.pot"
# The style page shows parts with made-up content, in development only.
PAGES = sorted(path for path in TEMPLATES.rglob("*.*") if path.suffix in (".html", ".txt") and "styleguide" not in path.as_posix())
_FOR_OPERATORS = frozenset(
    # Commands, the start and its settings; slips of the sample catalog, which are those of whoever writes it; steps of migrations.
    {"cli", "sample", "migrations", "server", "readiness.py", "config.py", "start.py", "factory.py"}
)
# The style page and its samples are a developer's; what the store of limits and `sql_epoch` say is SQL,
# and `titles` lists names of technologies.
SPEAKING = sorted(
    path
    for path in (ROOT / "webapp").rglob("*.py")
    if path.stem not in ("styleguide", "styleguide_charts", "styleguide_tables", "limit_store", "sql_epoch", "titles")
    and path.relative_to(ROOT / "webapp").parts[0] not in _FOR_OPERATORS
)
# web/i18n.py passes on what templates look up.
CODE = [
    ROOT / "recsys/report/sentences.py",
    ROOT / "recsys/faults.py",
    *sorted(path for path in (ROOT / "webapp").rglob("*.py") if path.stem != "i18n"),
]

_NAMES = frozenset({"Waymark", "CSV", "NDCG@10", "UTC", "AUC"})
"""Names and symbols that are the same in every language."""
_SPOKEN_ATTRIBUTES = frozenset(
    {"aria-label", "aria-description", "aria-valuetext", "aria-roledescription", "title", "alt", "placeholder", "label", "abbr", "summary"}
    | {"data-label", "data-show", "data-too-fast", "data-failed", "data-unreachable"}
)
_PRESSED = frozenset({"submit", "button", "reset"})
"""Inputs of these types show their value."""
_SPOKEN_PARAMETERS = frozenset(
    {"text", "label", "title", "note", "hint", "subtitle", "subject", "message", "description", "caption", "placeholder"}
)
"""What takes words in macros, forms, tables and mails: whatever is given for it is looked up, a small first letter or not."""
_CHANGING = frozenset({"format", "join", "capitalize", "lower", "upper", "title", "replace", "strip"})
"""Methods of a text that make another one of it."""
_REFUSALS = frozenset({"flash", "Invalid", "Conflict", "NotFound", "Forbidden"})
"""Calls whose first value is read by people."""
_LOOKUPS = frozenset({"_", "gettext", "ngettext", "lazy_gettext", "N_", "say"})
_LOGS = frozenset({"info", "warning", "error", "exception", "debug"})
_NO_SPEECH = frozenset(
    {"execute", "executescript", "text", "TypeVar", "CheckConstraint", "Index", "relationship", "compiles"}
    | {"ValueError", "TypeError", "RuntimeError", "LookupError", "OperationalError", "LostWriteError", "UndefinedError"}
)
"""Calls whose texts are SQL, names of types, or errors of the code itself, which no page shows."""
_VALUE = "\N{OBJECT REPLACEMENT CHARACTER}"
_LETTER = re.compile(r"[^\W\d_]")
_PHRASE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
_COUNTED = re.compile(rf"(?:%[sd]|\{{\w*\}}|{_VALUE}) [a-z]{{3,}}\b")
"""A value and a word behind it: a number of something."""
_INTRODUCED = re.compile(rf"\b[a-z]{{3,}} [a-z]{{3,}}:? (?:%[sd]|\{{\w*\}}|{_VALUE})")
"""Two words and the value they speak of."""
_FORMAT = re.compile(r"%[\d.]*[a-z]|\{[^{}]*\}")
"""The place of a value."""
_WORDS = re.compile(r"^[“]?[A-Z][a-z’]+(?:[ ,.:;!?…]|$)")
"""What reads like words for people: a capital, and then no second one as in the name of a class or a header."""


class _Text(HTMLParser):
    """Collects what is read: text, and attributes that are spoken or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        told = dict(attrs)
        self.shown += [value or "" for name, value in attrs if name in _SPOKEN_ATTRIBUTES or _is_data_in_words(name, value or "")]
        if tag == "meta" and told.get("name") == "description":
            self.shown.append(told.get("content") or "")
        if tag == "input" and told.get("type") in _PRESSED:
            self.shown.append(told.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.shown.append(data)


def _is_data_in_words(attribute: str, value: str) -> bool:
    """Whether an attribute of our own holds words for a script to show."""
    return attribute.startswith("data-") and bool(_WORDS.match(value) or re.search(r"[a-z]{2,} [a-z]{2,}|^[a-z]{2,}$", value))


def bare_words(source: str) -> list[str]:
    """Words of a template that are looked up in no catalog."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    reader = _Text()
    reader.feed(re.sub(f"(</?){_VALUE}", r"\1x", "".join(_written(tree))))  # a name of an element may be a value
    reader.close()
    words = [" ".join(text.replace(_VALUE, " ").split()) for text in reader.shown]
    given = [" ".join(text.replace(_VALUE, " ").split()) for text in _given_to_speak(tree)]
    bare = [text for text in (*words, *given) if _LETTER.search(re.sub("|".join(map(re.escape, _NAMES)), "", text))]
    return bare + [text for text in _constants(tree) if (_WORDS.match(text) or _PHRASE.search(text)) and text not in _NAMES]


def _written(node: nodes.Node) -> Iterator[str]:
    """The page as it is written, values replaced; constants that are printed count as written."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif isinstance(child, nodes.Expr):
            if isinstance(node, nodes.Output):
                yield from _printed(child)
        else:
            yield from _written(child)


def _printed(expression: nodes.Node) -> Iterator[str]:
    if isinstance(expression, nodes.Const):
        text = "" if expression.value is None else _FORMAT.sub(_VALUE, str(expression.value))
        yield _VALUE if text.startswith("-") else text  # the end of an id
    elif (branches := _branches(expression)) is not None:
        for branch in branches:
            yield from _printed(branch)
    elif isinstance(expression, nodes.Concat):
        for part in expression.nodes:
            yield from _printed(part)
    else:
        yield _VALUE


def _branches(expression: nodes.Node) -> list[nodes.Node] | None:
    """What an expression may turn out to be, where it is one of several or passes one on; None where it is neither."""
    if isinstance(expression, nodes.CondExpr):
        return [part for part in (expression.expr1, expression.expr2) if part is not None]
    if isinstance(expression, nodes.Or | nodes.And):
        return [expression.left, expression.right]
    if isinstance(expression, nodes.Filter) and expression.node is not None:
        return [expression.node, *(expression.args[:1] if expression.name in ("default", "d") else ())]
    if isinstance(expression, nodes.Getitem) and isinstance(expression.node, nodes.Dict):
        return [pair.value for pair in expression.node.items]
    if isinstance(expression, nodes.Call) and isinstance(expression.node, nodes.Getattr) and isinstance(expression.node.node, nodes.Dict):
        return [*(pair.value for pair in expression.node.node.items), *expression.args[1:]]
    return None


def _parameters_of_macros() -> dict[str, list[str]]:
    environment = Environment(extensions=["jinja2.ext.i18n"])
    trees = (environment.parse(path.read_text()) for path in (TEMPLATES / "_macros").glob("*.html"))
    return {macro.name: [part.name for part in macro.args] for tree in trees for macro in tree.find_all(nodes.Macro)}


_MACROS = _parameters_of_macros()


def _given_to_speak(tree: nodes.Template) -> Iterator[str]:
    """What calls give for parameters that are words, by name or in their place, and what macros say where nothing is given."""
    for call in tree.find_all(nodes.Call):
        given = [(pair.key, pair.value) for pair in call.kwargs]
        if isinstance(call.node, nodes.Name):
            given += zip(_MACROS.get(call.node.name, ()), call.args, strict=False)
        for name, value in given:
            if name in _SPOKEN_PARAMETERS:
                yield "".join(_printed(value))
    for macro in tree.find_all(nodes.Macro):
        for parameter, value in zip(reversed(macro.args), reversed(macro.defaults), strict=False):
            if parameter.name in _SPOKEN_PARAMETERS:
                yield "".join(_printed(value))


def _constants(node: nodes.Node) -> Iterator[str]:
    """Texts in expressions, but for those that are looked up, compared, keys of a mapping, or formats."""
    for child in node.iter_child_nodes():
        if (
            isinstance(child, nodes.Call)
            and isinstance(child.node, nodes.Name)
            and child.node.name in _LOOKUPS | {"url_for", "has_endpoint"}
        ):
            continue
        if isinstance(child, nodes.Compare | nodes.Filter | nodes.Test):
            if isinstance(child, nodes.Filter) and child.node is not None:
                yield from _constants(nodes.Output([child.node]))
            continue
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Getattr) and child.node.attr in ("get", "strftime", "format"):
            yield from _constants(child.node)
            continue
        if isinstance(child, nodes.Pair):
            yield from _constants(nodes.Output([child.value]))
            continue
        if isinstance(child, nodes.Import | nodes.FromImport | nodes.Include | nodes.Extends):
            continue
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value
        yield from _constants(child)


def put_together(source: str) -> list[int]:
    """Lines on which a template looks up what is put together: it cannot be extracted."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    return [
        call.lineno
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext") and call.args
        for message in call.args[: 2 if call.node.name == "ngettext" else 1]
        # What is stored as a code has its words declared, and a filter of its own that says them.
        if isinstance(message, nodes.Concat | nodes.BinExpr | nodes.CondExpr | nodes.Filter | nodes.Call)
        or (call.node.name == "ngettext" and not isinstance(message, nodes.Const))
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_word_of_a_template_is_looked_up(path: Path) -> None:
    source = path.read_text()
    assert bare_words(source) == []
    assert put_together(source) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Hello</p>",
        '<p>{{ _("You have") }} {{ n }} courses</p>',
        '<a aria-label="Go on">x</a>',
        '<input placeholder="Name, {{ example }}">',
        '<meta name="description" content="All about it">',
        '{{ button("Send it") }}',
        '{{ button("Send it" if fresh else _("Send it once more")) }}',
        "<p>{{ 'in your place ' if own }}finish</p>",
        '{{ stat(_("Learners"), n, note="Since Monday") }}',
        '{% set label = "Go on" %}',
        '<p>{{ "by " ~ name }}</p>',
        '<input type="submit" value="Send">',
        '<p aria-description="what it does"></p>',
        '<form data-question="Are you sure?"></form>',
        '{{ button("save") }}',
        '{{ field(form.name, hint="ten letters") }}',
        '{{ choice_input("radio", name, 1, label="yes" if x else _("No")) }}',
        '{% set words = "all of them" %}{{ words }}',
        '{{ x or "nothing" }}',
        '{{ x|default("nobody") }}',
        '{{ "%s courses"|format(n) }}',
        '{{ {"a": "draft"}[state] }}',
        '{{ {"a": _("draft")}.get(state, "gone") }}',
        "{% if fresh %}new{% endif %}",
        '<form data-done="gone"></form>',
        '{% macro more(url, label="more") %}{{ label }}{% endmacro %}',
    ],
)
def test_words_that_stand_by_themselves_are_seen(markup: str) -> None:
    assert bare_words(markup)


@pytest.mark.parametrize(
    "markup",
    [
        '<p class="small">{{ _("Hello") }}: {{ name }}</p>',
        "{% trans url=url_for('home.index') %}Go to <a href=\"{{ url }}\">the home page</a>.{% endtrans %}",
        '{{ ngettext("%(num)s course", "%(num)s courses", n) }} · 5 %',
        "<title>{{ title }} · Waymark</title>",
        '{{ button(_("Send it"), kind="primary full") }}',
        "{% if field.type == 'HiddenField' %}<script>go('Now')</script>{% endif %}",
        "<b>{{ {'Draft': 1}[status] }}</b>{{ value.strftime('Monday %d') }}",
        '<input type="hidden" value="thumbs_up"><button value="dark" data-place="3:4">{{ _("Send") }}</button>',
        '{% macro more(url, label="", kind="small", title=none) %}{{ label }}{% endmacro %}<i data-place="{{ place }}"></i>',
        '{{ tag(_("new"), "on") }}{{ x or _("nothing") }}{{ name|default("")|foreign }}',
    ],
)
def test_words_that_are_looked_up_pass(markup: str) -> None:
    assert bare_words(markup) == []


@pytest.mark.parametrize(
    "markup",
    [
        '{{ _("Hello " ~ name) }}',
        '{{ _("a" if x else "b") }}',
        '{{ ngettext(one, "%(num)s", n) }}',
        '{{ _(("Go" ~ x)|lower) }}',
        '{{ _("Go {}".format(x)) }}',
        "{{ _(level|capitalize) }}",
    ],
)
def test_lookups_of_what_is_put_together_are_seen(markup: str) -> None:
    assert put_together(markup)


def unextractable(tree: ast.AST) -> list[int]:
    """Lines on which code looks up an f-string, a sum or a formatted text; N_ marks constants only."""
    lines = []
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _LOOKUPS and call.args):
            continue
        for message in call.args[: 2 if call.func.id == "ngettext" else 1]:
            is_text = isinstance(message, ast.Constant) and isinstance(message.value, str)
            is_made = isinstance(message, ast.Call) and isinstance(message.func, ast.Attribute) and message.func.attr in _CHANGING
            is_chosen = any(isinstance(part, ast.Constant) for part in _alternatives(message)) and not is_text
            is_put_together = is_made or is_chosen or isinstance(message, ast.JoinedStr | ast.BinOp)
            if is_put_together or (call.func.id in ("N_", "ngettext") and not is_text):
                lines.append(call.lineno)
    return lines


def joined_lookups(tree: ast.AST) -> list[int]:
    """Lines on which what is looked up becomes a part of a longer text: a sentence is looked up whole, its order is the language's."""

    def is_looked_up(value: ast.expr) -> bool:
        return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _LOOKUPS

    def is_list(value: ast.expr) -> bool:
        return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "join"

    sums = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)]
    filled = [node for node in ast.walk(tree) if isinstance(node, ast.FormattedValue) and is_looked_up(node.value)]
    joined = [node for node in sums if (is_looked_up(node.left) and not is_list(node.right)) or is_looked_up(node.right)]
    return [node.lineno for node in (*joined, *filled)]


def bare_sentences(tree: ast.AST) -> list[str]:
    """Texts in code that read like words for people and are marked by nothing."""
    nodes = list(ast.walk(tree))
    marked = {id(part) for call in nodes if _marks_or_logs(call) for part in ast.walk(call)}
    documented = {id(line.value) for line in nodes if isinstance(line, ast.Expr)}
    inner = {id(part) for text in nodes if isinstance(text, ast.JoinedStr) for part in text.values}
    documented |= {id(part) for node in nodes for hint in _hints(node) for part in ast.walk(hint)}
    # When a declared kind happens is said in docs/kinds.md alone.
    documented |= {id(word.value) for word in nodes if isinstance(word, ast.keyword) and word.arg == "happens"}
    bare = []
    for node in nodes:
        if id(node) in marked | documented:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else _VALUE for part in node.values)
        else:
            continue
        if text.startswith("\n"):
            continue  # a list of words, one a line
        if _WORDS.match(text.lstrip(_VALUE + " ")) or any(like.search(text) for like in (_PHRASE, _COUNTED, _INTRODUCED)):
            bare.append(text)
    return bare + [text for text in _said_in_code(tree) if text not in bare]


def _said_in_code(tree: ast.AST) -> Iterator[str]:
    """Texts that are given to what speaks: refusals, flashes, labels of fields, and parameters that are words."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func).split(".")[-1]
        spoken = [word.value for word in call.keywords if word.arg in _SPOKEN_PARAMETERS and name not in _LOOKUPS | {"values"}]
        spoken += call.args[:1] if name in _REFUSALS or name.endswith("Field") else ()
        spoken += call.args[1:2] if name == "abort" else ()
        spoken += _between_elements(call.args[0]) if name == "Markup" and call.args else ()
        for text in (part.value for value in spoken for part in _alternatives(value) if isinstance(part, ast.Constant)):
            if isinstance(text, str) and _LETTER.search(_FORMAT.sub("", text)):
                yield text


def _between_elements(markup: ast.expr) -> list[ast.expr]:
    """What a constant of markup says, without its elements."""
    if not (isinstance(markup, ast.Constant) and isinstance(markup.value, str) and "<" in markup.value):
        return []
    return [ast.Constant(re.sub(r"<[^>]*>", "", markup.value))]


def _alternatives(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from _alternatives(value.body)
        yield from _alternatives(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for part in value.values:
            yield from _alternatives(part)
    else:
        yield value


def _hints(node: ast.AST) -> list[ast.expr]:
    """Types written as text."""
    hints = [getattr(node, name, None) for name in ("annotation", "returns")]
    return [hint for hint in hints if isinstance(hint, ast.expr)]


def _marks_or_logs(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return name in _LOOKUPS | _LOGS | _NO_SPEECH


# What is no sentence of ours on a page, by the beginning of its module's path under webapp/.
_NO_WORDS = {
    "web/": {"Lax", "Cookie", "Allow", "Location", "Origin", "View"},
    "web/errors.py": {"This site does not go by that name.\n"},  # to a name that is not ours, in plain text
    "blueprints/": {"Cookie", "Vary", "View", "Lax"},
    # Languages call themselves what they are; zones are names.
    "blueprints/account/profile_forms.py": {
        *("Deutsch", "English", "Italiano", "Nederlands", "Polski"),
        *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"),
    },
    "services/model_lifecycle.py": {"Trained"},  # a type
    "queries/model_provenance.py": {f"{_VALUE} until {_VALUE}"},  # compared, not shown
    "web/charts/": {f"{_VALUE} pale", f"{_VALUE} open"},  # classes
    # Names of programs.
    "support/client_description.py": {"Edg", "Samsung Internet", "Mac OS X"},
    # Read by operators and robots.
    "blueprints/system/views.py": {
        f"Disallow: {_VALUE}\n",
        "another model serves, the one that should was refused",
        "missing, serving popularity",
    },
}


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_in_code_is_looked_up_and_none_is_put_together(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert unextractable(tree) == []
    assert joined_lookups(tree) == []
    if path not in SPEAKING:
        return
    name = path.relative_to(ROOT / "webapp").as_posix()
    allowed = {text for start, texts in _NO_WORDS.items() if name.startswith(start) for text in texts}
    names_things = name.split("/")[0] not in ("wording", "web", "blueprints", "services")  # names of classes and tables
    assert [text for text in bare_sentences(tree) if text not in allowed and not (names_things and text.isidentifier())] == []


def bare_answers(tree: ast.AST) -> list[str]:
    """Texts with letters that functions return as they stand: in the rooms whose functions make words these are words, however small."""
    returned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None]
    texts = [part for value in returned for part in _alternatives(value)]
    whole = [part.value for part in texts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    made = ["".join(str(p.value) for p in part.values if isinstance(p, ast.Constant)) for part in texts if isinstance(part, ast.JoinedStr)]
    return [text for text in (*whole, *made) if _LETTER.search(text)]


@pytest.mark.parametrize("path", sorted((ROOT / "webapp" / "wording").glob("*.py")), ids=lambda path: path.name)
def test_no_word_of_the_wording_is_said_as_it_stands(path: Path) -> None:
    assert bare_answers(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ('def f(n): return "unknown" if n else gettext("new")', True),
        ('def f(n): return n or "none"', True),
        ('def f(n): return f"{n} days"', True),
        ('def f(n): return f"{n} · {words}"', False),
        ('def f(n): return gettext("new") if n == "new" else ""', False),
    ],
)
def test_small_words_that_are_returned_are_seen(code: str, seen: bool) -> None:
    assert bool(bare_answers(ast.parse(code))) == seen


@pytest.mark.parametrize(
    "code",
    [
        'gettext(f"Hello {name}")',
        'gettext("Hello " + name)',
        "N_(words)",
        'ngettext(one, "%(num)s", n)',
        'lazy_gettext("a {}".format(b))',
        'gettext("a" if x else "b")',
        "gettext(level.capitalize())",
    ],
)
def test_lookups_that_cannot_be_extracted_are_seen(code: str) -> None:
    assert unextractable(ast.parse(code))


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ('gettext("Saved") + name', True),
        ('name + gettext("saved")', True),
        ("f\"{name}: {gettext('saved')}\"", True),
        ('gettext("No file is known.") + "".join(reasons)', False),
        ('gettext("%(name)s is saved", name=f"{a} {b}")', False),
    ],
)
def test_lookups_that_become_a_part_of_a_sentence_are_seen(code: str, seen: bool) -> None:
    assert bool(joined_lookups(ast.parse(code))) == seen


@pytest.mark.parametrize(
    "code",
    [
        'flash("saved it")',
        'raise Invalid("too long")',
        'raise Forbidden("not yours")',
        'abort(403, "no")',
        'Markup("<b>gone</b>")',
        'BooleanField(label="stay in")',
        'post_mail(to, subject="your password" if new else words)',
        'text = f"{n} courses"',
        'text = f"last heartbeat {when:%H:%M} UTC"',
        'text = "%d courses" % n',
    ],
)
def test_small_words_that_are_given_to_speak_are_seen(code: str) -> None:
    assert bare_sentences(ast.parse(code))


@pytest.mark.parametrize(
    "code", ['flash("Saved.")', 'flash(f"{n} courses are now yours")', 'label = "Hours a week"', 'raise Invalid(f"Use at most {n}")']
)
def test_sentences_that_stand_by_themselves_are_seen(code: str) -> None:
    assert bare_sentences(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        'flash(gettext("Saved."))',
        'log.info("Saved it once")',
        '"""Says what it is."""',
        'kind = "primary full"',
        """Markup('<bdi dir="auto">{}</bdi>')""",
        """Markup('aria-hidden="true"')""",
        "abort(404)",
        'Row = TypeVar("Row", int, str)',
    ],
)
def test_sentences_that_are_looked_up_pass(code: str) -> None:
    assert bare_sentences(ast.parse(code)) == []


def test_the_template_of_catalogs_is_what_make_messages_writes(tmp_path: Path) -> None:
    recipe = re.search(r"^messages:.*?\n\t(.*?)\n\n", (ROOT / "Makefile").read_text(), re.DOTALL | re.MULTILINE)
    assert recipe
    words = shlex.split(recipe[1].replace("\\\n", " "))
    command = [sys.executable, "-m", "babel.messages.frontend", *words[1:]]
    fresh = tmp_path / "messages.pot"
    command[command.index("--output-file") + 1] = str(fresh)
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert fresh.read_text() == POT.read_text(), "run make messages"


def read_known_messages() -> set[str]:
    """The messages of the template of catalogs."""
    with POT.open("rb") as file:
        return {message.id if isinstance(message.id, str) else message.id[0] for message in read_po(file)}


def test_what_registries_declare_is_in_it() -> None:
    known = read_known_messages()
    declared = set()
    for event in (kind.spec for kind in EventKind):
        declared |= {event.verb, event.basis, event.standing}
        if event.button:
            declared |= {event.button.label, event.button.done}
    for notification in (kind.spec for kind in NotificationKind):
        declared |= {notification.message, notification.without_topic, notification.note, notification.announced}
    for personal in (kind.spec for kind in PersonalData):
        declared |= {personal.title, personal.contents}
    declared |= {job.title for job in JOBS.values()}
    assert {message for message in declared if _LETTER.search(re.sub(r"\{\w*\}", "", message or ""))} <= known


def test_every_message_of_code_is_in_it() -> None:
    known = read_known_messages()
    calls = (call for path in CODE for call in ast.walk(ast.parse(path.read_text())) if isinstance(call, ast.Call) and call.args)
    spoken = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in _LOOKUPS and isinstance(call.args[0], ast.Constant)
    }
    assert len(spoken) > 200
    assert spoken <= known
