"""An account's ledger: its chain of balances, the statement, values in USDT, and exports."""
