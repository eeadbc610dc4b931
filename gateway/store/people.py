"""Who may sign in at the console, their sessions, and failed attempts."""

import sqlite3
from typing import NamedTuple

MAX_ATTEMPTS = 500  # names with failures that are remembered; more is somebody trying names: the oldest of nobody go


class Person(NamedTuple):
    """Somebody with a PIN. `key`: the name as it is compared; `pin`: its argon2 hash."""

    key: str
    name: str
    pin: str
    added_s: int


class People:
    """People, sessions and attempts, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def put(self, person: Person) -> None:
        """Add a person, or give one a new name spelling and PIN; their sessions end."""
        self._conn.execute(
            """INSERT INTO people (key, name, pin, added_s) VALUES (?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET name = excluded.name, pin = excluded.pin""",
            person,
        )
        self._conn.execute("DELETE FROM sessions WHERE key = ?", (person.key,))
        self.forget_attempts(person.key)

    def remove(self, key: str) -> bool:
        """Take a person's PIN and sessions away; return False for one that is not known. What they did stays."""
        self._conn.execute("DELETE FROM sessions WHERE key = ?", (key,))
        return bool(self._conn.execute("DELETE FROM people WHERE key = ?", (key,)).rowcount)

    def find(self, key: str) -> Person | None:
        """Return a person."""
        row = self._conn.execute("SELECT key, name, pin, added_s FROM people WHERE key = ?", (key,)).fetchone()
        return Person(*row) if row else None

    def everyone(self) -> list[Person]:
        """Return all people, by name."""
        rows = self._conn.execute("SELECT key, name, pin, added_s FROM people ORDER BY name")
        return [Person(*row) for row in rows]

    def attempts(self, key: str) -> tuple[int, int]:
        """Return (failures since the last success, Unix UTC before which the next is refused)."""
        row = self._conn.execute("SELECT failures, until_s FROM attempts WHERE key = ?", (key,)).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def note_attempt(self, key: str, failures: int, until_s: int) -> None:
        """Keep a failed attempt."""
        self._conn.execute(
            """INSERT INTO attempts (key, failures, until_s) VALUES (?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, until_s = excluded.until_s""",
            (key, failures, until_s),
        )
        self._conn.execute(
            """DELETE FROM attempts WHERE key NOT IN (SELECT key FROM attempts ORDER BY until_s DESC LIMIT ?)
            AND key NOT IN (SELECT key FROM people)""",
            (MAX_ATTEMPTS,),
        )

    def forget_attempts(self, key: str) -> None:
        """Begin to count anew."""
        self._conn.execute("DELETE FROM attempts WHERE key = ?", (key,))

    def add_session(self, digest: str, key: str, ends_s: int, now_s: int) -> None:
        """Keep a session by the hash of its token; those that ended are dropped."""
        self._conn.execute("DELETE FROM sessions WHERE ends_s <= ?", (now_s,))
        self._conn.execute("INSERT INTO sessions (digest, key, ends_s) VALUES (?, ?, ?)", (digest, key, ends_s))

    def session(self, digest: str, now_s: int) -> str | None:
        """Return the name of the person to whom a session belongs, None when it is not known or over."""
        row = self._conn.execute(
            "SELECT p.name FROM sessions s JOIN people p ON p.key = s.key WHERE s.digest = ? AND s.ends_s > ?",
            (digest, now_s),
        ).fetchone()
        return str(row[0]) if row else None

    def end_session(self, digest: str) -> None:
        """End a session."""
        self._conn.execute("DELETE FROM sessions WHERE digest = ?", (digest,))
