"""The README says what is there: settings, endpoints, links."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\| `[A-Z_]+` \|", line)]


def test_its_settings_are_those_of_the_configuration_page():
    page = (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8")
    assert settings(README) == settings(page)


def test_it_names_every_route_but_those_of_the_dashboard(app: Flask):
    table = README.partition("## API")[2].partition("\n## ")[0]
    named = set(re.findall(r"/[a-z./{}]*", re.sub(r"\{\w+\}", "{}", table)))
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "{}", rule.rule)
        if path == "/" or path.startswith(("/dashboard", "/static", "/analytics")):
            continue
        assert path in named, f"{rule.rule} is not in the README"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_its_links_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#\s]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (ROOT / link).exists()]
