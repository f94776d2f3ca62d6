"""Payload types of the kinds beside desktop, one module a kind: what may enter, and the row it becomes.

models.py holds what they share: limits, times, keys, rows.
"""
