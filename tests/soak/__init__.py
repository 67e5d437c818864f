"""Real Home Assistants, killed again and again while parcels travel.

Carriers are simulated and make mistakes; automations write down elsewhere what
they hear. At the end it is compared with what the carriers told. Everything
follows from a seed.
"""
