"""Shelves and cards as templates want them: picks become cards with reasons, cards get their addresses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import url_for

from webapp.queries.cards import CardProgress, CourseCard, cards_for
from webapp.recommender.serving.slates import Shelf


@dataclass(frozen=True, slots=True)
class CardShelf:
    """A shelf with its cards; `first_position` is where counting starts."""

    placement: str
    slate_id: str | None
    title: str
    subtitle: str
    cards: tuple[CourseCard, ...]
    see_all_url: str | None = None
    first_position: int = 1


def card_shelves(shelves: Sequence[Shelf], user_id: int | None) -> list[CardShelf]:
    """Cards of all shelves together cost as many statements as those of one."""
    return home_cards(shelves, {}, user_id)[1]


def home_cards(
    shelves: Sequence[Shelf], progress: Mapping[int, CardProgress], user_id: int | None
) -> tuple[list[CourseCard], list[CardShelf]]:
    """The courses under way, each with where to go on, and the shelves; all cards are read at once."""
    cards = {card.id: card for card in cards_for([*progress, *(pick.course_id for s in shelves for pick in s.picks)], user_id)}
    under_way = [replace(cards[course_id], progress=share) for course_id, share in progress.items() if course_id in cards]
    return with_next_urls(under_way), [_card_shelf(shelf, cards, n) for n, shelf in enumerate(shelves, start=1)]


def _card_shelf(shelf: Shelf, cards: dict[int, CourseCard], number: int) -> CardShelf:
    chosen = tuple(cards[pick.course_id].because(pick.reason) for pick in shelf.picks if pick.course_id in cards)
    # A page may hold two shelves of a kind; ids on the page come from the placement.
    placement = shelf.placement if number == 1 else f"{shelf.placement}-{number}"
    return CardShelf(placement, shelf.slate_id, shelf.title, shelf.subtitle, chosen, shelf.see_all_url)


def with_next_urls(cards: Iterable[CourseCard]) -> list[CourseCard]:
    """Cards in progress with the address that goes on where the learner stopped."""
    return [
        replace(card, progress=replace(card.progress, next_url=url_for("learn.index", slug=card.slug))) if card.progress else card
        for card in cards
    ]
