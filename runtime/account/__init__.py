"""What is held, owed and at stake: ledger, layers, protection, money."""
