"""The collective's books as pure decisions: accounts, vouchers, their checks, numbers, periods, trial balance."""
