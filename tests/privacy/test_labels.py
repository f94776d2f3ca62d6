"""Which versions and platforms are kept, and what of them."""

from __future__ import annotations

import pytest

from stories.privacy import labels


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("darwin-24.6.0", "darwin-24.6.0"),
        ("linux-6.8.0-45-generic", "linux-6.8.0-45-generic"),
        ("Windows 11 Pro 23H2", "Windows 11 Pro 23H2"),
        ("win32", "win32"),
        ("linux-6.18.44-fc-v595", "linux-6.18.44"),  # a kernel's own suffix
        ("linux-6.1.0-janes-kernel", "linux-6.1.0"),
        ("linux-5.10.0+", "linux-5.10.0"),
        ("linux-jane", None),
        ("linux-6.8.0@jane", None),
        ("jane", None),
        ("=1+1", None),
        ("linux-6.8.0-jane@example.com", None),
    ],
)
def test_a_platform_is_a_system_and_its_version(sent, kept):
    assert labels.platform(sent) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("0.9.51-beta.1", "0.9.51-beta.1"),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255"),
        ("jane@example.com", None),
        ("of jane", None),
    ],
)
def test_a_version_is_numbers_or_a_commit(sent, kept):
    assert labels.version(sent) == kept
