"""The names of the files that are kept for each parcel, found by its number."""

from hashlib import sha256


def parcel_file(what: str, tracking_number: str) -> str:
    """Return the name of what is kept of a parcel. The number itself is in none."""
    return f"{what}.{sha256(tracking_number.encode()).hexdigest()[:32]}"
