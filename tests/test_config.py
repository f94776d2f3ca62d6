"""Settings: each documented, read and checked; a bad one is told in one sentence that names it."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from dotenv import dotenv_values

from stories import config
from stories.config import ROOT, Config, load
from stories.errors import SetupError

SETTINGS = {item.name.upper(): item for item in fields(Config)}
PRODUCTION = {
    "FLASK_ENV": "production",
    "DASHBOARD_PASSWORD": "not the default",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
}


def shown(default: object) -> str:
    """A default as it is written in the environment."""
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default == () else str(default)


def test_every_setting_is_in_the_documentation_as_the_table_says():
    lines = (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    wanted = [
        f"| `{name}` | {f'`{shown(item.default)}`' if shown(item.default) else 'empty'} "
        f"| {item.metadata['help']} |"
        for name, item in SETTINGS.items()
    ]
    assert rows == wanted


def test_every_setting_is_in_the_example_file_with_its_default_and_its_help():
    lines = (ROOT / "env.example").read_text(encoding="utf-8").splitlines()
    for name, item in SETTINGS.items():
        place = lines.index(f"#{name}={shown(item.default)}")
        assert lines[place - 1] == f"# {item.metadata['help']}"
    named = {
        line[1:].partition("=")[0] for line in lines if line.startswith("#") and line[1] != " "
    }
    assert named == set(SETTINGS)


# What the Dockerfile sets, and PORT, which is the host's side of the mapping.
THE_IMAGE_S = {"DATA_DIR", "HOST", "PORT", "FLASK_ENV"}


def test_compose_passes_every_setting_on():
    """One that it does not name would be ignored without a word."""
    lines = (ROOT / "compose.yaml").read_text(encoding="utf-8").splitlines()
    web = lines[lines.index("  web:") : lines.index("  database:")]
    named = dict(
        re.findall(r"^      ([A-Z_]+): (.+)$", line)[0] for line in web if line[6:7].isupper()
    )
    assert set(named) == set(SETTINGS) - THE_IMAGE_S
    for name in set(named) - {"DATABASE_URL"}:
        assert named[name].startswith(f"${{{name}:")
    assert not named["WEB_CONCURRENCY"].startswith("${WEB_CONCURRENCY:-}")


def test_the_example_file_changes_nothing_as_it_is(tmp_path):
    values = dotenv_values(ROOT / "env.example")
    assert not values


def test_nothing_set_gives_the_defaults():
    assert load({}) == Config()


def test_an_empty_value_is_as_good_as_none():
    assert load(dict.fromkeys(SETTINGS, "")) == Config()


def test_values_are_read_by_their_types():
    found = load(
        {
            "PORT": "8080",
            "RATELIMIT_ENABLED": "FALSE",
            "CORS_ORIGINS": " https://a.example ",
            "EXCLUDED_USER_IDS": "550e8400-e29b-41d4-a716-446655440000, ,"
            "550e8400-e29b-41d4-a716-446655440001",
            "UNRELATED": "ignored",
        }
    )
    assert found.port == 8080
    assert found.ratelimit_enabled is False
    assert found.cors_origins == "https://a.example"
    assert len(found.excluded_user_ids) == 2


@pytest.mark.parametrize("text", ["1", "true", "Yes", "ON"])
def test_a_switch_is_on(text):
    assert load({"RATELIMIT_ENABLED": text}).ratelimit_enabled is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_CONCURRENCY", "two"),
        ("WEB_CONNECTIONS", "0"),
        ("MAX_CONNECTIONS", "0"),
        ("FLASK_ENV", "prod"),
        ("LOG_LEVEL", "loud"),
        ("RATELIMIT_ENABLED", "maybe"),
        ("RATELIMIT_INGEST", "many"),
        ("RATELIMIT_INGEST", "0"),
        ("RATELIMIT_LOGIN", "0"),
        ("RATELIMIT_STORAGE_URL", "nowhere"),
        ("RETENTION_DAYS", "6"),
        ("RETENTION_DAYS", "36501"),
        ("TRUSTED_PROXIES", "all"),
        ("DATABASE_URL", "mysql://localhost/stories"),
        ("REPORTS_DATABASE_URL", "mysql://localhost/stories"),
        ("EXCLUDED_USER_IDS", "somebody"),
    ],
)
def test_it_refuses_a_wrong_value_in_one_sentence_that_names_the_setting(name, value):
    with pytest.raises(SetupError) as refused:
        load({name: value})
    sentence = str(refused.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_production_starts_with_settings_of_its_own():
    assert load(PRODUCTION).production


@pytest.mark.parametrize(
    ("missing", "named"),
    [("DASHBOARD_PASSWORD", "DASHBOARD_PASSWORD"), ("SECRET_KEY", "SECRET_KEY")],
)
def test_production_refuses_what_everybody_knows(missing, named):
    with pytest.raises(SetupError, match=named):
        load({name: value for name, value in PRODUCTION.items() if name != missing})


def test_production_refuses_the_default_password_under_another_name():
    with pytest.raises(SetupError, match="DASHBOARD_PASSWORD"):
        load({**PRODUCTION, "DASHBOARD_USERNAME": "root", "DASHBOARD_PASSWORD": "admin"})


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("PORT=7001\nWEB_CONNECTIONS=3\n")
    monkeypatch.setattr(config, "ROOT", tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORT", "7002")
    found = load()
    assert (found.port, found.web_connections) == (7002, 3)
