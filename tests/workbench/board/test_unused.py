"""What a board's firmware leaves out: only what nothing on a board can name."""

from workbench.board.names import lines_in
from workbench.board.tree import beside_it, find_firmware, sources
from workbench.board.unused import leave_out, left_out


def test_a_program_does_the_same_without_what_it_does_not_name():
    modules = {
        "core.py": "__all__ = ['used']\nTABLE = (1, 2)\nSHOWN = (3,)\nMADE = tuple([4])\n"
        "def used():\n    return Box().take()\n"
        "def spare():\n    return helper() + TABLE[0]\n"
        "def helper():\n    return 0\n"
        "def told():\n    return 5\n"
        "class Box:\n"
        "    def take(self):\n        return SHOWN[0]\n"
        "    def give(self):\n        return self.give()\n"
        "    def write(self, data):\n        return data\n"
        "    def named(self):\n        return 6\n",
        "main.py": "from core import used\nprint(used(), getattr(used, 'named', 7))\n",
    }
    assert sorted(name for _, name in left_out(modules)) == ["TABLE", "__all__", "give", "helper", "spare", "told"]
    kept = leave_out(modules, ["import core\ncore.told()\n"])
    space: dict[str, object] = {}
    exec(kept["core.py"], space)
    assert (space["used"](), space["told"]()) == (3, 5)  # type: ignore[operator]
    assert "spare" not in space and "TABLE" not in space


def test_what_two_name_only_each_other_is_kept():
    modules = {"a.py": "def one():\n    return two()\ndef two():\n    return one()\n"}
    assert not left_out(modules)  # that is sure to be safe; it only costs memory


def test_what_desks_and_gateways_need_is_not_on_a_board_and_what_a_command_asks_is():
    gone = left_out(sources(find_firmware()), beside_it(find_firmware()))
    assert {("lib/checkpost/ntag.py", "new_key_data"), ("lib/checkpost/dates.py", "format_local")} <= set(gone)
    assert not {"install", "begin", "UpdateRefused", "Ring", "W25Q"} & {name for _, name in gone}


def test_the_lines_that_commands_send_are_found():
    source = "SAY = 'import one; one.two()'\ndef f(x):\n    return f'_three.four({x!r}, 1)', 'a word', 'no: line'\n"
    assert sorted(lines_in(source)) == ["_three.four(0, 1)", "import one; one.two()"]
