"""What the recommender finds wrong is a code with values: each has its sentence, the values fit it, and no English stands elsewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys import errors
from recsys.errors import RecsysError
from recsys.faults import Fault
from tests.contracts.test_messages import ROOT, read_known_messages

RECSYS = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in sorted((ROOT / "recsys").rglob("*.py"))}
# Only webapp.recommender knows recsys.
WEBAPP = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in sorted((ROOT / "webapp/recommender").rglob("*.py"))}
ERRORS = frozenset(name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, RecsysError))
_PLACEHOLDER = re.compile(r"%\((\w+)\)")
_WORDS = re.compile(r"[A-Za-z]{2,},? (?:[a-z] )?[a-z]{2,}")
_LOGS = frozenset({"info", "warning", "error", "exception", "debug"})

# Where words may stand, and why. What lies in a folder is read by whoever runs the command it belongs to, and by nobody else.
_SPEAKING = {
    "recsys/faults.py": "the sentences of faults",
    "recsys/report/": "the sentences of all other codes, and pages of a report",
    "recsys/__main__.py": "the command line: its help",
    "recsys/commands/": "the command line: help, and lines it prints",
    "recsys/pipelines/": "the command line: tables and lines its commands print",
    "recsys/evaluation/results.py": "the command line: the table `evaluate` prints",
    "recsys/evaluation/slices.py": "names of groups in the JSON of evaluations, by which reports find them",
    "recsys/completion/attempt_readers.py": "answers in the files of OULAD",
    "recsys/data/known_layouts.py": "words and skills in the files of others",
    "recsys/data/layouts.py": "names of layouts, and a word in the files of MovieLens",
    "recsys/data/sentiment.py": "words by which a language is known",
    "recsys/features/stop_words.py": "words that texts are not found by",
}
_OF_THE_CODE = frozenset({"ValueError", "TypeError", "RuntimeError", "KeyError", "LinAlgError", "NotImplementedError"})
"""Errors of whoever calls, or of numbers: they end in a traceback."""


def fault_uses(tree: ast.AST) -> Iterator[tuple[str, int, set[str] | None]]:
    """Every fault named in code with its line, and the values it is told with; None where it is compared and not told."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Fault":
            above = parents[node]
            if isinstance(above, ast.Call) and node in above.args:
                yield node.attr, node.lineno, {word.arg or "**" for word in above.keywords}
            else:
                is_compared = isinstance(above, ast.Attribute) and above.attr == "code"
                yield node.attr, node.lineno, None if is_compared else {"told without values"}


def misfits(tree: ast.AST) -> list[int]:
    """Lines on which a fault is told with other values than its sentence holds, or that is none."""
    return [
        line
        for name, line, values in fault_uses(tree)
        if name not in Fault.__members__ or (values is not None and values != set(_PLACEHOLDER.findall(Fault[name].value)))
    ]


def errors_in_words(tree: ast.AST) -> list[int]:
    """Lines on which an error of the recommender's is made of anything but a fault."""
    return [
        call.lineno
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ERRORS
        and not (call.args and ast.unparse(call.args[0]).startswith(("Fault.", "fault")))
    ]


def words_in_code(tree: ast.AST) -> list[str]:
    """Texts of two words and more, but for docstrings, types, and errors of the code itself."""
    silent = {id(line.value) for line in ast.walk(tree) if isinstance(line, ast.Expr)}
    for node in ast.walk(tree):
        hints = [getattr(node, name, None) for name in ("annotation", "returns")]
        is_of_the_code = isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _OF_THE_CODE
        silent |= {id(part) for root in [*hints, node if is_of_the_code else None] if root for part in ast.walk(root)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in texts if id(node) not in silent and _WORDS.search(node.value)]


def errors_as_text(tree: ast.AST) -> list[int]:
    """Lines on which code that caught an error of the recommender's hands on its English, other than to a log."""
    lines = []
    for handler in ast.walk(tree):
        if not (isinstance(handler, ast.ExceptHandler) and handler.type and handler.name):
            continue
        if not any(isinstance(kind, ast.Name) and kind.id in ERRORS for kind in ast.walk(handler.type)):
            continue
        logged = {id(part) for call in ast.walk(handler) if _is_log(call) for part in ast.walk(call)}
        for node in ast.walk(handler):
            is_text = isinstance(node, ast.Call) and ast.unparse(node.func) in ("str", "repr", "format")
            if (is_text or isinstance(node, ast.JoinedStr)) and id(node) not in logged and _names(node, handler.name):
                lines.append(node.lineno)
    return lines


