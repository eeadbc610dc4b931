"""A page as PDF, printed by the system's own Chromium where there is one."""

import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PRINT_S = 120  # a report of a year takes seconds; a machine that is busy with all else takes longer


def print_page(page: Path, to: Path) -> str:
    """Print an HTML file as PDF; return why it was not, "" if it was."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return "there is no Chromium on this machine to print it with"
    with tempfile.TemporaryDirectory(prefix="checkpost-print-") as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={to.absolute()}", page.absolute().as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PRINT_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{browser} did not print it ({error})"
    if done.returncode or not to.exists():
        return f"{browser} did not print it ({(done.stderr.splitlines() or ['no word'])[-1]})"
    return ""
