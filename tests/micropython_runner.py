"""Runs plain test modules inside MicroPython: micropython tests/micropython_runner.py tests/core/test_x.py ...

Each function named test_* is called without arguments; a failure prints its traceback and the run goes on.
"""

import gc
import sys


def load(path):
    """Import the module at `path` (a file below the current folder) and return it."""
    name = path[: -len(".py")].replace("/", ".")
    module = __import__(name)
    for part in name.split(".")[1:]:
        module = getattr(module, part)
    return module


def run(path):
    """Run the tests of one file; return (passed, failed)."""
    passed = failed = 0
    if path.startswith("tests/core/"):  # others look for what was left in memory
        gc.threshold(32_768)  # as firmware/boot.py does: the free memory stays in one piece
    module = load(path)
    for name in sorted(dir(module)):
        if not name.startswith("test_"):
            continue
        gc.collect()
        try:
            getattr(module, name)()
            passed += 1
        except Exception as error:
            failed += 1
            print("FAILED " + path + "::" + name)
            sys.print_exception(error)
    return passed, failed


def main(paths):
    """Run all files, print the count as the last line and return the exit code."""
    passed = failed = 0
    for path in paths:
        counts = run(path)
        passed += counts[0]
        failed += counts[1]
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


sys.path[:] = ["", "firmware", "firmware/lib", ".frozen"]
sys.exit(main(sys.argv[1:]))
