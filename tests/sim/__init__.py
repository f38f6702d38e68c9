"""A village in one process and thread: several laptops and a county, a fake clock, a bad network, power cuts.

Everything follows from one seed. The programs are the real ones; only clock, network and disk are ours.
"""
