// The list of leads, and the one that is open.
import { ask, at, attempt, element, options, say } from "./dom.js";

const FIRST = ["firstName", "lastName", "emailAddress", "companyName", "leadStatus", "leadScore", "phoneNumber", "ownerID", "title"];
const dialog = at("lead");
const state = { page: 1, pages: 1, open: null, stamps: new Map() };

const nameOf = (lead) => `${lead.firstName} ${lead.lastName}`.trim() || lead.emailAddress || lead.id;

const row = (lead) => {
  const known = state.stamps.get(lead.id);
  const opener = element("button", { type: "button" }, nameOf(lead));
  opener.addEventListener("click", () => attempt(() => open(lead.id)));
  return element(
    "tr",
    { class: known !== undefined && known !== lead.updateTimestamp ? "fresh" : false },
    element("td", {}, opener),
    element("td", {}, lead.companyName),
    element("td", {}, lead.emailAddress),
    element("td", {}, lead.leadStatus),
    element("td", { class: "number" }, lead.leadScore),
    element("td", {}, element("time", {}, lead.updateTimestamp)),
  );
};

export const list = async () => {
  const query = new URLSearchParams({ search: at("search").value, page: state.page });
  const found = await ask(`leads?${query}`);
  [state.page, state.pages] = [found.page, found.pages];
  const focused = document.activeElement?.closest?.("#rows") ? [...at("rows").children].indexOf(document.activeElement.closest("tr")) : -1;
  at("rows").replaceChildren(...found.leads.map(row));
  if (focused >= 0) at("rows").children[focused]?.querySelector("button").focus();
  for (const lead of found.leads) state.stamps.set(lead.id, lead.updateTimestamp);
  at("total").textContent = `· ${found.total.toLocaleString()}`;
  at("place").textContent = `Page ${found.page} of ${found.pages}`;
  at("back").disabled = found.page <= 1;
  at("on").disabled = found.page >= found.pages;
};

const input = (field) => {
  const common = { name: field.name, "data-was": field.value };
  if (field.choices) {
    const choices = field.choices.includes(field.value) ? field.choices : [field.value, ...field.choices];
    return element("select", common, ...options(choices, field.value));
  }
  return element("input", { ...common, value: field.value, readonly: field.read_only, autocomplete: "off" });
};

const happened = (lead) => {
  at("happened").hidden = false;
  at("let-happen").elements.source.replaceChildren(...options(lead.sources, at("let-happen").elements.source.value));
  at("events").replaceChildren(
    ...lead.events.map((event) =>
      element("li", {}, element("time", {}, event.at), element("b", {}, event.source), element("span", {}, event.name ?? "")),
    ),
  );
};

const show = (title, fields) => {
  at("lead-title").textContent = title;
  at("fault-of-lead").textContent = "";
  at("fields").replaceChildren(
    ...fields.map((field) => element("label", {}, field.label === field.name ? field.name : field.label, input(field))),
  );
  at("delete").hidden = state.open === null;
  at("happened").hidden = true;
  if (!dialog.open) dialog.showModal();
};

const rank = (field) => (field.read_only ? FIRST.length + 1 : FIRST.includes(field.name) ? FIRST.indexOf(field.name) : FIRST.length);

const inOrder = (fields) => fields.toSorted((one, other) => rank(one) - rank(other));

const open = async (id) => {
  const lead = await ask(`leads/${encodeURIComponent(id)}`);
  state.open = id;
  show(`Lead ${id}`, inOrder(lead.fields));
  happened(lead);
};

const begin = () => {
  state.open = null;
  const names = ["emailAddress", "firstName", "lastName", "companyName", "phoneNumber", "city"];
  show("New lead", names.map((name) => ({ name, label: name, value: "" })));
};

const save = async () => {
  const inputs = [...at("fields").querySelectorAll("input:not([readonly]), select")];
  const changed = inputs.filter((each) => each.value !== each.dataset.was);
  const given = Object.fromEntries(changed.map((each) => [each.name, each.value]));
  if (state.open === null) await ask("leads", "POST", given);
  else if (changed.length) await ask(`leads/${encodeURIComponent(state.open)}`, "PATCH", given);
  dialog.close();
  say(state.open === null ? "created" : changed.length ? "changed" : "nothing to change");
  await list();
};

const remove = async () => {
  if (!confirm("Delete this lead? Deletions are never pushed.")) return;
  await ask(`leads/${encodeURIComponent(state.open)}`, "DELETE");
  dialog.close();
  say("deleted; nobody is told");
  await list();
};

const inDialog = async (doing) => {
  try {
    await doing();
  } catch (fault) {
    at("fault-of-lead").textContent = fault.message;
  }
};

const turn = (by) => attempt(() => ((state.page = Math.max(1, Math.min(state.pages, state.page + by))), list()));

at("search").addEventListener("input", () => ((state.page = 1), attempt(list)));
at("back").addEventListener("click", () => turn(-1));
at("on").addEventListener("click", () => turn(1));
at("new").addEventListener("click", begin);
at("delete").addEventListener("click", () => inDialog(remove));
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
dialog.querySelector("form").addEventListener("submit", (event) => (event.preventDefault(), inDialog(save)));
at("let-happen").addEventListener("submit", (event) => {
  event.preventDefault();
  const source = event.target.elements.source.value;
  inDialog(async () => happened(await ask(`leads/${encodeURIComponent(state.open)}/events`, "POST", { source })));
});
at("changes").addEventListener("submit", (event) => {
  event.preventDefault();
  const count = Number(event.target.elements.count.value);
  attempt(async () => (await ask("changes", "POST", { count }), await list()), `${count} random changes`);
});
