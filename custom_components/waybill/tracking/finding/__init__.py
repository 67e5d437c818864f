"""Find the tracking numbers in a message: an e-mail, an order page, an SMS."""

from .found import Evidence, Found
from .naming import name_beside
from .search import MOST_FOUND, find

__all__ = ["MOST_FOUND", "Evidence", "Found", "find", "name_beside"]
