"""Who owns which 4096-byte sectors of the 8 MB flash chip. SPEC.md, "Flash map"."""

SECTOR = 4096

SEAL_KEY_FIRST = 0  # two sectors, so that the used key is erased while the new one stands
STATE_FIRST = 2  # two sectors, kept free for small state
JOURNAL_FIRST = 4
JOURNAL_SECTORS = 1660  # 207,500 records
ROSTER_FIRST = 1664
ROSTER_SECTORS = 384  # two banks
