"""Tests of the recogniser of tracking numbers."""
