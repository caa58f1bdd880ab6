"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted(p for d in ("webapp", "recsys", "tests", "benchmarks") for p in (ROOT / d).rglob("*.py") if "versions" not in p.parts)
CODE = [p for p in PYTHON if p.relative_to(ROOT).parts[0] in ("webapp", "recsys")]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


Nodes = Sequence[ast.AST]
"""All nodes of a file, in the order of `ast.walk`."""


def nodes_of(source: str) -> Nodes:
    return list(ast.walk(ast.parse(source)))


def last_name(expression: ast.expr) -> str:
    """`now` of `clock.now`."""
    return ast.unparse(expression).rpartition(".")[2]


def commits(nodes: Nodes) -> list[int]:
    """Lines that end a transaction: by the method's name, called or not, by a block that does so at its end, by a setting, or in SQL."""
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    begun = [
        node.func for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "begin"
    ]
    texts = [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return (
        [method.lineno for method in attributes if method.attr == "commit"]
        + [method.lineno for method in begun]
        + [text.lineno for text in texts if re.match(r"\s*(commit\s*;?|autocommit)\s*$", text.value, re.IGNORECASE)]
    )


_REFUSALS = frozenset({"ServiceError", "Invalid", "Conflict", "NotFound", "Forbidden"})


def swallowed_refusals(nodes: Nodes) -> list[int]:
    """Lines on which a refusal of a service is caught and not passed on: what the service had done until then would stay."""
    return [
        handler.lineno
        for handler in nodes
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None and not isinstance(handler.body[-1], ast.Raise)
        if _REFUSALS & {last_name(part) for part in ast.walk(handler.type) if isinstance(part, ast.Name | ast.Attribute)}
    ] + [
        call.lineno
        for call in nodes
        if isinstance(call, ast.Call) and last_name(call.func) == "suppress"
        if _REFUSALS & {last_name(argument) for argument in call.args}
    ]


def deferred_decisions(nodes: Nodes) -> list[int]:
    """Lines on which writing an audit entry is put off to where it may fail by itself."""
    return [
        node.lineno
        for node in nodes
        if isinstance(node, ast.Call) and last_name(node.func) in ("defer_write", "after_commit")
        if any(isinstance(part, ast.Name | ast.Attribute) and ast.unparse(part).endswith("record_decision") for part in ast.walk(node))
    ]


def forgiven_audits(nodes: Nodes) -> list[int]:
    """Lines on which code goes on though writing an audit entry has failed."""
    forgiving = [
        node
        for node in nodes
        if (isinstance(node, ast.Try) and any(not isinstance(handler.body[-1], ast.Raise) for handler in node.handlers))
        or (isinstance(node, ast.With) and any("suppress(" in ast.unparse(item.context_expr) for item in node.items))
    ]
    return [
        call.lineno
        for node in forgiving
        for statement in node.body
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and last_name(call.func) in ("record_decision", "defer_decision")
    ]


def audit_entries(nodes: Nodes) -> list[int]:
    """Lines that make a row of the audit."""
    return [node.lineno for node in nodes if isinstance(node, ast.Call) and last_name(node.func) == "AuditEntry"]


_NO_VALUES = frozenset({"found", "told", "thing", "things", "stuff"})
_NO_NAMES = _NO_VALUES | {"named", "data_of", "do", "again"}


def nameless_definitions(nodes: Nodes) -> list[str]:
    """Functions and classes whose name does not say what they do or hold."""
    defined = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    return [f"{node.lineno} {node.name}" for node in defined if node.name.strip("_").lower() in _NO_NAMES]


def nameless_values(nodes: Nodes) -> list[str]:
    """Arguments and variables whose name does not say what they hold."""
    arguments = [(node.lineno, node.arg) for node in nodes if isinstance(node, ast.arg)]
    variables = [(node.lineno, node.id) for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return [f"{line} {word}" for line, word in arguments + variables if word in _NO_VALUES]


def long_functions(nodes: Nodes) -> list[str]:
    """Functions past 60 lines."""
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 > 60]


def words_unpacked_into_addresses(nodes: Nodes) -> list[int]:
    """Lines on which `url_for` takes keywords nobody wrote down: words of a request could be among them."""
    calls = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "url_for"]
    return [call.lineno for call in calls if any(word.arg is None for word in call.keywords)]


_WHO = re.compile(r"(?:^|[._])(?:user|actor|person|author|creator)_id$")


def numbers_for_nobody(nodes: Nodes) -> list[int]:
    """Lines with `user_id or 0`: who acts is a Person, the System or nobody, and number zero would make a person of nobody."""
    choices = [node for node in nodes if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)]
    zero = [node for node in choices if isinstance(last := node.values[-1], ast.Constant) and last.value == 0]
    return [node.lineno for node in zero if _WHO.search(ast.unparse(node.values[0]))]


_FOLDED = frozenset({"title", "summary", "name"})


