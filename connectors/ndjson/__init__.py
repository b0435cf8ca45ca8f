"""One JSON object a line: a report in its JSON form, or any object through a `map`."""
