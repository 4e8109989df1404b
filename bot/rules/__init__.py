"""What operators say in rules.yaml, and how it is held against an article."""
