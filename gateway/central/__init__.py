"""The central office's API, ledger and pages: imports the contract, the core and itself only."""
