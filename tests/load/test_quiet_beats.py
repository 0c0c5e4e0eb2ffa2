"""A live page that looks again and finds nothing new: by its timer, as in a browser."""

import asyncio
from pathlib import Path

from tests.browser.conftest import running_dashboard
from tests.load.tab import opened


def test_a_look_that_finds_nothing_new_says_when_it_was(tmp_path: Path) -> None:
    async def hands(url: str) -> list[str]:
        async with opened(url) as one, opened(url) as other:
            await one.open("jobs")
            await other.open("jobs")
            # Two looks of one tab: each is told of what another has read since.
            told: list[str] = []
            for _ in range(2):
                await other.press("jobs.refresh")
                for timer in [*one.timers]:
                    answer = await one.tick(timer)
                    told += [str(each) for each in answer.elements()]
            return told

    with running_dashboard(tmp_path, tenants=5) as url:
        told = asyncio.run(hands(url))
    assert any("as of " in words for words in told)
    assert not any("Internal error" in words for words in told)
    assert "Script error" not in (tmp_path / "log.txt").read_text()
