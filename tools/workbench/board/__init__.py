"""The technician's side of a kiosk board: flash, provision, check, update, read out. Over mpremote's own transport."""
