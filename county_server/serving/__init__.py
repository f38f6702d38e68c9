"""What stands between the network and the work: admission, measures, logs, worker processes."""
