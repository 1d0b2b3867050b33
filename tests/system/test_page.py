"""The status page in a real browser: as it looks, as it is read, as it keeps itself current."""

import json
import os
import pathlib
import shutil
import tempfile
import time
import urllib.request

import browser
import state
from harness import SystemTest, free_port, wait_until

PROBES = pathlib.Path(__file__).with_name("page_probes.js").read_text(encoding="utf-8")
WIDTHS = (360, 768, 1280)
MANY = 5000
STEP_S = 5.0  # page.js
TAB = "\ue004"
EVIL = "<img src=x onerror=alert(1)>\"'&amp;\u202e"
NAME = "web.shop.fed.svc.cn-qingdao-b.cn-qingdao.spacexnice.xyz."
# Roles that need a name that can be read aloud.
NAMED = {"button", "link", "searchbox", "textbox", "image", "table", "region", "navigation", "heading", "search"}


def clusters(beijing="True"):
    return (
        state.CLUSTERS[0],
        state.cluster("beijing", "cn-beijing", ["cn-beijing-a"], ready=beijing),
        state.cluster("qingdao", "cn-qingdao", [f"cn-qingdao-{letter}" for letter in "abcdefg"], ready="False"),
    )


def services(count):
    """Three that differ, and others: with names as long as they may be, and many addresses."""
    yield state.service("nginx", {"hangzhou": [state.HANGZHOU], "shanghai": [state.SHANGHAI]}, ports=["http:80"])
    yield state.service(
        "web",
        {"hangzhou": ["192.0.2.9", "2001:db8::1"], "beijing": ["192.0.2.10"], "qingdao": ["198.51.100.3"]},
        namespace="shop", ports=["http:80", "https:443"], ttl="30",
    )  # fmt: skip
    yield state.service("checkout", {"qingdao": ["198.51.100.7"], "beijing": None}, namespace="shop")
    if count > 3:
        far = [f"2001:db8:ffff:ffff:ffff:ffff:ffff:{i:x}" for i in range(1, 40)]
        yield state.service("a" * 63, {"hangzhou": far, "qingdao": ["192.0.2.1"]}, namespace="b" * 63)
    for i in range(4, count):
        both = {"hangzhou": ["192.0.2.1"], "beijing": ["192.0.2.2"]}
        yield state.service(f"s{i:05}", both, namespace=f"team-{i % 9}")


def federation(count=3, **more):
    return state.text(*clusters(**more), *services(count))