def _is_log(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOGS


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


@pytest.mark.parametrize("path", RECSYS)
def test_the_recommender_speaks_in_faults_that_fit_their_sentence(path: str) -> None:
    assert misfits(RECSYS[path]) == []
    assert errors_in_words(RECSYS[path]) == []
    assert path.startswith(tuple(_SPEAKING)) or words_in_code(RECSYS[path]) == []


def test_every_fault_is_told_somewhere() -> None:
    uses = (use for tree in [*RECSYS.values(), *WEBAPP.values()] for use in fault_uses(tree))
    assert {name for name, _line, values in uses if values is not None} == set(Fault.__members__)


@pytest.mark.parametrize("start", _SPEAKING)
def test_every_exception_is_needed(start: str) -> None:
    assert any(words_in_code(tree) for path, tree in RECSYS.items() if path.startswith(start))


@pytest.mark.parametrize("path", WEBAPP)
def test_the_application_hands_no_english_of_the_recommender_on(path: str) -> None:
    assert misfits(WEBAPP[path]) == []
    assert errors_as_text(WEBAPP[path]) == []


def test_every_sentence_of_a_fault_is_in_the_template_of_catalogs() -> None:
    without_words = {Fault.UNUSABLE_ROWS.value}
    assert {fault.value for fault in Fault} - read_known_messages() == without_words


@pytest.mark.parametrize(
    "code",
    [
        "raise DataError(Fault.FILE_ABSENT)",
        "raise DataError(Fault.FILE_ABSENT, path=path)",
        "raise DataError(Fault.FILE_ABSENT, file=path, error=error)",
        "raise DataError(Fault.FILE_ABSENT, **values)",
        "raise DataError(Fault.NO_SUCH_FAULT)",
        "wrong = Fault.FILE_ABSENT",
    ],
)
def test_values_that_do_not_fit_are_seen(code: str) -> None:
    assert misfits(ast.parse(code))


def test_values_that_fit_pass() -> None:
    assert misfits(ast.parse("raise DataError(Fault.FILE_ABSENT, file=path)\nwrong.code == Fault.FILE_ABSENT.code")) == []


@pytest.mark.parametrize("code", ['raise DataError("It is gone")', "raise ArtifactError(str(error))", "raise DataError()"])
def test_errors_made_of_words_are_seen(code: str) -> None:
    assert errors_in_words(ast.parse(code))


@pytest.mark.parametrize(
    "code", ['told = "is missing"', 'f"{n} rows left out"', 'say(reason="not a number")', 'raise Odd("It went wrong")']
)
def test_words_in_code_are_seen(code: str) -> None:
    assert words_in_code(ast.parse(f"x = [{code}]" if code.startswith(("f", "say")) else code))


@pytest.mark.parametrize(
    "code", ['"""It is gone."""', 'raise ValueError("p must lie between")', 'x: "Model | None" = None', 'kind = "user_id"']
)
def test_what_nobody_is_told_passes(code: str) -> None:
    assert words_in_code(ast.parse(code)) == []


@pytest.mark.parametrize(
    ("caught", "seen"),
    [
        ("refused.append(str(error))", True),
        ('raise Conflict(f"Not that: {error}")', True),
        ("return repr(error)", True),
        ('log.warning("model_refused", reason=str(error))', False),
        ("raise NothingToTrain(error.statement) from error", False),
    ],
)
def test_english_that_is_handed_on_is_seen(caught: str, seen: bool) -> None:
    tree = ast.parse(f"try:\n    train()\nexcept (DataError, OSError) as error:\n    {caught}")
    assert bool(errors_as_text(tree)) is seen


def test_the_errors_are_those_of_the_library() -> None:
    assert {"RecsysError", "DataError", "ArtifactError"} <= ERRORS
    assert Path(errors.__file__).parent.name == "recsys"
