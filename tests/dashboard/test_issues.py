"""The page of issues and an issue's own, by mouse and by keyboard alone."""

from __future__ import annotations

import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import ask, wait_for_fold
from tests.support import basic, crash
from tests.web.accounts import PASSWORD

LIST = "/dashboard/issues?app=desktop&period=all"
ROWS = "[data-card=list] tbody tr"
TOAST = "#toasts .toast"
STACK = "    at {name} (https://shop.example/js/{name}.js:7:9)"


def issues(server: Any, question: str = "") -> list[dict[str, Any]]:
    return ask(server, f"/issues?app=desktop&limit=100{question}")["issues"]  # type: ignore[no-any-return]


def titled(server: Any, text: str) -> dict[str, Any]:
    """The demo's issue with this in its title, whole."""
    [issue] = [each for each in issues(server) if text in each["title"]]
    return ask(server, f"/issues/{issue['id']}?period=all")["issue"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def shop(full):
    """The demo's website with five issues, to be changed."""
    [app] = [app for app in ask(full, "/apps")["apps"] if app["slug"] == "website"]
    for name in ("alpha", "beta", "gamma", "delta", "omega"):
        message = f"TypeError: {name} is not iterable"
        report = crash(error_message=message, stack_trace=f"{message}\n{STACK.format(name=name)}")
        ask(full, "/crash", report, headers={"X-App-Key": app["ingest_key"]})
    wait_for_fold(full)
    return "/dashboard/issues?app=website"


def state_of(server: Any, name: str) -> tuple[str, str]:
    issue = ask(server, f"/issues/{name}")["issue"]
    return issue["state"], issue["because"]


def test_each_tab_lists_as_many_issues_as_it_counts(view, full):
    page = view.go(LIST)
    counts = ask(full, "/issues?app=desktop&limit=1")["counts"]
    assert (
        min(counts[name] for name in ("open", "new", "regressed", "muted", "resolved", "handled"))
        > 0
    )
    for name, number in counts.items():
        if name != "open":
            view.after(page.locator(f"[data-tab={name}]").click)
        expect(page.locator(f"[data-tab={name}]")).to_have_attribute("aria-current", "page")
        expect(page.locator(f"[data-count={name}]")).to_have_text(str(number))
        expect(page.locator(ROWS)).to_have_count(number)
    page.click(".subtabs a:has-text('All crashes')")
    page.wait_for_url("**/dashboard/crashes?**")
    view.ready()
    expect(page.locator(".tabs [aria-current=page]")).to_have_text("Issues")
    expect(page.locator("[data-count=open]")).to_have_text(str(counts["open"]))


def test_the_list_is_narrowed_searched_and_sorted_by_its_address(view, full):
    page = view.go(f"{LIST}&q=renderResult&tab=resolved")
    assert page.input_value("[name=q]") == "renderResult"
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(ROWS)).to_contain_text("transcript")
    page.fill("[name=q]", "nothing is called like this")
    view.after(lambda: page.keyboard.press("Enter"))
    expect(page.locator(".none")).to_have_text("There are no resolved issues that match.")
    view.after(lambda: page.click("button[type=reset]"))
    view.after(lambda: page.select_option("[name='sort.list']", "-crashes"))
    assert "sort.list=-crashes" in page.url
    head = page.locator("th", has_text="Crashes")
    expect(head).to_have_attribute("aria-sort", "descending")
    page = view.go(f"{LIST}&first_version=1.2.0&tab=new")
    titles = page.locator(".issue-title").all_inner_texts()
    assert titles == [each["title"] for each in issues(full, "&first_version=1.2.0&because=new")]


