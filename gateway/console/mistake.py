"""What a guard can put right in a form: a message id of the catalogs, and what is put into it."""

from gateway.errors import OperatorError


class Mistake(OperatorError):
    """A form that cannot be taken; shown in the page's language."""

    def __init__(self, msgid: str, **values: object):
        """`msgid`: the English sentence, with `%(name)s` where a value belongs."""
        super().__init__(msgid % values)
        self.msgid = msgid
        self.values = values
