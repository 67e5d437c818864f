"""Waybill as people meet it: a real Home Assistant in a real browser."""
