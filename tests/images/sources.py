"""What the tests of images share beside their fixtures."""

from __future__ import annotations

from database import Inline
from stories.images.fetch import Fetcher

JPEG = b"\xff\xd8\xff\xe0 another picture"


class Sources(Fetcher):
    """Instead of a Fetcher: what each address gives, in turn, the last for good."""

    def __init__(self, **answers):
        self.answers = {
            f"https://pictures.example/{name}": list(all) for name, all in answers.items()
        }
        self.asked = []

    def fetch(self, url):
        self.asked.append(url)
        answers = self.answers[url]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(found, Exception):
            raise found
        return found


def make_due(database):
    with database.transaction() as tx:
        tx.run(Inline("/* test */ update images set next_try = now()"))
