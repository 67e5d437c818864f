"""What Waybill promises in numbers, measured: script/bench."""
