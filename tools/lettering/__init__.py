"""Makes the panel's letters for Korean and Chinese from a bitmap font: only those that the messages need."""

# The messages that are drawn in large letters; all others are lines.
LARGE_WORDS = (
    "permitted",
    "refer",
    "unverifiable",
    "admitted",
    "referred",
    "turned_back",
    "reading",
    "idle",
    "one-card",
    "log-broken",
    "log-full",
    "reader-broken",
    "settings",
    "stopped",
)
