"""SDKs of others, one module each: which of their fields become which of ours, and the answer they need.

All of them hand what they read to delivery.py, so that checking, scrubbing, exactly once and the ledger
are those of our own clients. docs/SDKS.md says what becomes of each.
"""
