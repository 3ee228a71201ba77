"""The page in a browser: it renders, asks for nothing, and shows captions as text."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pipeline.report.build import write_report
from pipeline.selection.calibrate import read_labelled
from tests.integration.report.browser import Watched, chromium, needs_chromium, watched
from tests.integration.report.scored_run import HOSTILE, Wanted, write_scored_run

pytestmark = [pytest.mark.integration, needs_chromium]


PAGE = 12
"""Sets that the page puts up at once."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs") / "balls"
    return write_report(write_scored_run(root, Wanted(sets=60, hostile=True)))[0]


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run that rejected half of its sets for their pictures."""
    root = tmp_path_factory.mktemp("runs") / "strict"
    return write_report(write_scored_run(root, Wanted(sets=20, control_least=0.28)))[0]


@pytest.fixture
def seen_strict(browser: Browser, strict: Path) -> Iterator[Watched]:
    with watched(browser, strict) as page:
        yield page
    assert page.complaints == []
    assert page.outside == []


@pytest.fixture
def seen(browser: Browser, report: Path) -> Iterator[Watched]:
    with watched(browser, report) as page:
        yield page
    assert page.complaints == []
    assert page.outside == []


def test_it_renders_and_asks_for_nothing(seen: Watched) -> None:
    page = seen.page
    expect(page.locator("h1")).to_have_text("balls")
    expect(page.locator("#funnel .funnel")).to_have_count(2)
    assert page.locator("#scores figure svg").count() > 10
    assert page.locator("#scores svg .band").count() > 3
    expect(page.locator("#found")).to_have_text("67 of 67 sets")
    page.locator("#gallery").scroll_into_view_if_needed()
    first = page.locator(".set .frame img").first
    expect(first).to_be_visible()
    assert first.evaluate("image => image.decode().then(() => image.naturalWidth)") == 96
    # The record of requests is not blind: the page itself and its pictures are on it.
    assert any(url.startswith("file:") for url in seen.requests)


def test_a_request_would_be_blocked_and_seen(browser: Browser, report: Path) -> None:
    with watched(browser, report) as seen:
        seen.page.evaluate(
            "document.body.append(Object.assign(new Image(), {src: 'http://x.test/'}))"
        )
        seen.page.wait_for_timeout(200)
        assert any("Content Security Policy" in text for text in seen.complaints)


def test_hostile_captions_are_text(seen: Watched) -> None:
    page = seen.page
    for caption in HOSTILE:
        expect(page.locator(".card[data-group=factual] .text", has_text=caption)).to_have_count(1)
    assert page.locator("mark", has_text="<i>blue</i>").count() >= 1
    assert page.locator(".set i", has_text="blue").count() == 0
    assert page.locator("img[src=x], .set script, .set b").count() == 0
    assert page.title() == "balls · counterfactory report"


def test_filters_show_what_they_name(seen: Watched) -> None:
    page = seen.page
    page.select_option("#status", "rejected")
    states = page.locator("#sets .set").evaluate_all("all => all.map(s => s.dataset.status)")
    assert set(states) == {"rejected"}
    page.click("#clear")
    expect(page.locator("#found")).to_have_text("67 of 67 sets")
    page.select_option("#kind", "count")
    groups = page.locator("#sets .card").evaluate_all("all => all.map(c => c.dataset.group)")
    assert set(groups) == {"factual", "count"}
    page.select_option("#reason", "image.margin_low")
    refused = page.locator('#sets .card:not([data-group="factual"])')
    assert refused.count() > 3
    for text in refused.locator(".verdict").all_text_contents():
        assert text == "image.margin_low"
    page.click("#clear")
    page.fill("#search", "  TINY snow ")
    expect(page.locator("#found")).not_to_have_text("67 of 67 sets")
    texts = page.locator(".set").all_text_contents()
    assert texts
    assert all("tiny" in text and "snow" in text for text in texts)
    page.fill("#search", "nobody wrote this")
    expect(page.locator(".nothing")).to_be_visible()


def test_a_reason_in_the_funnel_leads_to_its_examples(seen: Watched) -> None:
    page = seen.page
    # By key: on a busy machine a pointer's click was once lost, in a full run of the suite.
    page.locator("#funnel .chip", has_text="text.no_edit").press("Enter")
    expect(page.locator("#reason")).to_have_value("text.no_edit")
    expect(page.locator("#found")).to_have_text("6 of 67 sets")
    page.locator("#funnel .chip", has_text="pictures missing").press("Enter")
    expect(page.locator("#status")).to_have_value("incomplete")


def test_the_keyboard_is_enough(seen: Watched) -> None:
    page = seen.page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    outline = page.locator("#search").evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    cards = page.locator("#sets .card")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    below = page.evaluate(
        "document.activeElement.closest('.set') !== document.querySelector('.set')"
    )
    assert below
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_visible()
    title = page.locator("#detail-body").inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator("#detail-body").inner_text() != title
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "card"


def test_the_gallery_comes_first_and_histograms_are_folded(seen: Watched) -> None:
    page = seen.page
    order = page.locator("main > section").evaluate_all("all => all.map(one => one.id)")
    assert order == ["", "gallery", "funnel", "yields", "scores"]
    page.set_viewport_size({"width": 1400, "height": 900})
    top = page.locator("#gallery").evaluate("e => e.getBoundingClientRect().top + scrollY")
    assert top < 900
    expect(page.locator("#scores .chart")).not_to_have_count(0)
    expect(page.locator("#scores .chart[open]")).to_have_count(0)
    pictures = page.locator("#scores figcaption span").all_text_contents()
    assert all(sum(map(int, re.findall(r"\d+", text))) >= 10 for text in pictures)


@pytest.mark.parametrize("width", [390, 320, 768, 1400])
def test_nothing_is_wider_than_the_window(browser: Browser, report: Path, width: int) -> None:
    with watched(browser, report) as seen:
        page = seen.page
        page.set_viewport_size({"width": width, "height": 800})
        for details in page.locator("details").all():
            details.evaluate("e => { e.open = true; }")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("#sets .card").nth(1).click()
        assert page.locator("#detail").evaluate("e => e.scrollWidth <= e.clientWidth")


def test_rejected_sets_say_their_subkinds_and_their_changed_words(seen_strict: Watched) -> None:
    page = seen_strict.page
    page.select_option("#status", "rejected")
    page.select_option("#reason", "image.control")
    tags = page.locator("#sets .card[data-group=attribute] .tag").all_text_contents()
    assert len(tags) > 1
    assert {tag.split(" · candidate")[0] for tag in tags} == {
        "attribute · colour",
        "attribute · size",
    }
    for card in page.locator("#sets .card[data-group=attribute]").all():
        expect(card.locator("mark")).not_to_have_count(0)


@pytest.mark.parametrize("status", ["", "rejected"])
def test_a_card_marks_the_score_it_was_refused_for(seen_strict: Watched, status: str) -> None:
    page = seen_strict.page
    page.select_option("#status", status)
    cards = page.locator("#sets .card[data-status=refused]")
    assert cards.count() > 5
    for card in cards.all():
        reason = card.locator(".verdict").inner_text()
        name = reason.removeprefix("image.").rpartition("_")[0]
        name = name.replace("image_", "image–").replace("_", " ")
        assert any(t.startswith(name) for t in card.locator(".out").all_inner_texts()), reason


def test_marks_by_keyboard_are_a_file_that_calibrate_reads(seen: Watched, report: Path) -> None:
    page, run = seen.page, report.parent.parent
    page.locator(".marking > summary").click()
    expect(page.locator("#download")).to_be_disabled()
    page.locator("#search").press_sequentially("nobody wrote")  # letters that are typed: no marks
    expect(page.locator(".nothing")).to_be_visible()
    page.fill("#search", "")
    expect(page.locator(".nothing")).to_be_hidden()
    page.locator("#sets .card[data-status=kept]").first.focus()
    for key in "rwrwwu":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_visible()
    page.keyboard.press("w")
    expect(page.locator("#detail")).to_be_visible()
    page.locator("#right").click()
    expect(page.locator("#right")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    # Refused pictures too, which have the number of their candidate.
    page.select_option("#reason", "image.margin_low")
    page.locator("#sets .card[data-status=refused]").last.focus()
    page.keyboard.press("r")
    page.click("#clear")
    expect(page.locator("#marked")).to_have_text("4 right, 4 wrong")
    with page.expect_download() as download:
        page.click("#download")
    assert download.value.suggested_filename == "labels.csv"
    labels = Path(download.value.path())
    assert labels.read_text().splitlines()[0] == "key,variant,candidate,label"
    table = run.parent / "labels.csv"
    table.write_bytes(labels.read_bytes())
    pictures = read_labelled(run, table)
    assert sorted(picture.label for picture in pictures) == ["right"] * 4 + ["wrong"] * 4
    bands = run.parent / "bands.toml"
    command = [sys.executable, "-m", "counterfactory", "calibrate", str(run)]
    command += ["--labels", str(table), "--output", str(bands)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "and 12 are needed" in ended.stderr
    assert not bands.exists()
    page.reload()
    expect(page.locator("#marked")).to_have_text("4 right, 4 wrong")
    page.locator(".marking > summary").click()
    page.click("#unmark")
    expect(page.locator("#sets .own")).to_have_count(0)


def test_light_and_dark(browser: Browser, report: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    found = {}
    for scheme in ("light", "dark"):
        with watched(browser, report, scheme=scheme) as seen:
            found[scheme] = seen.page.evaluate(paper)
            seen.page.click("#theme")
            found[f"{scheme} changed"] = seen.page.evaluate(paper)
            assert seen.complaints == []
    assert found["light"] == found["dark changed"] != found["dark"] == found["light changed"]


def test_every_picture_and_control_has_a_name(seen: Watched) -> None:
    page = seen.page
    page.locator("#gallery").scroll_into_view_if_needed()
    expect(page.locator(".set .frame img").first).to_be_visible()
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    unnamed = page.evaluate(
        """[...document.querySelectorAll('button, select, input, svg')].filter(e =>
          !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label')))
          .map(e => e.outerHTML)"""
    )
    assert unnamed == []


def test_thousands_of_thumbnails_wait_until_they_are_near(browser: Browser, tmp_path: Path) -> None:
    layout = write_scored_run(tmp_path / "many", Wanted(sets=830, side_px=32, shards=1))
    page_file, told = write_report(layout, most_sets=2000)
    thumbnails = sum(c.thumbnail is not None for one in told.gallery.sets for c in one.cards)
    assert thumbnails >= 5000
    with watched(browser, page_file) as seen:
        page = seen.page
        assert page.locator("#sets .set").count() == PAGE
        assert page.locator("img").count() < 100  # the first sets alone are near the window
        page.locator("#gallery").scroll_into_view_if_needed()
        expect(page.locator(".set .frame img").first).to_be_visible()
        assert 0 < page.locator("img").count() < 200
        before = page.locator("#sets .set").count()
        page.click("#more")
        expect(page.locator(f"#sets .set:nth-child({before + 1})")).to_be_attached()
        assert page.locator("#sets .set").count() <= before + 3 * PAGE
        page.fill("#search", "purple")
        expect(page.locator("#found")).not_to_contain_text(f"{len(told.gallery.sets)} of")
        assert page.locator("#sets .set").count() <= 3 * PAGE
        assert seen.complaints == []
        assert seen.outside == []
