"""The environment as settings: read once, checked at once, secrets masked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.errors import SettingsError

TELEGRAM: Final = "https://api.telegram.org"
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Settings(BaseModel):
    """What the environment says; `token` is there unless it was not asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr | None
    api_url: str
    rules: Path
    database: Path
    log_level: int


def read_settings(environ: Mapping[str, str], *, need_token: bool) -> Settings:
    """Read the settings. An empty variable counts as absent. Raises SettingsError for the first that is wrong."""
    return Settings(
        token=_token(environ) if need_token else None,
        api_url=_api_url(environ.get("TELEGRAM_API_URL") or TELEGRAM),
        rules=rules_path(environ),
        database=database_path(environ),
        log_level=log_level(environ),
    )


def rules_path(environ: Mapping[str, str]) -> Path:
    """The rules file that the environment names."""
    return Path(environ.get("NEWSBELL_RULES") or "rules.yaml")


def database_path(environ: Mapping[str, str]) -> Path:
    """The database file that the environment names. Raises SettingsError for a URL."""
    value = environ.get("NEWSBELL_DATABASE") or "newsbell.db"
    if "://" in value:
        scheme = value.split("://", 1)[0]
        raise SettingsError(
            f"NEWSBELL_DATABASE is a {scheme}:// URL, but this version stores in SQLite only; name a file"
        )
    return Path(value)


def log_level(environ: Mapping[str, str]) -> int:
    """The level of the log that the environment names. Raises SettingsError for any other word."""
    name = (environ.get("NEWSBELL_LOG_LEVEL") or "INFO").upper()
    if name not in LEVELS:
        raise SettingsError(f"NEWSBELL_LOG_LEVEL is {name!r}; use one of {', '.join(LEVELS)}")
    return logging.getLevelNamesMapping()[name]


def _token(environ: Mapping[str, str]) -> SecretStr:
    direct, file = environ.get("TELEGRAM_BOT_TOKEN"), environ.get("TELEGRAM_BOT_TOKEN_FILE")
    if direct and file:
        raise SettingsError("TELEGRAM_BOT_TOKEN and TELEGRAM_BOT_TOKEN_FILE are both set; keep one of them")
    if not direct and not file:
        raise SettingsError(
            "no bot token; set TELEGRAM_BOT_TOKEN to the token that @BotFather gave you, or "
            "TELEGRAM_BOT_TOKEN_FILE to a file that holds it, or try --dry-run, which needs none"
        )
    name = "TELEGRAM_BOT_TOKEN" if direct else "TELEGRAM_BOT_TOKEN_FILE"
    token = (direct or _read(Path(file or ""))).strip()
    if not token:
        raise SettingsError(f"{name} holds no token; put the token that @BotFather gave you there")
    if not token.isascii() or not token.isprintable() or any(c in token for c in " /?#\\%"):
        raise SettingsError(
            f"{name} does not hold a bot token; it looks like 123456789:AAE…, without spaces or slashes"
        )
    return SecretStr(token)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(
            f"TELEGRAM_BOT_TOKEN_FILE: {path} cannot be read ({reason}); let it name a file that holds the token"
        ) from error


def _api_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or any(c.isspace() for c in url):
        raise SettingsError(
            f"TELEGRAM_API_URL is no address of a Bot API server; give its root, as {TELEGRAM}, without /bot, "
            "user name or query"
        )
    root = url.rstrip("/")
    if root.endswith("/bot"):
        raise SettingsError(f"TELEGRAM_API_URL ends in /bot; give the root of the server, {root[:-4]}")
    return root
