"""The folder of a house as small as can be: Waybill and two automations."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.demo.automations import hub_device
from tests.demo.client import Client
from tests.demo.folder import furnish_folder
from tests.demo.parcels import add_accounts, set_up_waybill
from tests.demo.words import LANGUAGES
from tests.simulator import KEYS

ACCOUNTS: Final = {provider: KEYS[provider] for provider in ("dhl", "la_poste")}

_MILESTONES: Final = (
    "shipped",
    "entered_customs",
    "customs_action_required",
    "customs_cleared",
    "out_for_delivery",
    "ready_for_pickup",
    "delivery_failed",
    "delivered",
    "returning",
    "returned",
    "exception",
    "became_late",
    "stalled",
    "handed_over",
    "estimate_changed",
    "stage_changed",
)
_TOLD: Final = ("milestone_id", "milestone", "parcel_id", "name")
_AT_ONCE: Final = 500

_CONFIGURATION: Final = """\
homeassistant:
  name: {home}
  latitude: {latitude}
  longitude: {longitude}
  elevation: 0
  unit_system: {units}
  currency: {currency}
  country: {country}
  time_zone: {time_zone}
  language: {language}
  media_dirs:
    local: {media}
  auth_providers:
    - type: trusted_networks
      trusted_networks: 127.0.0.1
      allow_bypass_login: true

api:
automation: !include automations.yaml
config:

rest_command:
  heard:
    url: "RECORDER/{{{{ source }}}}"
    method: post
    content_type: application/json
    payload: "{{{{ told | to_json }}}}"

logger:
  default: warning
  logs:
    custom_components.waybill: info
    # Programs of the system that nothing here uses.
    haffmpeg: fatal
    homeassistant.components.camera.img_util: fatal
"""


def furnish(folder: Path, port: int, recorder: str) -> None:
    """Write what Home Assistant reads; automations speak to ``recorder``."""
    configuration = _CONFIGURATION.replace("RECORDER", recorder)
    furnish_folder(folder, port, LANGUAGES["en"], configuration)


async def set_up(client: Client) -> str:
    """Set all up as a person does; returns a token that stays valid."""
    entry_id = await set_up_waybill(client)
    await add_accounts(client, entry_id, ACCOUNTS)
    hub = await hub_device(client, entry_id)
    triggers = [
        {"trigger": f"waybill.{milestone}", "target": {"device_id": hub}}
        for milestone in _MILESTONES
    ]
    await _automate(client, "trigger", triggers, "trigger")
    event = {"trigger": "event", "event_type": "waybill_milestone"}
    await _automate(client, "event", [event], "trigger.event.data")
    token: str = await client.command(
        "auth/long_lived_access_token", client_name="soak", lifespan=365
    )
    return token


async def _automate(
    client: Client, source: str, triggers: Sequence[Mapping[str, Any]], told: str
) -> None:
    """Let an automation send what it hears; ``told`` is where a template finds it."""
    fields = ", ".join(f"'{field}': {told}.{field}" for field in _TOLD)
    await client.rest(
        "POST",
        f"api/config/automation/config/soak_{source}",
        {
            "alias": f"Soak {source}",
            "description": "",
            "mode": "parallel",
            "max": _AT_ONCE,
            "triggers": triggers,
            "conditions": [],
            "actions": [
                {
                    "action": "rest_command.heard",
                    "data": {"source": source, "told": f"{{{{ {{ {fields} }} }}}}"},
                }
            ],
        },
    )
