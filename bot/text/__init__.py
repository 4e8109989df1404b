"""Text on its own: folding, words, inflection, sentences, language. Pure; knows nothing of feeds and rules."""
