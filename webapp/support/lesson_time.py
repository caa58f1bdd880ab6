"""Minutes of a lesson, computed from its words, code, questions and video, and from the practice it states."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

MINUTES_A_QUESTION = 1
# Milliseconds: whole numbers, so that sums are exact. Plain prose is read at 240 words a minute (Brysbaert 2019), more slowly to learn.
_WORD, _LINE_OF_CODE = 300, 10_000  # 200 words or 6 lines a minute
_PRACTICE = re.compile(r"### Practice \((?P<minutes>[1-9]\d{0,2}) min\)\s*")
_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})(?P<rest>.*)")
_LINK_TARGET = re.compile(r"\]\([^)\s]*\)")
# Scripts without blanks between words: a letter takes its share of one.
_A_QUARTER = "\\u0E00-\\u0EFF\\u1000-\\u109F\\u1780-\\u17FF"  # Thai and Lao, Burmese, Khmer
_TWO_FIFTHS = "\\u3040-\\u30FF\\u3400-\\u9FFF\\U00020000-\\U0003FFFF"  # Kana, Han
_UNSPACED = tuple((re.compile(rf"(?=[{script}])[^\W_]"), share) for script, share in ((_A_QUARTER, 75), (_TWO_FIFTHS, 120)))
_SPACED = re.compile(rf"(?![{_A_QUARTER}{_TWO_FIFTHS}])[^\W_](?:(?![{_A_QUARTER}{_TWO_FIFTHS}])\S|(?![^\W_])\S)*")
"""A word of any other script, up to the next blank or letter of one of these."""


@dataclass(frozen=True, slots=True)
class Practice:
    """What a lesson asks its reader to do, as Markdown, and how long that takes."""

    minutes: int
    text: str


@dataclass(frozen=True, slots=True)
class LessonTime:
    """Minutes of a lesson by what they are spent on; a minute begun counts."""

    reading: int = 0
    video: int = 0
    quiz: int = 0
    practice: int = 0

    @property
    def minutes(self) -> int:
        """The whole lesson; at least one."""
        return max(self.reading + self.video + self.quiz + self.practice, 1)

    def with_remainder_as_video(self, minutes: int) -> "LessonTime":
        """The lesson's time with a video of all that is left of a lesson's `minutes` once text, questions and practice have theirs."""
        return replace(self, video=max(minutes - self.reading - self.quiz - self.practice, 0))


def lesson_time(body: str, questions: int = 0, video_seconds: int = 0) -> LessonTime:
    """The minutes of a lesson with this Markdown body, that many quiz questions and a video of that length."""
    text, practice = split_text_and_practice(body)
    return LessonTime(
        reading=_reading_minutes(text),
        video=math.ceil(video_seconds / 60),
        quiz=questions * MINUTES_A_QUESTION,
        practice=practice.minutes if practice else 0,
    )


def video_minutes(minutes: int, body: str, questions: int = 0) -> int:
    """What is left of a lesson's minutes for its video; see LessonTime.with_video."""
    return lesson_time(body, questions).with_remainder_as_video(minutes).video


def split_text_and_practice(body: str) -> tuple[str, Practice | None]:
    """A lesson's text, and the practice that ends it: all that follows a line `### Practice (20 min)` outside code.

    A heading that nothing follows is no practice: it stays in the text and adds no minutes.
    """
    lines = body.split("\n")
    for number, (line, is_code) in enumerate(_lines_marked_as_code(lines)):
        heading = None if is_code else _PRACTICE.fullmatch(line)
        text = "\n".join(lines[number + 1 :]).strip() if heading else ""
        if heading and text:
            return "\n".join(lines[:number]).rstrip(), Practice(int(heading["minutes"]), text)
    return body, None


def _reading_minutes(text: str) -> int:
    total = 0
    for line, is_code in _lines_marked_as_code(text.split("\n")):
        if not is_code:
            total += _time_of_prose(_LINK_TARGET.sub("]", line))
        elif line.strip() and not _FENCE.fullmatch(line):
            total += _LINE_OF_CODE
    return math.ceil(total / 60_000)


def _lines_marked_as_code(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to a fenced block of code (its fences included)."""
    fence = ""
    for line in lines:
        match = _FENCE.fullmatch(line)
        if fence:
            yield line, True
            if match and match["marks"].startswith(fence) and not match["rest"].strip():
                fence = ""
        else:
            fence = match["marks"] if match and "`" not in match["rest"] else ""
            yield line, bool(fence)


def _time_of_prose(line: str) -> int:
    """Milliseconds of a line of Markdown; marks such as `|`, `-` and `#` alone are no words."""
    return _WORD * len(_SPACED.findall(line)) + sum(share * len(letter.findall(line)) for letter, share in _UNSPACED)
