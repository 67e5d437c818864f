"""Whatever is logged, by whom, from the lowest level on."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
import logging
from traceback import format_exception
from typing import Final, override

from .planted import Detector, Found, Secret
from .table import Place

OUT_OF_OUR_HANDS: Final = (
    # At the level of debugging, Home Assistant writes down every event as it is
    # fired: actions as they are called, states as they change.
    ("homeassistant.core", logging.DEBUG, "Bus:Handling <Event "),
    # ... and an action whose data do not fit, before Waybill is asked.
    ("homeassistant.core", logging.DEBUG, "Invalid data for service call "),
    # ... and each message of a websocket, both ways.
    ("homeassistant.components.websocket_api.http.connection", logging.DEBUG, ""),
    # ... and the address of each request, and that of each push.
    ("homeassistant.helpers.http", logging.DEBUG, "Serving /api/webhook/"),
    ("homeassistant.components.webhook", logging.DEBUG, "Handling webhook "),
    # ... and what is said to its voice assistant, and by it.
    ("homeassistant.components.conversation.agent_manager", logging.DEBUG, ""),
    ("homeassistant.components.conversation.chat_log", logging.DEBUG, ""),
    ("homeassistant.components.conversation.default_agent", logging.DEBUG, ""),
    ("homeassistant.components.conversation.services", logging.DEBUG, ""),
    # The id of a new entity is made of its parcel's name, or of the number of one
    # without a name.
    (
        "homeassistant.helpers.entity_registry",
        logging.INFO,
        "Registered new ",
    ),
)
"""Loggers of others, and which of their lines may hold anything: level and beginning."""


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.records: list[logging.LogRecord] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        # What stands in for files in tests says what it keeps. The addresses of
        # requests Home Assistant keeps aiohttp from telling.
        if not record.name.startswith(("pytest_", "aiohttp.access")):
            self.records.append(record)


@contextmanager
def everything_logged() -> Iterator[list[logging.LogRecord]]:
    """Keep all records of all loggers; none is too low."""
    keeper, root = _Keeper(), logging.getLogger()
    loggers = [root, *map(logging.getLogger, root.manager.loggerDict)]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
        logger.disabled = False
    root.setLevel(logging.DEBUG)
    root.addHandler(keeper)
    try:
        yield keeper.records
    finally:
        root.removeHandler(keeper)
        for logger, level, disabled in before:
            logger.setLevel(level)
            logger.disabled = disabled


def in_logs(records: Iterable[logging.LogRecord]) -> Iterator[Found]:
    """Iterate over what is in our hands of what was logged."""
    for record in records:
        if not is_foreign(record):
            where = f"{record.name}, {record.levelname}, {record.msg!s:.60}"
            yield Found(place=Place.LOG, where=where, text=_text(record))


def is_foreign(record: logging.LogRecord) -> bool:
    """Say whether a record is one that Waybill cannot help."""
    return bool(_excuses(record))


def excused(
    records: Iterable[logging.LogRecord], secrets: Iterable[Secret]
) -> set[tuple[str, int, str]]:
    """Return which of the exceptions were needed."""
    detector = Detector(secrets)
    return {
        excuse
        for record in records
        for excuse in _excuses(record)
        if detector.secrets_in(record.getMessage())
    }


def _excuses(record: logging.LogRecord) -> list[tuple[str, int, str]]:
    return [
        (name, level, begins)
        for name, level, begins in OUT_OF_OUR_HANDS
        if (record.name, record.levelno) == (name, level)
        and record.getMessage().startswith(begins)
    ]


def _text(record: logging.LogRecord) -> str:
    told = [record.getMessage(), record.exc_text or "", record.stack_info or ""]
    if ".waybill" in record.name:
        told.append(repr(record.args))
    if record.exc_info and record.exc_info[1] is not None:
        told += format_exception(record.exc_info[1])
    return "\n".join(told)
