"""The only SQL of the centre: tables, transactions, and the rows that the rest of the centre works with."""

from gateway.central.store.engine import Store, StoreError
from gateway.central.store.transaction import Transaction

STORE_NAME = "central.db"  # in the centre's data folder

__all__ = ["STORE_NAME", "Store", "StoreError", "Transaction"]
