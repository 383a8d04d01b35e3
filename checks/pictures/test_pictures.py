"""The pictures in the documentation show what is said today, and nothing in it runs out of a narrow window."""

from __future__ import annotations

import re

import pytest
from draw import PICTURES, open_scene, written
from playwright.sync_api import Browser
from scenes import SCENES

DOCS = PICTURES.parents[1]
WIDER_THAN_ITS_PLACE = """[...document.querySelectorAll("*")]
    .filter(part => part.clientWidth && part.scrollWidth > part.clientWidth + 1)
    .map(part => part.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_shows_what_is_said_today(name: str) -> None:
    drawn = (PICTURES / f"{name}.json").read_text(encoding="utf-8")

    assert drawn == written(SCENES[name]()), "draw it again: python checks/pictures/draw.py"
    assert (PICTURES / f"{name}.png").stat().st_size > 1000


def test_every_picture_is_drawn_from_a_scene_and_shown_somewhere() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))
    shown = set(re.findall(r"images/messages/([\w-]+)\.png", pages))

    assert {path.stem for path in PICTURES.iterdir()} == set(SCENES) == shown


@pytest.mark.parametrize("name", SCENES)
def test_nothing_runs_out_of_the_window(browser: Browser, name: str) -> None:
    page = open_scene(browser, SCENES[name]())
    wide = page.evaluate(WIDER_THAN_ITS_PLACE)
    page.close()

    assert wide == []
