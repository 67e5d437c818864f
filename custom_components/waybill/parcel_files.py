"""The names of the files that are kept for each parcel, found by its number."""

from hashlib import sha256


def parcel_file(what: str, tracking_number: str) -> str:
    """Return the name of what is kept of a parcel. The number itself is in none."""
    # Half a character is in no number, but may stand in what is looked for.
    number = tracking_number.encode(errors="surrogatepass")
    return f"{what}.{sha256(number).hexdigest()[:32]}"
