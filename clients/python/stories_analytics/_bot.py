"""The bot's calls (docs/COMPATIBILITY.md): one per thing that happens in a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional, TypedDict, Union

from ._calls import Calls, bag, quiet
from ._plain import text
from ._types import REFUSED, Queued
from ._writer import MAX_IMAGE_BYTES, sniff_image

if TYPE_CHECKING:  # type checkers know it, and nothing has to be installed
    from typing_extensions import Unpack

Meta = Optional[Mapping[str, Any]]
Person = Union[str, int]
Image = Union[bytes, bytearray, memoryview]
MAX_TEXT = 20_000


class Stamp(TypedDict, total=False):
    """What every call takes: your own id (so that your own retries count once) and the time."""

    id: str | None
    created_at: datetime | None


class Persona(Stamp, total=False):
    """And as whom the bot spoke."""

    persona_id: Person | None
    persona_name: str | None


class About(Persona, total=False):
    """And up to 64 plain values of your own."""

    meta: Meta


class BotCalls(Calls):
    """Each call returns at once and may be awaited or given to `asyncio.create_task`.

    client_id: the chat's or user's id. meta: up to 64 plain values. created_at: when it happened,
    if not now. Texts are content and are sent as they are, up to 20,000 characters.
    """

    @quiet
    def track_bot_event(
        self,
        client_id: Person,
        event_name: str,
        *,
        persona_id: Person | None = None,
        persona_name: str | None = None,
        message: str | None = None,
        prompt: str | None = None,
        negative_prompt: str | None = None,
        image: Image | None = None,
        image_url: str | None = None,
        content_type: str | None = None,
        meta: Meta = None,
        id: str | None = None,
        created_at: datetime | None = None,
    ) -> Queued:
        """The general form of the calls below; `event_name` is one of the server's eleven."""
        fields: dict[str, Any] = {
            "id": text(id, 100),
            "client_id": text(client_id, 200),
            "event_name": text(event_name, 100),
            "persona_id": text(persona_id, 200),
            "persona_name": text(persona_name, 200),
            "message": text(message, MAX_TEXT),
            "prompt": text(prompt, MAX_TEXT),
            "negative_prompt": text(negative_prompt, MAX_TEXT),
            "image_url": text(image_url, 2_000),
            "meta": bag(meta),
        }
        if image is not None:
            if len(image) > MAX_IMAGE_BYTES:
                self._drop("image_too_large")
                return REFUSED
            data = bytes(image)  # no copy when it is bytes already
            fields["image"] = (data, text(content_type, 100) or sniff_image(data))
        return self._queue("bot", fields, created_at)

    def _drop(self, reason: str) -> None:
        raise NotImplementedError

    @quiet
    def track_start_command(self, client_id: Person, **more: Unpack[About]) -> Queued:
        """/start was sent."""
        return self.track_bot_event(client_id, "start_command", **more)

    @quiet
    def track_user_message(self, client_id: Person, message: str, **more: Unpack[About]) -> Queued:
        """The user wrote `message`."""
        return self.track_bot_event(client_id, "user_message", message=message, **more)

    @quiet
    def track_ai_message(self, client_id: Person, message: str, **more: Unpack[About]) -> Queued:
        """The bot answered `message`; persona_id and persona_name say as whom."""
        return self.track_bot_event(client_id, "ai_message", message=message, **more)

    @quiet
    def track_image_generated(
        self,
        client_id: Person,
        *,
        image: Image | None = None,
        image_url: str | None = None,
        prompt: str | None = None,
        negative_prompt: str | None = None,
        content_type: str | None = None,
        **more: Unpack[About],
    ) -> Queued:
        """A picture was made: its bytes (10 MB at most, else dropped and counted) or its address.

        Pass `bytes`; a bytearray or memoryview is copied here, 1 ms for 10 MB.
        """
        return self.track_bot_event(
            client_id,
            "image_generated",
            image=image,
            image_url=image_url,
            prompt=prompt,
            negative_prompt=negative_prompt,
            content_type=content_type,
            **more,
        )

    @quiet
    def track_image_refresh(
        self,
        client_id: Person,
        *,
        prompt: str | None = None,
        negative_prompt: str | None = None,
        **more: Unpack[About],
    ) -> Queued:
        """The user asked for the picture again."""
        return self.track_bot_event(
            client_id, "image_refresh", prompt=prompt, negative_prompt=negative_prompt, **more
        )

    @quiet
    def track_persona_selected(
        self,
        client_id: Person,
        persona_id: Person,
        persona_name: str | None = None,
        *,
        meta: Meta = None,
        **more: Unpack[Stamp],
    ) -> Queued:
        """The user chose a persona."""
        return self.track_bot_event(
            client_id,
            "persona_selected",
            persona_id=persona_id,
            persona_name=persona_name,
            meta=meta,
            **more,
        )

    @quiet
    def track_story_selected(
        self,
        client_id: Person,
        story_id: Person,
        story_name: str | None = None,
        *,
        meta: Meta = None,
        **more: Unpack[Persona],
    ) -> Queued:
        """The user chose a story; its id and name go into meta."""
        about = bag(meta, story_id=story_id, story_name=story_name)
        return self.track_bot_event(client_id, "story_selected", meta=about, **more)

    @quiet
    def track_chat_cleared(self, client_id: Person, **more: Unpack[About]) -> Queued:
        """/clear was sent."""
        return self.track_bot_event(client_id, "chat_cleared", **more)

    @quiet
    def track_chat_continued(self, client_id: Person, **more: Unpack[About]) -> Queued:
        """An earlier conversation goes on."""
        return self.track_bot_event(client_id, "chat_continued", **more)

    @quiet
    def track_premium_action(
        self, client_id: Person, action: str, *, meta: Meta = None, **more: Unpack[Persona]
    ) -> Queued:
        """Something about the paid plan: `action` ("viewed", "bought", …) goes into meta."""
        return self.track_bot_event(
            client_id, "premium_action", meta=bag(meta, action=action), **more
        )

    @quiet
    def track_command(
        self, client_id: Person, command: str, *, meta: Meta = None, **more: Unpack[Persona]
    ) -> Queued:
        """Any other command; its name goes into meta."""
        return self.track_bot_event(client_id, "command", meta=bag(meta, command=command), **more)
