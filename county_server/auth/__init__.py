"""Enrolment of devices and checking of their signatures."""
