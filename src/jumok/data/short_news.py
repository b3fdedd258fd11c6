"""Short news that a grammar writes: the form and the four kinds of AG News, without a download.

Who acts decides the kind of an article. What went before may come from any kind, and some events
belong to two kinds.
"""

import random
import zlib
from dataclasses import dataclass
from typing import Literal

from jumok.data.ag_news import CLASSES, NewsArticle

__all__ = ["short_news"]

Split = Literal["train", "held-out"]


@dataclass(frozen=True)
class Desk:
    """What one kind of news is made of."""

    actors: tuple[str, ...]
    events: tuple[str, ...]
    backgrounds: tuple[str, ...]


DESKS = (  # in the order of CLASSES
    Desk(
        (
            "president",
            "minister",
            "parliament",
            "rebels",
            "army",
            "voters",
            "envoy",
            "prime minister",
        ),
        (
            "win vote",
            "reject treaty",
            "open talks",
            "cross border",
            "ask court",
            "call for peace",
        ),
        ("a long war", "a close election", "a border dispute", "new peace talks"),
    ),
    Desk(
        (
            "striker",
            "coach",
            "champion",
            "goalkeeper",
            "home side",
            "sprinter",
            "league leaders",
        ),
        ("win final", "lose match", "set record", "miss goal", "reach title", "leave club"),
        ("a lost final", "a knee injury", "a penalty shootout", "an Olympic medal"),
    ),
    Desk(
        ("bank", "oil company", "airline", "retailer", "investors", "central bank", "carmaker"),
        ("cut jobs", "raise prices", "report profit", "buy rival", "set record", "ask court"),
        ("falling shares", "a costly merger", "weak sales", "higher oil prices"),
    ),
    Desk(
        ("software maker", "astronomers", "chip maker", "researchers", "hackers", "web browser"),
        (
            "find flaw",
            "release version",
            "open network",
            "buy rival",
            "launch probe",
            "win prize",
        ),
        ("a computer virus", "a new search engine", "a Mars landing", "faster chips"),
    ),
)
PLACES = (
    "Seoul",
    "London",
    "Paris",
    "Tokyo",
    "Baghdad",
    "Athens",
    "New York",
    "Moscow",
    "Madrid",
    "Sydney",
    "Busan",
    "Rome",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SOURCES = ("officials", "observers", "a spokesman", "newspapers", "two sources", "people there")
MOODS = ("once again", "as expected", "to general surprise", "at last", "in the end")


def short_news(split: Split, count: int, *, seed: int = 0) -> list[NewsArticle]:
    """Different articles of a split, drawn with ``seed``; the four kinds are about as frequent.

    One combination in eight of who acts, what happens and where is held out, with all its
    articles: a held-out title is never one of the training. There are more than a million
    articles.

    >>> article = short_news("train", 1, seed=1)[0]
    >>> print(article.title)
    Striker lose match in Sydney
    """
    if split not in ("train", "held-out"):
        raise ValueError(f"split must be 'train' or 'held-out', got {split!r}")
    if not 0 <= count <= 50_000:
        raise ValueError(f"count must be between 0 and 50000, got {count}")
    draw = random.Random(f"{split} {seed}")
    articles: dict[str, NewsArticle] = {}
    while len(articles) < count:
        article = _draw_article(draw)
        is_held_out = zlib.crc32(article.title.encode()) % 8 == 0
        if is_held_out == (split == "held-out"):
            articles[article.text] = article
    return list(articles.values())


def _draw_article(draw: random.Random) -> NewsArticle:
    label = draw.randrange(len(CLASSES))
    desk = DESKS[label]
    actor, event, place = draw.choice(desk.actors), draw.choice(desk.events), draw.choice(PLACES)
    background = draw.choice(draw.choice(DESKS).backgrounds)
    title = f"{actor[0].upper()}{actor[1:]} {event} in {place}"
    description = (
        f"{actor[0].upper()}{actor[1:]} in {place} {event} {draw.choice(MOODS)}, "
        f"{draw.choice(SOURCES)} said on {draw.choice(DAYS)}, after {background}."
    )
    return NewsArticle(label, title, description)
