"""Tables in text: one row is one report, through the connector file's `map`."""
