"""HTML page of a report, without network and script: text, tables and inline plots."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from recsys.report.svg import drawing, element, mark


@dataclass(frozen=True)
class Section:
    """A chapter: its anchor, its name in the contents, its heading, and markup."""

    anchor: str
    name: str
    title: str
    body: str


@dataclass(frozen=True)
class PageGroup:
    """All sections of one data set (or other source), with a line that says what it is."""

    title: str
    lead: str
    sections: Sequence[Section]


def page(title: str, lead: str, parts: Sequence[PageGroup]) -> str:
    """The whole document."""
    style = resources.files(__package__).joinpath("report.css").read_text("utf-8")
    several = len(parts) > 1
    body = [f'<header class="head">{_logo()}<h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p></header>']
    body.append(_contents(parts))
    for part in parts:
        if several:
            lead_in = f'<p class="soft">{escape(part.lead)}</p>' if part.lead else ""
            body.append(f'<div class="part"><h2>{escape(part.title)}</h2>{lead_in}</div>')
        level = 3 if several else 2
        body += [
            f'<section id="{escape(s.anchor)}" class="panel"><h{level}>{escape(s.title)}</h{level}>{s.body}</section>'
            for s in part.sections
        ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>\n{style}</style></head>\n<body><main>{''.join(body)}</main>"
        "<footer><p>Made by <code>python -m recsys</code>. Intervals are 95 % bootstrap intervals over learners.</p></footer>"
        "</body></html>\n"
    )


def paragraph(words: str, kind: str = "") -> str:
    """Plain words as a paragraph."""
    return f'<p class="{kind}">{escape(words)}</p>' if kind else f"<p>{escape(words)}</p>"


Cell = str | tuple[str, str]
"""What stands in a table: a value, or a value with its interval below it."""


def figure(plots: str, words: str, numbers: str, legend: Sequence[tuple[str, str, str]] = (), beside: bool = False) -> str:
    """Plots with their legend, a caption that says how to read them, and the same numbers as a table below (or `beside`).

    `legend` holds (name, kind, shape) per series.
    """
    keys = "".join(f"<li>{_swatch(kind, shape)}{escape(name)}</li>" for name, kind, shape in legend)
    key = f'<ul class="legend">{keys}</ul>' if legend else ""
    picture = f'<figure>{key}<div class="plots">{plots}</div><figcaption>{escape(words)}</figcaption></figure>'
    return f'<div class="figure{" beside" if beside else ""}">{picture}{numbers}</div>'


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], strong: Sequence[int] = ()) -> str:
    """A table whose first column names the rows and whose others hold numbers; rows in `strong` stand out.

    It scrolls sideways by itself where it is wider than the screen.
    """
    heads = "".join(f'<th scope="col"{" class=num" if n else ""}>{escape(name)}</th>' for n, name in enumerate(head))
    body = "".join(f"<tr{' class=strong' if n in strong else ''}>{_cells(row)}</tr>" for n, row in enumerate(rows))
    return (
        f'<div><p class="caption">{escape(caption)}</p><div class="scroll" role="group" tabindex="0" aria-label="{escape(caption)}">'
        f'<table aria-label="{escape(caption)}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></div>'
    )


def tiles(facts: Sequence[tuple[str, str, str]]) -> str:
    """Key figures: (name, value, remark) each."""
    cells = "".join(f"<div><dt>{escape(n)}</dt><dd><b>{escape(v)}</b><span>{escape(r)}</span></dd></div>" for n, v, r in facts)
    return f'<dl class="tiles">{cells}</dl>'


def _cells(row: Sequence[Cell]) -> str:
    return f'<th scope="row">{_cell(row[0])}</th>' + "".join(f'<td class="num">{_cell(cell)}</td>' for cell in row[1:])


def _cell(cell: Cell) -> str:
    return escape(cell) if isinstance(cell, str) else f"{escape(cell[0])} <small>{escape(cell[1])}</small>"


def _contents(parts: Sequence[PageGroup]) -> str:
    groups = []
    for part in parts:
        links = "".join(f'<li><a href="#{escape(s.anchor)}">{escape(s.name)}</a></li>' for s in part.sections)
        name = f"<span>{escape(part.title)}</span>" if len(parts) > 1 else ""
        groups.append(f"<div>{name}<ul>{links}</ul></div>")
    return f'<nav aria-label="Contents">{"".join(groups)}</nav>'


def _swatch(kind: str, shape: str) -> str:
    inside = mark(7.0, 7.0, kind, shape)
    return element("svg", inside, viewBox="0 0 14 14", class_="swatch", aria_hidden="true")


def _logo() -> str:
    """A small trail through hills: the look of the platform the report belongs to."""
    hills = [
        element("path", d="M0 70C60 40 110 52 170 58S290 30 360 44S500 70 560 50S680 36 720 46V96H0Z", class_="hill far"),
        element("path", d="M0 84C80 60 150 78 230 74S380 58 450 70S600 88 720 66V96H0Z", class_="hill near"),
        element("path", d="M40 92C140 80 210 90 300 74S420 60 500 52", class_="trail"),
        element("circle", cx=590, cy=26, r=11, class_="sun"),
    ]
    return drawing(720, 96, hills, "", "banner").replace(
        'role="img" aria-label=""', 'aria-hidden="true" preserveAspectRatio="xMidYMax slice"'
    )
