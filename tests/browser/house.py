"""A running home, told what to do from a test."""

from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from tests.demo.client import Client
from tests.demo.dashboard import make_dashboard
from tests.demo.furniture import furnish, speak
from tests.demo.home import Home
from tests.demo.words import ENGLISH, Words

from .background import Background

DAY_SECONDS = 7200
"""So long that nothing moves unless a test lets time pass."""

_CARRIERS_DAY_SECONDS = 120
_ASK_WITHIN = 150
"""Seconds after which the carrier may be asked again, its day's limit included."""


class House:
    """A home and somebody who is signed in there."""

    def __init__(self, background: Background, home: Home) -> None:
        """Sign nobody in before ``open``."""
        self.home = home
        self._background = background
        self._client: Client | None = None

    @property
    def url(self) -> str:
        """Return Home Assistant's address."""
        return self.home.url

    def open(self) -> None:
        """Start everything, and sign in."""
        self._background.run(self.home.start())
        self._sign_in()

    def close(self) -> None:
        """Stop everything."""
        if self._client is not None:
            self._background.run(self._client.close())
        self._background.run(self.home.stop())

    def restart(self) -> None:
        """Restart Home Assistant, as it restarts itself."""
        if self._client is not None:
            self._background.run(self._client.close())
        self._background.run(self.home.stop_home_assistant())
        self._background.run(self.home.start_home_assistant())
        self._sign_in()

    def furnish(self) -> None:
        """Add the demo's parcels, accounts, automations and dashboard."""
        self._background.run(furnish(self.client, self.home))

    def do[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do what takes its time, and return what comes of it."""
        return self._background.run(work)

    def show_cards(self, url_path: str, *cards: Mapping[str, Any]) -> None:
        """Add a dashboard with some cards, or with none yet."""
        section = {"type": "grid", "cards": list(cards)}
        view = {"type": "sections", "path": "0", "sections": [section]}
        config = {"views": [view]}
        self._background.run(make_dashboard(self.client, url_path, url_path, config))

    def dashboard(self, url_path: str) -> Mapping[str, Any]:
        """Return the configuration of a dashboard."""
        command = self.client.command("lovelace/config", url_path=url_path)
        config: Mapping[str, Any] = self._background.run(command)
        return config

    def speak(self, words: Words) -> None:
        """Let the person read another language from now on."""
        self._background.run(speak(self.client, words))

    def control(self, what: str, /, **body: object) -> None:
        """Pull one of the simulator's strings."""
        self._background.run(self.home.control(what, body))

    def scan(self, number: str, what: str) -> None:
        """Let a carrier scan a parcel now, and Waybill ask about it."""
        self.control("scan", number=number, what=what)
        parcel_id = self.parcel(number)["parcel_id"]
        until = monotonic() + _ASK_WITHIN
        while refused := self.perform("refresh", parcel_id=parcel_id)["refused"]:
            assert monotonic() < until, refused
            sleep(0.5)

    @property
    def hour(self) -> float:
        """Return how many hours of the parcels' time have passed."""
        state = self._background.run(self.home.simulator_state())
        elapsed: float = state["elapsed_hours"]
        return elapsed

    def perform(self, action: str, **data: object) -> Any:
        """Perform an action of Waybill and return its answer."""
        return self._background.run(self.client.perform(action, **data))

    def parcel(self, number: str) -> Mapping[str, Any]:
        """Return what Waybill knows of a parcel."""
        answer = self.perform("get_parcels", tracking_number=number)
        parcel: Mapping[str, Any] = answer["parcels"][0]
        return parcel

    @property
    def client(self) -> Client:
        """Return the person who is signed in."""
        assert self._client is not None
        return self._client

    def _sign_in(self) -> None:
        self._client = self._background.run(_signed_in(self.url))


async def _signed_in(url: str) -> Client:
    client = Client(url)
    await client.open()
    return client


@contextmanager
def open_house(
    background: Background,
    words: Words = ENGLISH,
    day_seconds: float = DAY_SECONDS,
    carriers_day_seconds: float = _CARRIERS_DAY_SECONDS,
) -> Iterator[House]:
    """Keep a home open, in a folder of its own."""
    with TemporaryDirectory(prefix="waybill-browser-") as folder:
        home = Home(
            Path(folder),
            words,
            day_seconds=day_seconds,
            carriers_day_seconds=min(day_seconds, carriers_day_seconds),
        )
        house = House(background, home)
        try:
            house.open()
            yield house
        finally:
            house.close()
