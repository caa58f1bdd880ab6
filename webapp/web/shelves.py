"""Shelves of cards as templates draw them: recommendations become cards, words and addresses join them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flask import url_for

from webapp.queries.cards import CardProgress, CourseCard, cards_for
from webapp.recommender.serving.shelves import Shelf
from webapp.recommender.serving.slates import ShelfPage
from webapp.support.sentences import Sentence
from webapp.wording.shelves import ShelfWords, shelf_words


@dataclass(frozen=True, slots=True)
class CardShelf:
    """A shelf with its cards; `first_position` is where counting starts."""

    placement: str
    slate_id: int | None
    title: Sentence
    subtitle: Sentence
    cards: tuple[CourseCard, ...]
    see_all_url: str | None = None
    first_position: int = 1


def card_shelves(page: ShelfPage, user_id: int | None) -> list[CardShelf]:
    """Shelves with their cards; all of them together cost as many statements as one."""
    return home_cards(page, {}, user_id)[1]


def home_cards(page: ShelfPage, progress: Mapping[int, CardProgress], user_id: int | None) -> tuple[list[CourseCard], list[CardShelf]]:
    """The courses under way, each with where to go on, and the shelves; all cards are read at once."""
    words = shelf_words(page)
    cards = {card.id: card for card in cards_for([*progress, *(id_ for shelf in page.shelves for id_ in shelf.course_ids)], user_id)}
    under_way = [replace(cards[course_id], progress=share) for course_id, share in progress.items() if course_id in cards]
    shelves = zip(page.shelves, words, strict=True)
    return with_resume_urls(under_way), [_card_shelf(shelf, own, cards, n) for n, (shelf, own) in enumerate(shelves, start=1)]


def _card_shelf(shelf: Shelf, words: ShelfWords, cards: dict[int, CourseCard], number: int) -> CardShelf:
    reasons = zip(shelf.course_ids, words.reasons, strict=True)
    chosen = tuple(cards[course_id].with_reason(reason) for course_id, reason in reasons if course_id in cards)
    # A page may hold two shelves of a kind; ids on the page come from the placement.
    placement = shelf.placement if number == 1 else f"{shelf.placement}-{number}"
    return CardShelf(placement, shelf.slate_id, words.title, words.subtitle, chosen, words.see_all_url)


def with_resume_urls(cards: Iterable[CourseCard]) -> list[CourseCard]:
    """Cards in progress with the address that goes on where the learner stopped."""
    return [
        replace(card, progress=replace(card.progress, next_url=url_for("learn.index", slug=card.slug))) if card.progress else card
        for card in cards
    ]
