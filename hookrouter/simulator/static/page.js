// Looks at the figures every two seconds, and at the leads when something changed.
import { begin } from "./dials.js";
import { ask, at, element, say } from "./dom.js";
import { list } from "./leads.js";

const EVERY = 2000; // milliseconds
const FIGURES = {
  subscriptions: "Subscribers",
  changes: "Changes",
  leads_pushed: "Leads pushed",
  leads_acked: "… and taken",
  leads_waiting: "Waiting",
  leads_lost: "Lost",
  leads_doubled: "Doubled",
  leads_overtaken: "Overtaken",
  leads_unheard: "Nobody heard of",
  calls: "API calls",
  calls_over_rate: "… over the rate",
  calls_today: "Calls today",
  fault: "Fault",
};
let seen = "";
let lost = false;

const figure = (name, value) => {
  const isBad = name === "fault" ? value !== "none" : name === "calls_over_rate" && value > 0;
  return element(
    "div",
    {},
    element("dt", {}, FIGURES[name]),
    element("dd", { class: isBad ? "bad" : false }, typeof value === "number" ? value.toLocaleString() : value),
  );
};

const look = async () => {
  try {
    const status = await ask("status");
    at("figures").replaceChildren(...Object.keys(FIGURES).map((name) => figure(name, status[name])));
    const now = `${status.changes} ${status.leads}`;
    if (now !== seen) await list();
    seen = now;
    if (lost || at("said").textContent === "connecting…") say("connected");
    lost = false;
  } catch {
    lost = true;
    say("the simulator does not answer", true);
  }
  setTimeout(look, EVERY);
};

begin().catch((fault) => say(fault.message, true));
look();
