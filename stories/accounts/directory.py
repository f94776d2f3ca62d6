"""All of the room's stores, made once in a process."""

from __future__ import annotations

from database import Database
from stories.accounts.audit import AuditLog
from stories.accounts.links import Links
from stories.accounts.passwords import Passwords
from stories.accounts.people import People
from stories.accounts.sessions import Sessions
from stories.accounts.tokens import Tokens
from stories.config import Config


class Directory:
    def __init__(self, database: Database, config: Config) -> None:
        owner_name = config.dashboard_username
        self.passwords = Passwords()
        self.people = People(database, self.passwords, owner_name)
        self.sessions = Sessions(database, config)
        self.tokens = Tokens(database, owner_name)
        self.links = Links(database, self.passwords)
        self.log = AuditLog(database)
