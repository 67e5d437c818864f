"""Constants of the Waybill integration."""

from typing import Final

DOMAIN: Final = "waybill"

SUBENTRY_PARCEL: Final = "parcel"
SUBENTRY_ACCOUNT: Final = "account"

CONF_ADDED_AT: Final = "added_at"
CONF_CARRIER: Final = "carrier"
CONF_EXPECTED_BY: Final = "expected_by"
CONF_JOINED: Final = "joined"
CONF_LISTED_BY: Final = "listed_by"
CONF_NOTES: Final = "notes"
CONF_ORDERED_ON: Final = "ordered_on"
CONF_ORDER_NUMBER: Final = "order_number"
CONF_ORDER_URL: Final = "order_url"
CONF_PHONE_LAST4: Final = "phone_last4"
CONF_POSTAL_CODE: Final = "postal_code"
CONF_PROTECTION_UNTIL: Final = "protection_until"
CONF_PROVIDER: Final = "provider"
CONF_SELLER: Final = "seller"
CONF_STALLED_AFTER_DAYS: Final = "stalled_after_days"
CONF_TRACKING_NUMBER: Final = "tracking_number"

CONF_AUTO_REGISTER: Final = "auto_register"
CONF_FOLLOW_ACCOUNT: Final = "follow_account"

CONF_ARCHIVE_AFTER_DAYS: Final = "archive_after_days"
CONF_KEEP_JOURNALS: Final = "keep_journals"
CONF_VOICE_SENTENCES: Final = "voice_sentences"

DEFAULT_STALLED_AFTER_DAYS: Final = 14
DEFAULT_ARCHIVE_AFTER_DAYS: Final = 30

LONGEST_NAME: Final = 200
LONGEST_NOTES: Final = 5000
"""Characters of what a person writes."""

EVENT_MILESTONE: Final = "waybill_milestone"
"""Fired on the bus once for each milestone."""

EVENT_ALERT: Final = "waybill_alert"
"""Fired on the bus once when an alert begins that is no milestone."""

GUIDE: Final = "https://github.com/waybill/waybill/blob/main/docs/guide"
"""Where a person's language has its own guide: ``.md``, ``.fr.md``."""
