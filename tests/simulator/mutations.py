"""Defects put into the product on purpose: each has to be seen by the simulator, and by the invariant that is meant.

All of them: `python -m tests.simulator.mutations`; the test beside this tries the quick ones.
"""

import random
import sys
from collections.abc import Callable
from typing import NamedTuple

from simulator.command import _quieten
from simulator.faults import ALL
from simulator.links import LORA, MIXED, SCARCE, SERIAL
from simulator.run import attempt
from tests.simulator import defects, single

MAX_SEEDS = 24


class Mutation(NamedTuple):
    """A defect, and which invariants may see it; `alone`: with these faults only, and never without the first."""

    defect: Callable
    invariants: set
    alone: tuple = ()
    taps: int = 16
    links: str = MIXED
    boards: int = 2

    def broken(self, seed, faults):
        """Return what a run breaks."""
        random.seed(seed)
        with self.defect():
            broken = attempt(seed, self.boards, self.taps, faults, self.links).broken
        return sorted({words.split(":")[0].split(" ")[0] for words in broken})


def alone(fault, defect, *invariants, links=SERIAL, boards=2):
    """Return a defect that is seen with a fault; what befalls a machine as a whole is rare, so such runs are long."""
    return Mutation(defect, set(invariants), tuple(fault.split()), 90, links, boards)


MISSING = {"gap", "lost"}
RADIO = {"links": LORA, "boards": 1}
OTHER = {"altered", "lost", "gap", "chain"}
MUTATIONS = {
    "the centre answers before its commit": Mutation(defects.centre_answers_before_its_commit, MISSING),
    "a gateway acknowledges before its commit": Mutation(defects.gateway_acknowledges_before_its_commit, MISSING),
    "a session's counter stands still": Mutation(defects.session_counter_stands_still, {"nonce"}),
    "session keys without randomness": Mutation(defects.keys_without_randomness, {"nonce"}),
    "an outbox row is dropped": Mutation(defects.outbox_drops_a_row, MISSING),
    "a gateway alters, and the chain is not checked": Mutation(
        defects.chain_unchecked_and_a_gateway_that_alters, {"altered"}
    ),
    "verdicts by the order of arrival": Mutation(defects.verdict_by_order_of_arrival, {"verdict"}),
    "verdicts wait for ever": Mutation(defects.verdicts_wait_for_ever, {"verdict"}),
    "the beep comes before the flash": Mutation(defects.beep_before_the_flash, {"unwritten", "changed", "lost"}),
    "recovery forgets the newest record": Mutation(defects.recovery_forgets_the_newest, OTHER | {"changed"}),
    "outcomes are not laid over crossings": Mutation(defects.outcomes_are_not_laid_over_crossings, {"misread"}),
    "an entry is read as an exit": Mutation(defects.entry_is_read_as_exit, {"misread"}),
    "the feed skips a change": Mutation(defects.feed_skips_the_last_of_a_page, {"feed"}),
    "nothing is sent again": Mutation(defects.nothing_is_sent_again, MISSING),
    "a board takes more as acknowledged than is": Mutation(defects.ack_of_another_epoch_counts, MISSING),
    "crossings are shown twice": Mutation(defects.crossings_are_shown_twice, {"doubled"}),
    "the airtime ledger is not asked": Mutation(defects.ledger_is_not_asked, {"law"}, taps=32, links=SCARCE),
    "a restart forgets the airtime": Mutation(defects.restart_forgets_the_airtime, {"law"}, taps=32, links=SCARCE),
    "loss: nothing is sent again": alone("loss", defects.nothing_is_sent_again, *MISSING),
    "unplug: nothing is sent again": alone("unplug", defects.nothing_is_sent_again, *MISSING),
    "double: what comes is appended": alone("double", single.what_comes_is_appended, *OTHER),
    "reorder: what overtook is appended": alone("reorder unplug", single.what_overtook_is_appended, *OTHER),
    "flip: a tag is not checked": alone("flip", single.tag_is_not_checked, *OTHER, "crash"),
    "power: recovery forgets the newest record": alone("power", defects.recovery_forgets_the_newest, *OTHER, "changed"),
    "gateway-kill: session keys without randomness": alone("gateway-kill", defects.keys_without_randomness, "nonce"),
    "disk-full: a full disk acknowledges": alone("disk-full", single.full_disk_acknowledges, *MISSING),
    "gateway-swap: its word stands": alone("gateway-swap", defects.a_lost_store_s_word_stands, *MISSING),
    "gateway-restore: its word stands": alone("gateway-restore", defects.a_lost_store_s_word_stands, *MISSING),
    "board-move: the first gateway's word stands": alone("board-move", defects.a_lost_store_s_word_stands, *MISSING),
    "board-swap: a spare goes on in the old epoch": alone("board-swap", defects.spare_goes_on_in_the_old_epoch, *OTHER),
    "board-restore: no alarm is raised": alone("board-restore", defects.no_alarm_is_raised, *OTHER),
    "board-clone: session keys without randomness": alone("board-clone", defects.keys_without_randomness, "nonce"),
    "lost-request: silence counts as a yes": alone("lost-request", single.unanswered_counts_as_taken, *MISSING),
    "centre-busy: silence counts as a yes": alone("centre-busy", single.unanswered_counts_as_taken, *MISSING),
    "half-open: silence counts as a yes": alone("half-open", single.unanswered_counts_as_taken, *MISSING),
    "centre-kill: silence counts as a yes": alone("centre-kill", single.unanswered_counts_as_taken, *MISSING),
    "lost-reply: what is known is refused": alone("lost-reply", single.what_is_known_is_refused, *MISSING),
    "clock-stop: nobody watches the clock": alone("clock-stop", single.clock_is_not_watched, "time"),
    "clock-jump: nobody watches the clock": alone("clock-jump", single.clock_is_not_watched, "time"),
    "clock-jump: a start confirms the clock": alone("clock-jump unplug", single.start_confirms_the_clock, "time"),
    "air-loss: nothing is sent again": alone("air-loss", defects.nothing_is_sent_again, *MISSING, **RADIO),
    "air-bits: nothing is sent again": alone("air-bits", defects.nothing_is_sent_again, *MISSING, **RADIO),
    "air-foreign: nothing is sent again": alone("air-foreign", defects.nothing_is_sent_again, *MISSING, **RADIO),
    "radio-fails: nothing is sent again": alone("radio-fails", defects.nothing_is_sent_again, *MISSING, **RADIO),
    "modem-power: nothing is sent again": alone("modem-power", defects.nothing_is_sent_again, *MISSING, **RADIO),
    "rot: gaps are not told": alone("rot unplug power", single.gaps_are_not_told, *OTHER),
}


def caught(name):
    """Return (number of seeds, what was broken) of the first run that sees a mutation; (seeds, nothing) if none.

    What breaks without its fault, too, says nothing of the fault.
    """
    mutation = MUTATIONS[name]
    for seed in range(1, MAX_SEEDS + 1):
        broken = mutation.broken(seed, mutation.alone or ALL)
        if broken and not (mutation.alone and mutation.broken(seed, mutation.alone[1:])):
            return seed, broken
    return MAX_SEEDS, []


def main(names):
    """Try mutations and print a line for each; return how many were not seen as they should be."""
    _quieten()
    missed = 0
    for name in names or MUTATIONS:
        seeds, broken = caught(name)
        seen = bool(set(broken) & MUTATIONS[name].invariants)
        missed += not seen
        print(
            f"{'seen' if seen else 'MISSED'}: {name}: {', '.join(broken) or 'nothing'} after {seeds} seed(s)",
            flush=True,
        )
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
