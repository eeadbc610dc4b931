"""For a MicroPython of one's own: make BOARD=RPI_PICO2 FROZEN_MANIFEST=.../firmware/manifest.py in ports/rp2.

The words and letters of the panel and settings.json stay files: `mpremote cp -r lettering :/`.
"""

include("$(PORT_DIR)/boards/manifest.py")  # noqa: F821
for name in ("boot.py", "main.py", "pins.py", "settings.py", "slots.py", "wiring.py"):
    module(name)  # noqa: F821
for name in ("drivers", "kiosk", "modem"):
    package(name)  # noqa: F821
package("checkpost", base_path="lib")  # noqa: F821
