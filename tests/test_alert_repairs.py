"""Each alert has a repair that says what it means, and helps with the next step."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.waybill import alert_repair
from custom_components.waybill.const import DOMAIN
from custom_components.waybill.languages import CommonWords, async_words
from custom_components.waybill.tracking.model import Answer, Stage
from homeassistant.components.frontend.storage import async_user_store
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from .conftest import NUMBER, PARCEL_ID, Carrier, SetUp, Wait, parcel_data
from .flow_texts import LANGUAGES, placeholders, texts

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
FIX = "/api/repairs/issues/fix"

STEPS: Mapping[str, list[str]] = {
    "stalled": ["message", "export", "wait", "received", "archive"],
    "late": ["message", "export", "wait", "received", "archive"],
    "customs_action": ["message", "export", "wait", "received", "archive"],
    "pickup_waiting": ["received", "export", "archive"],
    "protection_ending": ["message", "export", "received", "archive"],
    "returning": ["message", "export", "settled", "archive"],
    "returned": ["message", "export", "settled", "archive"],
    "exception": ["message", "export", "received", "settled", "archive"],
    "problem_reported": ["message", "export", "settled", "archive"],
}
STAGES = {
    "stalled": Stage.IN_TRANSIT,
    "customs_action": Stage.CUSTOMS_ACTION_REQUIRED,
    "pickup_waiting": Stage.READY_FOR_PICKUP,
    "returning": Stage.RETURNING,
    "returned": Stage.RETURNED,
    "exception": Stage.EXCEPTION,
}
PATIENCE = {"stalled": 14 * DAY, "pickup_waiting": 3 * DAY}
FIELDS = {
    "late": {"expected_by": "2026-06-09"},
    "protection_ending": {"protection_until": "2026-06-15"},
}

type Shown = dict[str, Any]


class Trouble:
    """A parcel that something is wrong with, and the person who looks at it."""

    def __init__(
        self, hass: HomeAssistant, person: MockUser, carrier: Carrier, wait: Wait
    ) -> None:
        """Begin before anything went wrong."""
        self.hass = hass
        self.person = person
        self.carrier = carrier
        self.wait = wait
        self.kind = ""
        self.browser: TestClient[Any, Any]

    @property
    def issue(self) -> ir.IssueEntry | None:
        """The repair about it, where there is one."""
        return self.issue_of(self.kind)

    def issue_of(self, kind: str) -> ir.IssueEntry | None:
        """Return a repair about the parcel."""
        return ir.async_get(self.hass).async_get_issue(DOMAIN, f"{kind}_{PARCEL_ID}")

    @property
    def told(self) -> Mapping[str, str]:
        """What the repair's texts are told."""
        assert self.issue is not None
        return self.issue.translation_placeholders or {}

    async def scan(self, stage: Stage, **fields: Any) -> None:
        """Let the carrier write a line, and Waybill read it."""
        self.carrier.scan(stage, **fields)
        # Waybill may have asked a moment ago.
        await self.wait(HOUR)
        await self.hass.services.async_call(DOMAIN, "refresh", blocking=True)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def open(self) -> Shown:
        """Open the repair."""
        return await self._post(
            FIX, {"handler": DOMAIN, "issue_id": f"{self.kind}_{PARCEL_ID}"}
        )

    async def choose(self, shown: Shown, step: str) -> Shown:
        """Choose from the menu."""
        return await self.enter(shown, next_step_id=step)

    async def enter(self, shown: Shown, **typed: Any) -> Shown:
        """Go on from what is shown."""
        result = await self._post(f"{FIX}/{shown['flow_id']}", typed)
        await self.hass.async_block_till_done()
        return result

    async def repair(self, step: str) -> Shown:
        """Open the repair, and choose."""
        return await self.choose(await self.open(), step)

    async def _post(self, url: str, sent: Mapping[str, Any]) -> Shown:
        (session,) = self.person.refresh_tokens.values()
        # The token that the browser began with is not good for days.
        token = self.hass.auth.async_create_access_token(session)
        answer = await self.browser.post(
            url, json=sent, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status == 200
        return self._read(await answer.json())

    def _read(self, result: Shown) -> Shown:
        """Make sure that a person can read what is shown, in every language."""
        told = set(result.get("description_placeholders") or {})
        for language in LANGUAGES:
            flow = texts(language)["issues"][self.kind]["fix_flow"]
            if result["type"] == "abort":
                assert placeholders(flow["abort"][result["reason"]]) <= told
            if result["type"] not in ("form", "menu"):
                continue
            step = flow["step"][result["step_id"]]
            for text in (step["title"], step["description"]):
                assert text and placeholders(text) <= told
            for option in result.get("menu_options") or ():
                assert step["menu_options"][option]
            # A menu's only field holds what was chosen.
            fields = result["data_schema"] if result["type"] == "form" else ()
            for field in fields:
                assert step["data"][field["name"]]
        return result


@pytest.fixture
async def trouble(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_admin_user: MockUser,
    hass_client: ClientSessionGenerator,
    tmp_path: Path,
) -> Any:
    """Return how a parcel comes into one kind of trouble."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(hass, "repairs", {})
    assert await async_setup_component(hass, "media_source", {})

    async def begin(kind: str, **fields: Any) -> Trouble:
        trouble = Trouble(hass, hass_admin_user, carrier, wait)
        trouble.kind = kind
        await set_up(parcel_data(**FIELDS.get(kind, {}) | fields))
        trouble.browser = await hass_client()
        if kind in STAGES:
            await trouble.scan(STAGES[kind], description="What was written")
            await wait(PATIENCE.get(kind, HOUR))
        if kind == "problem_reported":
            await hass.services.async_call(
                DOMAIN,
                "report_problem",
                {"parcel_id": PARCEL_ID, "problem": "damaged", "description": "Torn"},
                blocking=True,
                return_response=True,
            )
        assert trouble.issue is not None
        return trouble

    return begin


@pytest.fixture
def french(hass: HomeAssistant, hass_admin_user: MockUser) -> Any:
    """Let the person have chosen French in their profile."""

    async def choose() -> None:
        hass.config.components.add("frontend")
        store = await async_user_store(hass, hass_admin_user.id)
        await store.async_set_item("language", {"language": "fr"})

    return choose


async def parcels(hass: HomeAssistant, **query: Any) -> list[dict[str, Any]]:
    """List the parcels, as an action answers them."""
    answer = await hass.services.async_call(
        DOMAIN, "get_parcels", query, blocking=True, return_response=True
    )
    return answer["parcels"]


@pytest.mark.parametrize("kind", STEPS)
async def test_each_alert_has_a_repair_that_offers_what_makes_sense(
    trouble: Any, kind: str
) -> None:
    story = await trouble(kind)
    issue = story.issue
    assert issue.is_fixable
    assert issue.severity is ir.IssueSeverity.WARNING
    for language in LANGUAGES:
        title = texts(language)["issues"][kind]["title"]
        assert placeholders(title) <= set(story.told)
    assert not any("{" in text or "None" in text for text in story.told.values())
    menu = await story.open()
    assert menu["type"] == "menu"
    assert menu["menu_options"] == STEPS[kind]


@pytest.mark.parametrize(
    ("kind", "news"),
    [
        ("stalled", Stage.IN_TRANSIT),
        ("late", Stage.DELIVERED),
        ("customs_action", Stage.CUSTOMS_CLEARED),
        ("pickup_waiting", Stage.DELIVERED),
        ("protection_ending", Stage.DELIVERED),
        ("returning", Stage.RETURNED),
        ("exception", Stage.DELIVERED),
    ],
)
async def test_news_end_the_repair(trouble: Any, kind: str, news: Stage) -> None:
    story = await trouble(kind)
    await story.scan(news)
    assert story.issue is None


async def test_what_comes_back_to_the_sender_is_a_refund_to_ask_for(
    trouble: Any,
) -> None:
    story = await trouble("returning")
    await story.scan(Stage.RETURNED)
    assert story.issue_of("returned") is not None


@pytest.mark.parametrize("kind", STEPS)
async def test_a_parcel_that_is_followed_no_more_leaves_no_repair(
    hass: HomeAssistant, trouble: Any, kind: str
) -> None:
    story = await trouble(kind)
    menu = await story.open()
    await hass.services.async_call(
        DOMAIN, "remove_parcel", {"parcel_id": PARCEL_ID}, blocking=True
    )
    await hass.async_block_till_done()
    assert story.issue is None
    for step in STEPS[kind][:1]:
        result = await story.choose(menu, step)
        assert (result["type"], result["reason"]) == ("abort", "not_followed")


async def test_a_parcel_that_went_while_waybill_slept_leaves_no_repair(
    hass: HomeAssistant, trouble: Any
) -> None:
    story = await trouble("late")
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
    assert story.issue is not None
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert story.issue is None


async def test_a_restart_raises_what_still_holds(
    hass: HomeAssistant, trouble: Any
) -> None:
    story = await trouble("late")
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    ir.async_delete_issue(hass, DOMAIN, story.issue.issue_id)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert story.issue is not None


async def test_the_message_is_in_the_persons_language_and_stays_to_be_copied(
    trouble: Any, french: Any
) -> None:
    story = await trouble("stalled", order_number="8123")
    await french()
    form = await story.repair("message")
    (field,) = form["data_schema"]
    assert field["selector"] == {"text": {"multiline": True, "multiple": False}}
    letter = field["description"]["suggested_value"]
    assert letter.startswith("Bonjour,\n\nJe vous écris au sujet de ma commande 8123.")
    assert "10 juin 2026\xa0: What was written" in letter
    menu = await story.enter(form, message=letter)
    assert (menu["type"], menu["step_id"]) == ("menu", "init")
    assert story.issue is not None
    assert (await story.choose(menu, "message"))["type"] == "form"


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("problem_reported", "The parcel arrived damaged.\nTorn"),
        ("returned", "on its way back to you, or has come back already"),
        ("customs_action", "held at customs"),
    ],
)
async def test_the_message_is_about_what_is_wrong(
    trouble: Any, kind: str, says: str
) -> None:
    story = await trouble(kind)
    (field,) = (await story.repair("message"))["data_schema"]
    assert says in field["description"]["suggested_value"]


@pytest.mark.parametrize("kind", ["stalled", "late", "customs_action"])
async def test_a_week_more_is_a_week_more(
    hass: HomeAssistant,
    trouble: Any,
    freezer: FrozenDateTimeFactory,
    kind: str,
) -> None:
    story = await trouble(kind)
    chosen = datetime.now(UTC)
    assert (await story.repair("wait"))["type"] == "create_entry"
    assert story.issue is None
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert await hass.config_entries.async_reload(entry.entry_id)
    for moment, is_there in (
        (chosen + 7 * DAY - SECOND, False),
        (chosen + 7 * DAY + SECOND, True),
    ):
        freezer.move_to(moment)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
        assert (story.issue is not None) is is_there


async def test_what_still_holds_comes_back_after_its_repair(trouble: Any) -> None:
    """A finished repair is taken away by Home Assistant, whatever it did."""
    story = await trouble("late")
    with patch(
        "custom_components.waybill.alert_repair.put_off",
        side_effect=lambda journal, *_: journal,
    ):
        assert (await story.repair("wait"))["type"] == "create_entry"
    assert story.issue is not None


@pytest.mark.parametrize(
    "kind", [kind for kind, steps in STEPS.items() if "received" in steps]
)
async def test_what_was_received_is_delivered(
    hass: HomeAssistant, trouble: Any, french: Any, kind: str
) -> None:
    story = await trouble(kind)
    await french()
    assert (await story.repair("received"))["type"] == "create_entry"
    assert story.issue is None
    (parcel,) = await parcels(hass)
    assert parcel["stage"] == "delivered"
    assert parcel["last_event"]["description"] == "Je l’ai reçu"
    assert parcel["alerts"] == []


@pytest.mark.parametrize(
    "kind", [kind for kind, steps in STEPS.items() if "settled" in steps]
)
async def test_what_is_settled_is_never_asked_again(
    hass: HomeAssistant, trouble: Any, kind: str
) -> None:
    story = await trouble(kind)
    assert (await story.repair("settled"))["type"] == "create_entry"
    assert story.issue is None
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await story.wait(40 * DAY)
    assert story.issue is None


@pytest.mark.parametrize("kind", STEPS)
async def test_an_archived_parcel_leaves_no_repair(
    hass: HomeAssistant, disk: Path, trouble: Any, kind: str
) -> None:
    story = await trouble(kind)
    assert (await story.repair("archive"))["type"] == "create_entry"
    assert story.issue is None
    assert await parcels(hass) == []
    (parcel,) = await parcels(hass, include_archived=True)
    assert parcel["archived"]


async def test_what_cannot_be_done_is_said_and_the_repair_stays(
    trouble: Any, french: Any
) -> None:
    story = await trouble("late")
    await french()
    failure = HomeAssistantError(
        translation_domain=DOMAIN, translation_key="not_set_up"
    )
    with patch(
        "custom_components.waybill.alert_repair.async_archive_parcel",
        side_effect=failure,
    ):
        result = await story.repair("archive")
    assert (result["type"], result["reason"]) == ("abort", "failed")
    told = result["description_placeholders"]["error"]
    assert told == texts("fr")["exceptions"]["not_set_up"]["message"]
    assert story.issue is not None


@pytest.mark.parametrize(
    ("kind", "file_format"),
    [("late", "pdf"), ("late", "html"), *((kind, "json") for kind in STEPS)],
)
async def test_the_proof_is_saved_and_can_be_opened(
    trouble: Any,
    hass_client_no_auth: ClientSessionGenerator,
    kind: str,
    file_format: str,
) -> None:
    story = await trouble(kind)
    form = await story.repair("export")
    shown = await story.enter(form, format=file_format)
    assert (shown["type"], shown["step_id"]) == ("form", "exported")
    told = shown["description_placeholders"]
    link = told["link"].partition('href="')[2].partition('"')[0]
    opened = await (await hass_client_no_auth()).get(link)
    assert opened.status == 200
    assert await opened.read() == Path(told["path"]).read_bytes()  # noqa: ASYNC240
    assert (await story.enter(shown))["type"] == "menu"
    assert story.issue is not None


async def test_a_proof_that_cannot_be_saved_says_why(
    hass: HomeAssistant, trouble: Any, french: Any
) -> None:
    story = await trouble("late")
    await french()
    hass.config.media_dirs = {}
    result = await story.enter(await story.repair("export"), format="pdf")
    assert (result["type"], result["reason"]) == ("abort", "export_failed")
    told = result["description_placeholders"]["error"]
    assert told == texts("fr")["exceptions"]["evidence_no_media_folder"]["message"]
    assert story.issue is not None


@pytest.mark.parametrize("step", ["message", "export"])
async def test_a_parcel_that_goes_while_the_repair_is_open(
    hass: HomeAssistant, trouble: Any, step: str
) -> None:
    story = await trouble("late")
    form = await story.repair(step)
    await hass.services.async_call(
        DOMAIN, "remove_parcel", {"parcel_id": PARCEL_ID}, blocking=True
    )
    await hass.async_block_till_done()
    typed = {"format": "json"} if step == "export" else {}
    assert (await story.enter(form, **typed))["reason"] == "not_followed"


async def test_an_alert_that_ends_while_its_repair_is_open(trouble: Any) -> None:
    story = await trouble("stalled")
    form = await story.repair("message")
    await story.scan(Stage.IN_TRANSIT)
    assert (await story.enter(form))["reason"] == "over"


async def test_a_problem_that_is_settled_while_its_repair_is_open(
    trouble: Any,
) -> None:
    story = await trouble("problem_reported")
    other = await story.open()
    assert (await story.repair("settled"))["type"] == "create_entry"
    assert (await story.choose(other, "message"))["reason"] == "over"


async def test_the_days_and_links_are_those_of_the_parcel(trouble: Any) -> None:
    story = await trouble(
        "protection_ending",
        seller="Shoe [shop]",
        order_url="https://shop.example/order(1)?a=b c",
    )
    assert story.told["date"] == "June 15, 2026"
    assert story.told["seller"] == " (Shoe (shop))"
    links = story.told["links"].split(" · ")
    assert len(links) == 3
    assert "[Your order](https://shop.example/order%281%29?a=b%20c)" in links
    assert links[-1] == (
        "[Guide: what to do]"
        "(https://github.com/waybill/waybill/blob/main/docs/guide.md#dates)"
    )


async def test_a_link_that_is_no_web_address_is_left_out(trouble: Any) -> None:
    story = await trouble("late", order_url="javascript:alert(1)")
    assert "javascript" not in story.told["links"]


async def test_the_days_are_in_the_language_of_the_house(
    hass: HomeAssistant, trouble: Any
) -> None:
    story = await trouble("late")
    assert story.told["date"] == "June 9, 2026"
    await hass.config.async_update(language="fr")
    await hass.async_block_till_done()
    assert story.told["date"] == "9 juin 2026"
    assert "guide.fr.md#late" in story.told["links"]


async def test_words_that_are_still_on_their_way_are_waited_for(
    hass: HomeAssistant, trouble: Any
) -> None:
    """News can come between the choice of another language and its words."""
    story = await trouble("late")
    hass.config.language = "fr"
    # Other tests may have brought them already.
    with patch("custom_components.waybill.alert_issues.words_at_home", return_value={}):
        await story.scan(Stage.CUSTOMS_ACTION_REQUIRED)
    assert story.told["date"] == "June 9, 2026"
    assert story.issue_of("customs_action") is None
    await hass.config.async_update(currency="EUR")
    await hass.async_block_till_done()
    assert story.told["date"] == "9 juin 2026"
    assert story.issue_of("customs_action") is not None


async def test_what_a_carrier_writes_is_shown_letter_by_letter(
    trouble: Any, carrier: Carrier
) -> None:
    story = await trouble("customs_action")
    await story.scan(Stage.IN_CUSTOMS)
    evil = "Pay at https://evil.example or www.evil.example *now* ![x](y)"
    await story.scan(Stage.CUSTOMS_ACTION_REQUIRED, description=evil, code="NEW")
    detail = story.told["detail"]
    assert r"https\:\/\/evil\.example or www\.evil\.example \*now\*" in detail
    for markup in ("https://", "www.", "![", " *now"):
        assert markup not in detail


async def test_silence_counts_from_the_last_news(trouble: Any) -> None:
    story = await trouble("stalled")
    assert story.told["date"] == "June 10, 2026"


async def test_what_was_reported_last_is_what_the_repair_tells(
    hass: HomeAssistant, trouble: Any
) -> None:
    story = await trouble("problem_reported")
    assert story.told["detail"] == "It arrived damaged. Torn"
    assert story.told["date"] == "June 10, 2026"
    await story.wait(2 * DAY)
    await hass.services.async_call(
        DOMAIN,
        "report_problem",
        {"parcel_id": PARCEL_ID, "problem": "missing_item"},
        blocking=True,
    )
    await hass.async_block_till_done()
    assert story.told["detail"] == "Something is missing from it."
    assert story.told["date"] == "June 12, 2026"


async def test_a_protection_that_is_over_is_told_as_over(
    hass: HomeAssistant, trouble: Any
) -> None:
    story = await trouble("problem_reported", protection_until="2026-06-12")
    assert story.told["deadline"].startswith("Buyer protection ends on **June 12")
    await story.scan(Stage.DELIVERED)
    await story.wait(4 * DAY)
    menu = await story.open()
    assert menu["description_placeholders"]["deadline"].startswith(
        "Buyer protection ended on **June 12"
    )


async def test_a_carrier_that_is_not_known_is_said_to_be_so(
    hass: HomeAssistant, set_up: SetUp, carrier: Carrier
) -> None:
    number = "ABC123456"
    carrier.answer(Answer(tracking_number=number))
    await set_up(parcel_data(number, expected_by="2026-06-09"))
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"late_{PARCEL_ID}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["carrier"] == "not known yet"
    assert issue.translation_placeholders["number"] == number


async def test_all_repairs_go_with_the_entry(hass: HomeAssistant, trouble: Any) -> None:
    story = await trouble("late")
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert isinstance(entry, MockConfigEntry)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert story.issue is None
    assert NUMBER not in str(ir.async_get(hass).issues)


async def test_a_parcel_that_is_removed_while_it_is_received_harms_nobody(
    hass: HomeAssistant, trouble: Any
) -> None:
    story = await trouble("late")
    (entry,) = hass.config_entries.async_entries(DOMAIN)

    async def words_while_it_goes(hass: HomeAssistant, language: str) -> CommonWords:
        hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
        return await async_words(hass, language)

    with patch.object(alert_repair, "async_words", words_while_it_goes):
        assert (await story.repair("received"))["type"] == "create_entry"
    assert story.issue is None


async def test_what_is_over_already_puts_nothing_off(
    hass: HomeAssistant, trouble: Any
) -> None:
    """The menu may have been open for long; the next silence is another."""
    story = await trouble("stalled")
    shown = await story.open()
    await story.scan(Stage.IN_TRANSIT, code="moved")
    assert story.issue is None
    await story.choose(shown, "wait")
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.runtime_data.journals[PARCEL_ID].put_off == ()
