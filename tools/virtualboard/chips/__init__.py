"""Models of the kiosk's chips, each at register and bus-byte level from its data sheet."""
