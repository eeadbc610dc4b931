"""Puts the firmware into the wheel as data, so that a technician needs no checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """An editable install reads the checkout's own firmware: a copy there would grow stale."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the tree beside the tools that copy it onto boards."""
        if version != "editable":
            build_data["force_include"]["firmware"] = "workbench/firmware"
