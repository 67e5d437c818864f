"""All that the demo says itself, in English and in French.

What Waybill and Home Assistant say is theirs, in the same language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One language."""

    language: str
    person: str
    home: Mapping[str, str]
    parcels: Mapping[str, str]
    """Names of parcels by number; those left out keep the name they have."""

    cleared_alias: str
    cleared_title: str
    delivered_alias: str
    delivered_title: str

    dashboard: str

    starting: str
    ready: str
    look: tuple[str, ...]
    travels: str
    story_over: str
    restarting: str
    stopping: str
    kept: str


ENGLISH: Final = Words(
    language="en",
    person="Robin",
    home={
        "home": "Home",
        "latitude": "40.6782",
        "longitude": "-73.9442",
        "units": "us_customary",
        "currency": "USD",
        "country": "US",
        "time_zone": "America/New_York",
        "language": "en",
    },
    parcels={},
    cleared_alias="Tell me when customs lets a parcel go",
    cleared_title="Customs cleared",
    delivered_alias="Tell me when a parcel is delivered",
    delivered_title="Delivered",
    dashboard="Parcels",
    starting="Starting a Home Assistant; this takes about half a minute.",
    ready="Waybill is at {url}",
    look=(
        "The dashboard: {count} parcels, each moves on by itself.",
        "The bell at the bottom left: what the two automations tell.",
        "A tap on a parcel: where it was, and what you can do.",
        "Headphones: added in 17TRACK's app on the second day; they come by themselves.",
        "Gift for Grandma in Lyon: one parcel, first Cainiao's number, then La Poste's.",
        "Settings > Devices & services > Waybill: parcels, and a button to add one.",
        "Settings > Automations: the two automations, and how they are made.",
    ),
    travels="A day takes {seconds:g} seconds. What happens is told here. Ctrl-C ends it.",
    story_over="All journeys are over. Look around as long as you like; Ctrl-C ends it.",
    restarting="Home Assistant restarts.",
    stopping="Stopping.",
    kept="The configuration is in {folder}",
)

FRENCH: Final = Words(
    language="fr",
    person="Camille",
    home={
        "home": "Maison",
        "latitude": "45.7640",
        "longitude": "4.8357",
        "units": "metric",
        "currency": "EUR",
        "country": "FR",
        "time_zone": "Europe/Paris",
        "language": "fr",
    },
    parcels={
        "LP00619004520011": "Brosses du robot aspirateur",
        "LP00619004520022": "Cadeau pour mamie",
        "LP00619004520033": "Trépied photo",
        "LP00619004520044": "Hélices de drone",
        "LP00619004520055": "Coque de téléphone",
        "LP00619004520066": "Lampe de bureau",
        "LZ619004527CN": "Anniversaire de Mia",
        "LP00619004520088": "Éclairage de vélo",
        "LP00619004520099": "Aiguilles à tricoter",
        "LP00619004520100": "Jeu de société",
        "6190045201": "Batterie d’ordinateur",
        "9400111206619004520717": "Café en grains",
        "LP00619004520111": "Service à thé",
        "9400111000619004500717": "Gants de jardin",
        "9400111000619004500724": "Échantillons de peinture",
        "9400111000619004500731": "Casque audio",
    },
    cleared_alias="Me prévenir quand un colis est dédouané",
    cleared_title="Dédouané",
    delivered_alias="Me prévenir quand un colis est livré",
    delivered_title="Livré",
    dashboard="Colis",
    starting="Démarrage de Home Assistant ; cela prend environ une demi-minute.",
    ready="Waybill est à l’adresse {url}",
    look=(
        "Le tableau de bord : {count} colis, chacun avance tout seul.",
        "La cloche en bas à gauche : ce que disent les deux automatisations.",
        "Un colis touché du doigt : où il était, et ce que vous pouvez faire.",
        "Casque audio : ajouté chez 17TRACK le deuxième jour, il arrive ici tout seul.",
        "Cadeau pour mamie : un seul colis, le numéro de Cainiao puis celui de La Poste.",
        "Paramètres > Appareils et services > Waybill : les colis, et de quoi en ajouter.",
        "Paramètres > Automatisations : les deux automatisations, et leur contenu.",
    ),
    travels="Un jour dure {seconds:g} secondes. Ce qui arrive s’affiche ici. Ctrl-C arrête tout.",
    story_over="Tous les voyages sont finis. Ctrl-C arrête tout.",
    restarting="Home Assistant redémarre.",
    stopping="Arrêt.",
    kept="La configuration est dans {folder}",
)

LANGUAGES: Final[Mapping[str, Words]] = {
    words.language: words for words in (ENGLISH, FRENCH)
}
