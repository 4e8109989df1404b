"""A newsroom and a Telegram of our own on loopback, for the demo and the tests; only the command line imports it."""
