"""Hostile input: a hundred thousand bodies and requests, of which none may hurt (`make fuzz`)."""
