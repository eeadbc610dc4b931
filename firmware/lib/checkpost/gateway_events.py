"""What a gateway's link tells its app, beside the messages of boards themselves."""

from checkpost import frames


class Opened:
    """Event: a session with a board is proven. `status`: messages.Status. Answer its turn with an Acked first."""

    def __init__(self, board: int, status: object):
        self.board = board
        self.status = status


class StatusUpdate:
    """Event: a board's status, later in a session. `status`: messages.Status."""

    def __init__(self, board: int, status: object):
        self.board = board
        self.status = status


class Records:
    """Event: consecutive records, in order and without a gap after the last Acked and earlier events.

    `records`: bytes, 32 each; `head4`: first 4 bytes of the chain head after the last; `turn`: the board's turn ends;
    `rebuilt`: they came in a compact batch, and a chain that does not match only says that they come again in full.
    What the app does not cover with its next Acked counts as refused and is sent again.
    """

    def __init__(self, board: int, epoch: int, first_seq: int, records: bytes, head4: bytes, turn: bool, rebuilt: bool):
        self.rebuilt = rebuilt
        self.board = board
        self.epoch = epoch
        self.first_seq = first_seq
        self.records = records
        self.head4 = head4
        self.turn = turn


class Turn:
    """Event: the board has finished speaking; commit, then write `answer([...], now_ms)` to the port, even if empty."""

    def __init__(self, board: int):
        self.board = board


class Send:
    """Event: send a frame now (a welcome, or a hint to say hello); nothing to decide. Write `data` to a serial port, or
    give `frame` to a radio."""

    def __init__(self, frame: bytes):
        self.frame = frame

    @property
    def data(self) -> bytes:
        """The frame as it goes on a serial line."""
        return b"\0" + frames.encode(self.frame)
