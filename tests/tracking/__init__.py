"""Tests of the library, which knows no Home Assistant."""
