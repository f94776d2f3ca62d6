"""Crashes: from one report to the group of crashes that have the same fault."""
