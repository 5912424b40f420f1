"""The pages of an account: its doors, and what lies behind them."""
