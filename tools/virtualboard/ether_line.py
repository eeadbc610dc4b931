"""The ether for other processes: JSON lines on a Unix socket, one connection a radio.

A radio says {"join": name} once, then {"send": hex, "hz", "factor", "bandwidth_hz", "dbm"} and {"stop": true}. It hears
{"began": number, "hz", "factor", "bandwidth_hz", "rssi_dbm"}, {"ended": number, "how", "data": hex} and {"sent": true}.
"""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path

from .ether import Antenna, Ether, Packet, Signal

LOOK_S = 0.002  # between two looks at the air while something is on it
STEP_MS = 20  # that pass at a look where time is ours to let pass: nobody computes while a packet is on the air
LINE_MAX = 4096  # a packet of 255 bytes in hex and its fields take 700


class EtherServer:
    """Serves an ether at `path`. `pass_ms(ms)`, if given, lets time pass: the air's own time then costs no waiting."""

    def __init__(self, path: Path, ether: Ether, pass_ms: Callable[[int], None] | None = None) -> None:
        self.path = path
        self.ether = ether
        self._pass_ms = pass_ms
        self._on_air = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._serve, str(self.path), limit=LINE_MAX)
        self._task = asyncio.create_task(self._fly())

    async def stop(self) -> None:
        """Close all connections."""
        if self._task:
            self._task.cancel()
        if self._server:
            self._server.close()
        for writer in list(self._writers):
            writer.close()

    def quiet(self) -> bool:
        """Return True while nothing is on the air."""
        return self.ether.due_us() is None

    async def _fly(self) -> None:
        while True:
            await self._on_air.wait()
            while (due_us := self.ether.due_us()) is not None:
                await asyncio.sleep(LOOK_S)
                left_ms = (due_us - self.ether.now_us() + 999) // 1000
                if self._pass_ms and left_ms > 0:
                    self._pass_ms(min(STEP_MS, left_ms))
                self.ether.poll()
            self._on_air.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        antenna: Antenna | None = None
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                said = json.loads(line)
                if "join" in said:
                    antenna = self._join(str(said["join"]), writer)
                elif antenna is not None and "send" in said:
                    fields = {key: said[key] for key in ("hz", "factor", "bandwidth_hz", "dbm")}
                    antenna.send(Packet(bytes.fromhex(said["send"]), **fields))
                    self._on_air.set()
                elif antenna is not None:
                    antenna.stop()
        except ConnectionError:
            pass  # a board that was killed: its radio falls silent below
        finally:
            self._writers.discard(writer)
            if antenna is not None:
                self.ether.leave(antenna.name)
            writer.close()

    def _join(self, name: str, writer: asyncio.StreamWriter) -> Antenna:
        def say(**fields: object) -> None:
            if not writer.is_closing():
                writer.write(json.dumps(fields).encode() + b"\n")

        def began(signal: Signal) -> None:
            fields = {"hz": signal.hz, "factor": signal.factor, "bandwidth_hz": signal.bandwidth_hz}
            say(began=signal.number, **fields, rssi_dbm=signal.rssi_dbm)

        antenna = self.ether.join(name)
        antenna.on_began = began
        antenna.on_ended = lambda signal, how, data: say(ended=signal.number, how=how, data=data.hex())
        antenna.on_sent = lambda: say(sent=True)
        return antenna


class FarAntenna(Antenna):
    """A radio's end of an ether in another process. `serve` after its socket became readable."""

    def __init__(self, path: Path, name: str) -> None:
        """Join; OSError when nobody serves the ether."""
        self.name = name
        self.signals: dict[int, Signal] = {}
        self.on_began = self.on_ended = self.on_sent = None
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(path))
        self._in = b""
        self._say(join=name)

    def send(self, packet: Packet) -> None:
        """Begin to send; `on_sent` tells the end."""
        fields = {"hz": packet.hz, "factor": packet.factor, "bandwidth_hz": packet.bandwidth_hz, "dbm": packet.dbm}
        self._say(send=packet.data.hex(), **fields)

    def stop(self) -> None:
        """Break off what is being sent."""
        self._say(stop=True)

    def serve(self) -> bool:
        """Take what arrived; False when the ether is gone."""
        data = self.sock.recv(65536)
        *lines, self._in = (self._in + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        return bool(data)

    def _take(self, said: dict[str, object]) -> None:
        if "began" in said:
            numbers = [int(str(said[key])) for key in ("began", "hz", "factor", "bandwidth_hz", "rssi_dbm")]
            self.began(Signal(*numbers))
        elif "ended" in said:
            signal = self.signals.get(int(str(said["ended"])))
            if signal is not None:
                self.ended(signal, str(said["how"]), bytes.fromhex(str(said["data"])))
        else:
            self.sent()

    def _say(self, **fields: object) -> None:
        self.sock.sendall(json.dumps(fields).encode() + b"\n")
