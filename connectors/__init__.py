"""Connectors: an agency's records, out of what it has already, into reports under its own policy.

read -> map -> check -> publish -> checkpoint. README.md beside this file shows how to write one in seven steps.
"""
