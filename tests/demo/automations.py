"""Two automations, as a person makes them in the editor."""

from collections.abc import Mapping
from typing import Any, Final

from .client import Client
from .words import Words

CLEARED: Final = "waybill_demo_cleared"
DELIVERED: Final = "waybill_demo_delivered"


async def add_automations(client: Client, entry_id: str, words: Words) -> None:
    """Tell of customs and deliveries of any parcel, also of later ones."""
    hub = await hub_device(client, entry_id)
    for automation_id, trigger, alias, title in (
        (CLEARED, "customs_cleared", words.cleared_alias, words.cleared_title),
        (DELIVERED, "delivered", words.delivered_alias, words.delivered_title),
    ):
        await client.rest(
            "POST",
            f"api/config/automation/config/{automation_id}",
            {
                "alias": alias,
                "description": "",
                # Several parcels may have news at once.
                "mode": "queued",
                "max": 50,
                "triggers": [
                    {
                        "trigger": f"waybill.{trigger}",
                        "target": {"device_id": hub},
                    }
                ],
                "conditions": [],
                "actions": [
                    {
                        "action": "persistent_notification.create",
                        "data": {
                            "title": f"{title}: {{{{ trigger.name }}}}",
                            "message": "{{ trigger.description }}",
                        },
                    }
                ],
            },
        )


async def hub_device(client: Client, entry_id: str) -> str:
    """Return the id of the device that stands for any parcel."""
    devices: list[Mapping[str, Any]] = await client.command(
        "config/device_registry/list"
    )
    identifier = ["waybill", entry_id]
    found = (d["id"] for d in devices if identifier in d["identifiers"])
    hub: str = next(found)
    return hub


def told(notifications: list[Mapping[str, Any]], title: str) -> list[str]:
    """Return the parcels that notifications with a title name, once for each."""
    start = f"{title}: "
    return [
        notification["title"].removeprefix(start)
        for notification in notifications
        if str(notification["title"]).startswith(start)
    ]
