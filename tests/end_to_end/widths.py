"""Checks what is visible on a small screen, a large one and a phone."""

import asyncio
from collections.abc import Sequence
from typing import Final

from playwright.async_api import Locator, ViewportSize, expect

from .house import PATIENCE
from .person import Person

SIZES: Final = {
    "1280": ViewportSize(width=1280, height=800),
    "1440": ViewportSize(width=1440, height=900),
    "390": ViewportSize(width=390, height=844),
}

# The part of a picture that must be visible; some are as large as the page.
_OF_PICTURES = 0.6
# The part of anything else, because of rounding.
_OF_OTHERS = 0.9

# Seconds between two looks at a page that is still moving.
_PAUSE = 0.1

# Returns the texts that cannot be read without scrolling sideways, or not at all.
_CUT = """place => {
    // Scroll bars and rounding; a cut letter is wider.
    const SLACK = 2;
    const found = [];
    const note = (how, one) => {
        const words = (one.innerText ?? one.data).trim().slice(0, 80);
        if (words) found.push(`${how}: ${one.localName ?? 'text'}: ${words}`);
    };
    const width = one => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return range.getBoundingClientRect();
    };
    const look = one => {
        if (one.nodeType === Node.TEXT_NODE) {
            const box = width(one);
            const isThere = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
            const isOutside = box.left < -SLACK || box.right > innerWidth + SLACK;
            if (isThere && isOutside) note('outside', one);
            return;
        }
        if (one instanceof Element) {
            if (one.localName === 'style' || one.localName === 'script') return;
            const style = getComputedStyle(one);
            // What has no box of its own can have children that are seen.
            const isSeen = style.display === 'contents' || one.checkVisibility({
                opacityProperty: true, visibilityProperty: true,
            });
            if (!isSeen) return;
            const box = one.getBoundingClientRect();
            const isClipped = style.overflowX !== 'visible' && box.width > 1;
            const isWider = one.scrollWidth > one.clientWidth + SLACK;
            if (isClipped && isWider) note(style.overflowX, one);
            const isEllipsis = style.textOverflow === 'ellipsis' && box.width > 0;
            if (isEllipsis && width(one).width > box.width + SLACK) note('...', one);
            const isClamped = style.webkitLineClamp !== 'none';
            const isTaller = one.scrollHeight > one.clientHeight + SLACK;
            if (isClamped && isTaller) note('clamped', one);
        }
        if (one.shadowRoot) look(one.shadowRoot);
        const inside = one.localName === 'slot' ? one.assignedNodes() : [];
        for (const next of inside.length ? inside : one.childNodes) look(next);
    };
    look(place);
    if (document.scrollingElement.scrollWidth > innerWidth + SLACK) {
        found.push('the page scrolls sideways');
    }
    return [...new Set(found)];
}"""


async def expect_nothing_cut(place: Locator) -> None:
    """Wait until all texts of an element can be read; fail with those that cannot."""
    cut: list[str] = ["not looked at"]
    try:
        async with asyncio.timeout(PATIENCE / 6):
            while cut:
                cut = await place.evaluate(_CUT)
                await asyncio.sleep(_PAUSE if cut else 0)
    except TimeoutError:
        pass
    assert not cut, "\n".join(cut)


async def at_every_width(
    person: Person,
    name: str,
    place: Locator,
    *important: Locator,
    pictures: Sequence[Locator] = (),
) -> None:
    """Check an element on each screen, and keep a picture of each.

    No text may be cut. Important elements and most of each picture must be visible
    without scrolling.
    """
    before = person.page.viewport_size
    try:
        for width, size in SIZES.items():
            await person.page.set_viewport_size(size)
            await expect(place).to_be_attached()
            try:
                for one in important:
                    await expect(one).to_be_in_viewport(ratio=_OF_OTHERS)
                for one in pictures:
                    await expect(one).to_be_in_viewport(ratio=_OF_PICTURES)
                await expect_nothing_cut(place)
            finally:
                await person.picture(f"{name} {width}")
    finally:
        if before:
            await person.page.set_viewport_size(before)
