"""Defects put into the product on purpose: each has to be seen by the simulator, and by the invariant that is meant.

All of them: `python -m tests.simulator.mutations`; the test beside this tries the quick ones.
"""

import random
import sys

from simulator.command import _quieten
from simulator.faults import ALL
from simulator.links import MIXED, SCARCE, SERIAL
from simulator.run import attempt
from tests.simulator import defects

BOARDS, TAPS, MAX_SEEDS = 2, 16, 12


LONG = {"taps": 90, "links": SERIAL}  # what befalls a machine as a whole is rare
HOW = {
    "the airtime ledger is not asked": {"taps": 32, "links": SCARCE},
    "a restart forgets the airtime": {"taps": 32, "links": SCARCE},
    "a lost store's word stands, at a restored gateway": LONG | {"faults": ("gateway-restore", "loss")},
    "a lost store's word stands, at an empty gateway": LONG | {"faults": ("gateway-swap", "loss")},
    "a lost store's word stands, at another gateway": LONG | {"faults": ("board-move",)},
    "a restored chip raises no alarm": LONG | {"faults": ("board-restore",)},
    "session keys without randomness, at a clone": LONG | {"faults": ("board-clone",)},
    "a spare goes on in the old epoch": LONG | {"faults": ("board-swap",)},
}
MUTATIONS = {
    "the centre answers before its commit": (defects.centre_answers_before_its_commit, {"gap", "lost"}),
    "a gateway acknowledges before its commit": (defects.gateway_acknowledges_before_its_commit, {"gap", "lost"}),
    "a session's counter stands still": (defects.session_counter_stands_still, {"nonce"}),
    "session keys without randomness": (defects.keys_without_randomness, {"nonce"}),
    "an outbox row is dropped": (defects.outbox_drops_a_row, {"gap", "lost"}),
    "a gateway alters, and the chain is not checked": (defects.chain_unchecked_and_a_gateway_that_alters, {"altered"}),
    "verdicts by the order of arrival": (defects.verdict_by_order_of_arrival, {"verdict"}),
    "verdicts wait for ever": (defects.verdicts_wait_for_ever, {"verdict"}),
    "the beep comes before the flash": (defects.beep_before_the_flash, {"unwritten", "changed", "lost"}),
    "recovery forgets the newest record": (
        defects.recovery_forgets_the_newest,
        {"changed", "altered", "chain", "gap", "lost"},
    ),
    "outcomes are not laid over crossings": (defects.outcomes_are_not_laid_over_crossings, {"misread"}),
    "an entry is read as an exit": (defects.entry_is_read_as_exit, {"misread"}),
    "the feed skips a change": (defects.feed_skips_the_last_of_a_page, {"feed"}),
    "nothing is sent again": (defects.nothing_is_sent_again, {"gap", "lost"}),
    "a board takes more as acknowledged than is": (defects.ack_of_another_epoch_counts, {"gap", "lost"}),
    "crossings are shown twice": (defects.crossings_are_shown_twice, {"doubled"}),
    "a lost store's word stands, at a restored gateway": (defects.a_lost_store_s_word_stands, {"gap", "lost"}),
    "a lost store's word stands, at an empty gateway": (defects.a_lost_store_s_word_stands, {"gap", "lost"}),
    "a lost store's word stands, at another gateway": (defects.a_lost_store_s_word_stands, {"gap", "lost"}),
    "a restored chip raises no alarm": (defects.no_alarm_is_raised, {"altered", "lost", "gap", "chain"}),
    "session keys without randomness, at a clone": (defects.keys_without_randomness, {"nonce"}),
    "a spare goes on in the old epoch": (
        defects.spare_goes_on_in_the_old_epoch,
        {"altered", "lost", "gap", "chain"},
    ),
    "the airtime ledger is not asked": (defects.ledger_is_not_asked, {"law"}),
    "a restart forgets the airtime": (defects.restart_forgets_the_airtime, {"law"}),
}


def caught(name, seeds=MAX_SEEDS):
    """Return (number of seeds, what was broken) of the first run that sees a mutation; (seeds, nothing) if none."""
    make, _ = MUTATIONS[name]
    for seed in range(1, seeds + 1):
        random.seed(seed)
        with make():
            how = {"taps": TAPS, "faults": ALL, "links": MIXED} | HOW.get(name, {})
            broken = attempt(seed, BOARDS, how["taps"], how["faults"], how["links"]).broken
        if broken:
            return seed, sorted({words.split(":")[0].split(" ")[0] for words in broken})
    return seeds, []


def main(names):
    """Try mutations and print a line for each; return how many were not seen as they should be."""
    _quieten()
    missed = 0
    for name in names or MUTATIONS:
        seeds, broken = caught(name)
        seen = bool(set(broken) & MUTATIONS[name][1])
        missed += not seen
        print(
            f"{'seen' if seen else 'MISSED'}: {name}: {', '.join(broken) or 'nothing'} after {seeds} seed(s)",
            flush=True,
        )
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
