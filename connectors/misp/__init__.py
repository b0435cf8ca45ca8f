"""MISP event files: one event is one report."""
