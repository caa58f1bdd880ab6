"""Reads one course file of the sample catalog: front matter, modules, lessons, quizzes (see FORMAT.md)."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webapp.support.lesson_time import LessonTime, lesson_time, split_text_and_practice

_LESSON = re.compile(r"## (?P<quiz>Quiz: )?(?P<title>.+)")
_STATED_MINUTES = re.compile(r"\(\d+ min\)$")
_PRACTICE = re.compile(r"### Practice \((?P<minutes>\d+) min\)")
_CHOICE = re.compile(r"- \[(?P<mark>[ x])\] (?P<text>.+)")
_FENCE = "```"
_LEAST_PRACTICE, _MOST_PRACTICE = 5, 90
_FEWEST_WORDS = 12  # nobody can say in less what to do, with what, and to what end


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A slip in a file of the catalog."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class UnreadableError(Exception):
    """The file does not follow the format; `problems` names every slip found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to choose."""

    text: str
    correct: bool


@dataclass(slots=True)
class Question:
    """A quiz question; `line` is where it stands."""

    text: str
    line: int
    choices: list[Choice] = field(default_factory=list)
    explanation: str = ""


@dataclass(slots=True)
class Lesson:
    """A lesson: Markdown in `body` that may end with a practice, or questions."""

    title: str
    quiz: bool
    line: int
    body: str = ""
    questions: list[Question] = field(default_factory=list)

    @property
    def time(self) -> LessonTime:
        """How long it takes, by what the minutes are spent on."""
        return lesson_time(self.body, len(self.questions))

    @property
    def minutes(self) -> int:
        """Minutes the lesson takes."""
        return self.time.minutes


@dataclass(slots=True)
class Module:
    """A module and its lessons."""

    title: str
    line: int
    lessons: list[Lesson] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CourseFile:
    """A file that follows the format; what its front matter says is not judged yet."""

    name: str
    slug: str
    topic: str
    front: dict[str, Any]
    lines: dict[str, int]
    modules: tuple[Module, ...]

    def problem(self, key: str, message: str) -> Problem:
        """A slip in a field of the front matter."""
        return Problem(self.name, self.lines.get(key, 1), message)


def read_course(path: Path, name: str) -> CourseFile:
    """The course file at `path`, called `name` in messages. Raises UnreadableError."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise UnreadableError([Problem(name, 1, f"not UTF-8: {error.reason}")]) from error
    end = _front_matter_end(lines, name)
    front = _parse_front_matter(lines[1:end], name)
    parser = _Parser(name)
    for number, line in enumerate(lines[end + 1 :], end + 2):
        parser.feed_line(number, line)
    modules = parser.finish()
    if parser.problems:
        raise UnreadableError(parser.problems)
    keys = {match[1]: number for number, line in enumerate(lines[:end], 1) if (match := re.match(r"(\w+)\s*=", line))}
    return CourseFile(name, path.stem, path.parent.name, front, keys, modules)


def _front_matter_end(lines: list[str], name: str) -> int:
    if lines[0] != "+++":
        raise UnreadableError([Problem(name, 1, "the file begins with +++")])
    if "+++" not in lines[1:]:
        raise UnreadableError([Problem(name, 1, "the front matter has no closing +++")])
    return lines.index("+++", 1)


def _parse_front_matter(lines: list[str], name: str) -> dict[str, Any]:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+)", str(error))
        raise UnreadableError([Problem(name, int(match[1]) + 1 if match else 1, f"front matter: {error}")]) from error