def test_issues_are_worked_by_keyboard_alone(view, full, shop):
    page = view.go(shop)
    keys = page.keyboard
    shown = page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.issue)")
    assert len(shown) == 5
    keys.press("j")
    keys.press("j")
    expect(page.locator("tr:has(:focus)")).to_have_attribute("data-issue", shown[1])
    keys.press("k")
    view.after(lambda: keys.press("e"))
    expect(page.locator(TOAST)).to_contain_text(f"{shown[0]} resolved")
    assert state_of(full, shown[0])[0] == "resolved"
    expect(page.locator(ROWS)).to_have_count(4)
    expect(page.locator("tr:has(:focus)")).to_have_attribute("data-issue", shown[1])
    view.after(lambda: keys.press("u"))
    assert state_of(full, shown[0]) == ("open", "new")
    expect(page.locator(ROWS)).to_have_count(5)

    view.after(lambda: keys.press("m"))
    expect(page.locator(TOAST)).to_contain_text("muted for ever")
    view.after(lambda: keys.press("u"))
    expect(page.locator(ROWS)).to_have_count(5)

    page.focus(f"[data-issue={shown[2]}] a")
    keys.press("x")
    keys.press("j")
    keys.press("x")
    expect(page.locator("#bulk-count")).to_have_text("2 ticked")
    keys.press("g")
    page.focus("#merge-dialog .primary")
    view.after(lambda: keys.press("Enter"))
    expect(page.locator(ROWS)).to_have_count(4)
    into = ask(full, f"/issues/{shown[3]}")["issue"]
    assert len(into["groups"]) == 2
    view.after(lambda: keys.press("u"))
    expect(page.locator(ROWS)).to_have_count(5)
    assert len(ask(full, f"/issues/{into['id']}")["issue"]["groups"]) == 1

    keys.press("?")
    expect(page.locator("#keys-dialog")).to_contain_text("Merge the ticked issues")
    keys.press("e")  # does nothing below a dialog
    keys.press("Escape")
    expect(page.locator("#keys-dialog")).to_have_count(0)
    keys.press("/")
    keys.type("gamma")
    view.after(lambda: keys.press("Enter"))
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(ROWS)).to_contain_text("gamma")
    assert ask(full, "/issues?app=website&state=open")["counts"]["open"] == 5
    page.focus(f"{ROWS} a")
    keys.press("o")
    page.wait_for_url("**/dashboard/issue?**")
    view.ready()


def test_only_ticked_rows_are_changed_and_a_toast_takes_it_back(view, full, shop):
    page = view.go(shop)
    boxes = page.locator(f"{ROWS} input")
    boxes.nth(0).check()
    boxes.nth(2).check()
    page.click("#bulk summary:has-text('Mute')")
    view.after(page.locator("#bulk [data-act=mute-week]").click)
    expect(page.locator(TOAST)).to_contain_text("2 issues muted for a week")
    expect(page.locator("#bulk")).to_be_hidden()
    assert ask(full, "/issues?app=website")["counts"]["muted"] == 2
    view.after(page.locator(".toast-undo").click)
    assert ask(full, "/issues?app=website")["counts"] == {
        "open": 5, "new": 5, "regressed": 0, "muted": 0, "resolved": 0, "handled": 0,
    }  # fmt: skip
    page.check("#tick-all")
    expect(page.locator("#bulk-count")).to_have_text("5 ticked")
    page.click("#bulk summary:has-text('Mute')")
    page.click("#bulk [data-act=mute-until]")
    page.check("[name=how][value=per_hour]")
    page.fill("#mute-dialog [name=number]", "40")
    view.after(lambda: page.click("#mute-dialog .primary"))
    view.after(page.locator("[data-tab=muted]").click)
    page.locator(f"{ROWS} a").first.click()
    page.wait_for_url("**/dashboard/issue?**")
    view.ready()
    expect(page.locator("#state")).to_contain_text(
        "Muted by admin until 40 crashes arrive in an hour, since"
    )
    view.after(page.locator("#actions [data-act=reopen]").click)
    expect(page.locator("#state")).to_contain_text("Open, and seen by admin")


