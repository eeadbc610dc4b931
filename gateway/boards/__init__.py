"""The boards of a gateway: their sessions over every carrier, what each is told and asked."""
