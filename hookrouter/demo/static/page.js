// Asks for the state each second; everything shown goes through textContent, never through markup.
"use strict";

const SHOWN = 60; // messages a column
const link = document.getElementById("link");
const pause = document.getElementById("pause");
let after = 0;
let run = null;
let paused = false;

const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

// Slack's mrkdwn: <url|label>, *bold*, _italic_, ~struck~, `code`; all else is text.
const MARK = /<([^<>|\s]+)(?:\|([^<>]*))?>|\*([^*\n]+)\*|\b_([^_\n]+)_\b|~([^~\n]+)~|`([^`\n]+)`/g;

const mrkdwn = (text, into) => {
  let last = 0;
  for (const found of text.matchAll(MARK)) {
    into.append(unescape(text.slice(last, found.index)));
    const [all, url, label, bold, italic, struck, code] = found;
    if (url !== undefined) into.append(anchor(unescape(url), unescape(label || url)));
    else if (code !== undefined) into.append(element("code", "", unescape(code)));
    else mrkdwn(bold ?? italic ?? struck, into.appendChild(element(bold ? "strong" : italic ? "em" : "s")));
    last = found.index + all.length;
  }
  into.append(unescape(text.slice(last)));
  return into;
};

const anchor = (url, label) => {
  if (!/^https?:\/\//.test(url) && !url.startsWith("mailto:")) return document.createTextNode(label);
  const made = element("a", "", label);
  made.href = url;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
};

const slackText = (part, into) => {
  const text = typeof part?.text === "string" ? part.text : "";
  if (part?.type === "plain_text") into.append(text);
  else mrkdwn(text, into);
  return into;
};

const slackBlock = (block) => {
  if (block.type === "divider") return element("hr");
  if (block.type === "header") return slackText(block.text, element("h3"));
  const made = element("div", block.type === "context" ? "context" : "");
  if (block.text) made.append(slackText(block.text, element("p")));
  if (Array.isArray(block.fields)) {
    const fields = made.appendChild(element("div", "fields"));
    for (const field of block.fields) fields.append(slackText(field, element("p")));
  }
  for (const part of block.elements ?? []) {
    if (typeof part.url === "string") made.append(anchor(part.url, part.text?.text ?? part.url));
    else made.append(slackText(part, element("p")));
  }
  return made;
};

const folded = (title, value) => {
  const details = element("details");
  details.append(element("summary", "", title), element("pre", "", JSON.stringify(value, null, 2)));
  return details;
};

const render = {
  slack: (arrival, card) => {
    const blocks = Array.isArray(arrival.body.blocks) ? arrival.body.blocks : [];
    if (blocks.length) card.append(...blocks.map((block) => slackBlock(block ?? {})));
    else card.append(mrkdwn(arrival.body.text ?? "", element("p")));
  },
  mail: (arrival, card) => {
    card.append(element("h3", "", arrival.title), element("p", "address", "to " + arrival.body.to));
    card.append(element("div", "text", arrival.body.text));
    card.lastChild.tabIndex = 0;
  },
  http: (arrival, card) => {
    card.append(element("h3", "", arrival.title), element("p", "", arrival.summary));
    card.append(folded("JSON", arrival.body));
  },
};

const show = (arrival) => {
  const list = document.getElementById(arrival.kind);
  if (!list) return;
  list.querySelector(".empty")?.remove();
  const card = element("li");
  const time = element("time", "", new Date(arrival.at).toLocaleTimeString());
  time.dateTime = arrival.at;
  card.append(time);
  render[arrival.kind](arrival, card);
  list.prepend(card);
  while (list.children.length > SHOWN) list.lastChild.remove();
};

const seconds = (value) => value === null || value === undefined ? "–" : value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;

const showFigures = (figures) => {
  for (const place of document.querySelectorAll("[data-figure]")) {
    const name = place.dataset.figure;
    const value = figures[name];
    place.textContent = name.startsWith("p5") || name.startsWith("p9") ? seconds(value) : (value ?? 0).toLocaleString();
    place.classList.toggle("bad", name === "dead" && value > 0);
  }
};

const clear = () => {
  after = 0;
  for (const kind of Object.keys(render)) {
    document.getElementById(kind).replaceChildren(element("li", "empty", "Nothing has arrived yet."));
  }
};

const look = async () => {
  try {
    const answer = await fetch(`state.json?after=${after}`, { cache: "no-store" });
    const state = await answer.json();
    if (state.figures.run !== run) { // the demo was started anew on the same port
      if (run !== null) { run = null; clear(); return; }
      run = state.figures.run;
    }
    showFigures(state.figures);
    if (!paused) {
      for (const arrival of state.arrivals) {
        show(arrival);
        after = arrival.number;
      }
    }
    link.className = "";
    if (link.textContent !== "live") link.textContent = "live";
  } catch {
    link.className = "lost";
    link.textContent = "the demo does not answer: it has probably ended";
  }
};

pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
});

clear();
look();
setInterval(look, 1000);
