"""The page: server-rendered, with htmx, nothing loaded from elsewhere. It works without scripts as far as forms go."""

from pipeline.search.page.problems import telling
from pipeline.search.page.routes import router

__all__ = ["router", "telling"]
