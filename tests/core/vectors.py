"""Published test vectors for the core's tests, in both interpreters."""

import json

FOLDER = __file__.rsplit("/", 2)[0] + "/vectors/"


def load(name):
    """Return the parsed content of tests/vectors/NAME.json."""
    with open(FOLDER + name + ".json") as source:
        return json.load(source)
