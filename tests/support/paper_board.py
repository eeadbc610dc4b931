"""A board on paper: what provisioning asks of one, with files in a dict and a journal chip that keeps its seal key."""


class PaperBoard:
    """`files` and `seal_keys` are what provisioning left on it."""

    port = "paper"

    def __init__(self, number):
        self.files = {}
        self.seal_keys = []
        self._id = f"{number:016x}"

    def load(self, name):
        pass

    def ask(self, source):
        if source.startswith("_facts"):
            facts = {
                "id": self._id,
                "version": [1, 27, 0],
                "machine": "RP2350",
                "mpy": 6,
                "free": 1 << 20,
                "slots": "a - 0",
            }
            return facts | {"a": "0.1.0 x", "b": "", "plain": False, "provisioned": False}
        self.seal_keys.append(source.split("'")[1])
        return {"sealed": True, "next": 1, "faults": []}

    def run(self, source):
        return ""

    def read(self, path):
        return self.files.get(path)

    def replace(self, path, data):
        self.files[path] = data
