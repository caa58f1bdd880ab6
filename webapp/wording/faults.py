"""What the recommender found wrong, in words."""

from webapp.recommender.report_sentences import fault_sentence
from webapp.recommender.types import Statement
from webapp.support.messages import gettext


def fault_words(fault: Statement) -> str:
    """The sentence of a fault in the language spoken now. It may name files of the server: a page strips their folders."""
    return fault_sentence(fault, gettext)
