"""La Poste, its parcels (Colissimo) and its express (Chronopost).

A digit and a letter, ten digits and a key: CPAN, Business::Colissimo, for parcels;
the letters and registered mail among the sandbox numbers of La Poste's tracking API
follow the same rule, and its numbered stamps follow DPD's. Chronopost's numbers are
made like postal items, with suffixes of its own beside FR.
"""

import re
from typing import Final

from ..check_digits import gs1, mod_37_36, s10
from ..format import Format, Shape

FORMATS: Final = (
    Format(
        name="colissimo",
        carrier="colissimo",
        pattern=re.compile(r"[5-9][A-Z](?P<checked>\d{11})"),
        shape=Shape.OWN,
        rule=gs1,
    ),
    Format(
        name="la_poste_letter",
        carrier="la_poste",
        pattern=re.compile(r"[1-4][A-Z](?P<checked>\d{11})"),
        shape=Shape.OWN,
        rule=gs1,
    ),
    Format(
        name="la_poste_stamp",
        carrier="la_poste",
        pattern=re.compile(r"(?P<checked>8[67]\d{12}[A-Z])"),
        shape=Shape.SHARED,
        rule=mod_37_36,
    ),
    Format(
        name="la_poste_stamp_digits",
        carrier="la_poste",
        pattern=re.compile(r"(?P<checked>8[67]\d{13})"),
        shape=Shape.SHARED,
        rule=mod_37_36,
        only_verified=True,
    ),
    Format(
        name="chronopost",
        carrier="chronopost",
        pattern=re.compile(
            r"(?:X[A-Z](?=\d{9}FR)|[A-Z]{2}(?!\d{9}FR))"
            r"(?P<checked>\d{9})(?:FR|JB|JF|TS|VF)"
        ),
        shape=Shape.OWN,
        rule=s10,
    ),
    # Both are also the post's: S10 names La Poste for them first.
    Format(
        name="chronopost_ems",
        carrier="chronopost",
        pattern=re.compile(r"E[A-VXZ](?P<checked>\d{9})FR"),
        shape=Shape.SHARED,
        rule=s10,
    ),
    Format(
        name="colissimo_international",
        carrier="colissimo",
        pattern=re.compile(r"(?:C[A-Z]|E[WY])(?P<checked>\d{9})FR"),
        shape=Shape.SHARED,
        rule=s10,
    ),
)
