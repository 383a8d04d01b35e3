"""Draws the messages that the documentation shows: `python checks/pictures/draw.py`, after texts changed.

Beside each picture lies what was drawn, so that the checks find out when a message is not what its picture shows.
"""

from __future__ import annotations

import html
import json
import sys
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from chromium import chromium  # noqa: E402 - it is found from here on
from scenes import SCENES, InSlack, Scene  # noqa: E402 - as above
from slack_look import page_of  # noqa: E402 - as above

PICTURES = HERE.parents[1] / "docs" / "images" / "messages"
WIDTH = 700


def written(scene: Scene) -> str:
    """What a picture shows, as text."""
    return json.dumps(asdict(scene), ensure_ascii=False, indent=1) + "\n"


def page_of_scene(scene: Scene) -> str:
    """What a picture is taken of."""
    if isinstance(scene, InSlack):
        return page_of(scene.messages)
    return f"""<!doctype html><meta charset="utf-8">
<div style="font: 600 18px/1.3 sans-serif; padding: 14px 20px; border-bottom: 1px solid #ddd; overflow-wrap: anywhere"
 dir="auto">{html.escape(scene.subject)}</div><div style="padding: 8px 20px">{scene.html}</div>"""


def open_scene(browser: Browser, scene: Scene) -> Page:
    """A page with a scene, as wide as pictures are."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 100})
    page.set_content(page_of_scene(scene))
    return page


def draw(browser: Browser) -> None:
    """Draw all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, make in SCENES.items():
        scene = make()
        page = open_scene(browser, scene)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        (PICTURES / f"{name}.json").write_text(written(scene), encoding="utf-8")
        page.close()


if __name__ == "__main__":
    with chromium() as browser:
        draw(browser)
    sys.stderr.write(f"{len(SCENES)} pictures are in {PICTURES}\n")
