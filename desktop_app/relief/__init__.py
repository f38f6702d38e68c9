"""村级集体经济临时救助 on the laptop: cases, their steps and papers, and what is due."""
