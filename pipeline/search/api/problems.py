"""What errors are answered with, as the API's description tells it."""

from typing import Any

from pydantic import BaseModel


class Problem(BaseModel):
    """What every error is answered with: one line, saying what to do."""

    error: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "Nobody has signed in"},
    403: {"model": Problem, "description": "No role of the asker's may do this"},
    404: {"model": Problem, "description": "It does not exist, or the asker may not see it"},
    413: {"model": Problem, "description": "The body is too large"},
    414: {"model": Problem, "description": "The address is too long"},
    422: {"model": Problem, "description": "A mistake in what was asked, and what to write"},
    429: {"model": Problem, "description": "Too much was asked at once; try again in a while"},
    503: {"model": Problem, "description": "A service is not there for now"},
}