def unfolded_statements(nodes: Nodes) -> list[int]:
    """`update(table)` and `insert(table)` do not pass the model, which keeps folded columns: their values pass `with_folded`."""
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"]
    return [call.lineno for call in calls if any(word.arg in _FOLDED for word in call.keywords)]


_SENTENCE = re.compile(r"[A-Z][a-z]+,? [a-z]+|[a-z]{2,} [a-z]{2,} [a-z]{2,}")
_COUNTED = re.compile(r"\{\} [a-z]{3,}\b")
"""A value and a word behind it: a number of something."""
_ADDRESS = re.compile(r"/[a-z]+(/|\?|$)|https?://")
_SPEAKS_SQL = frozenset({"text", "execute", "CheckConstraint", "Index"})


def sentences_and_addresses(nodes: Nodes) -> list[str]:
    """Texts that read like words for people or an address, but for docstrings, SQL, what is logged, and errors of the code itself."""
    silent = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    silent |= {id(part) for node in nodes if isinstance(node, ast.Call) and _is_for_us(node) for part in ast.walk(node)}
    whole = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent]
    filled = [
        "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        for node in nodes
        if isinstance(node, ast.JoinedStr) and id(node) not in silent
    ]
    like_words = [text for text in (*whole, *filled) if _SENTENCE.search(text) or _ADDRESS.match(text)]
    return like_words + [text for text in filled if _COUNTED.search(text)]


def _is_for_us(call: ast.Call) -> bool:
    return _is_log(call) or last_name(call.func) in _SPEAKS_SQL or last_name(call.func).endswith("Error")


