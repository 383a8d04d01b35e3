// The flow: tells a changed headline, says when nothing comes any more, and draws the chart of the last hours.
"use strict";
(() => {
  const said = document.getElementById("said");
  const live = () => document.getElementById("live");
  let headline = live()?.dataset.headline;

  document.addEventListener("htmx:beforeRequest", (event) => { if (document.hidden) event.preventDefault(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 200 && !event.detail.serverResponse.includes('id="live"')) {
      event.detail.shouldSwap = false;
      location.reload();  // signed out meanwhile
    } else if (event.detail.xhr.status !== 200) {
      event.detail.shouldSwap = false;
      isStale(event.detail.serverResponse);
    }
  });
  document.addEventListener("htmx:afterSwap", () => {
    tell(live()?.dataset.headline);
  });
  const tell = (now) => {
    if (!now || now === headline) return;
    headline = now;
    document.title = `${now} · hookrouter`;
    if (said) said.textContent = now;
  };
  // What was true at the last look must not stand there as if it still were: the headline says why nothing comes.
  const isStale = (page = "") => {
    const fault = new DOMParser().parseFromString(page, "text/html");
    const wrong = fault.querySelector("h1")?.textContent || "hookrouter does not answer";
    const todo = fault.querySelector('[role="alert"]')?.textContent || "See that the receiver runs, and that this machine reaches it. What stands below is of the last look.";
    const shown = live();
    if (!shown) return;
    shown.querySelector(".stale").hidden = false;
    shown.querySelector(".headline").className = "headline bad";
    shown.querySelector(".headline p").textContent = todo;
    shown.querySelector("#headline").textContent = wrong;
    tell(wrong);
  };
  document.addEventListener("htmx:sendError", () => isStale());
  document.addEventListener("htmx:timeout", () => isStale());

  const figure = document.getElementById("course");
  if (!figure || typeof uPlot === "undefined") return;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const plotted = document.createElement("div");
  plotted.setAttribute("role", "img");
  plotted.setAttribute("aria-label", figure.querySelector("svg").getAttribute("aria-label"));
  let chart = null;

  const options = () => {
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
    const clock = (seconds) => new Date(seconds * 1000).toISOString().slice(11, 16);
    const rate = (_, value) => (value === null ? "–" : value.toFixed(1));
    return {
      width: Math.max(280, figure.clientWidth - 32),
      height: 260,
      scales: { y: { range: (_, least, most) => [0, Math.max(1, most * 1.1)] }, waiting: { range: (_, least, most) => [0, Math.max(10, most * 1.1)] } },
      axes: [{ ...axis, values: (_, splits) => splits.map(clock) }, { ...axis, label: "a minute", size: 60 }, { ...axis, scale: "waiting", side: 1, label: "waiting", size: 60, grid: { show: false } }],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      series: [
        { label: "UTC", value: (_, seconds) => (seconds === null ? "–" : clock(seconds)) },
        { label: "leads came in", stroke: colour("--mark"), width: 2, value: rate },
        { label: "messages delivered", stroke: colour("--good"), width: 2, value: rate },
        { label: "given up", stroke: colour("--bad"), width: 2, value: rate },
        { label: "waiting", scale: "waiting", stroke: colour("--poor"), width: 1, dash: [6, 4] },
      ],
    };
  };

  const draw = async () => {
    const answer = await fetch(figure.dataset.course, { redirect: "error" });
    if (!answer.ok) return;
    const lines = await answer.json();
    if (!lines.length) return;
    if (chart) {
      chart.setData(lines);
      return;
    }
    chart = new uPlot(options(), lines, plotted);
    figure.querySelector("svg").replaceWith(plotted);
  };

  const anew = () => {
    if (!chart) return;
    const lines = chart.data;
    chart.destroy();
    chart = new uPlot(options(), lines, plotted);
  };
  const drawIfSeen = () => { if (!document.hidden) draw().catch(() => {}); };
  drawIfSeen();
  setInterval(drawIfSeen, 60000);
  new ResizeObserver(() => { if (chart) chart.setSize({ width: Math.max(280, figure.clientWidth - 32), height: 260 }); }).observe(figure);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
})();
