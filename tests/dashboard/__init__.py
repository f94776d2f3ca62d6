"""One package, so that one browser serves all of it (conftest.py)."""
