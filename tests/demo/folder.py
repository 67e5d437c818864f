"""The configuration folder of a Home Assistant that needs no onboarding."""

import json
from pathlib import Path
import socket
from typing import Final
from uuid import uuid4

from .words import Words

HOST: Final = "127.0.0.1"
REPOSITORY: Final = Path(__file__).resolve().parents[2]

# Small instead of default_config, which looks around in the network.
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

assist_pipeline:
automation: !include automations.yaml
config:
conversation:
frontend:
history:
logbook:
my:
recorder:
search:
system_health:

logger:
  default: warning
  logs:
    custom_components.waybill: info
    # Programs of the system that nothing here uses.
    haffmpeg: fatal
    homeassistant.components.camera.img_util: fatal
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Say whether nobody listens on a port."""
    with socket.socket() as probe:
        # As Home Assistant does: a port that was just left can be taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def furnish_folder(
    folder: Path, port: int, words: Words, configuration: str = _CONFIGURATION
) -> None:
    """Write what Home Assistant reads when it starts.

    ``configuration`` is its YAML, with the words of the home in braces.
    """
    media = folder / "media"
    media.mkdir()
    (folder / "configuration.yaml").write_text(
        configuration.format_map({**words.home, "media": media}), encoding="utf-8"
    )
    (folder / "automations.yaml").write_text("[]\n", encoding="utf-8")
    linked = folder / "custom_components"
    linked.mkdir()
    (linked / "waybill").symlink_to(REPOSITORY / "custom_components" / "waybill")

    storage = folder / ".storage"
    storage.mkdir()
    _store(
        storage,
        "onboarding",
        4,
        {"done": ["user", "core_config", "analytics", "integration"]},
    )
    _store(
        storage,
        "auth",
        1,
        {
            "users": [
                {
                    "id": uuid4().hex,
                    "group_ids": ["system-admin"],
                    "is_owner": True,
                    "is_active": True,
                    "name": words.person,
                    "system_generated": False,
                    "local_only": False,
                }
            ],
            "groups": [
                {"id": "system-admin", "name": "Administrators"},
                {"id": "system-users", "name": "Users"},
                {"id": "system-read-only", "name": "Read Only"},
            ],
            "credentials": [],
            "refresh_tokens": [],
        },
    )
    # Reachable from this machine only.
    _store(
        storage,
        "http",
        3,
        {
            "stable": {
                "server_host": [HOST],
                "server_port": port,
                "cors_allowed_origins": [],
                "login_attempts_threshold": -1,
                "ip_ban_enabled": False,
                "ssl_profile": "intermediate_v6",
                "use_x_frame_options": True,
                "created_at": "2026-11-01T00:00:00+00:00",
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        },
    )


def _store(storage: Path, key: str, version: int, data: object) -> None:
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content), encoding="utf-8")
