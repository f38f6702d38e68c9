"""The collective's books (三资): vouchers, accounts, trial balance, Excel in and out."""
