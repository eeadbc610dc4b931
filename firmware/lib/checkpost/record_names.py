"""What records' numbers are called by people. A board has no use for that and does not load it."""

from checkpost.record import BOOT, CLOCK_SET, CROSSING, FAULT, OUTCOME, SETTINGS, SHIFT

KINDS = {
    CROSSING: "crossing",
    OUTCOME: "outcome",
    CLOCK_SET: "clock-set",
    BOOT: "boot",
    FAULT: "fault",
    SETTINGS: "settings",
    SHIFT: "shift",
}

TRUSTS = ("unset", "holdover", "synced")