def test_an_issue_shows_its_stack_and_the_reason_for_its_group(view, full):
    issue = titled(full, "segments.at")
    page = view.go(f"/dashboard/issue?app=desktop&id={issue['id']}&period=all")
    expect(page.locator("h1")).to_have_text(issue["title"])
    expect(page.locator("#state")).to_contain_text("New in 1.2.0")
    expect(page.locator("#figures")).to_contain_text(
        f"{issue['kept']} of {issue['crashes']} kept, all counted"
    )
    own = page.locator(".frames > .frame.own")
    expect(own.first).to_contain_text("speakerOf in renderer/editor.js:214")
    expect(own.first.locator(".called")).to_contain_text("segments.at(segment.index - 1)")
    others = page.locator(".frames details")
    expect(others.locator(".frame").first).to_be_hidden()
    others.locator("summary").click()
    expect(others).to_contain_text("process.nextTick")
    page.click("[data-key=stack-raw]")
    expect(page.locator("[data-card=stack] pre")).to_contain_text("EditorView.render")
    for part in issue["groups"][0]["why"]:
        expect(page.locator("[data-card=why]")).to_contain_text(part)
    expect(page.locator("[data-card=before] .timeline li").first).to_contain_text("before")


def test_the_stored_crashes_of_an_issue_are_walked_through(view, full):
    issue = titled(full, "exportQueue")
    page = view.go(f"/dashboard/issue?app=desktop&id={issue['id']}&period=all")
    stored = ask(full, f"/issues/{issue['id']}/crashes?limit=100")["crashes"]
    expect(page.locator("[data-step=next]")).to_be_disabled()
    person = expect(page.locator("[data-card=crash] .person .mono"))
    # Clicks that do not wait for each other.
    page.evaluate(
        "for (const to of ['previous', 'first']) document.querySelector(`[data-step=${to}]`).click()"
    )
    person.to_have_attribute("title", stored[-1]["user_id"])
    expect(page.locator("[data-step=previous]")).to_be_disabled()
    page.click("[data-step=next]")
    person.to_have_attribute("title", stored[-2]["user_id"])
    page.click("[data-step=last]")
    person.to_have_attribute("title", stored[0]["user_id"])
    page.click("[data-step=previous]")
    when = page.locator("[data-card=crash] time").first
    expect(when).to_have_attribute("datetime", stored[1]["timestamp"])
    page.click("text=This crash alone")
    page.wait_for_url("**/dashboard/crash?**")
    view.ready()
    page.click("#issue-of a")
    page.wait_for_url("**/dashboard/issue?**")
    view.ready()
    expect(page.locator("h1")).to_have_text(issue["title"])


def test_the_reason_of_a_state_is_a_sentence(view, full):
    for text, sentence in (
        ("exportQueue", r"Regressed in 1\.2\.0 on .+, after it was resolved in 1\.1\.1\."),
        ("connection was closed", r"Back on .+, after it was muted until 3 more crashes\."),
        (
            "transcript",
            r"Resolved by admin on .+, in the release after 1\.2\.0\. A crash of a release after",
        ),
        ("ENOENT", r"Reopened by admin on"),
    ):
        page = view.go(f"/dashboard/issue?app=desktop&id={titled(full, text)['id']}")
        expect(page.locator("#state")).to_contain_text(re.compile(sentence))


def test_groups_are_taken_out_notes_written_and_the_log_takes_it_back(view, full):
    issue = titled(full, "EPERM")
    page = view.go(f"/dashboard/issue?app=desktop&id={issue['id']}&period=all")
    groups = page.locator("[data-card=groups] li")
    expect(groups).to_have_count(2)
    entries = page.locator("[data-card=log] li")
    expect(entries.first).to_contain_text(f"Merged with {issue['merged'][0]}")
    view.after(groups.filter(has_text="EBUSY").locator("button").click)
    expect(page.locator("#groups-card")).to_be_hidden()
    expect(entries.first).to_contain_text("Took 1 group out")
    view.after(page.locator("[data-card=log] [data-key=undo]").click)
    expect(groups).to_have_count(2)
    assert titled(full, "EPERM")["crashes"] == issue["crashes"]

    page.fill("#note-form textarea", "Asked *Ada* about it.")
    view.after(page.locator("#note-form button").click)
    assert titled(full, "EPERM")["note"] == "Asked *Ada* about it."
    text = page.evaluate(
        """async ([id, address]) => {
            const { markdown } = await import('/static/dashboard/issue_markdown.js');
            const { issue } = await (await fetch(`/issues/${id}`)).json();
            return markdown(issue, { stack_trace: 'at a\\n```\\nb' }, address);
        }""",
        [issue["id"], "https://here/"],
    )
    assert f"[{issue['id']}](https://here/)" in text
    assert "Asked \\*Ada\\* about it." in text
    assert "````\nat a\n```\nb\n````" in text


