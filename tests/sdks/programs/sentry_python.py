import json
import sys
import threading

import sentry_sdk
from steps import follow

settings = json.loads(sys.argv[1])
sentry_sdk.init(
    settings["dsn"],
    release="stories@1.2.3",
    default_integrations=True,
    transport_queue_size=50,
    _experiments={"transport_compression_algo": settings["coding"]}
    if settings["coding"]
    else {"transport_compression_level": 0},
)
sentry_sdk.set_user({"id": "jane@example.org", "email": "jane@example.org", "username": "Jane Doe"})
sentry_sdk.set_tag("flavour", "plain")


def error(text):
    password = "unsaid-local"  # noqa: F841 of a frame, which the SDK sends
    try:
        raise ValueError(text)
    except ValueError:
        sentry_sdk.capture_exception()


def crash(text):
    def fail():
        raise RuntimeError(text)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def session(text):
    with sentry_sdk.isolation_scope():
        sentry_sdk.get_isolation_scope().start_session()
        if text == "crashed":
            crash("in a session")
        sentry_sdk.get_isolation_scope().end_session()


follow(
    {
        "error": error,
        "crash": crash,
        "session": session,
        "event": sentry_sdk.capture_message,
        "flush": lambda _: sentry_sdk.flush(5),
    }
)
