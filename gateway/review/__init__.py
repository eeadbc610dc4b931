"""Questions for a person: how they are raised, and how a named reviewer answers them."""
