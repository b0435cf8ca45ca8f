"""Audit: who was released what and why, who was shown what, each event bound to the one before it."""
