"""The lines of the table: what is measured, and what DESIGN.md promises of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from .shop_costs import NEWS, Measured

_KIB: Final = 1024
_MS: Final = 1_000

type Value = Callable[[Measured], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """The most that is promised of a thousand; a count is the same on each machine."""

    most: float
    count: bool = False

    def holds(self, value: float) -> bool:
        """Whether a count is as promised; times are only told."""
        return not self.count or value <= self.most

    def told(self, form: str, values: Iterable[float]) -> str:
        """Say what is promised, and whether it is kept."""
        kept = all(value <= self.most for value in values)
        promise = f"≤ {form.format(self.most)}" if self.most else "none"
        return f"{promise}: {'met' if kept else '**not met**'}"


_NONE: Final = Limit(most=0, count=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line: ``timed`` where its value depends on the machine."""

    key: str
    name: str
    value: Value
    form: str
    limit: Limit | None = None
    timed: bool = False


def _time(key: str, name: str, form: str = "{:,.0f}", most: float | None = None) -> Row:
    """Return how long an act keeps the event loop busy."""
    return Row(
        key=key,
        name=name,
        value=lambda measured: measured.acts[key].seconds * _MS,
        form=f"{form} ms",
        limit=Limit(most=most) if most is not None else None,
        timed=True,
    )


def _turn(act: str) -> Row:
    """Return the longest stretch in which nothing else has its turn."""
    return Row(
        key=f"{act}, longest turn",
        name="· its longest turn",
        value=lambda measured: measured.acts[act].longest * _MS,
        form="{:,.0f} ms",
        timed=True,
    )


def _written(act: str) -> Row:
    return Row(
        key=f"{act}, bytes",
        name="· written",
        value=lambda measured: measured.acts[act].bytes / _KIB,
        form="{:,.0f} KiB",
    )


def _nothing(act: str) -> Row:
    return Row(
        key=f"{act}, states and files",
        name="· states and files written",
        value=lambda measured: measured.acts[act].states + measured.acts[act].files,
        form="{:.0f}",
        limit=_NONE,
    )


ROWS: Final = (
    _time("set_up", "a start"),
    _turn("set_up"),
    Row(
        key="set_up, requests",
        name="· requests, nothing being due",
        value=lambda measured: measured.acts["set_up"].requests,
        form="{:.0f}",
        limit=_NONE,
    ),
    _time("wake_up", "a wake-up, nothing being due", "{:.2f}", 1),
    _nothing("wake_up"),
    Row(
        key="quiet, a round",
        name="a round without news: one request",
        value=lambda measured: (
            measured.acts["quiet"].seconds / measured.acts["quiet"].requests * _MS
        ),
        form="{:.1f} ms",
        limit=Limit(most=5),
        timed=True,
    ),
    _time("quiet", "· all rounds until each was asked about"),
    _nothing("quiet"),
    Row(
        key="plan, bytes",
        name="· what was asked when, written later",
        value=lambda measured: measured.acts["plan"].bytes / _KIB,
        form="{:,.0f} KiB",
    ),
    Row(
        key="news",
        name=f"news of {NEWS}, beyond such rounds",
        value=lambda measured: (
            (measured.acts["news"].seconds - measured.acts["quiet"].seconds) * _MS
        ),
        form="{:,.0f} ms",
        timed=True,
    ),
    _turn("news"),
    Row(
        key="news, states",
        name="· states written",
        value=lambda measured: measured.acts["news"].states,
        form="{:,.0f}",
    ),
    _written("news"),
    _time("add", "adding one"),
    _turn("add"),
    _time("remove", "removing one"),
    _time("archive", "archiving one"),
    _written("archive"),
    _time("alert", "one becomes late", "{:,.1f}"),
    _time("midnight", "midnight"),
    _turn("midnight"),
    _time("unload", "stopping"),
    _turn("unload"),
    Row(
        key="rows",
        name="the recorder's rows of a parcel's life",
        value=lambda measured: measured.rows.own,
        form="{:.0f}",
    ),
    Row(
        key="rows of the hub",
        name="· of the hub, meanwhile",
        value=lambda measured: measured.rows.hub,
        form="{:.0f}",
    ),
    Row(
        key="rows of events",
        name="· of events",
        value=lambda measured: measured.rows.events,
        form="{:.0f}",
    ),
    Row(
        key="memory",
        name="memory of all Home Assistant",
        value=lambda measured: measured.memory,
        form="{:,.0f} MiB",
    ),
)
