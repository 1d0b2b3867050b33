// Keeps the status page current. The server renders; this asks for the same URL again and again and takes over what
// differs, node by node: whatever has the focus, is open, selected or typed stays as it is.
"use strict";

(() => {
	const STEP_MS = 5000;
	const TIMEOUT_MS = 10000; // a daemon that takes longer is as good as gone
	const RETRY_MS = 2000; // after an error, doubled each time
	const RETRY_MAX_MS = 30000;

	const live = document.getElementById("live");
	const text = document.getElementById("live-text");
	const pause = document.getElementById("live-pause");
	const main = document.getElementById("main");

	let errors = 0;
	let paused = false;
	let timer = 0;
	let asking = null; // an AbortController
	let reached = new Date();

	// As fetch() takes it: without the user and the password that may have been typed before the host.
	const here = location.origin + location.pathname + location.search;

	const clock = (date) => date.toLocaleTimeString([], {hour12: false});

	// --- taking over ------------------------------------------------------------------------

	const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || "" : "");

	// Whether a <details> is open is the reader's choice.
	const isOurs = (node, name) => !(name === "open" && node.nodeName === "DETAILS");

	function attributesTake(old, fresh) {
		for (const {name, value} of fresh.attributes) {
			if (isOurs(old, name) && old.getAttribute(name) !== value) {
				old.setAttribute(name, value);
			}
		}
		for (const {name} of [...old.attributes]) {
			if (isOurs(old, name) && !fresh.hasAttribute(name)) {
				old.removeAttribute(name);
			}
		}
	}

	// The child of `old` that is the same thing as `child`: by its key, or the next one of its kind without any.
	function match(keyed, at, child) {
		const key = keyOf(child);
		if (key !== "") {
			const found = keyed.get(key);
			return found !== undefined && found.nodeName === child.nodeName ? found : null;
		}
		let next = at;
		while (next !== null && (keyOf(next) !== "" || next.nodeName !== child.nodeName)) {
			next = next.nextSibling;
		}
		return next;
	}

	function childrenTake(old, fresh) {
		const keyed = new Map();
		for (const child of old.children) {
			if (keyOf(child) !== "") {
				keyed.set(keyOf(child), child);
			}
		}
		let at = old.firstChild;
		for (const child of [...fresh.childNodes]) {
			const same = match(keyed, at, child);
			if (same === null) {
				old.insertBefore(document.importNode(child, true), at);
				continue;
			}
			if (same === at) {
				at = at.nextSibling;
			} else {
				old.insertBefore(same, at);
			}
			nodeTake(same, child);
		}
		while (at !== null) {
			const next = at.nextSibling;
			at.remove();
			at = next;
		}
	}

	function nodeTake(old, fresh) {
		if (old.nodeType !== Node.ELEMENT_NODE) {
			if (old.data !== fresh.data) {
				old.data = fresh.data;
			}
			return;
		}
		attributesTake(old, fresh);
		childrenTake(old, fresh);
	}

	function take(html) {
		const fresh = new DOMParser().parseFromString(html, "text/html");
		const freshMain = fresh.getElementById("main");
		if (freshMain === null) {
			throw new Error("it answers with another page");
		}
		const focus = document.activeElement;
		const within = main.contains(focus);
		nodeTake(main, freshMain);
		document.title = fresh.title;
		// What was moved, or has gone, has lost the focus.
		if (within && document.activeElement !== focus) {
			(focus.isConnected ? focus : main).focus({preventScroll: true});
		}
	}

	// --- asking -----------------------------------------------------------------------------

	function say() {
		live.hidden = false;
		text.textContent = paused ? `Paused at ${clock(reached)}` : `Updated ${clock(reached)}`;
	}

	// The headline is what is read aloud: it says so, once.
	function sayGone() {
		const words = `fedns has not been reached since ${clock(reached)}: all below is of then.`;
		const headline = document.getElementById("headline");
		if (headline !== null && headline.textContent !== words) {
			headline.textContent = words;
			document.getElementById("verdict").className = "bad";
			document.title = `Not reached · ${document.title.split(" · ").slice(1).join(" · ")}`;
		}
		document.documentElement.classList.add("gone");
		text.textContent = "Not reached";
		live.hidden = false;
	}

	async function ask() {
		const mine = new AbortController();
		asking = mine;
		const limit = setTimeout(() => mine.abort(), TIMEOUT_MS);
		try {
			const answer = await fetch(here, {cache: "no-store", signal: mine.signal});
			if (!answer.ok) {
				throw new Error(`it answers with status ${answer.status}`);
			}
			const html = await answer.text();
			if (asking !== mine) {
				return; // paused meanwhile
			}
			take(html);
			reached = new Date();
			errors = 0;
			document.documentElement.classList.remove("gone");
			say();
		} catch (error) {
			if (asking !== mine) {
				return;
			}
			errors += 1;
			sayGone();
		} finally {
			clearTimeout(limit);
		}
		asking = null;
		later();
	}

	function later() {
		const retry = Math.min(RETRY_MS * 2 ** (errors - 1), RETRY_MAX_MS);
		const wait = errors === 0 ? STEP_MS : retry;
		clearTimeout(timer);
		// Not all browsers at the same moment.
		timer = setTimeout(ask, wait * (0.9 + 0.2 * Math.random()));
	}

	function stop() {
		clearTimeout(timer);
		if (asking !== null) {
			asking.abort();
			asking = null;
		}
	}

	// Whoever doesn't see the page needs no news.
	function look() {
		stop();
		if (!paused && !document.hidden) {
			ask();
		}
	}

	pause.addEventListener("click", () => {
		paused = !paused;
		pause.setAttribute("aria-pressed", String(paused));
		if (errors === 0) {
			say();
		}
		look();
	});
	document.addEventListener("visibilitychange", look);
	say();
	later();
})();
