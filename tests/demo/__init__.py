"""A home with Waybill to look at: a real Home Assistant, simulated carriers."""
