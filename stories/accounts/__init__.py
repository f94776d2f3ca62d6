"""Who may see what: people and their passwords, sessions, API tokens, share links, the audit log.

callers.py    who a request speaks for, and what that lets them do
passwords.py  Argon2id, one hash at a time
people.py     accounts, one-time links, changes of password
sessions.py   the cookie of the login page
tokens.py     API tokens
links.py      share links
audit.py      who did what, and when

The login of DASHBOARD_USERNAME has no account and is always an owner: where a row names who made it,
null is that login. Every request asks the database again, so what is revoked is revoked in every
worker at once; only the result of an Argon2 hash is remembered. Nothing here knows Flask.
"""
