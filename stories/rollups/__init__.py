"""From events to rollups: the fold, the recount that checks it, testers."""
