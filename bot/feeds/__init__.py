"""From a feed's address to articles: fetch, parse, normalise, and when to come back."""
