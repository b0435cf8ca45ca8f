"""STIX 2.0 and 2.1 bundles: an object that says something is one report."""
