"""Places are given in turn: whoever asks much waits for himself."""

import asyncio

import pytest

from app.events import fairness
from app.events.fairness import NoPlace, Places


async def begun(places: Places, line: str, got: list[str]) -> "asyncio.Task[None]":
    """Somebody who asks for a place, and says when he has it."""

    async def ask() -> None:
        await places.take(line)
        got.append(line)

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)  # as far as he comes
    await asyncio.sleep(0)
    return task


async def test_lines_take_turns_however_long_one_of_them_is() -> None:
    places, got = Places(1, 1), list[str]()
    await places.take("much")
    waiting = [await begun(places, "much", got) for _ in range(3)]
    waiting.append(await begun(places, "little", got))

    for holder in ("much", "much", "little", "much"):
        places.give_back(holder)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert got == ["much", "little", "much", "much"]
    await asyncio.gather(*waiting)


async def test_no_line_takes_all_places_while_others_ask_too() -> None:
    places, got = Places(4, 2), list[str]()
    await begun(places, "a", got)
    for _ in range(5):
        await begun(places, "much", got)

    assert got == ["a", "much", "much"]
    await begun(places, "b", got)
    assert got[-1] == "b"


async def test_whoever_is_alone_may_have_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "ALONE_SECONDS", -1.0)
    places, got = Places(4, 1), list[str]()

    for _ in range(5):
        await begun(places, "alone", got)

    assert got == ["alone"] * 4


async def test_who_gave_up_is_passed_over_and_no_place_is_lost() -> None:
    places, got = Places(1, 1), list[str]()
    await places.take("a")
    with pytest.raises(NoPlace):
        await places.take("a", 0.0)
    gone = await begun(places, "b", got)
    gone.cancel()
    last = await begun(places, "c", got)

    places.give_back("a")
    await last

    assert got == ["c"]
    places.give_back("c")
    await places.take("d")


async def test_a_place_that_comes_at_the_moment_of_giving_up_goes_on() -> None:
    places, got = Places(1, 1), list[str]()
    await places.take("a")
    gone = await begun(places, "b", got)
    places.give_back("a")
    gone.cancel()
    await asyncio.wait({gone})

    assert gone.cancelled()
    await places.take("c", 0.1)
