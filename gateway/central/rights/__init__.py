"""The rights of travellers: to see what is held of them, to have it corrected, and to have it erased."""
