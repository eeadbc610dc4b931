"""The kiosk's panel and the tray behind it, drawn from their numbers."""
