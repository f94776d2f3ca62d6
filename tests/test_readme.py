"""The documents say what is there: endpoints, settings, links, files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from stories.config import ROOT

MADE = {".git", ".venv", ".data", ".sdks", "node_modules", "__pycache__"}  # not the repository's
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (ROOT, ROOT / "docs", ROOT / "clients", ROOT / "stories")
    for path in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
    if "node_modules" not in path.parts
)
FILE = re.compile(r"(?<![\w./*{-])([\w-][\w./-]*\.(?:py|sql|md|html|mjs|yaml|service))\b(?![/*])")


def settings(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\| `[A-Z_]+` \|", line)]


def test_the_table_of_settings_is_on_the_configuration_page_alone():
    assert [name for name in DOCUMENTS if settings(read(name))] == ["docs/CONFIGURATION.md"]


def test_it_names_every_route_but_those_of_the_dashboard(app: Flask):
    table = README.partition("## API")[2].partition("\n## ")[0]
    named = set(re.findall(r"/[a-z0-9._/{}-]*", re.sub(r"\{\w+\}", "{}", table)))
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "{}", rule.rule)
        if path == "/" or path.startswith(("/dashboard", "/static", "/analytics")):
            continue
        assert path in named, f"{rule.rule} is not in the README"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_its_links_lead_somewhere(name: str):
    assert not [link for link in links(name) if not leads_somewhere(name, link)]


def test_the_readme_leads_to_every_document():
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links("README.md")}
    pages = {ROOT / name for name in DOCUMENTS if name.startswith("docs/")}
    assert pages - linked == {ROOT / "docs" / "VENDORED.md"}  # the architecture's


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_files_it_names_exist(name: str):
    """A file is named by its path or the end of it, such as `rollups/fold.py`."""
    missing = {
        file for file in FILE.findall(read(name)) if not ends_one_of(file, repository_files())
    }
    assert not missing


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def links(name: str) -> list[str]:
    """Relative links and pictures of a document, those of HTML too."""
    text = read(name)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(
        r'(?:href|src)="([^"]+)"', prose(text)
    )
    return [
        target for target in targets if "://" not in target and not target.startswith("mailto:")
    ]


def prose(text: str) -> str:
    """The text without its code, which may quote HTML."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if not line.startswith("    ")]
    return re.sub(r"`[^`]*`", "", "\n".join(lines))


def leads_somewhere(name: str, link: str) -> bool:
    target, _, anchor = link.partition("#")
    path = (ROOT / name).parent / target if target else ROOT / name
    if not path.exists():
        return False
    return not anchor or anchor in set(anchors(path.read_text(encoding="utf-8")))


def anchors(text: str) -> Iterator[str]:
    """The names that a Markdown viewer gives to headings."""
    for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def repository_files() -> frozenset[str]:
    """Paths, each with a slash before it."""
    files = set[str]()
    for folder, folders, names in os.walk(ROOT):
        folders[:] = set(folders) - MADE
        inner = Path(folder).relative_to(ROOT)
        files.update("/" + (inner / name).as_posix() for name in names)
    return frozenset(files)


def ends_one_of(file: str, files: frozenset[str]) -> bool:
    return any(path.endswith(f"/{file.removeprefix('./')}") for path in files)


def test_the_checks_above_see_a_wrong_link_and_a_file_that_is_not_there(tmp_path: Path):
    assert not leads_somewhere("README.md", "docs/NOTHING.md")
    assert not leads_somewhere("README.md", "docs/METRICS.md#no-such-heading")
    assert leads_somewhere("README.md", "docs/METRICS.md#website")
    assert not ends_one_of("fold_no_more.py", repository_files())
    assert FILE.findall("`rollups/fold.py`, sql/*/*.sql, `GET /x.json`") == ["rollups/fold.py"]
