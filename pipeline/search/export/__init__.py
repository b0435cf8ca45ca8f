"""Exports of exactly a question and its filters, streamed page by page: memory stays bounded however many there are."""

from pipeline.search.export.stream import FORMATS, MOST, Export, Format, export

__all__ = ["FORMATS", "MOST", "Export", "Format", "export"]
