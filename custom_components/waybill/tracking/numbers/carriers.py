"""The carriers: their names and their public tracking pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from .countries import COUNTRIES
from .format import PAGE
from .formats import FORMATS
from .normalise import normalise
from .s10 import POST_OF


@dataclass(frozen=True, kw_only=True, slots=True)
class Carrier:
    """Who moves parcels; ``page`` is its public tracking page, with ``{number}``."""

    name: str
    page: str | None = None


_PARCEL_CARRIERS: Final = {
    "4px": Carrier(name="4PX", page="https://track.4px.com/#/result/0/{number}"),
    "amazon": Carrier(name="Amazon", page="https://track.amazon.com/tracking/{number}"),
    "bring": Carrier(
        name="Posten Bring", page="https://tracking.bring.com/tracking/{number}"
    ),
    "cainiao": Carrier(
        name="Cainiao",
        page="https://global.cainiao.com/newDetail.htm?mailNoList={number}",
    ),
    "canpar": Carrier(
        name="Canpar",
        page="https://www.canpar.com/en/track/tracking.jsp?locale=en&reference={number}",
    ),
    "chronopost": Carrier(
        name="Chronopost",
        page="https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}",
    ),
    "colissimo": Carrier(
        name="Colissimo",
        page="https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    ),
    "dhl": Carrier(
        name="DHL",
        page="https://www.dhl.com/global-en/home/tracking.html?submit=1&tracking-id={number}",
    ),
    "dhl_ecommerce": Carrier(
        name="DHL eCommerce",
        page="https://www.dhl.com/global-en/home/tracking.html?submit=1&tracking-id={number}",
    ),
    "dpd": Carrier(
        name="DPD",
        page="https://www.dpdgroup.com/nl/mydpd/my-parcels/track?lang=en&parcelNumber={number}",
    ),
    "fedex": Carrier(
        name="FedEx", page="https://www.fedex.com/fedextrack/?trknbr={number}"
    ),
    "gls": Carrier(
        name="GLS",
        page="https://gls-group.com/GROUP/en/parcel-tracking?match={number}",
    ),
    "gofo": Carrier(
        name="GOFO Express",
        page="https://www.gofoexpress.com/tracking.html?searchID={number}",
    ),
    "inpost": Carrier(
        name="InPost",
        page="https://inpost.pl/sledzenie-przesylek?number={number}",
    ),
    "landmark": Carrier(
        name="Landmark Global",
        page="https://track.landmarkglobal.com/?search={number}",
    ),
    # LaserShip has merged into OnTrac, whose page follows its numbers.
    "lasership": Carrier(
        name="LaserShip", page="https://www.ontrac.com/tracking/?number={number}"
    ),
    "nova_post": Carrier(
        name="Nova Post",
        page="https://novaposhta.ua/tracking/?cargo_number={number}",
    ),
    "old_dominion": Carrier(
        name="Old Dominion",
        page="https://www.odfl.com/us/en/tools/trace-track-ltl-freight/trace.html?proNumbers={number}",
    ),
    "ontrac": Carrier(
        name="OnTrac", page="https://www.ontrac.com/tracking/?number={number}"
    ),
    "purolator": Carrier(
        name="Purolator",
        page="https://www.purolator.com/en/shipping/tracker?pin={number}",
    ),
    "sf_express": Carrier(
        name="SF Express",
        page="https://www.sf-international.com/us/en/dynamic_function/waybill/#search/bill-number/{number}",
    ),
    "speedee": Carrier(
        name="Spee-Dee Delivery",
        page="https://www.speedeedelivery.com/track/?tracking={number}",
    ),
    "ups": Carrier(name="UPS", page="https://www.ups.com/track?tracknum={number}"),
    "yanwen": Carrier(
        name="Yanwen", page="https://track.yw56.com.cn/en/querydel?nums={number}"
    ),
    "yodel": Carrier(name="Yodel", page="https://www.yodel.co.uk/tracking/{number}"),
    "yunexpress": Carrier(
        name="YunExpress",
        page="https://www.yuntrack.com/parcelTracking?id={number}",
    ),
}

_POSTS: Final = {
    "australia_post": Carrier(
        name="Australia Post",
        page="https://auspost.com.au/mypost/track/details/{number}",
    ),
    "austrian_post": Carrier(
        name="Austrian Post",
        page="https://www.post.at/sv/sendungsdetails?snr={number}",
    ),
    "bpost": Carrier(
        name="bpost",
        page="https://track.bpost.cloud/btr/web/#/search?lang=en&itemCode={number}",
    ),
    "canada_post": Carrier(
        name="Canada Post",
        page="https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}",
    ),
    "china_post": Carrier(name="China Post"),
    "correos": Carrier(
        name="Correos",
        page="https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={number}",
    ),
    "deutsche_post": Carrier(
        name="Deutsche Post",
        page="https://www.dhl.de/en/privatkunden/dhl-sendungsverfolgung.html?piececode={number}",
    ),
    "hongkong_post": Carrier(name="Hongkong Post"),
    "india_post": Carrier(name="India Post"),
    "japan_post": Carrier(
        name="Japan Post",
        page="https://trackings.post.japanpost.jp/services/srv/search/direct?locale=en&reqCodeNo1={number}",
    ),
    "korea_post": Carrier(name="Korea Post"),
    "la_poste": Carrier(
        name="La Poste",
        page="https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    ),
    "nz_post": Carrier(
        name="NZ Post",
        page="https://www.nzpost.co.nz/tools/tracking?trackid={number}",
    ),
    "post_no": Carrier(
        name="Posten", page="https://sporing.posten.no/sporing/{number}"
    ),
    "poste_italiane": Carrier(
        name="Poste Italiane",
        page="https://www.poste.it/cerca/index.html#/risultati-spedizioni/{number}",
    ),
    "postnl": Carrier(
        name="PostNL", page="https://jouw.postnl.nl/track-and-trace/{number}"
    ),
    "postnord": Carrier(
        name="PostNord", page="https://tracking.postnord.com/en/?id={number}"
    ),
    "royal_mail": Carrier(
        name="Royal Mail",
        page="https://www.royalmail.com/portal/rm/track?trackNumber={number}",
    ),
    "singapore_post": Carrier(name="Singapore Post"),
    "swiss_post": Carrier(name="Swiss Post"),
    "usps": Carrier(
        name="USPS",
        page="https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
    ),
}

# Operators of the posts without an id of their own, where people know the name.
_OPERATORS: Final = {
    "AE": "Emirates Post",
    "AM": "Haypost",
    "AR": "Correo Argentino",
    "AZ": "Azerpost",
    "BG": "Bulgarian Posts",
    "BR": "Correios",
    "BY": "Belpost",
    "CL": "CorreosChile",
    "CO": "4-72",
    "CZ": "Česká pošta",
    "EE": "Omniva",
    "EG": "Egypt Post",
    "FI": "Posti",
    "GE": "Georgian Post",
    "GR": "ELTA",
    "HR": "Hrvatska pošta",
    "HU": "Magyar Posta",
    "ID": "Pos Indonesia",
    "IE": "An Post",
    "IL": "Israel Post",
    "IS": "Pósturinn",
    "KZ": "Kazpost",
    "LT": "Lietuvos paštas",
    "LU": "POST Luxembourg",
    "LV": "Latvijas Pasts",
    "MT": "MaltaPost",
    "MX": "Correos de México",
    "MY": "Pos Malaysia",
    "PH": "PHLPost",
    "PL": "Poczta Polska",
    "PT": "CTT",
    "RO": "Poșta Română",
    "RS": "Pošta Srbije",
    "RU": "Russian Post",
    "SI": "Pošta Slovenije",
    "SK": "Slovenská pošta",
    "TH": "Thailand Post",
    "TR": "PTT",
    "TW": "Chunghwa Post",
    "UA": "Ukrposhta",
    "VN": "Vietnam Post",
}

_OTHER_POSTS: Final = {
    post: Carrier(name=_OPERATORS.get(country, f"Post of {COUNTRIES[country]}"))
    for country, post in POST_OF.items()
    if post not in _POSTS
}

CARRIERS: Final[Mapping[str, Carrier]] = MappingProxyType(
    _PARCEL_CARRIERS | _POSTS | _OTHER_POSTS
)
"""Every carrier that ``recognise`` can name, by its id."""


def carrier_name(carrier: str) -> str:
    """Return the name that people know ``carrier`` (an id) by.

    An unknown id is made readable: ``blue_dart`` becomes "Blue Dart".
    """
    if known := CARRIERS.get(carrier):
        return known.name
    return carrier.replace("_", " ").title()


def tracking_url(carrier: str, number: str) -> str | None:
    """Return the address of the ``carrier``'s own page that follows ``number``.

    What a bar code holds around the number (a ZIP code, FedEx's routing) is left
    out of the address. None for a carrier without such a page, known or not.
    """
    number = normalise(number)
    if not (known := CARRIERS.get(carrier)) or not known.page or not number:
        return None
    return known.page.format(number=quote(_for_page(carrier, number), safe=""))


def _for_page(carrier: str, number: str) -> str:
    within = [
        (reading.valid is False, reading.match[PAGE])
        for format_ in FORMATS
        if format_.carrier == carrier and PAGE in format_.pattern.groupindex
        if (reading := format_.read(number))
    ]
    return min(within, default=(False, number))[1]