class _Parser:
    """Takes the lines after the front matter one by one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.modules: list[Module] = []
        self.body: list[str] = []
        self.fenced_since = 0

    @property
    def lesson(self) -> Lesson | None:
        return self.modules[-1].lessons[-1] if self.modules and self.modules[-1].lessons else None

    def add_problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.name, line, message))

    def feed_line(self, number: int, line: str) -> None:
        if line.startswith(_FENCE):
            self.fenced_since = 0 if self.fenced_since else number
        if self.fenced_since or line.startswith(_FENCE):
            self._add_text_line(number, line)
        elif line.startswith("# "):
            self._close_lesson()
            self.modules.append(Module(line[2:].strip(), number))
        elif line.startswith("##") and not line.startswith("###"):
            self._close_lesson()
            self._open_lesson(number, line)
        elif self.lesson is not None and self.lesson.quiz:
            self._quiz_line(number, line, self.lesson)
        else:
            if line.startswith("### Practice"):
                self._check_practice_heading(number, line)
            self._add_text_line(number, line)

    def _open_lesson(self, number: int, line: str) -> None:
        match = _LESSON.fullmatch(line.rstrip())
        if match is None:
            self.add_problem(number, 'a lesson heading reads "## Title"')
            return
        if _STATED_MINUTES.search(match["title"]):
            self.add_problem(number, "the minutes of a lesson are computed; state those of its practice")
            return
        if not self.modules:
            self.add_problem(number, "a lesson stands before the first module")
            return
        self.modules[-1].lessons.append(Lesson(match["title"].strip(), bool(match["quiz"]), number))

    def _check_practice_heading(self, number: int, line: str) -> None:
        match = _PRACTICE.fullmatch(line.rstrip())
        if match is None:
            self.add_problem(number, 'the heading of a practice reads "### Practice (20 min)"')
        elif not _LEAST_PRACTICE <= int(match["minutes"]) <= _MOST_PRACTICE:
            self.add_problem(number, f"a practice takes {_LEAST_PRACTICE} to {_MOST_PRACTICE} minutes")

    def _add_text_line(self, number: int, line: str) -> None:
        lesson = self.lesson
        if lesson is None or lesson.quiz:
            if line.strip():
                self.add_problem(number, "text stands outside a lesson")
            return
        self.body.append(line)

    def _quiz_line(self, number: int, line: str, lesson: Lesson) -> None:
        if not line.strip():
            return
        if line.startswith("? "):
            lesson.questions.append(Question(line[2:].strip(), number))
        elif not lesson.questions:
            self.add_problem(number, 'a quiz begins with a question: "? …"')
        elif match := _CHOICE.fullmatch(line.rstrip()):
            lesson.questions[-1].choices.append(Choice(match["text"], match["mark"] == "x"))
        elif line.startswith("> "):
            lesson.questions[-1].explanation = f"{lesson.questions[-1].explanation} {line[2:].strip()}".strip()
        else:
            self.add_problem(number, 'a quiz has lines that begin with "? ", "- [ ] ", "- [x] " or "> "')

    def _close_lesson(self) -> None:
        """Hand the collected text to the lesson that ends here."""
        if self.lesson is not None and not self.lesson.quiz and self.body:
            self.lesson.body = "\n".join(self.body).strip()
        self.body = []

    def finish(self) -> tuple[Module, ...]:
        """The modules, once the file has ended."""
        self._close_lesson()
        if self.fenced_since:
            self.add_problem(self.fenced_since, "a code block is not closed")
        if not self.modules:
            self.add_problem(1, "there is no module")
        for module in self.modules:
            if not module.lessons:
                self.add_problem(module.line, "the module has no lesson")
            for lesson in module.lessons:
                self.problems.extend(Problem(self.name, line, message) for line, message in _lesson_slips(lesson))
        return tuple(self.modules)


def _lesson_slips(lesson: Lesson) -> Iterator[tuple[int, str]]:
    if not lesson.quiz and not lesson.body:
        yield lesson.line, "the lesson has no text"
    yield from ((lesson.line, message) for message in _practice_slips(lesson))
    if lesson.quiz and not lesson.questions:
        yield lesson.line, "the quiz has no question"
    for question in lesson.questions:
        if not 2 <= len(question.choices) <= 4:
            yield question.line, "a question has two to four choices"
        if sum(choice.correct for choice in question.choices) != 1:
            yield question.line, "a question has exactly one [x]"
        if not question.explanation:
            yield question.line, 'a line that begins with "> " explains the answer'


def _practice_slips(lesson: Lesson) -> Iterator[str]:
    text, practice = split_text_and_practice(lesson.body)
    if practice is None:
        if "\n### Practice" in f"\n{text}":
            yield "the practice does not say what to do"
        return
    if len(practice.text.split()) < _FEWEST_WORDS:
        yield f"a practice says what to do and with what, in {_FEWEST_WORDS} words or more"
    if split_text_and_practice(practice.text)[1]:
        yield "a lesson has one practice, at its end"
    if not text:
        yield "the lesson has no text before its practice"
