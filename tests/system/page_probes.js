// What test_page.py asks of the page in the browser; the name of one of these is the first argument.
"use strict";

const shown = (element) => {
	const box = element.getBoundingClientRect();
	return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility === "visible";
};

const channels = (text) => {
	const [red, green, blue, alpha = "1"] = text.match(/[\d.]+/g);
	return {rgb: [Number(red), Number(green), Number(blue)], alpha: Number(alpha)};
};

// WCAG 2: relative luminance, contrast.
const luminance = ({rgb}) => {
	const [red, green, blue] = rgb.map((value) => value / 255)
		.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one, other) => {
	const [low, high] = [luminance(channels(one)), luminance(channels(other))].sort((a, b) => a - b);
	return (high + 0.05) / (low + 0.05);
};

const groundOf = (element) => {
	for (let at = element; at !== null; at = at.parentElement) {
		const ground = getComputedStyle(at).backgroundColor;
		if (channels(ground).alpha === 1) {
			return ground;
		}
	}
	return "rgb(255, 255, 255)";
};

const describe = (element) => {
	const text = element.textContent.trim().slice(0, 30);
	return `${element.nodeName} ${element.id || element.className} "${text}"`;
};

const probes = {
	// Elements that reach beyond the window's right edge.
	overflow() {
		const width = document.documentElement.scrollWidth;
		const wide = width > innerWidth ? [`the page, to ${width}`] : [];
		for (const element of document.body.querySelectorAll("*")) {
			const beyond = element.getBoundingClientRect().right > innerWidth + 0.5;
			if (beyond && !element.closest(".unseen, .skip") && shown(element)) {
				wide.push(describe(element));
			}
		}
		return wide;
	},

	// Texts below 4.5 (large ones: 3), lines of charts and edges of inputs below 3.
	faint() {
		const found = [];
		const judge = (what, colour, ground, least) => {
			const ratio = contrast(colour, ground);
			if (ratio < least) {
				found.push(`${what}: ${ratio.toFixed(2)}, ${colour} on ${ground}`);
			}
		};
		for (const element of document.body.querySelectorAll("*")) {
			const style = getComputedStyle(element);
			const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
			const own = texts.some((node) => node.data.trim() !== "");
			const size = parseFloat(style.fontSize);
			const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
			if (own && shown(element) && !element.closest("svg")) {
				judge(describe(element), style.color, groundOf(element), large ? 3 : 4.5);
			}
			if (element.matches("input, button")) {
				judge(`the edge of ${element.id}`, style.borderTopColor, groundOf(element.parentElement), 3);
			}
			if (element.matches("input")) {
				const hint = getComputedStyle(element, "::placeholder");
				judge(`the hint of ${element.id}`, hint.color, groundOf(element), 4.5);
			}
			if (element.matches("path.line")) {
				judge(`line ${element.getAttribute("class")}`, style.stroke, groundOf(element.closest("figure")), 3);
			}
		}
		return found;
	},

	// What a screen reader needs and the markup lacks.
	structure() {
		const faults = [];
		const expect = (good, fault) => good || faults.push(fault);
		const all = (selector) => [...document.querySelectorAll(selector)];
		expect(document.documentElement.lang === "en", "no language");
		expect(document.title.trim() !== "", "no title");
		expect(all("h1").length === 1, "not one h1");
		let level = 0;
		for (const heading of all("h1, h2, h3, h4")) {
			const next = Number(heading.nodeName[1]);
			expect(next <= level + 1, `a level is left out before ${describe(heading)}`);
			level = next;
		}
		for (const landmark of ["header", "main", "footer", "form[role=search]"]) {
			expect(all(landmark).length === 1, `not one ${landmark}`);
		}
		const aloud = all("[aria-live]").map((element) => element.id);
		expect(aloud.join() === "headline", "another live region than the headline");
		for (const table of all("table")) {
			const parts = [...table.querySelectorAll("td, th, tr, thead, tbody")];
			const columns = [...table.tHead.rows[0].cells];
			expect((table.caption?.textContent ?? "").trim() !== "", "a table without a caption");
			expect(columns.every((cell) => cell.scope === "col"), "a column without scope");
			expect([...table.tBodies[0].rows].every((row) => row.cells[0].scope === "row"), "a row without scope");
			expect(parts.every((part) => part.hasAttribute("role")), "a part of a table without a role");
		}
		for (const input of all("input:not([type=hidden])")) {
			expect(input.labels.length === 1, `input ${input.id} without a label`);
		}
		const ids = all("[id]").map((element) => element.id);
		expect(new Set(ids).size === ids.length, "an id twice");
		return faults;
	},

	// Where the keyboard is, and whether that can be seen.
	focus() {
		const element = document.activeElement;
		const style = getComputedStyle(element);
		const seen = element.getBoundingClientRect();
		const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
		const visible = outlined && seen.right > 0 && seen.bottom > 0;
		return {what: describe(element), id: element.id, body: element === document.body, visible};
	},

	// What the keyboard should reach.
	focusable() {
		const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), summary");
		return [...all].filter(shown).length;
	},
};

return probes[arguments[0]]();
