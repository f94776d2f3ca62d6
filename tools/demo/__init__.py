"""A full dashboard for a newcomer's first minute: `make demo`."""
