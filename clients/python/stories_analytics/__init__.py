"""Client of a Stories Analytics server: quick for the caller, never raising, losing nothing.

from stories_analytics import Client

analytics = Client("https://analytics.example.com", "app-key", app_version="1.4.0")
analytics.track("recording_completed", {"audio_duration_seconds": 12.5, "success": True})
"""

from ._types import Queued, Stats
from ._version import __version__
from .bots import StoriesAiogram, StoriesTelegram
from .client import AsyncClient, Client
from .middleware import StoriesASGI, StoriesFlask, StoriesWSGI

__all__ = [
    "AsyncClient",
    "Client",
    "Queued",
    "Stats",
    "StoriesASGI",
    "StoriesAiogram",
    "StoriesFlask",
    "StoriesTelegram",
    "StoriesWSGI",
    "__version__",
]
