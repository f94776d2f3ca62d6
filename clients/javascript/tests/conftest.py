"""The server that the contract tests speak to is the one of tests/."""

from tests.conftest import lasting_server, postgres

__all__ = ["lasting_server", "postgres"]
