"""What an operator can put right: one sentence that says what happened, to which thing, and what to do."""


class OperatorError(Exception):
    """Shown as it is, without a traceback; the command then ends with code 1."""
