"""A running Home Assistant, asked from outside by nothing but its own interfaces.

Nothing of Waybill or of Home Assistant is imported: what is seen here is what
any release of Home Assistant makes of Waybill.
"""
