"use strict";
// Puts the gallery on the screen. All data are set as text, never as markup, and a picture gets
// its element only when its place comes near the window.
// Longer than 300 lines because it is one closure in one script, whose hash the page names.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const blocks = [...document.querySelectorAll("script.thumbnails")];
  const parsed = new Map();
  const PAGE = 12; // sets put into the document at once: what follows the gallery stays near
  const byId = (id) => document.getElementById(id);
  const STATES = {
    complete: "✓ complete",
    incomplete: "◐ pictures missing",
    rejected: "✕ rejected",
  };
  const EMPTY = {
    missing: "no picture was good enough",
    refused: "the refused picture was not stored",
    lost: "not kept: the set was rejected",
  };

  /** An element with attributes and children; text stays text. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== "") element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  const words = (name) => name.replaceAll("_", " ").replaceAll(".", " · ");
  const scoreName = (name) => name.replace(/^image_(text|image)$/, "image–$1").replaceAll("_", " ");
  const scoresOf = (card) => data.scores.filter((name) => name in card.scores);
  const plain = (segments) => segments.map(([text]) => text).join("");

  function marked(segments) {
    return segments.map(([text, mark]) => {
      if (!mark) return document.createTextNode(text);
      if (mark === "gap") return make("mark", { class: "gap", title: "words are left out here" }, "‸");
      return make("mark", { class: mark }, text);
    });
  }

  function source(index) {
    const block = Math.floor(index / data.chunk);
    if (!parsed.has(block)) parsed.set(block, JSON.parse(blocks[block].textContent));
    return "data:image/webp;base64," + parsed.get(block)[index % data.chunk];
  }

  const title = (card) =>
    words(card.group || card.variant) + (card.subkind ? " · " + card.subkind : "");

  function describe(card) {
    const what = { refused: "Refused picture", missing: "Missing picture" }[card.status] ?? "Picture";
    return `${what}, ${title(card)}: ${plain(card.caption)}`;
  }

  function picture(card) {
    const [width, height] = card.size;
    return make("img", { src: source(card.thumbnail), alt: describe(card), width, height, decoding: "async" });
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        target.prepend(picture(target.card));
      }
    },
    { rootMargin: "600px 0px" },
  );

  /** Where a picture goes; it is filled when it comes near, or at once. */
  function frame(card, { now = false } = {}) {
    const place = make("span", { class: "frame" });
    if (card.thumbnail !== undefined) {
      if (now) {
        place.append(picture(card));
      } else {
        place.card = card;
        near.observe(place);
      }
    } else {
      place.append(make("span", { class: "empty" }, EMPTY[card.isLost ? "lost" : card.status] ?? "no picture"));
    }
    if (card.reason) place.append(make("span", { class: "verdict" }, make("code", {}, card.reason)));
    return place;
  }

  function bandsOf(card) {
    const narrow = data.bands[card.group + "." + card.subkind.replaceAll(" ", "_")];
    return narrow ?? data.bands[card.group] ?? {};
  }

  /** The score that a refused picture was refused for. */
  const blamed = (card) => (card.status === "refused" ? card.reason.replace(/^image\.(.+)_(low|high)$/, "$1") : "");

  function isOut(card, name, value) {
    if (name === blamed(card)) return true;
    const [least, most] = bandsOf(card)[name] ?? [null, null];
    return (least !== null && value < least) || (most !== null && value > most);
  }

  /** The scores that decided, or, without bands, those that say most. */
  function numbers(card) {
    const bands = bandsOf(card);
    const usual = ["margin", "image_text", "image_image"];
    const shown = scoresOf(card).filter((name) => name === blamed(card) || (Object.keys(bands).length ? name in bands : usual.includes(name)));
    if (!shown.length) return null;
    return make("span", { class: "numbers" }, ...shown.map((name) => {
      const out = isOut(card, name, card.scores[name]);
      return make("span", { class: out ? "out" : "" }, `${scoreName(name)} ${rounded(card.scores[name])}${out ? " ✕" : ""}`);
    }));
  }

  const rounded = (value) => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

  function cardButton(entry, card) {
    const kind = title(card) + (card.candidate ? ` · candidate ${card.candidate + 1}` : "");
    const button = make(
      "button",
      { type: "button", class: "card", "data-status": card.status, "data-group": card.group },
      entry.hasPictures ? frame(card) : null,
      make("span", { class: "tag" }, kind),
      make("span", { class: "text" }, ...marked(card.caption)),
      numbers(card),
    );
    button.addEventListener("click", () => open(entry, card));
    Object.assign(button, { entry, card });
    showMark(button);
    return button;
  }

  /** The captions that were turned down, folded unless they are what was asked for. */
  function turnedDown(entry, wanted) {
    if (!entry.refused.length) return null;
    const asked = wanted.kind || wanted.reason;
    const list = entry.refused.filter((r) => !asked || refusedMatches(r, wanted));
    if (!list.length) return null;
    const rows = list.map((r) => make("li", {},
      make("code", {}, r.reason), " ", make("i", {}, words(r.kind)), " ", r.caption,
      r.detail ? make("i", {}, " — " + r.detail) : null));
    const more = entry.refusedTotal - entry.refused.length;
    const label = `${entry.refusedTotal} ${entry.refusedTotal === 1 ? "caption" : "captions"} refused`;
    const attributes = { class: "turned-down" };
    if (wanted.reason) attributes.open = "open";
    return make("details", attributes, make("summary", {}, label + (more > 0 ? `, ${entry.refused.length} listed` : "")),
      make("ul", {}, ...rows));
  }

  function setArticle(entry, wanted) {
    const name = "set-" + entry.number;
    const detail = entry.reason ? [make("code", {}, entry.reason), make("span", {}, entry.detail)] : [];
    const cards = entry.cards.filter((card) => isShown(entry, card, wanted));
    return make(
      "article",
      { class: entry.hasPictures ? "set" : "set wordless", "data-status": entry.status, "aria-labelledby": name },
      make("header", {},
        make("span", { class: "state", id: name }, STATES[entry.status]), ...detail,
        make("span", {}, entry.origin), make("code", {}, entry.key)),
      make("div", { class: "cards" }, ...cards.map((card) => cardButton(entry, card))),
      turnedDown(entry, wanted),
    );
  }

  // Marks -----------------------------------------------------------------------------------
  // What a reader says of pictures, as `counterfactory calibrate` reads it.

  const marksPlace = `counterfactory-marks ${data.run} ${location.pathname}`;
  const marks = new Map(); // "key,variant,candidate" → right or wrong
  try { for (const [name, label] of JSON.parse(localStorage.getItem(marksPlace)) ?? []) marks.set(name, label); } catch { /* a page from a file may not */ }

  /** The line of a picture but for its label; empty where a label would name no drawn picture. */
  function markName(entry, card) {
    if (!card.labelAs || (card.status === "refused" && card.candidate === null)) return "";
    return [entry.key, card.labelAs, card.status === "refused" ? card.candidate : ""].join(",");
  }

  function showMark(button) {
    const label = marks.get(markName(button.entry, button.card));
    button.querySelector(".own")?.remove();
    if (label) button.dataset.label = label;
    else delete button.dataset.label;
    if (label) button.querySelector(".tag").append(make("span", { class: "own" }, label === "right" ? " ✓ right" : " ✕ wrong"));
  }

  function showMarks() {
    for (const button of byId("sets").querySelectorAll(".card")) showMark(button);
    if (!byId("marked")) return;
    const right = [...marks.values()].filter((label) => label === "right").length;
    byId("marked").textContent = marks.size ? `${right} right, ${marks.size - right} wrong` : "none is marked";
    byId("download").disabled = byId("unmark").disabled = !marks.size;
    try { localStorage.setItem(marksPlace, JSON.stringify([...marks])); } catch { /* likewise */ }
  }

  /** Mark a picture, or take its mark back; whether it can be marked. */
  function mark(entry, card, label) {
    const name = markName(entry, card);
    if (!name) return false;
    if (label) marks.set(name, label);
    else marks.delete(name);
    showMarks();
    return true;
  }

  function download() {
    const lines = ["key,variant,candidate,label", ...[...marks].map(([name, label]) => `${name},${label}`)];
    const address = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
    make("a", { href: address, download: "labels.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
  byId("download")?.addEventListener("click", download);
  byId("unmark")?.addEventListener("click", () => {
    marks.clear();
    showMarks();
  });

  const KEYS = { r: "right", w: "wrong", u: "" };

  /** Answer a key on a card; the next picture follows a verdict. */
  function judge(key, button) {
    if (!(key in KEYS) || !button || !mark(button.entry, button.card, KEYS[key])) return false;
    if (!KEYS[key]) return true;
    const all = [...byId("sets").querySelectorAll(".card")];
    const later = () => all.slice(all.indexOf(button) + 1).find((next) => markName(next.entry, next.card));
    if (!later() && put < found.length) {
      more();
      all.splice(0, all.length, ...byId("sets").querySelectorAll(".card"));
    }
    const next = later();
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    if (dialog.open && next) {
      returnTo = next;
      next.click();
    }
    return true;
  }

  // Filters ---------------------------------------------------------------------------------

  const controls = { status: byId("status"), kind: byId("kind"), reason: byId("reason"), search: byId("search") };

  data.sets.forEach((entry, number) => {
    entry.number = number;
    for (const card of entry.cards) card.isLost = entry.status === "rejected" && card.status === "text";
    entry.hasPictures = entry.cards.some((card) => card.thumbnail !== undefined || card.status === "missing" || card.status === "refused");
    entry.words = [
      entry.key, entry.origin, entry.detail, ...entry.cards.map((card) => plain(card.caption)),
      ...entry.refused.map((r) => r.caption),
    ].join("\n").toLowerCase();
  });

  const isFact = (card) => card.group === "factual" || card.group === "control";
  const cardMatches = (card, { kind, reason }) => (!kind || card.group === kind) && (!reason || card.reason === reason);
  const refusedMatches = (r, { kind, reason }) => (!kind || r.kind === kind) && (!reason || r.reason === reason);

  /** Which cards of a shown set: the facts, and what was asked for. */
  function isShown(entry, card, wanted) {
    if (wanted.reason && entry.reason === wanted.reason) return true;
    return cardMatches(card, wanted) || (isFact(card) && card.status !== "refused");
  }

  function matches(entry, wanted) {
    if (wanted.status && entry.status !== wanted.status) return false;
    if (wanted.search && !wanted.search.split(/\s+/).every((word) => entry.words.includes(word))) return false;
    if (!wanted.kind && !wanted.reason) return true;
    if (!wanted.kind && entry.reason === wanted.reason) return true;
    return entry.cards.some((card) => (wanted.reason || !isFact(card)) && cardMatches(card, wanted))
      || entry.refused.some((r) => refusedMatches(r, wanted));
  }

  let wanted = {};
  let found = [];
  let put = 0;

  function apply() {
    wanted = Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.value]));
    wanted.search = wanted.search.trim().toLowerCase();
    found = data.sets.filter((entry) => matches(entry, wanted));
    put = 0;
    byId("sets").replaceChildren();
    if (!found.length) byId("sets").append(make("p", { class: "nothing" }, "Nothing here matches."));
    more();
    byId("found").textContent = `${found.length.toLocaleString("en")} of ${data.sets.length.toLocaleString("en")} sets`;
  }

  function more() {
    const next = found.slice(put, put + PAGE);
    put += next.length;
    byId("sets").append(...next.map((entry) => setArticle(entry, wanted)));
    byId("more").hidden = put >= found.length;
    byId("more").textContent = `Show more: ${(found.length - put).toLocaleString("en")} are left`;
  }

  byId("more").addEventListener("click", () => {
    const first = byId("sets").children.length;
    more();
    byId("sets").children[first]?.querySelector(".card")?.focus();
  });

  for (const name of ["status", "kind", "reason"]) controls[name].addEventListener("change", apply);
  let waiting;
  controls.search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  document.querySelector(".filters").addEventListener("reset", () => setTimeout(apply));

  /** From a number in a table to what it counts. */
  function leadTo(name, value) {
    document.querySelector(".filters").reset();
    const known = [...controls[name].options].some((option) => option.value === value);
    if (known) controls[name].value = value;
    apply();
    byId("found").textContent += known ? "" : `; none of those shown is “${value}”`;
    byId("gallery").scrollIntoView();
    controls[name].focus({ preventScroll: true });
  }
  document.querySelector("main").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-reason], button[data-kind], .chip[data-status]");
    for (const name of ["reason", "kind", "status"]) {
      if (button && name in button.dataset) leadTo(name, button.dataset[name]);
    }
  });

  // One card in large ------------------------------------------------------------------------

  const dialog = byId("detail");
  let shown = null;

  function side(label, card, segments) {
    return make("div", {},
      card && card.thumbnail !== undefined ? frame(card, { now: true }) : null,
      make("span", { class: "label" }, label),
      make("span", { class: "text" }, ...marked(segments)));
  }

  function scoreTable(card) {
    const names = scoresOf(card);
    if (!names.length) return null;
    const rows = names.map((name) => {
      const [least, most] = bandsOf(card)[name] ?? [null, null];
      const out = isOut(card, name, card.scores[name]);
      return make("tr", {},
        make("th", { scope: "row" }, scoreName(name)),
        make("td", { class: "n" }, make("span", { class: out ? "out" : "" }, rounded(card.scores[name]) + (out ? " ✕" : ""))),
        make("td", { class: "n" }, least === null && most === null ? "" : `${least ?? ""} … ${most ?? ""}`),
        make("td", {}, data.meanings[name] ?? ""));
    });
    const head = make("tr", {}, ...["score", "value", "band", ""].map((text, i) => make("th", { scope: "col", class: i % 3 ? "n" : "" }, text)));
    return make("div", { class: "scroll" }, make("table", { class: "ledger numbers-table" }, make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  function open(entry, card) {
    shown = { entry, card };
    const facts = entry.cards.filter(isFact).filter((one) => one.status !== "refused");
    const control = facts.find((one) => one.group === "control") ?? facts[0];
    const wording = card.factual.length ? card.factual : control.caption;
    byId("detail-title").textContent = title(card);
    byId("detail-body").replaceChildren(
      make("div", { class: "pair" },
        card === control ? null : side(control.group, control, wording),
        side(title(card), card, card.caption)),
      card.reason ? make("p", { class: "why" }, (card.status === "missing" ? "No picture: " : "Refused: "), make("code", {}, card.reason)) : "",
      scoreTable(card) ?? "",
    );
    showJudges();
    if (!dialog.open) dialog.showModal();
  }

  function showJudges() {
    const name = markName(shown.entry, shown.card);
    for (const label of ["right", "wrong"]) {
      byId(label).hidden = !name;
      byId(label).setAttribute("aria-pressed", String(marks.get(name) === label));
    }
  }
  for (const label of ["right", "wrong"]) {
    byId(label).addEventListener("click", () => {
      const again = marks.get(markName(shown.entry, shown.card)) === label;
      mark(shown.entry, shown.card, again ? "" : label);
      showJudges();
    });
  }

  /** The card beside the one that is shown, in this set or the next. */
  function move(step) {
    const all = [...byId("sets").querySelectorAll(".card")];
    const here = all.findIndex((button) => button === returnTo);
    const next = all[here + step];
    if (!next) return;
    returnTo = next;
    next.scrollIntoView({ block: "nearest" });
    next.click();
  }
  let returnTo = null;
  byId("sets").addEventListener("click", (event) => {
    returnTo = event.target.closest(".card") ?? returnTo;
  }, true);
  byId("previous").addEventListener("click", () => move(-1));
  byId("next").addEventListener("click", () => move(1));
  byId("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => returnTo?.focus());

  // Keys ----------------------------------------------------------------------------------------

  /** The card above or below, by where it is on the screen. */
  function vertical(card, down) {
    const from = card.getBoundingClientRect();
    const best = { distance: Infinity, card: null };
    for (const other of byId("sets").querySelectorAll(".card")) {
      const to = other.getBoundingClientRect();
      const gap = down ? to.top - from.bottom : from.top - to.bottom;
      if (gap < -1) continue;
      const distance = gap * 3 + Math.abs(to.left - from.left);
      if (distance < best.distance) Object.assign(best, { distance, card: other });
    }
    return best.card;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (dialog.open) {
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") move(event.key === "ArrowLeft" ? -1 : 1);
      if (judge(event.key, returnTo)) showJudges();
      return;
    }
    const typing = event.target.closest("input, select");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      controls.search.focus();
      return;
    }
    const card = event.target.closest(".card");
    if (!typing && judge(event.key, card)) return;
    if (!card || !event.key.startsWith("Arrow")) return;
    const all = [...byId("sets").querySelectorAll(".card")];
    const here = all.indexOf(card);
    const next = {
      ArrowLeft: () => all[here - 1],
      ArrowRight: () => all[here + 1],
      ArrowUp: () => vertical(card, false),
      ArrowDown: () => vertical(card, true),
    }[event.key]?.();
    event.preventDefault();
    next?.focus();
  });

  // Light and dark --------------------------------------------------------------------------------

  const root = document.documentElement;
  const remember = (theme) => { try { localStorage.setItem("counterfactory-theme", theme); } catch { /* a page from a file may not */ } };
  try { const kept = localStorage.getItem("counterfactory-theme"); if (kept) root.dataset.theme = kept; } catch { /* likewise */ }
  byId("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember(root.dataset.theme);
  });

  apply();
  showMarks();
})();