class Page(SystemTest):
    """One browser for all tests, a daemon for each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        browser.require()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fedns-browser-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.window = browser.Browser(folder)
        cls.addClassCleanup(cls.window.close)

    def setUp(self):
        super().setUp()
        self.admin = free_port()
        self.url = f"http://127.0.0.1:{self.admin}/"
        self.window.scripts(True)
        self.window.size(1280)
        self.window.scheme("light")
        self.window.open("about:blank")
        self.window.console()  # what the test before left

    def start_page(self, text=None, extra=""):
        self.write_config(f"admin: 127.0.0.1:{self.admin}\nhealth: {{max_withdraw: 100%}}\n{extra}")
        self.write_state(text or federation())
        return self.start()

    def probe(self, name):
        return self.window.run(PROBES, name)

    def quiet(self):
        """Nothing was complained of: no script that failed, nothing that the policy forbids."""
        self.assertEqual([entry["message"] for entry in self.window.console() if entry["level"] == "SEVERE"], [])

    def shot(self, name):
        """For whoever wants to look: PAGE_SHOTS names a folder."""
        if "PAGE_SHOTS" in os.environ:
            self.window.screenshot(pathlib.Path(os.environ["PAGE_SHOTS"]) / f"{name}.png")

    def requests(self):
        script = "return performance.getEntriesByType('resource').map((entry) => entry.initiatorType)"
        return self.window.run(script).count("fetch")

    # --- as it looks -------------------------------------------------------------------------

    def test_it_fits_and_is_legible_everywhere(self):
        for count in (3, MANY):
            daemon = self.start_page(federation(count))
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    with self.subTest(services=count, width=width, scheme=scheme):
                        self.window.size(width)
                        self.window.scheme(scheme)
                        self.window.open(f"{self.url}?explain={NAME}")
                        self.shot(f"{count}-{width}-{scheme}")
                        self.assertEqual(self.probe("overflow"), [])
                        self.assertEqual(self.probe("faint"), [])
                        self.quiet()
            self.end(daemon)

    def test_what_looks_at_it_sees(self):
        """The probes and the console of the other tests find what is wrong."""
        self.start_page()
        self.window.open(self.url)
        self.quiet()
        self.window.run(
            "const bad = document.createElement('p');"
            "bad.innerHTML = '<b class=wide>x</b><input id=zone>'; document.body.append(bad);"
            "const style = bad.firstChild.style;"
            "style.color = '#999'; style.display = 'block'; style.width = '200vw';"
            "bad.setAttribute('aria-live', 'polite'); const script = document.createElement('script');"
            "script.textContent = 'window.ran = true'; document.body.append(script)"
        )
        self.assertIn("B wide", "".join(self.probe("overflow")))
        self.assertIn("B wide", "".join(self.probe("faint")))
        faults = self.probe("structure")
        for fault in ("another live region than the headline", "input zone without a label", "an id twice"):
            self.assertIn(fault, faults)
        self.assertIsNone(self.window.run("return window.ran ?? null"), "the policy lets a script in the page run")
        self.assertRegex(str(self.window.console()), "Content Security Policy")

    def test_names_of_strangers_do_nothing(self):
        strangers = state.service("s", {EVIL: ["192.0.2.1"], "hangzhou": ["192.0.2.2"]})
        self.start_page(state.text(*state.CLUSTERS, state.cluster(EVIL, "cn-x"), strangers))
        self.window.open(f"{self.url}?find=%22%3E%3Cb%3E&explain=%3Cscript%3Ealert(1)%3C/script%3E")
        self.assertEqual(self.window.text("#clusters th[scope=row] + td + td:not(:empty)"), "cn-x")
        self.assertIn(EVIL.replace("\u202e", "?"), self.window.text("#clusters"))
        self.assertEqual(self.window.run("return document.querySelector('#find').value"), '"><b>')
        self.assertEqual(self.window.run("return document.querySelectorAll('main img, main script').length"), 0)
        self.quiet()

    # --- as it is read -----------------------------------------------------------------------

    def test_a_screen_reader_has_structure_and_names(self):
        self.start_page(federation(100))
        for query in ("", f"?explain={NAME}", "?find=team&after=3%2Fteam-1%2Fs"):
            self.window.open(self.url + query)
            self.assertEqual(self.probe("structure"), [])
            named = [(role, name) for role, name in self.window.tree() if role in NAMED]
            self.assertGreater(len(named), 30)
            self.assertEqual([pair for pair in named if not pair[1].strip()], [])
            # laid out as blocks, it is a table still
            self.window.size(360)
            roles = {role for role, _name in self.window.tree()}
            for role in ("table", "row", "rowheader", "columnheader", "cell"):
                self.assertIn(role, roles)
            self.window.size(1280)

    def test_the_keyboard_reaches_all(self):
        self.start_page()
        self.window.open(self.url)
        wanted, reached = self.probe("focusable"), []
        for _ in range(wanted):
            self.window.press(TAB)
            where = self.probe("focus")
            self.assertFalse(where["body"], f"lost after {reached}")
            self.assertTrue(where["visible"], where)
            reached.append(where["what"])
        self.assertIn("To the content", reached[0])
        self.assertEqual(len(set(reached)), wanted, reached)
        for part in ("explain-name", "find", "live-pause", "checkout", "metrics"):
            self.assertTrue(any(part in what for what in reached), (part, reached))

    def test_without_scripts_it_is_whole(self):
        self.start_page(federation(MANY))
        self.window.scripts(False)
        self.window.open(self.url)
        self.assertIn("service has no address that serves", self.window.text("#headline"))
        self.assertIn("not ready", self.window.text("#clusters").lower())
        self.assertIn("5,000 services: 1 down, 2 degraded, 4,997 fine", self.window.text("#services"))
        self.assertEqual(self.window.run("return document.getElementById('live').hidden"), True)
        first = self.window.text("#services tbody")
        self.window.click(".pager a")
        self.window.wait_text(".pager", "51 to 100 of 5,000")
        self.assertNotEqual(self.window.text("#services tbody"), first)
        self.window.run("document.querySelector('#find').value = 'TEAM-3/'")
        self.window.click(".filter button")
        self.window.wait_text("#services", "services found")
        self.assertEqual(self.window.text("#services tbody .more").split(" ")[0], "team-3")
        self.window.run("document.querySelector('#explain-name').value = arguments[0]", NAME)
        self.window.click("header form button")
        self.window.wait_text("#explain", "cluster not ready")
        self.assertIn("services found", self.window.text("#services"))

    def test_pages_have_all_services_once_troubled_ones_first(self):
        self.start_page(federation(420))
        seen, after = [], ""
        while True:
            url = f"{self.url}api/v1/services?limit=100&troubled=1&levels=1&after={after}"
            with urllib.request.urlopen(url, timeout=10) as answer:
                rows = json.load(answer)
            if not rows:
                break
            seen += [(row["state"], row["namespace"], row["name"]) for row in rows]
            after = rows[-1]["key"]
        order = {"down": 0, "degraded": 1, "unsteady": 2, "drained": 3, "fine": 4}
        self.assertEqual(len(seen), 420)
        self.assertEqual(seen, sorted(set(seen), key=lambda row: (order[row[0]], *row[1:])))
        self.assertEqual([row[2][:8] for row in seen[:3]], ["checkout", "aaaaaaaa", "web"])

    def test_a_browser_shows_the_token_as_a_password(self):
        (self.folder / "token").write_text("testsecret\n")
        self.write_config(f"admin: {{listen: '127.0.0.1:{self.admin}', token_file: token}}\n")
        self.write_state(federation())
        daemon = self.start()
        self.window.open(f"http://testid:testsecret@127.0.0.1:{self.admin}/?find=web")
        self.assertIn("hangzhou", self.window.text("#clusters"))
        wait_until("news", lambda: self.window.text("#live-text").startswith("Updated"))
        first = self.window.text("#live-text")
        wait_until("more of them", lambda: self.window.text("#live-text") != first, STEP_S + 5)
        self.assertNotIn("not been reached", self.window.text("#headline"))
        self.assertIn("found", self.window.text("#services"))
        self.window.open(self.url)  # it knows it by now
        self.assertIn("hangzhou", self.window.text("#clusters"))
        self.quiet()
        self.end(daemon)

    # --- as it keeps itself current ----------------------------------------------------------

    def test_news_come_by_themselves_and_disturb_nobody(self):
        self.start_page(federation(60))
        self.window.size(1280, 500)
        self.window.open(self.url)
        self.assertIn("Ready", self.window.text("[data-key=beijing] .state"))
        self.window.run(
            "document.querySelector('details').open = true;"
            "const find = document.querySelector('#find'); find.focus(); find.value = 'half a wo';"
            "find.setSelectionRange(2, 4); window.kept = find; find.scrollIntoView()"
        )
        seen_at = self.window.run("return document.activeElement.getBoundingClientRect().top")
        begin = time.monotonic()
        self.write_state(federation(60, beijing="False"))
        self.window.wait_text("[data-key=beijing] .state", "Not ready")
        self.assertLess(time.monotonic() - begin, STEP_S + 4)
        self.assertEqual(
            self.window.run(
                "const find = document.querySelector('#find');"
                "return [document.activeElement === find, window.kept === find, find.value, find.selectionStart,"
                " document.querySelector('details').open]"
            ),
            [True, True, "half a wo", 2, True],
        )
        # charts and words have come above it, and it stands where it was read
        top = self.window.run("return document.activeElement.getBoundingClientRect().top")
        self.assertAlmostEqual(top, seen_at, delta=2)
        self.quiet()

    def test_whoever_does_not_look_asks_for_nothing(self):
        self.start_page()
        self.window.open(self.url)
        wait_until("a first fetch", lambda: self.requests() == 1, STEP_S + 5)
        self.window.click("#live-pause")
        self.assertIn("Paused at", self.window.text("#live"))
        self.window.run(
            "Object.defineProperty(document, 'hidden', {value: true, writable: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        time.sleep(STEP_S * 1.3)
        self.assertEqual(self.requests(), 1)
        self.window.click("#live-pause")  # resumed, and hidden still
        time.sleep(0.5)
        self.assertEqual(self.requests(), 1)
        self.window.run("document.hidden = false; document.dispatchEvent(new Event('visibilitychange'))")
        wait_until("news at once", lambda: self.requests() == 2, 3)

    def test_a_daemon_that_is_gone_is_told_of_until_it_is_back(self):
        daemon = self.start_page()
        self.window.open(self.url)
        before = self.window.text("#headline")
        self.end(daemon)
        self.window.wait_text("#headline", "has not been reached since")
        self.assertRegex(self.window.run("return document.title"), r"^Not reached · spacexnice\.xyz\. · fedns$")
        self.assertIn("hangzhou", self.window.text("#clusters"))
        self.start()
        self.window.wait_text("#headline", before, 20)
        self.assertFalse(self.window.run("return document.documentElement.classList.contains('gone')"))
        self.assertNotIn("Not reached", self.window.run("return document.title"))


if __name__ == "__main__":
    browser.unittest.main()
