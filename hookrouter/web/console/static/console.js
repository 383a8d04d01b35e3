// Keys, questions before what cannot be undone, and times in the reader's own zone. Everything works without it but these.
"use strict";
(() => {
  const keys = document.getElementById("keys");
  const button = document.getElementById("keys-button");
  const typing = (node) => node instanceof HTMLElement && (node.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName));
  let isGoing = false;

  const showKeys = () => { if (keys && !keys.open) keys.showModal(); };
  if (button) {
    button.hidden = false;
    button.addEventListener("click", showKeys);
  }

  for (const node of document.querySelectorAll("[data-scripted]")) node.hidden = false; // what does nothing without this
  const here = document.querySelector('header nav a[aria-current="page"]');
  const pages = here?.closest("nav"); // a strip on a phone: the page that one is on is in sight
  if (pages && pages.scrollWidth > pages.clientWidth) pages.scrollLeft = here.offsetLeft - pages.offsetLeft - pages.clientWidth / 3;

  const toRow = (step) => {
    const rows = [...document.querySelectorAll("table.rows tbody a")].filter((link, at, all) => {
      return all.findIndex((other) => other.closest("tr") === link.closest("tr")) === at;
    });
    if (!rows.length) return;
    const at = rows.findIndex((link) => link.closest("tr").contains(document.activeElement));
    rows[Math.min(rows.length - 1, Math.max(0, at + step))].focus();
  };

  const go = (key) => {
    const link = document.querySelector(`nav a[data-key="${CSS.escape(key)}"]`);
    if (link) link.click();
  };

  const actions = {
    "/": () => document.querySelector('[role="search"] :is(input:not([type="hidden"]), select)')?.focus(),
    "?": showKeys,
    j: () => toRow(1),
    k: () => toRow(-1),
    n: () => document.querySelector('a[rel="next"]')?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || (keys && keys.open)) return;
    if (isGoing) {
      isGoing = false;
      go(event.key);
    } else if (event.key === "g") {
      isGoing = true;
      setTimeout(() => { isGoing = false; }, 1500);
    } else if (Object.hasOwn(actions, event.key)) {
      actions[event.key]();
      event.preventDefault();
    }
  });

  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.ask ?? event.target.dataset.ask;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const all = event.target;
    if (!(all instanceof HTMLInputElement) || !all.dataset.all) return;
    for (const box of document.querySelectorAll(`input[name="${CSS.escape(all.dataset.all)}"]`)) box.checked = all.checked;
  });

  // Work that goes on by itself stops, and says so, when a step is not answered.
  const stopped = () => {
    const note = document.getElementById("work-stopped");
    if (note) note.hidden = false;
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "work" || event.detail.serverResponse.includes('id="work"')) return;
    event.detail.shouldSwap = false;
    stopped();
  });
  document.addEventListener("htmx:sendError", stopped);
  document.addEventListener("htmx:responseError", stopped);

  const localTimes = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) time.title = `${at.toLocaleString()} here, ${time.title}`;
    }
  };
  localTimes(document);
  document.addEventListener("htmx:afterSwap", (event) => localTimes(event.target));
})();
