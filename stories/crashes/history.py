"""What the log of an issue can do: the rule that the page of an issue and undo share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_undoable(detail: Mapping[str, Any]) -> bool:
    """Whether an entry of the log holds what undo needs in its `detail`; of several that are not undone
    yet only the latest can be."""
    return "before" in detail or "groups" in detail
