"""One table of settings. Each is an environment variable: name, type, default, one line of help.

A `.env` file beside this one is read first; the environment wins. A value that cannot be read
stops the start with one sentence. A test checks `docs/CONFIGURATION.md` and `env.example` against
this table.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from dotenv import dotenv_values

from stories.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "dev-secret-key"


def setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Config:
    database_url: str = setting(
        "", "PostgreSQL to use; empty starts the bundled one under DATA_DIR"
    )
    reports_database_url: str = setting(
        "", "a streaming standby of it that reports are read from; empty: they are read from it"
    )
    data_dir: str = setting(".data", "folder for the bundled PostgreSQL and for stored images")
    host: str = setting("127.0.0.1", "address to listen on; 0.0.0.0 for every network interface")
    port: int = setting(5000, "port to listen on")
    web_concurrency: int = setting(2, "gunicorn worker processes")
    web_connections: int = setting(1000, "connections that each worker serves at once")
    flask_env: str = setting("development", "production refuses default credentials")
    dashboard_username: str = setting("admin", "name for everything behind Basic authentication")
    dashboard_password: str = setting("admin", "password for it")
    secret_key: str = setting(
        DEVELOPMENT_SECRET,
        "32 random characters or more; nothing is signed with it today",
    )
    person_key: str = setting(
        "",
        "keys the hashes of addresses and of erased people; kept for ever; empty: one is made "
        "and kept in the database",
    )
    cors_origins: str = setting("*", "origins that may send events from a browser, comma-separated")
    trusted_proxies: int = setting(0, "how many proxies in front add X-Forwarded-For")
    ratelimit_enabled: bool = setting(True, "limit requests per client address")
    ratelimit_ingest: int = setting(
        600, "ingest requests a minute from one address, per worker; one for each 16 KB of a body"
    )
    ratelimit_login: int = setting(20, "failed logins a minute from one address, per worker")
    ratelimit_storage_url: str = setting(
        "memory://", "where limits are counted; redis://… shares them between workers and servers"
    )
    max_connections: int = setting(10, "database connections in each worker")
    retention_days: int = setting(365, "days that events and crashes of a new app are kept")
    compress_after_days: int = setting(
        14, "days after which events are compressed, 7 or more; 0: never"
    )
    values_per_day: int = setting(
        200,
        "different versions, platforms, countries or values of a label that count by their own name "
        "in a day of an app; the rest counts as other",
    )
    excluded_user_ids: tuple[str, ...] = setting(
        (), "testers' ids, comma-separated: counted nowhere"
    )
    analytics_key: str = setting(
        "", "key that opens GET /api/analytics without a login; empty: only Basic"
    )
    cloudflare_api_token: str = setting(
        "", "stores bots' images at Cloudflare; needs Images: Edit; empty: files under DATA_DIR"
    )
    cloudflare_account_id: str = setting("", "the account's id, a part of the API's addresses")
    cloudflare_account_hash: str = setting("", "the hash in the images' addresses")
    cloudflare_api_url: str = setting(
        "https://api.cloudflare.com/client/v4", "where Cloudflare's API is"
    )
    image_any_port: bool = setting(False, "fetch images from any port; false: only 80 and 443")
    base_url: str = setting(
        "", "this server's own address, such as https://stats.example.com: for links in messages"
    )
    smtp_url: str = setting(
        "", "smtp://name:password@host:587, or smtps:// for TLS from the start; empty: no mail"
    )
    mail_from: str = setting("", "who mail is from, such as stats@example.com")
    alert_private_targets: bool = setting(
        False, "messages may go to private and loopback addresses, and to services at any host"
    )
    artifacts_mb: int = setting(
        2048, "megabytes that source maps and symbols of all apps may take; then the least used go"
    )
    run_jobs: bool = setting(
        True, "fold, images and daily jobs in the workers; false: from cron only"
    )
    log_level: str = setting("info", "debug, info, warning or error")
    log_format: str = setting("text", "text, or json: an object a line")

    @property
    def production(self) -> bool:
        return self.flask_env == "production"

    @property
    def data_path(self) -> Path:
        """DATA_DIR; a relative one is beside this file, wherever the server is started from."""
        return ROOT / self.data_dir


def _integer(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _boolean(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    return words[text.lower()]


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


# By a field's annotation: how its text is read, and what the error says was expected.
PARSERS: dict[str, tuple[Any, str]] = {
    "str": (str.strip, "text"),
    "int": (_integer, "a whole number, 0 or more"),
    "bool": (_boolean, "true or false"),
    "tuple[str, ...]": (_list, "a comma-separated list"),
}


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read and check the settings; SetupError names the one that is wrong."""
    if environ is None:
        from_file = {k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None}
        environ = {**from_file, **os.environ}
    values = {}
    for item in fields(Config):
        name = item.name.upper()
        if environ.get(name, "") == "":
            continue
        parse, expected = PARSERS[str(item.type)]
        try:
            values[item.name] = parse(environ[name])
        except (ValueError, KeyError):
            raise SetupError(f"{name} must be {expected}, not {environ[name]!r}.") from None
    config = Config(**values)
    _check(config)
    return config


