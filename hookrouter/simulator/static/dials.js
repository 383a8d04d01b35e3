// The fault, and everything else that can be turned.
import { ask, at, attempt, element, options } from "./dom.js";

const TITLES = { pushing: "Pushes", allowance: "Calls allowed", quirks: "Quirks of the CRM" };

const input = (name, dial) => {
  if (dial.choices) return element("select", { name }, ...options(dial.choices, dial.value));
  if (typeof dial.value === "boolean") return element("input", { name, type: "checkbox", checked: dial.value });
  if (typeof dial.value === "number") {
    return element("input", { name, type: "number", min: 0, step: dial.whole ? 1 : "any", value: dial.value });
  }
  return element("input", { name, value: dial.value, autocomplete: "off" });
};

const label = (name, dial) => {
  const words = element("span", { class: "words" }, dial.words);
  const title = name.replaceAll("_", " ");
  return typeof dial.value === "boolean"
    ? element("label", { class: "tick" }, input(name, dial), ` ${title}`, words)
    : element("label", {}, title, input(name, dial), words);
};

const valueOf = (field) => {
  if (field.type === "checkbox") return field.checked;
  if (field.type === "number") return field.value === "" ? null : Number(field.value);
  return field.value;
};

const turn = (section, field) =>
  attempt(async () => {
    try {
      await ask("dials", "POST", { [section]: { [field.name]: valueOf(field) } });
    } catch (fault) {
      await begin(); // show how it still stands
      throw fault;
    }
  }, `${field.name.replaceAll("_", " ")} turned`);

const showDials = (described) => {
  const sections = Object.entries(described).map(([section, dials]) => {
    const set = element(
      "fieldset",
      {},
      element("legend", {}, TITLES[section] ?? section),
      element("div", { class: "dials" }, ...Object.entries(dials).map(([name, dial]) => label(name, dial))),
    );
    set.addEventListener("change", (event) => turn(section, event.target));
    return set;
  });
  at("dials").replaceChildren(...sections);
};

const fault = at("fault");
fault.addEventListener("submit", (event) => {
  event.preventDefault();
  const { mode, seconds, share, calls } = fault.elements;
  const wanted = { mode: mode.value, seconds: valueOf(seconds), share: valueOf(share), calls: valueOf(calls) };
  attempt(() => ask("faults", "POST", wanted), mode.value === "none" ? "all is well" : `${mode.value} from now on`);
});
at("dials").addEventListener("submit", (event) => event.preventDefault());

export const begin = async () => {
  const { dials, faults, fault: stand } = await ask("dials/described");
  showDials(dials);
  fault.elements.mode.replaceChildren(...options(faults, stand.mode));
};
