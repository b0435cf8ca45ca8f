// The timeline of the hits. Dragging over it chooses a span, which becomes `from` and `to` of the question.
"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const date = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);

  // Seconds from one mark to the next: whole days and more, since a mark says its day.
  const DAY = 86400;
  const INCREMENTS = [...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 30, 60, 90, 120, 180].map((days) => days * DAY), ...[1, 2, 5, 10, 25, 50, 100].map((years) => years * 365 * DAY)];

  async function draw(figure) {
    const plot = figure.querySelector(".plot");
    let found;
    try { found = await window.gabung.api(figure.dataset.timeline); } catch (_) { return; }
    if (!found.buckets.length || !figure.isConnected) return;
    const starts = found.buckets.map((one) => Date.parse(one.from) / 1000);
    const ends = found.buckets.map((one) => Date.parse(one.to) / 1000);
    const counts = found.buckets.map((one) => one.count);
    const step = Math.max(3600, Math.min(...ends.map((end, at) => end - starts[at])));
    // A lone bucket needs room on both sides to be seen as a bar.
    const left = starts[0] - step / 2, right = starts.at(-1) + step;
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") }, font: "11px system-ui" };
    const middle = starts.map((start) => start + step / 2);
    const format = new Intl.DateTimeFormat(figure.dataset.locale, { timeZone: "UTC", day: step < 2e6 ? "numeric" : undefined, month: "short", year: "numeric" });
    const chart = new uPlot({
      width: plot.clientWidth, height: 96, padding: [8, 34, 0, 0], legend: { show: false },
      tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "Etc/UTC"),
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { range: () => [left, right + step / 2] }, y: { range: (_, __, most) => [0, Math.max(1, most)] } },
      axes: [
        { ...axis, size: 26, space: 90, incrs: INCREMENTS, values: (_, at) => at.map((one) => format.format(new Date(one * 1000))) },
        { ...axis, size: 40, space: 26, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000] },
      ],
      series: [{}, { points: { show: false }, fill: colour("--bars"), stroke: colour("--bars"), width: 0, paths: uPlot.paths.bars({ size: [0.86, 48] }) }],
      hooks: { setSelect: [(chart) => chart.select.width > 3 && brush(figure, chart.posToVal(chart.select.left, "x"), chart.posToVal(chart.select.left + chart.select.width, "x"))] },
    }, [middle, counts], plot);
    new ResizeObserver(() => chart.setSize({ width: plot.clientWidth, height: 96 })).observe(plot);
  }

  function brush(figure, from, to) {
    const form = figure.closest("form");
    form.querySelector("#from").value = date(from);
    form.querySelector("#to").value = date(to);
    form.querySelector("#to").dispatchEvent(new Event("change", { bubbles: true }));
  }

  const start = (root) => root.querySelectorAll?.("[data-timeline]:not([data-drawn])").forEach((figure) => { figure.dataset.drawn = ""; draw(figure); });
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:afterSettle", () => start(document));
})();
