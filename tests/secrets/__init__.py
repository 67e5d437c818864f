"""Nothing that is secret is found where it does not belong."""
