"""UPS. Formats: ups.com, "What is a tracking number?"."""

import re
from typing import Final

from ..check_digits import ups
from ..format import Format, Shape

FORMATS: Final = (
    # The check digit is a digit; a letter in its place is a slip worth telling.
    Format(
        name="ups_1z",
        carrier="ups",
        pattern=re.compile(r"1Z(?P<checked>[0-9A-Z]{16})"),
        shape=Shape.OWN,
        rule=ups,
    ),
    Format(
        name="ups_waybill",
        carrier="ups",
        pattern=re.compile(r"[AHJKTV](?P<checked>\d{10})"),
        shape=Shape.SHARED,
        rule=ups,
    ),
    # Any serial number, but not one that makes it a postal item.
    Format(
        name="ups_mail_innovations",
        carrier="ups",
        pattern=re.compile(r"MI(?!\d{9}[A-Z]{2}\Z)\d{6}[0-9A-Z]{1,22}"),
        shape=Shape.SHARED,
    ),
    Format(
        name="ups_mail_innovations_sequence",
        carrier="ups",
        pattern=re.compile(r"80\d{16}"),
        shape=Shape.SHARED,
    ),
    Format(
        name="ups_nine_digits",
        carrier="ups",
        pattern=re.compile(r"\d{9}"),
        shape=Shape.PLAIN,
    ),
)
