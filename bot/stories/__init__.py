"""Articles that tell one event, folded into one story."""
