"""A message as JSON to an address of the operator's, signed, so that whoever receives it can tell that
it is from here and new: `Stories-Signature: t=SECONDS,v1=HEX`, HEX being HMAC-SHA256 over
"SECONDS.BODY" with the destination's secret."""

from __future__ import annotations

import hmac
import http.client
from datetime import datetime
from typing import Any

import msgspec

from stories.alerts.messages import CannotSend, Message
from stories.images.guard import Deadline, Forbidden, Guard, Timed
from stories.images.outcomes import retry_after

SECONDS = 20.0


def signature(secret: str, at: int, body: bytes) -> str:
    digest = hmac.new(secret.encode(), b"%d.%b" % (at, body), "sha256").hexdigest()
    return f"t={at},v1={digest}"


def send(message: Message, payload: dict[str, Any], guard: Guard, now: datetime) -> str:
    """Returns the status that came back; a text could repeat the address. A redirect is a refusal: it
    could lead to where the guard would not go, and a webhook's address does not move. Raises
    CannotSend."""
    body = msgspec.json.encode({"id": str(message.message_id), "kind": message.kind, **payload})
    at = int(now.timestamp())
    try:
        target = guard.target(message.address)
        deadline = Deadline(SECONDS)
        connected = guard.open(target, deadline)
    except Forbidden as error:
        raise CannotSend(error.sentence, is_final=True) from None
    except OSError as error:
        raise CannotSend(f"no connection to the webhook ({type(error).__name__})") from None
    try:
        asking = http.client.HTTPConnection(target.host, target.port)
        asking.sock = Timed(connected, deadline)
        asking.request(
            "POST",
            target.path,
            body,
            {
                "Host": target.authority,
                "User-Agent": "StoriesAnalytics",
                "Content-Type": "application/json",
                "Connection": "close",
                "Idempotency-Key": str(message.message_id),
                "Stories-Signature": signature(message.secret, at, body),
            },
        )
        with asking.getresponse() as response:
            status = response.status
            wait = retry_after(response.getheader("Retry-After"), now)
    except (OSError, http.client.HTTPException) as error:
        raise CannotSend(f"the webhook did not answer ({type(error).__name__})") from None
    finally:
        connected.close()
    if 200 <= status < 300:
        return f"the webhook answered {status}"
    is_final = status in (400, 401, 403, 404, 405, 410, 413) or 300 <= status < 400
    raise CannotSend(f"the webhook answered {status}", is_final, wait)
