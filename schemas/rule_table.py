"""Reads a rule file key by key, and says of every mistake where it is and what would be right."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


class RuleError(Exception):
    """A mistake in a rule file; the message names file, key and what is allowed."""


class Table:
    """A table of a rule file. Ask for every key it may have, then `close` it: what nobody asked for is a mistake."""

    def __init__(self, file: str, values: Mapping[str, object], path: str = "") -> None:
        """Take a table as the TOML or JSON reader gave it."""
        self.file = file
        self.values = values
        self.path = path
        self._asked: list[str] = []

    def mistake(self, key: str, problem: str, allowed: Iterable[str] = ()) -> RuleError:
        """Word a mistake."""
        words = ", ".join(sorted(allowed))
        return RuleError(f"{self.file}: {self.path}{key}: {problem}{f'; allowed: {words}' if words else ''}")

    def has(self, key: str) -> bool:
        """Whether an optional key is there."""
        self._asked.append(key)
        return key in self.values

    def _get(self, key: str, expected: str) -> object:
        if not self.has(key):
            raise self.mistake(key, f"is missing; it is {expected}")
        return self.values[key]

    def text(self, key: str) -> str:
        """Text that is not empty."""
        value = self._get(key, "a text")
        if not isinstance(value, str) or not value.strip():
            raise self.mistake(key, "is a text that is not empty")
        return value

    def word(self, key: str, allowed: Collection[str]) -> str:
        """One of the allowed words."""
        value = self._get(key, f"one of {', '.join(sorted(allowed))}")
        if not isinstance(value, str) or value not in allowed:
            raise self.mistake(key, f"does not know {value!r}", allowed)
        return value

    def word_key(self, key: str, allowed: Collection[str]) -> None:
        """Refuse a key, itself a word, that is not allowed."""
        if not self.has(key) or key not in allowed:
            raise self.mistake(key, "is not a key here", allowed)

    def words(self, key: str, allowed: Collection[str]) -> tuple[str, ...]:
        """Return a list of allowed words, each once; empty where the key is left out."""
        if not self.has(key):
            return ()
        value = self.values[key]
        if not isinstance(value, list):
            raise self.mistake(key, "is a list of words", allowed)
        for word in value:
            if word not in allowed:
                raise self.mistake(key, f"does not know {word!r}", allowed)
        if len(set(value)) < len(value):
            raise self.mistake(key, "names one word twice")
        return tuple(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts or numbers, as texts."""
        value = self._get(key, "a list")
        if not isinstance(value, list):
            raise self.mistake(key, "is a list")
        return tuple(str(item) for item in value)

    def number(self, key: str, least: int = 1) -> int:
        """Whole number."""
        value = self._get(key, f"a whole number, {least} or more")
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.mistake(key, f"is a whole number, {least} or more")
        return value

    def fen(self, key: str) -> int:
        """Amount given in yuan, in fen."""
        value = self._get(key, "an amount in yuan, at most two decimals")
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or round(value * 100, 6) % 1:
            raise self.mistake(key, "is an amount in yuan, at most two decimals")
        return round(value * 100)

    def flag(self, key: str) -> bool:
        """True or false; false where the key is left out."""
        value = self.values[key] if self.has(key) else False
        if not isinstance(value, bool):
            raise self.mistake(key, "is true or false")
        return value

    def table(self, key: str) -> Table:
        """Table within; an empty one where the key is left out."""
        value = self.values[key] if self.has(key) else {}
        if not isinstance(value, Mapping):
            raise self.mistake(key, "is a table")
        return Table(self.file, value, f"{self.path}{key}.")

    def tables(self, key: str) -> list[Table]:
        """Tables within, in order; none where the key is left out."""
        value = self.values[key] if self.has(key) else []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.mistake(key, "is a list of tables")
        return [Table(self.file, item, f"{self.path}{key}[{place}].") for place, item in enumerate(value)]

    def close(self) -> None:
        """Refuse keys that nobody asked for.

        Raises:
            RuleError: there is one.

        """
        for key in self.values:
            if key not in self._asked:
                raise self.mistake(key, "is not a key here", self._asked)
