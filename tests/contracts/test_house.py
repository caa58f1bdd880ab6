"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted(p for d in ("webapp", "recsys", "tests", "benchmarks") for p in (ROOT / d).rglob("*.py") if "versions" not in p.parts)
CODE = [p for p in PYTHON if p.relative_to(ROOT).parts[0] in ("webapp", "recsys")]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commits(tree: ast.AST) -> bool:
    """Whether code ends a transaction: by its name, by a block on an engine that does so at its end, or in SQL."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return (
        any(method.attr == "commit" for method in called)
        or any(method.attr == "begin" and ast.unparse(method.value).endswith(("engine", "session")) for method in called)
        or any(re.match(r"\s*commit\s*;?\s*$", text, re.IGNORECASE) for text in texts)
    )


def test_only_the_unit_of_work_commits() -> None:
    assert {name(path) for path in CODE if commits(ast.parse(path.read_text()))} == {"webapp/transactions.py"}


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("db.session.commit()", True),
        ("with db.engine.begin() as connection: pass", True),
        ("with db.session.begin(): pass", True),
        ('connection.exec_driver_sql("COMMIT")', True),
        ("with db.session.begin_nested(): pass", False),
        ('log.info("committed")', False),
    ],
)
def test_commits_are_seen(code: str, seen: bool) -> None:
    assert commits(ast.parse(code)) == seen


_REFUSALS = frozenset({"ServiceError", "Invalid", "Conflict", "NotFound", "Forbidden"})


def swallowed_refusals(tree: ast.AST) -> list[int]:
    """Lines on which a refusal of a service is caught and not passed on: what the service had done until then would stay."""
    return [
        handler.lineno
        for handler in ast.walk(tree)
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None and not isinstance(handler.body[-1], ast.Raise)
        if _REFUSALS & {ast.unparse(part).split(".")[-1] for part in ast.walk(handler.type) if isinstance(part, ast.Name | ast.Attribute)}
    ] + [
        call.lineno
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "suppress"
        if _REFUSALS & {ast.unparse(argument).split(".")[-1] for argument in call.args}
    ]


def test_a_refused_call_is_tried_in_one_way() -> None:
    """Pages try service calls with `accepts`, which keeps nothing of one that is refused. Commands and jobs end their unit of work."""
    entry_points = ("cli", "jobs")
    swallowing = {
        name(path)
        for path in CODE
        if path.relative_to(ROOT).parts[:2] not in {("webapp", room) for room in entry_points}
        if swallowed_refusals(ast.parse(path.read_text()))
    }
    # `canonical_email` brings to one form what is no address, and does nothing else.
    assert swallowing == {"webapp/web/accepting.py", "webapp/services/accounts.py"}


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("try: save()\nexcept Invalid: pass", True),
        ("try: save()\nexcept (KeyError, errors.Conflict) as no: flash(str(no))", True),
        ("with suppress(NotFound): save()", True),
        ("try: save()\nexcept Invalid as no: raise ValidationError(str(no)) from None", False),
        ("try: save()\nexcept KeyError: pass", False),
    ],
)
def test_swallowed_refusals_are_seen(code: str, seen: bool) -> None:
    assert bool(swallowed_refusals(ast.parse(code))) == seen


def test_no_audit_entry_is_left_to_chance() -> None:
    """What a page that reads has written down later may fail by itself; a decision may not: it is deferred by `defer_decision` alone."""
    deferring = {
        name(path)
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("defer_write", "after_commit")
        if any(isinstance(part, ast.Name | ast.Attribute) and ast.unparse(part).endswith("record_decision") for part in ast.walk(node))
    }
    assert deferring == {"webapp/services/audit.py"}


def forgiven_audits(tree: ast.AST) -> list[int]:
    """Lines on which code goes on though writing an audit entry has failed."""
    forgiving = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Try) and any(not isinstance(handler.body[-1], ast.Raise) for handler in node.handlers))
        or (isinstance(node, ast.With) and any("suppress(" in ast.unparse(item.context_expr) for item in node.items))
    ]
    return [
        call.lineno
        for node in forgiving
        for statement in node.body
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in ("record_decision", "defer_decision")
    ]


@pytest.mark.parametrize("path", CODE, ids=name)
def test_nothing_goes_on_without_its_audit_entry(path: Path) -> None:
    assert forgiven_audits(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("with suppress(Exception):\n    record_decision(actor, 'x')", True),
        ("try:\n    audit.defer_decision(actor, 'x')\nexcept OSError:\n    log.exception('no')", True),
        ("try:\n    record_decision(actor, 'x')\nexcept OSError as error:\n    raise Conflict('no') from error", False),
        ("with savepoint():\n    record_decision(actor, 'x')", False),
    ],
)
def test_forgiven_audits_are_seen(code: str, seen: bool) -> None:
    assert bool(forgiven_audits(ast.parse(code))) == seen


def test_audit_entries_are_made_in_one_place() -> None:
    making = {name(path) for path in CODE if re.search(r"\bAuditEntry\(", path.read_text()) and "/models/" not in name(path)}
    assert making == {"webapp/services/audit.py"}


_NO_VALUES = frozenset({"found", "told", "thing", "things", "stuff"})
_NO_NAMES = _NO_VALUES | {"named", "data_of", "do", "again"}


def test_functions_and_classes_have_names_that_say_something() -> None:
    nameless = [
        (name(path), node.name)
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.strip("_").lower() in _NO_NAMES
    ]
    assert nameless == [], f"say what it does or holds; none is called {sorted(_NO_NAMES)}"


@pytest.mark.parametrize("path", CODE, ids=name)
def test_values_have_names_that_say_something(path: Path) -> None:
    names = [
        node.arg if isinstance(node, ast.arg) else node.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.arg) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    ]
    assert sorted(_NO_VALUES & set(names)) == []


@pytest.mark.parametrize("path", CODE, ids=name)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400  # one subject a file; past this length ask why
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert long == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_hold_no_inline_code_and_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 150
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|hx-on", text) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag] == []
    assert re.findall(r"(?:src|href)=\"https?://", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_posting_form_carries_a_token(path: Path) -> None:
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), flags=re.DOTALL):
        if re.search(r"method=[\"']post", form, flags=re.IGNORECASE):
            assert re.search(r"csrf|hidden_tag|form_start|feedback_fields", form), form[:200]


def test_no_words_of_a_request_become_keywords_of_url_for() -> None:
    unpacking = {
        name(path)
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "url_for" and any(word.arg is None for word in node.keywords)
    }
    assert unpacking == {"webapp/web/page_addresses.py"}


@pytest.mark.parametrize("path", CODE, ids=name)
def test_nobody_is_not_number_zero(path: Path) -> None:
    """Who acts is a Person, the System or nobody; `user_id or 0` would make a person of nobody."""
    assert [ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if _stands_in_for_nobody(node)] == []


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("actor.user_id or 0", True),
        ("row['user_id'] or -1", False),
        ("user_id or 0", True),
        ("user_id or None", False),
        ("count or 0", False),
    ],
)
def test_a_number_for_nobody_is_seen(code: str, seen: bool) -> None:
    assert any(_stands_in_for_nobody(node) for node in ast.walk(ast.parse(code))) == seen


def _stands_in_for_nobody(node: ast.AST) -> bool:
    if not (isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)):
        return False
    who, last = ast.unparse(node.values[0]), node.values[-1]
    return (
        bool(re.search(r"(?:^|[._])(?:user|actor|person|author|creator)_id$", who)) and isinstance(last, ast.Constant) and last.value == 0
    )


def test_statements_past_the_model_keep_folded_text() -> None:
    """`update(table)` and `insert(table)` do not pass the model, which keeps folded columns: their values pass `with_folded`."""
    sources = {"title", "summary", "name"}
    forgetting = [
        f"{name(path)}:{node.lineno}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"
        if any(word.arg in sources for word in node.keywords)
    ]
    assert forgetting == []


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


_BELOW_WORDING = ("jobs", "recommender", "queries", "analytics", "policies", "models")  # jobs stand above and speak in codes
_SENTENCE = re.compile(r"[A-Z][a-z]+,? [a-z]+")
_ADDRESS = re.compile(r"/[a-z]+(/|\?|$)")


@pytest.mark.parametrize("path", [p for p in CODE if p.relative_to(ROOT).parts[1] in _BELOW_WORDING], ids=name)
def test_no_sentence_and_no_address_is_built_below_wording(path: Path) -> None:
    tree = ast.parse(path.read_text())
    no_words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    no_words |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_log(node) for part in ast.walk(node)}
    texts = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in no_words
    ]
    assert [text for text in texts if (_SENTENCE.search(text) or _ADDRESS.match(text))] == []


def _is_log(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "log"
