// Making elements and asking the simulator; everything shown goes through textContent, never through markup.

export const at = (id) => document.getElementById(id);

export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
};

export const options = (choices, chosen) =>
  choices.map((choice) => element("option", { value: choice, selected: choice === chosen }, choice));

export const say = (text, isBad = false) => {
  const said = at("said");
  if (said.textContent !== text) said.textContent = text;
  said.classList.toggle("bad", isBad);
};

export const ask = async (path, method = "GET", body = undefined) => {
  const answer = await fetch(path, {
    method,
    headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error((await answer.text()) || `HTTP ${answer.status}`);
  return answer.json();
};

// Runs what was asked for by hand, and tells when it did not work.
export const attempt = async (doing, done = "") => {
  try {
    await doing();
    if (done) say(done);
  } catch (fault) {
    say(fault.message, true);
  }
};
