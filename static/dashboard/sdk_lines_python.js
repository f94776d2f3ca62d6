// The entries of sdk_lines.js for Python.

export const string = JSON.stringify;
export const OURS = "Stories Analytics";
const OUR_PYTHON = "pip install /path/to/stories-analytics/clients/python";

const sentryInPython = ({ dsn }, more = "") => `sentry_sdk.init(
    dsn=${string(dsn)},
    release="my-app@1.0.0",
    include_local_variables=False,  # they would not be kept${more}
)`;

const NO_BODIES = `
    max_request_body_size="never",  # nor would these`;

const posthogInPython = ({ server, key }) => `posthog = Posthog(
    ${string(key)},
    host=${string(server)},
    enable_exception_autocapture=True,
    super_properties={"$app_version": "1.0.0"},
)`;

const ownPython = ({ server, key }, more = "") => `analytics = Client(
    ${string(server)},
    ${string(key)},
    queue_path="analytics.queue",${more}
)`;

export const PYTHON = [
  {
    platform: "Python",
    sdk: OURS,
    kinds: ["desktop"],
    brings: "Events, people and crashes, kept on disk until they were sent.",
    install: OUR_PYTHON,
    file: "app.py",
    lines: (app) => `from stories_analytics import Client

${ownPython(app, '\n    app_version="1.0.0",')}
analytics.install_excepthook()
analytics.track("app_opened")`,
  },
  {
    platform: "Python",
    sdk: OURS,
    kinds: ["generator"],
    brings: "Visits, generations and crashes, kept on disk until they were sent.",
    install: OUR_PYTHON,
    file: "app.py",
    lines: (app) => `from stories_analytics import Client

${ownPython(app)}
analytics.install_excepthook()
analytics.track_generation(True, processing_time=4.2, visitor_id="visitor-7")`,
  },
  {
    platform: "Python",
    sdk: OURS,
    kinds: ["bot"],
    brings: "Conversations, images and crashes, kept on disk until they were sent.",
    install: OUR_PYTHON,
    file: "bot.py",
    lines: (app) => `from stories_analytics import Client

${ownPython(app)}
analytics.install_excepthook()
analytics.track_start_command(7)
analytics.track_user_message(7, "Hello")`,
  },
  {
    platform: "Python",
    sdk: "sentry-sdk",
    brings: "Errors, and sessions of web frameworks.",
    install: "pip install sentry-sdk",
    file: "app.py",
    lines: (app) => `import sentry_sdk

${sentryInPython(app)}`,
  },
  {
    platform: "Python",
    sdk: "posthog",
    brings: "Events, people and errors.",
    names: true,
    install: "pip install posthog",
    file: "app.py",
    lines: (app) => `from posthog import Posthog

${posthogInPython(app)}
posthog.capture("app_started", distinct_id="person-7")`,
  },
  {
    platform: "Python",
    sdk: "aptabase",
    brings: "Events and sessions; no people.",
    names: true,
    install: "pip install aptabase",
    file: "app.py",
    lines: ({ server, key }) => `import asyncio

from aptabase import Aptabase


async def main():
    async with Aptabase(
        ${string(`A-SH-${key}`)},
        base_url=${string(server)},
        app_version="1.0.0",
    ) as aptabase:
        await aptabase.track("app_started")


asyncio.run(main())`,
  },
  {
    platform: "Flask",
    sdk: OURS,
    kinds: ["generator"],
    brings: "Visits and crashes, kept on disk until they were sent.",
    install: OUR_PYTHON,
    file: "app.py",
    lines: (app) => `from flask import Flask
from stories_analytics import Client, StoriesFlask

${ownPython(app)}
app = Flask(__name__)
StoriesFlask(app, analytics)`,
  },
  {
    platform: "Flask",
    sdk: "sentry-sdk",
    brings: "Errors of views, and a session for each request.",
    install: 'pip install "sentry-sdk[flask]"',
    file: "app.py",
    lines: (app) => `import sentry_sdk
from flask import Flask

${sentryInPython(app, NO_BODIES)}
app = Flask(__name__)`,
  },
  {
    platform: "Flask",
    sdk: "posthog",
    brings: "Events, people and errors of views.",
    names: true,
    install: "pip install posthog",
    file: "app.py",
    lines: (app) => `from flask import Flask
from posthog import Posthog
from posthog.integrations.flask import PosthogFlaskIntegration

${posthogInPython(app)}
app = Flask(__name__)
PosthogFlaskIntegration(app, client=posthog)`,
  },
  {
    platform: "Django",
    sdk: OURS,
    kinds: ["generator"],
    brings: "Visits, kept on disk until they were sent.",
    install: OUR_PYTHON,
    file: "wsgi.py",
    lines: (app) => `from stories_analytics import Client, StoriesWSGI

${ownPython(app)}
application = StoriesWSGI(application, analytics)  # below application = get_wsgi_application()`,
  },
  {
    platform: "Django",
    sdk: "sentry-sdk",
    brings: "Errors of views, and a session for each request.",
    install: 'pip install "sentry-sdk[django]"',
    file: "settings.py",
    lines: (app) => `import sentry_sdk

${sentryInPython(app, NO_BODIES)}`,
  },
  {
    platform: "Django",
    sdk: "posthog",
    brings: "Events, people and errors of views.",
    names: true,
    install: "pip install posthog",
    file: "settings.py",
    lines: (app) => `from posthog import Posthog

${posthogInPython(app)}
POSTHOG_MW_CLIENT = posthog
MIDDLEWARE += ["posthog.integrations.django.PosthogContextMiddleware"]  # below MIDDLEWARE = […]`,
  },
  {
    platform: "aiogram",
    sdk: OURS,
    kinds: ["bot"],
    brings: "Conversations, images, and crashes of handlers, kept on disk until they were sent.",
    install: OUR_PYTHON,
    file: "bot.py",
    lines: (app) => `from aiogram import Dispatcher, F
from aiogram.types import Message
from stories_analytics import Client, StoriesAiogram

${ownPython(app)}
dispatcher = Dispatcher()
dispatcher.update.outer_middleware(StoriesAiogram(analytics))


@dispatcher.message(F.text)
async def answer(message: Message) -> None:
    analytics.track_user_message(message.chat.id, message.text)`,
  },
  {
    platform: "aiogram",
    sdk: "sentry-sdk",
    brings: "Errors of handlers, as aiogram logs them: the bot goes on, so they are no crashes.",
    install: "pip install sentry-sdk",
    file: "bot.py",
    lines: (app) => `import sentry_sdk

# Before dispatcher.start_polling(bot).
${sentryInPython(app)}`,
  },
  {
    platform: "aiogram",
    sdk: "posthog",
    brings: "Events and people.",
    names: true,
    install: "pip install posthog",
    file: "bot.py",
    lines: (app) => `from aiogram import Dispatcher
from aiogram.types import Message
from posthog import Posthog

${posthogInPython(app)}
dispatcher = Dispatcher()


@dispatcher.message()
async def answer(message: Message) -> None:
    posthog.capture("message_received", distinct_id=str(message.from_user.id))`,
  },
];
