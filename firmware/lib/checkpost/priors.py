"""Where each adaptive bit of a compact batch lies, and what it begins with. SPEC.md, "Compact batches", has the table.

Trees of n bits take 2**n bits, the first unused.
"""

from binascii import unhexlify

KIND = 0  # 3 while no crossing waits for its outcome, 3 while one does
NEAR = 6
CLOCK_SAME = 7
OFFSET_SAME = 8
DIRECTION = 9  # by the direction before
ONLINE = 11  # by the crossing before
CARD = 13  # tree of 2
ASSURANCE = 17  # trees of 2: without a card, with one
COUNTER_ZERO = 25  # by assurance
PARTY = 29  # tree of 4
VERDICT = 45  # trees of 2, by how the card is told
WHY = 61  # by verdict and how the card is told
REASON = 77
CAUSE = 90
AGE_SAME = 95
RULE = 96
OUTCOME_SAME = 97
PARTY_SAME = 98
OUTCOME_OF = 99  # trees of 2, by the verdict of the crossing
AGE = 115  # tree of 5
COUNTER = 147  # tree of 5
TIME = 179  # trees of 5: of all others, then of an outcome
COUNT = 243

# Of a zero, of 256; from the traffic of a fortnight at six crossing points.
PRIORS = unhexlify(
    "fe8080f8fd80fefefeeedcfe8080a484fe80fefe8080fe0280fefe808080feee"
    "80ddfe8080027cfe808080808080fe028080fed58080feba808080808080fefe"
    "80fe1c3d808080808080808080fefef7e0c3dfdfd9dffaf7f9fcfefefefefe44"
    "fefefe80f9020780030ecc808080808080808080fe2c8012fe80805f348f8080"
    "808080ba2b45565ffe8080808080808080808080808080808080808080808080"
    "8080808080808080808080808080808080808080fe22f50cbbf5800f4f5ce1df"
    "808080800f64665c7fbc6fdb4080808080808080fefe805f80808002fe808080"
    "8080808059cc80808080808080808080808080"
)
