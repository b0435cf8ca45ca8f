"""Any script to lower-case ASCII words. Names, places, addresses and texts all start here.

anyascii gives one spelling for each letter, so Cyrillic, Arabic or Han meet their Latin transliterations as far as
a letter-by-letter reading can; the phonetic keys do the rest.
"""

from __future__ import annotations

import re

from anyascii import anyascii

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = re.compile(r"['`\u2018\u2019\u02bc\u02bb\u00b4]")
_IDEOGRAPHS = re.compile("([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af])")


def to_ascii(text: str) -> str:
    """Letters of any script as ASCII, apostrophes out; ideographs and Hangul stand apart, a word each."""
    if not text.isascii():
        text = anyascii(_IDEOGRAPHS.sub(r" \1 ", text))
    return _APOSTROPHES.sub("", text)


def words(text: str) -> list[str]:
    """The text's lower-case ASCII words, punctuation out, numbers kept. Ma'ruf is one word, Al-Amin two."""
    return _WORD.findall(to_ascii(text).lower())


def fold(text: str) -> str:
    """The words with one space between; empty where the text has none."""
    return " ".join(words(text))
