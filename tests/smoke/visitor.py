"""Somebody who sits at the frontend: fills in forms, looks at states, waits."""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic, sleep
from typing import Any, Final

from tests.browser.house import House
from tests.demo.client import HomeAssistantError

type Told = list[Mapping[str, Any]]

ENTRIES: Final = "api/config/config_entries"
WITHIN: Final = 60
"""Seconds that anything may take on a slow machine."""


def eventually[T](look: Callable[[], T], within: float = WITHIN) -> T:
    """Look again and again until there is something; returns it, or fails."""
    until = monotonic() + within
    while not (seen := look()):
        assert monotonic() < until, f"still {seen!r} after {within} seconds"
        sleep(0.2)
    return seen


class Form:
    """A flow that was begun; ``shown`` is the step that it is at."""

    def __init__(self, house: House, path: str, begin: Mapping[str, Any]) -> None:
        """Begin it."""
        self._house = house
        self._path = path
        self.shown = self._post(path, begin)

    def submit(self, **typed: object) -> Mapping[str, Any]:
        """Fill the step in, and return what comes after it."""
        self.shown = self._post(f"{self._path}/{self.shown['flow_id']}", typed)
        return self.shown

    def _post(self, path: str, body: object) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._house.do(
            self._house.client.rest("POST", path, body)
        )
        return answer


class Visitor:
    """Has Waybill set up, and uses it."""

    def __init__(self, house: House) -> None:
        """Set nothing up before ``set_up``."""
        self.house = house
        self.entry_id = ""

    def set_up(self) -> None:
        """Set Waybill up without a first parcel."""
        done = self.form("flow", handler="waybill").submit()
        assert done["type"] == "create_entry", done
        assert done["result"]["state"] == "loaded"
        self.entry_id = done["result"]["entry_id"]

    def form(self, kind: str, **begin: object) -> Form:
        """Begin a flow: ``flow``, ``options/flow`` or ``subentries/flow``."""
        return Form(self.house, f"{ENTRIES}/{kind}", begin)

    def subentry_form(self, kind: str, subentry_id: str | None = None) -> Form:
        """Begin to add a parcel or an account, or to change one."""
        change = {} if subentry_id is None else {"subentry_id": subentry_id}
        return self.form("subentries/flow", handler=[self.entry_id, kind], **change)

    def subentry_id(self, unique_id: str) -> str:
        """Return the id of what was added."""
        found = self.command("config_entries/subentries/list", entry_id=self.entry_id)
        ids = {str(each["unique_id"]): str(each["subentry_id"]) for each in found}
        return ids[unique_id]

    def add(self, number: str, name: str, *scans: str) -> str:
        """Follow a parcel that a carrier has scanned; returns its id."""
        steps = [
            {"at_hours": -6 * count, "what": scan}
            for count, scan in enumerate(reversed(scans), 1)
        ]
        self.house.control("journey", number=number, steps=steps[::-1])
        answer = self.house.perform("add_parcel", tracking_number=number, name=name)
        parcel_id: str = answer["parcel_id"]
        return parcel_id

    def remove(self, parcel_id: str) -> None:
        """Stop following a parcel, and forget it."""
        data = {"parcel_id": parcel_id, "keep_journal": False}
        self.rest("POST", "api/services/waybill/remove_parcel", data)

    def command(self, kind: str, **fields: object) -> Any:
        """Send a websocket command and return its result."""
        return self.house.do(self.house.client.command(kind, **fields))

    def rest(self, method: str, path: str, body: object = None) -> Any:
        """Ask the REST API."""
        return self.house.do(self.house.client.rest(method, path, body))

    def follow(self, kind: str, **fields: object) -> Told:
        """Send a command that goes on telling; the list grows with what is told."""
        told: Told = []
        self.house.do(self.house.client.follow(kind, told.append, **fields))
        return told

    def fetch(self, path: str) -> tuple[str, str]:
        """Fetch a file; returns its type and its text."""
        kind, body = self.house.do(self.house.client.fetch(path))
        return kind, body.decode()

    def refusal(self, action: str, **data: object) -> str:
        """Return what is said of an action that cannot be done."""
        try:
            answer = self.house.perform(action, **data)
        except HomeAssistantError as err:
            return str(err)
        raise AssertionError(f"it was done: {answer}")

    def entities(self) -> Mapping[str, str]:
        """Return Waybill's entity ids by their unique ids."""
        return {
            entity["unique_id"]: entity["entity_id"]
            for entity in self.command("config/entity_registry/list")
            if entity["platform"] == "waybill"
        }

    def device(self, identifier: str) -> Mapping[str, Any]:
        """Return the device of a parcel, an account or of all."""
        return next(
            device
            for device in self.command("config/device_registry/list")
            if ["waybill", identifier] in device["identifiers"]
        )

    def state(self, unique_id: str) -> Mapping[str, Any]:
        """Return the state of one of Waybill's entities."""
        state: Mapping[str, Any] = self.rest(
            "GET", f"api/states/{self.entities()[unique_id]}"
        )
        return state

    def is_state(self, unique_id: str, value: str) -> None:
        """Wait until an entity has a state."""
        eventually(lambda: self.state(unique_id)["state"] == value)

    def holds(self, condition: str, parcel_id: str, **options: object) -> bool:
        """Say whether a condition of Waybill holds for a parcel."""
        result = self.command(
            "test_condition",
            condition={
                "condition": f"waybill.{condition}",
                "target": {"device_id": self.device(parcel_id)["id"]},
                **({"options": options} if options else {}),
            },
        )
        held: bool = result["result"]
        return held

    def issues(self) -> Sequence[Mapping[str, Any]]:
        """Return the repairs that Waybill offers."""
        listed = self.command("repairs/list_issues")
        return [i for i in listed["issues"] if i["domain"] == "waybill"]

    def text(self, category: str, key: str) -> str:
        """Return one of Waybill's texts, as the frontend is given it."""
        answer = self.command(
            "frontend/get_translations",
            language="en",
            category=category,
            integration=["waybill"],
        )
        words: str = answer["resources"][f"component.waybill.{category}.{key}"]
        return words
