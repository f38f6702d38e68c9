"""What laptop and county must agree on: rules, synced tables, the exchange. No Qt, no HTTP."""
