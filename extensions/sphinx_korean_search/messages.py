"""What the search says to a reader; translations are in ``locales``."""

MESSAGES = (
    "Search",
    "Search the site",
    "Type a word: pages that have all your words are listed with the sentence they are in.",
    "Nothing found for “{query}”.",
    "1 page found for “{query}”.",
    "{count} pages found for “{query}”.",
    "No page has “{words}”. These pages have the rest.",
    "Did you mean:",
    "Try fewer words, or another word for the same thing.",
    "The search index could not be loaded.",
    "All results",
    "More results",
    "Please activate JavaScript to search.",
)
