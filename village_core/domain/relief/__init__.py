"""村级集体经济临时救助: a case is a replay of immutable steps, each judged by pure rules over a policy pack.

Start with `steps` (what is recorded), `decisions.decide_step` (may it be recorded) and `guidance` (what is next).
"""
