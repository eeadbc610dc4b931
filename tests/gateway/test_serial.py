"""A serial port over a real pty: bytes both ways, gone and back, one owner."""

import asyncio
import os
import pty
import tty

import pytest

from gateway.links.serial import PortInUse, SerialPort

PATIENCE_S = 60  # of any wait: a loaded machine is slow


class Line:
    """The board's end of a pty that `path` leads to."""

    def __init__(self, path):
        self.path = path
        self.master = -1
        self.plug()

    def plug(self):
        master, slave = pty.openpty()
        tty.setraw(slave)
        new = self.path.with_suffix(".new")
        new.symlink_to(os.ttyname(slave))
        os.replace(new, self.path)
        os.close(slave)
        self.master = master

    def unplug(self):
        os.close(self.master)


@pytest.fixture
def line(tmp_path):
    made = Line(tmp_path / "uart0")
    yield made
    made.unplug()


class Heard:
    """What came in, and whether the port is open."""

    def __init__(self):
        self.data = b""
        self.states = []

    def __call__(self, data):
        self.data += data


def run(line, script):
    async def main():
        heard = Heard()
        port = SerialPort(line.path, 921_600, heard, heard.states.append)
        task = asyncio.create_task(port.run())
        try:
            await script(port, heard)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


async def until(condition):
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.005)


def test_bytes_go_both_ways_unchanged(line):
    every = bytes(range(256)) * 8

    async def script(port, heard):
        await until(lambda: heard.states == [True])
        os.write(line.master, every)
        await until(lambda: heard.data == every)
        port.write(every)
        assert await asyncio.to_thread(os.read, line.master, 4096) == every

    run(line, script)


def test_more_than_the_line_takes_at_once_arrives_whole(line):
    much = os.urandom(40_000)

    async def script(port, heard):
        await until(lambda: heard.states == [True])
        port.write(much)
        found = b""
        while len(found) < len(much):
            found += await asyncio.to_thread(os.read, line.master, 4096)
        assert found == much

    run(line, script)


def test_a_port_that_vanished_is_opened_again_at_the_new_device(line):
    async def script(port, heard):
        await until(lambda: heard.states == [True])
        line.unplug()
        await until(lambda: heard.states == [True, False])
        port.write(b"dropped")
        line.plug()
        await until(lambda: heard.states == [True, False, True])
        os.write(line.master, b"again")
        await until(lambda: heard.data == b"again")
        assert port.trouble == ""

    run(line, script)


def test_a_path_that_leads_elsewhere_is_followed(line):
    async def script(port, heard):
        await until(lambda: heard.states == [True])
        old = line.master
        line.plug()
        await until(lambda: heard.states == [True, False, True])
        os.write(line.master, b"new")
        await until(lambda: heard.data == b"new")
        os.close(old)

    run(line, script)


def test_a_port_that_is_not_there_yet_is_waited_for(tmp_path):
    line = Line(tmp_path / "uart0")
    line.path.unlink()

    async def script(port, heard):
        await until(lambda: port.trouble)
        port.check()
        line.plug()
        await until(lambda: heard.states == [True])

    run(line, script)


def test_a_port_in_use_is_one_sentence(line):
    async def script(port, heard):
        await until(lambda: heard.states == [True])
        other = SerialPort(line.path, 921_600, heard, heard.states.append)
        with pytest.raises(PortInUse, match=r"uart0 is in use by another process; end that one first\.$"):
            other.check()

    run(line, script)
