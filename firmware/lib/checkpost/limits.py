"""Every limit of the link, with its reason. Units last; SPEC.md, "Limits", repeats the table for readers."""

# Frames. 16 records a frame: 94 % of the line carries records, and a query waits no longer than 6 ms at 921,600 baud.
BATCH_RECORDS = 16
BATCH_HEAD = 13  # bytes of a batch message before its records
MAX_PAYLOAD = 640  # a full batch (525), a status (39) and a query (36) in one frame, with room for what is to come
HEADER_SIZE = 5
TAG_SIZE = 8
MAX_FRAME = HEADER_SIZE + MAX_PAYLOAD + TAG_SIZE
MAX_CODED = MAX_FRAME + MAX_FRAME // 254 + 1  # COBS adds at most one byte in 254, and the first

# Sessions. The counter has 16 bits and never wraps; the board renews early, while the old session still carries.
SESSION_FRAMES = 1 << 16
RENEW_AT_FRAMES = 60_000
SESSION_S = 30 * 86400
RENEW_AT_S = 29 * 86400
REPLAY_WINDOW = 64  # frames that may overtake one another: a whole burst
MAX_BOARDS = 64  # on one gateway link; more than a LoRa channel carries

# Turns. The board speaks, then listens.
BURST_MS = 600  # longest time the board speaks: a turn-round of 35 ms costs 6 % of the line
SHORT_BURST_MS = 100  # while the roster has more pieces to come: 500 entries then take four seconds beside a backlog
POLL_MS = 200  # a quiet serial board asks this often whether there is something for it
REPLY_MS = 300  # a gateway commits to an SD card within this; added to the time on the line
BACKOFF_MAX_MS = 2000  # between tries on a silent line: what a plugged-in cable waits at most
STALL_MAX_MS = 2000  # between bursts that a gateway takes no record of
REPLY_LOOKS = (
    20  # a reply is late only after this many steps too: a stalled loop, or a leap of the clock, is not its fault
)
DOWN_AFTER_TRIES = 3  # unanswered turns (2.1 s) until the link counts as down
STATUS_EVERY_MS = 10_000  # clock, battery and fill drift slowly
QUERY_MS = 1500  # nobody waits longer for an answer; the board has judged alone after 700 ms
CANDIDATES = 4  # handshakes a gateway keeps until a frame proves one: a replayed hello cannot push out the real one
REOPEN_EVERY_MS = 200  # hints to a board whose session the gateway no longer has
LADDER_ROUNDS = 2  # of X25519 a step: about 5 ms on an RP2040

# Downstream. The board's receive buffer takes a whole turn even while its panel is being drawn (23 ms: 2.1 KB).
DOWN_TURN_BYTES = 1400  # of messages in a gateway's turn: two roster pieces, an ack with all its ranges, an answer
ROSTER_ENTRY_SIZE = 64
FIRMWARE_PIECE = 512  # bytes of a bundle in a message: the board holds one, and writes it when the turn is over
FIRMWARE_NOTE = 60  # bytes of why a bundle was left or refused: a sentence
ROSTER_PIECE_ENTRIES = 8  # a message of 525 bytes; two go in a turn: 500 entries take 32 turns, about a second

# LoRa. Frames as Semtech and the regions' LoRaWAN parameters allow at 125 kHz: 51 bytes at SF12, 222 at SF7.
LORA_MIN_FRAME = 51
LORA_MAX_FRAME = 222
LORA_POLL_MS = 900_000  # of a quiet board: 15 minutes; policy may change it
LORA_REPLY_MS = 1000  # the gateway's disk, the modem's serial line, and the energy sensed before it sends
LORA_BACKOFF_AIRTIMES = 100  # of the longest frame, between tries: a board that nobody answers uses 1 % of the air
LORA_BURST_FRAMES = 4  # in a board's turn: the channel is free for others at least as often
LORA_DOWN_FRAMES = 4  # in the gateway's turn
COMPACT_RECORDS = 64  # in a compact batch: more than 222 bytes ever hold
PLAIN_BATCHES = 64  # told by UID after one that the gateway did not take
LEAST_RECORD = 2  # bytes that a record takes in a compact batch at least, nearly: so many are read ahead
SECTOR_RECORDS = 125  # of the journal: the seal key goes forward with each sector
MAX_PARTS = 16  # of a message that is longer than a frame
MAX_MESSAGE = 547  # bytes of a packed message that travels in parts: a roster piece of 8 entries

# What the gateway keeps of batches that came out of order.
WINDOW_RECORDS = 1792  # sent ahead of what is acknowledged: a burst at 921,600 baud is 1,640
HELD_BATCHES = 128  # 66 KB for a board whose line loses frames
HELD_RANGES = 24  # named in an ack, 6 bytes each
MAX_NAME = 64  # bytes of a crossing point's code or zone, as in the centre's contract