def _is_log(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "log"


@dataclass(frozen=True)
class Rule:
    """What no code of the house does: `breaks` gives the places where a file does it."""

    breaks: Callable[[Nodes], Sequence[object]]
    but_for: frozenset[str] = frozenset()
    """Files that do it, each for a reason of its own."""
    rooms: tuple[str, ...] = ("webapp/", "recsys/")
    """Where the rule holds."""
    outside: tuple[str, ...] = ()
    """Where in these it does not."""

    def holds_for(self, file: str) -> bool:
        return file.startswith(self.rooms) and not file.startswith(self.outside)


RULES = (
    # The lock of the leader is a connection that keeps no rows and lives as long as its process. What looks whether the database can
    # serve closes its transaction, so nothing of it stays.
    Rule(commits, but_for=frozenset({"webapp/transactions.py", "webapp/jobs/leader_lock.py", "webapp/readiness.py"})),
    # Pages try service calls with `accepts`, which keeps nothing of one that is refused; commands and jobs end their unit of work.
    # `canonical_email` brings to one form what is no address, and does nothing else.
    Rule(
        swallowed_refusals,
        but_for=frozenset({"webapp/web/service_refusals.py", "webapp/services/accounts.py"}),
        outside=("webapp/cli/", "webapp/jobs/"),
    ),
    # What a page that reads has written down later may fail by itself; a decision may not: it is deferred by `defer_decision` alone.
    Rule(deferred_decisions, but_for=frozenset({"webapp/services/audit.py"})),
    Rule(forgiven_audits),
    Rule(audit_entries, but_for=frozenset({"webapp/services/audit.py"})),
    Rule(nameless_definitions, rooms=("",)),
    Rule(nameless_values),
    Rule(long_functions),
    Rule(words_unpacked_into_addresses, but_for=frozenset({"webapp/web/page_addresses.py"})),
    Rule(numbers_for_nobody),
    Rule(unfolded_statements),
    Rule(
        sentences_and_addresses,
        # Jobs stand above wording and speak in codes. The first pages are asked of the site itself, at its own address; the
        # mark of erasures is compared, not shown.
        but_for=frozenset({"webapp/jobs/first_pages.py", "webapp/queries/model_provenance.py"}),
        rooms=tuple(f"webapp/{room}/" for room in ("jobs", "recommender", "queries", "analytics", "policies", "models")),
    ),
)


def broken(file: str, source: str) -> dict[str, Sequence[object]]:
    """The places where a file breaks a rule that holds for it, by rule."""
    rules = [rule for rule in RULES if rule.holds_for(file)]
    nodes = nodes_of(source) if rules else ()
    return {rule.breaks.__name__: places for rule in rules if (places := rule.breaks(nodes))}


@pytest.mark.parametrize("path", CODE, ids=name)
def test_code_keeps_the_rules(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 400  # one subject a file; past this length ask why
    places = broken(name(path), source)
    assert set(places) == {rule.breaks.__name__ for rule in RULES if name(path) in rule.but_for}, places


def test_files_a_rule_leaves_out_are_there() -> None:
    assert {file for rule in RULES for file in rule.but_for} <= {name(path) for path in CODE}


def test_tests_and_benchmarks_keep_those_that_are_for_them() -> None:
    assert {file: places for path in PYTHON if path not in CODE if (places := broken(file := name(path), path.read_text()))} == {}


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("db.session.commit()", commits),
        ("with db.engine.begin() as connection: pass", commits),
        ("with db.session.begin(): pass", commits),
        ('connection.exec_driver_sql("COMMIT")', commits),
        ("with engine.connect() as c, c.begin(): pass", commits),
        ("session.get_bind().begin()", commits),
        ("end = session.commit", commits),
        ('create_engine(url, isolation_level="AUTOCOMMIT")', commits),
        ("try: save()\nexcept Invalid: pass", swallowed_refusals),
        ("try: save()\nexcept (KeyError, errors.Conflict) as no: flash(str(no))", swallowed_refusals),
        ("with suppress(NotFound): save()", swallowed_refusals),
        ("after_commit(lambda: audit.record_decision(actor, 'x'))", deferred_decisions),
        ("with suppress(Exception):\n    record_decision(actor, 'x')", forgiven_audits),
        ("try:\n    audit.defer_decision(actor, 'x')\nexcept OSError:\n    log.exception('no')", forgiven_audits),
        ("db.session.add(audit.AuditEntry(kind='x'))", audit_entries),
        ("class Thing: pass", nameless_definitions),
        ("async def _do(): pass", nameless_definitions),
        ("def f(things): pass", nameless_values),
        ("with f() as stuff: pass", nameless_values),
        ("def f():\n" + "    pass\n" * 60, long_functions),
        ("url_for('home.index', **request.args)", words_unpacked_into_addresses),
        ("actor.user_id or 0", numbers_for_nobody),
        ("user_id or 0", numbers_for_nobody),
        ("update(table).values(title=title)", unfolded_statements),
        ("x = 'Not enough data'", sentences_and_addresses),
        ("x = 'not enough data'", sentences_and_addresses),
        ("x = f'{n} learners took it'", sentences_and_addresses),
        ("x = '/courses/' + slug", sentences_and_addresses),
        ("x = 'https://example.org'", sentences_and_addresses),
    ],
)
def test_what_breaks_a_rule_is_seen(code: str, rule: Callable[[Nodes], Sequence[object]]) -> None:
    assert rule(nodes_of(code))


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("with db.session.begin_nested(): pass", commits),
        ('log.info("committed")', commits),
        ("begin(commit)", commits),
        ("event.listens_for(engine, 'begin')(context.begin_transaction)", commits),
        ("try: save()\nexcept Invalid as no: raise ValidationError(str(no)) from None", swallowed_refusals),
        ("try: save()\nexcept KeyError: pass", swallowed_refusals),
        ("after_commit(lambda: post(mail))", deferred_decisions),
        ("try:\n    record_decision(actor, 'x')\nexcept OSError as error:\n    raise Conflict('no') from error", forgiven_audits),
        ("with savepoint():\n    record_decision(actor, 'x')", forgiven_audits),
        ("found_courses = f(x.found)", nameless_values),
        ("def f():\n" + "    pass\n" * 59, long_functions),
        ("url_for('home.index', page=2)", words_unpacked_into_addresses),
        ("row['user_id'] or -1", numbers_for_nobody),
        ("user_id or None", numbers_for_nobody),
        ("count or 0", numbers_for_nobody),
        ("update(table).values(**with_folded(title=title))", unfolded_statements),
        ("CheckConstraint('closed_at is null or so')", sentences_and_addresses),
        ("raise TypeError(f'{n} values are too many')", sentences_and_addresses),
        ("x = f'{kind}:{number}'", sentences_and_addresses),
        ('def f():\n    """Says it in words."""\n    log.info("Said it once")', sentences_and_addresses),
    ],
)
def test_what_keeps_it_passes(code: str, rule: Callable[[Nodes], Sequence[object]]) -> None:
    assert not rule(nodes_of(code))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_hold_no_inline_code_carry_tokens_and_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 150
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|hx-on", text) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag] == []
    assert re.findall(r"(?:src|href)=\"https?://", text) == []
    for form in re.findall(r"<form\b.*?</form>", text, flags=re.DOTALL):
        if re.search(r"method=[\"']post", form, flags=re.IGNORECASE):
            assert re.search(r"csrf|hidden_tag|form_start|feedback_fields", form), form[:200]


def test_recsys_works_where_flask_is_not_installed() -> None:
    block = "import sys; sys.modules.update(dict.fromkeys(('flask', 'sqlalchemy', 'apscheduler', 'webapp')))\n"
    code = block + "import recsys.pipelines.train, recsys.serving.recommender, recsys.__main__"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_readme_names_every_setting() -> None:
    read = set(re.findall(r'reader\.(?:text|number|switch|choice)\("([A-Z_]+)"', (ROOT / "webapp/config.py").read_text()))
    table = (ROOT / "README.md").read_text()
    named = set(re.findall(r"`WAYMARK_([A-Z_]+)`", table)) | {f"MAIL{part}" for part in re.findall(r"`(_[A-Z_]+)`", table)}
    assert len(read) > 15
    assert read <= named
