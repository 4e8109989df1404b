"""What a chat is owed of a story, and how it looks there."""
