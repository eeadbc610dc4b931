"""What a board at rest costs: which buses are quiet, and how often the others are used."""

from tests.support.kiosk import Gateway, Kiosk, entry, roster_piece

SETTLING_MS = 20_000  # sectors are erased ahead, the roster is added up
READER_A_SECOND = 150  # transfers: a search for cards takes about 50 ms and ten transfers


class Buses:
    """Counts the transfers of each bus of a running kiosk."""

    def __init__(self, circuit):
        self.counts = {"spi0": 0, "spi1": 0, "i2c": 0}
        spi, write, read = circuit.spi, circuit.i2c_write, circuit.i2c_read
        circuit.spi = lambda bus, data: self._count(f"spi{bus}", spi, bus, data)
        circuit.i2c_write = lambda *given: self._count("i2c", write, *given)
        circuit.i2c_read = lambda *given: self._count("i2c", read, *given)

    def _count(self, name, call, *given):
        self.counts[name] += 1
        return call(*given)


def at_rest(kiosk):
    """Return the transfers of one second of a board that has nothing to do."""
    kiosk.run(SETTLING_MS)
    buses = Buses(kiosk.bench.circuit)
    kiosk.run(1000)
    return buses.counts


def test_a_board_at_rest_leaves_the_journal_chip_alone():
    counts = at_rest(Kiosk())
    assert counts["spi1"] == 0
    assert 0 < counts["spi0"] <= READER_A_SECOND
    assert counts["i2c"] <= 8  # the time, twice a second for the idle page


def test_nor_does_the_roster_keep_it_awake():
    gateway = Gateway()
    gateway.next_turn.append(roster_piece(entry()))
    kiosk = Kiosk(gateway)
    counts = at_rest(kiosk)
    assert kiosk.app.roster.count == 1
    assert counts["spi1"] == 0