def test_a_release_stands_beside_the_one_before_it(view, full):
    page = view.go("/dashboard/releases?app=desktop&period=all")
    releases = ask(full, "/releases?app=desktop&period=all")["releases"]
    rows = page.locator(ROWS)
    assert [text.split()[0] for text in rows.locator("td:first-child").all_inner_texts()] == [
        release["version"] for release in releases
    ]
    page.click("text=Mark a release")
    page.fill("#release-dialog [name=version]", "1.3.0")
    page.fill("#release-dialog [name=url]", "https://example.org/1.3.0")
    view.after(page.locator("#release-dialog .primary").click)
    expect(page.locator(TOAST)).to_contain_text("1.3.0 is marked as released")
    marked = page.locator(ROWS, has_text="1.3.0")
    expect(marked.locator("a").last).to_have_attribute("href", "https://example.org/1.3.0")

    rows.locator("a", has_text="1.2.0").first.click()
    page.wait_for_url("**/dashboard/release?**")
    view.ready()
    shown = ask(full, "/releases/1.2.0?app=desktop&period=all")["release"]
    for name in ("adoption", "people", "crash_free_people"):
        exact = page.locator(f"[data-number='release.{name}'] .exact").text_content() or ""
        assert float(re.sub(r"[ %,]", "", exact)) == pytest.approx(shown[name], rel=1e-3)
    expect(page.locator("#release-verdict")).to_contain_text(
        f"with {shown['compared_to']} in the same days"
    )
    assert page.locator("[data-card=new] li").count() == len(shown["new"])
    expect(page.locator("[data-card=new]")).to_contain_text("segments.at")


def test_release_lines_are_drawn_only_within_their_range(view, full):
    days = ask(full, "/releases?app=desktop&period=all")["releases"]
    newest = next(each for each in days if each["version"] == "1.2.0")["released_at"][:10]
    markers = (
        "Chart.getChart(document.querySelector('[data-card=crashes] canvas'))"
        ".options.plugins.markers.list.map(one => one.label)"
    )
    page = view.go("/dashboard/stability?app=desktop&period=90d")
    assert "1.2.0" in page.evaluate(markers)
    page.evaluate(
        """async ([day]) => {
            const { timeChart } = await import('/static/dashboard/charts.js');
            timeChart('crashes', ['2026-01-01', '2026-01-02'], [{ label: 'x', values: [1, 2] }],
                { type: 'bar', releases: [{ day, version: 'late' }, { day: '2026-01-02', version: 'in' },
                  { day: '2025-12-31', version: 'early' }] });
        }""",
        [newest],
    )
    assert page.evaluate(markers) == ["in"]
    expect(page.locator("[data-card=issues] li")).not_to_have_count(0)


def test_who_only_reads_sees_no_actions(full):
    invite = ask(full, "/accounts", {"name": "Grace", "role": "viewer"})["invite"]
    ask(full, "/invite", {"secret": invite, "password": PASSWORD})
    for path in ("issues?", f"issue?id={issues(full)[0]['id']}&", "releases?"):
        shown = []
        for login in (basic("admin", "admin"), basic("Grace", PASSWORD)):
            request = urllib.request.Request(
                f"{full.url}/dashboard/{path}app=desktop", headers=login
            )
            with urllib.request.urlopen(request, timeout=30) as response:
                shown.append(response.read().decode())
        for action in ("<textarea", "data-act="):
            assert action not in shown[1], path
        dialogs = [set(re.findall(r'<dialog id="([\w-]+)"', page)) for page in shown]
        assert dialogs[1] <= {"annotation-dialog"}, path  # where a viewer reads the notes
        assert dialogs[0] > dialogs[1]
    for account in ask(full, "/accounts")["accounts"]:
        ask(full, f"/accounts/{account['id']}", method="DELETE")
