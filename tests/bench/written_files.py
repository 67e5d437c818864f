"""What Waybill writes to disk, counted as it is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from custom_components.waybill.const import DOMAIN
from homeassistant.helpers import storage
from homeassistant.util.file import write_utf8_file_atomic


@contextmanager
def counting(written: list[int]) -> Iterator[None]:
    """Note the size of each of Waybill's files that is written."""
    write = write_utf8_file_atomic

    def count(path: str, data: str | bytes, *args: Any, **kwargs: Any) -> None:
        if Path(path).name.startswith(DOMAIN):
            written.append(len(data))
        write(path, data, *args, **kwargs)

    with patch.object(storage, "write_utf8_file_atomic", count):
        yield
