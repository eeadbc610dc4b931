"""The centre's HTTP interface, version 1."""
