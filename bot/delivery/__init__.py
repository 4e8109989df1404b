"""What delivering goes by: the pace that Telegram allows, and how long to wait after what went wrong."""
