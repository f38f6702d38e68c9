"""What a clerk does, in the real window; each file is named as a sentence."""
