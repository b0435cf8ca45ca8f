"""The API, one module a group of routes. Who signs in decides the reader; no parameter can choose another."""

from pipeline.search.api.app import create_app
from pipeline.search.api.context import Context

__all__ = ["Context", "create_app"]