def _check(config: Config) -> None:
    if config.flask_env not in ("development", "production", "testing"):
        raise SetupError("FLASK_ENV must be development, production or testing.")
    if config.log_level.lower() not in ("debug", "info", "warning", "error"):
        raise SetupError("LOG_LEVEL must be debug, info, warning or error.")
    if config.log_format not in ("text", "json"):
        raise SetupError("LOG_FORMAT must be text or json.")
    if not 0 < config.port < 65536:
        raise SetupError(f"PORT must be between 1 and 65535, not {config.port}.")
    at_least_one = (
        "web_concurrency",
        "web_connections",
        "max_connections",
        "ratelimit_ingest",
        "ratelimit_login",
        "values_per_day",
    )
    for name in at_least_one:
        if getattr(config, name) < 1:
            raise SetupError(f"{name.upper()} must be 1 or more.")
    if not 7 <= config.retention_days <= 36500:
        raise SetupError("RETENTION_DAYS must be between 7 and 36500.")
    if 0 < config.compress_after_days < 7:
        raise SetupError("COMPRESS_AFTER_DAYS must be 7 or more, or 0 for never.")
    if not config.ratelimit_storage_url.startswith(("memory://", "redis://", "rediss://")):
        raise SetupError(
            "RATELIMIT_STORAGE_URL must start with redis:// or rediss:// (or be memory://)."
        )
    if config.database_url and not config.database_url.startswith(("postgres://", "postgresql://")):
        raise SetupError("DATABASE_URL must start with postgresql:// (or be empty).")
    if config.reports_database_url and not config.reports_database_url.startswith(
        ("postgres://", "postgresql://")
    ):
        raise SetupError("REPORTS_DATABASE_URL must start with postgresql:// (or be empty).")
    for text in config.excluded_user_ids:
        try:
            UUID(text)
        except ValueError:
            raise SetupError(f"EXCLUDED_USER_IDS must hold UUIDs; {text!r} is none.") from None
    _check_cloudflare(config)
    _check_mail(config)
    if config.production:
        _check_production(config)


CLOUDFLARE = {
    "cloudflare_api_token": r"[A-Za-z0-9._~+/=-]*",
    "cloudflare_account_id": r"[A-Za-z0-9_-]*",
    "cloudflare_account_hash": r"[A-Za-z0-9_-]*",
}
API_URL = r"https?://([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?(/[A-Za-z0-9._/-]*)?"


def _check_cloudflare(config: Config) -> None:
    """The values are not repeated: one of them is a secret, and somebody may have swapped them."""
    missing = [name.upper() for name in CLOUDFLARE if not getattr(config, name)]
    if 0 < len(missing) < len(CLOUDFLARE):
        raise SetupError(f"Cloudflare Images needs {' and '.join(missing)} too.")
    for name, pattern in CLOUDFLARE.items():
        if not re.fullmatch(pattern, getattr(config, name)):
            raise SetupError(f"{name.upper()} holds characters that cannot be in it.")
    if not re.fullmatch(API_URL, config.cloudflare_api_url):
        raise SetupError("CLOUDFLARE_API_URL must be https:// (or http://) and a host name.")


def _check_mail(config: Config) -> None:
    """SMTP_URL is not repeated: it holds a password."""
    if config.base_url and not re.fullmatch(API_URL, config.base_url):
        raise SetupError("BASE_URL must be https:// (or http://) and a host name.")
    if not config.smtp_url:
        return
    try:
        parts = urlsplit(config.smtp_url)
        usable = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SetupError("SMTP_URL must be smtp:// or smtps://, with a host name.")
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", config.mail_from):
        raise SetupError("SMTP_URL needs MAIL_FROM, an address such as stats@example.com.")


def _check_production(config: Config) -> None:
    if config.dashboard_password == "admin":
        raise SetupError(
            "FLASK_ENV=production refuses the default login: set DASHBOARD_PASSWORD "
            "(and DASHBOARD_USERNAME)."
        )
    if config.secret_key == DEVELOPMENT_SECRET:
        raise SetupError(
            "FLASK_ENV=production needs SECRET_KEY: set it to 32 or more random characters."
        )
