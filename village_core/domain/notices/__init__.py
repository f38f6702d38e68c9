"""What may hang on the village's board: print models without a place for private facts, and a scanner behind them."""
