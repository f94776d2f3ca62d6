// Charts over time, drawn by Chart.js, with a tooltip of our own and the same values as a table.

import * as annotations from "./annotations.js";
import { body, has, none, show } from "./cards.js";
import { install, instant, tick } from "./chart_dates.js";
import * as compare from "./compare.js";
import { $, el, svg } from "./dom.js";
import { bucket, compact, count, shift, today } from "./format.js";
import * as state from "./state.js";

const charts = new Map();
let isReady = false; // Chart.js has its dates
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const SERIES = ["accent", "series-2", "series-3", "series-4", "series-5", "series-6"];
const faint = (value) => `color-mix(in srgb, ${value} 12%, transparent)`;
const WHOLE = new Set([count, compact]);
const still = matchMedia("(prefers-reduced-motion: reduce)");

const isHours = (dates) => dates[0]?.length > 10;

/** The place of the bucket that is still running; -1 for none. */
const running = (dates, group) => {
  if (isHours(dates)) {
    const now = Date.now();
    return dates.findIndex((hour) => instant(hour) <= now && now < instant(hour) + 3_600_000);
  }
  const last = dates.at(-1);
  if (!last) return -1;
  const days = { day: 1, week: 7, month: 31 }[group] ?? 1;
  return last <= today() && shift(last, days) > today() ? dates.length - 1 : -1;
};

let hatches = new Map();
function hatch(name) {
  if (!hatches.has(name)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const draw = tile.getContext("2d");
    draw.strokeStyle = colour(name);
    draw.lineWidth = 1.6;
    for (const offset of [-6, 0, 6]) {
      draw.beginPath();
      draw.moveTo(offset, 6);
      draw.lineTo(offset + 6, 0);
      draw.stroke();
    }
    hatches.set(name, draw.createPattern(tile, "repeat"));
  }
  return hatches.get(name);
}

/** Releases as thin vertical lines with labels; a label that would overlap the last one is left out. Notes have a
 *  dot instead of a label: their texts are in the tooltip. */
const markers = {
  id: "markers",
  afterDatasetsDraw(chart, _, options) {
    const { ctx, chartArea: area, scales } = chart;
    let free = -Infinity;
    ctx.save();
    ctx.font = "11px system-ui, sans-serif";
    for (const { time, label } of options.list ?? []) {
      const x = Math.round(scales.x.getPixelForValue(time)) + 0.5;
      ctx.strokeStyle = colour("before");
      ctx.globalAlpha = 0.6;
      ctx.beginPath();
      ctx.moveTo(x, area.top);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
      const width = ctx.measureText(label).width;
      ctx.globalAlpha = 1;
      const left = x + 4 + width > area.right ? x - 4 - width : x + 4;
      if (left > free) {
        ctx.fillStyle = colour("muted");
        ctx.fillText(label, left, area.top + 9);
        free = x + width + 12;
      }
    }
    ctx.strokeStyle = ctx.fillStyle = colour("series-2");
    for (const time of options.notes ?? []) {
      const x = Math.round(scales.x.getPixelForValue(time)) + 0.5;
      ctx.setLineDash([2, 3]);
      ctx.beginPath();
      ctx.moveTo(x, area.top + 4);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(x, area.top + 1, 3, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  },
};

/** A line over bars gets a rim of the surface's colour, to be seen on them. */
const halo = {
  id: "halo",
  beforeDatasetDraw(chart, { index }) {
    chart.ctx.save();
    if (chart.data.datasets[index].halo) Object.assign(chart.ctx, { shadowColor: colour("surface"), shadowBlur: 3 });
  },
  afterDatasetDraw(chart) {
    chart.ctx.restore();
  },
};

function tooltip(format, titles, texts) {
  return ({ chart, tooltip: model }) => {
    const holder = chart.canvas.parentNode;
    let tip = $(".chart-tip", holder);
    if (!tip) holder.append((tip = el("div", { class: "chart-tip", "aria-hidden": "true" })));
    if (model.opacity === 0) return Object.assign(tip.style, { opacity: 0 });
    const rows = [...model.dataPoints]
      .sort((a, b) => a.datasetIndex - b.datasetIndex)
      .map((point) =>
        el(
          "div",
          {},
          el(
            "span",
            {},
            el("span", { class: "swatch", style: { background: point.dataset.swatch } }),
            point.dataset.titles?.[point.dataIndex] ?? point.dataset.label,
          ),
          el("span", {}, format(point.raw)),
        ),
      );
    const { dataIndex: index } = model.dataPoints[0];
    const notes = (texts[index] ?? []).map((text) => el("p", { class: "chart-note" }, text));
    tip.replaceChildren(el("b", {}, titles[index]), ...rows, ...notes);
    const left = model.caretX > chart.width / 2 ? model.caretX - tip.offsetWidth - 12 : model.caretX + 12;
    return Object.assign(tip.style, {
      opacity: 1,
      left: `${Math.max(0, left)}px`,
      top: `${Math.max(0, Math.min(model.caretY - 20, chart.height - tip.offsetHeight))}px`,
    });
  };
}

/**
 * One chart over time. dates: days, or hours of one day. series: [{label, values, before?: dashed values of what
 * it is compared with}]. type: "line" or "bar", of counts; stacked: bars on top of each other; format: of a value;
 * zero: whether the axis starts there; group: what the dates begin, if not what the page is grouped by. releases: [{day, version}]; those outside of the dates are left out.
 */
export function timeChart(
  key,
  dates,
  series,
  {
    type = "line",
    format = count,
    stacked = false,
    zero = true,
    releases = [],
    empty,
    max,
    daily = false,
    group: own = null,
  } = {},
) {
  if (!has(key)) return;
  series = series.map((item) => (item.before?.some(Boolean) ? item : { ...item, before: undefined }));
  const group = isHours(dates) ? "hour" : daily ? "day" : (own ?? state.group());
  const shownBefore = series.some((item) => item.before?.length);
  const [beforeLabel, beforeDates] = [compare.label(), compare.dates()];
  const inWords = (value) => (value ? bucket(value, group) : "\u2014");
  const plain = {
    columns: ["Date", ...series.map((item) => item.label), ...(shownBefore ? ["Compared with", beforeLabel] : [])],
    rows: dates.map((date, i) => [
      date,
      ...series.map((item) => item.values[i] ?? null),
      ...(shownBefore ? [beforeDates[i] ?? null, series[0].before[i] ?? null] : []),
    ]),
    formats: [inWords, ...series.map(() => format), ...(shownBefore ? [inWords, format] : [])],
  };
  const data = annotations.inTable(plain, dates, group);
  if (
    dates.length === 0 ||
    (series.every((item) => item.values.every((value) => !value)) && !series.some((item) => item.before))
  ) {
    charts.get(key)?.chart.destroy();
    charts.delete(key);
    show(key, none(empty), data);
    return;
  }
  const open = running(dates, group);
  const datasets = series.flatMap((item, i) => styled(item, i, type, open, dates.length, series.length));
  if (shownBefore) {
    datasets.push({
      label: beforeLabel,
      titles: beforeDates.map((date) => bucket(date, group)),
      data: series[0].before.slice(0, dates.length),
      swatch: colour(type === "bar" ? "text" : "before"),
      type: "line",
      borderColor: colour(type === "bar" ? "text" : "before"),
      borderWidth: 1.5,
      borderDash: [4, 4],
      pointRadius: 0,
      pointHoverRadius: 0,
      order: type === "bar" ? -1 : 9,
      halo: type === "bar",
      fill: false,
    });
  }
  const titles = dates.map((date, i) => bucket(date, group) + (i === open ? ", so far" : ""));
  const list = releases
    .map(({ day, version }) => ({ index: indexOf(dates, day, group), label: version }))
    .filter((release) => release.index >= 0)
    .map(({ index, label }) => ({ time: instant(dates[index]), label }));
  const times = dates.map(instant);
  const texts = annotations.inBuckets(dates, group);
  const marks = { list, notes: times.filter((_, i) => texts[i]) };
  const drawn = charts.get(key);
  const card = body(key);
  const asTable = $(`[data-card="${key}"] [data-table]`)?.getAttribute("aria-pressed") === "true";
  if (drawn && card.contains(drawn.chart.canvas) && !asTable && drawn.shape === shapeOf(type, datasets, group)) {
    show(key, [...card.childNodes], data);
    update(drawn.chart, times, datasets, tooltip(format, titles, texts), marks);
    return;
  }
  drawn?.chart.destroy();
  charts.delete(key);
  const canvas = el("canvas", {
    role: "img",
    "aria-label": `${$(`#head-${key}`).textContent.trim()}: chart; the button Table shows the same as a table`,
  });
  const legend =
    datasets.length > 1 &&
    el(
      "div",
      { class: "legend", "aria-hidden": "true" },
      datasets.map((dataset) => el("span", {}, sample(dataset), dataset.label)),
    );
  show(key, [legend, el("div", { class: "chart" }, canvas)].filter(Boolean), data);
  if (asTable) return;
  if (!isReady) install(window.Chart);
  isReady = true;
  const chart = new window.Chart(canvas, {
    type,
    data: { labels: times, datasets },
    options: options(format, tooltip(format, titles, texts), marks, stacked, zero, max, group),
    plugins: [markers, halo],
  });
  charts.set(key, { chart, shape: shapeOf(type, datasets, group) });
}

const shapeOf = (type, datasets, group) => `${type}/${datasets.length}/${group}`;

/** The bucket of a day; -1 outside of them all, and among hours. */
function indexOf(dates, day, group) {
  if (group === "hour") return -1;
  const days = { day: 1, week: 7, month: 31 }[group];
  if (!dates.length || day < dates[0] || day >= shift(dates.at(-1), days)) return -1;
  return dates.findLastIndex((start) => start <= day);
}

function styled(item, index, type, open, length, seriesCount) {
  const name = item.colour ?? SERIES[index];
  const value = colour(name);
  const common = { label: item.label, data: item.values, swatch: value };
  if (type === "bar") {
    const last = (context) => context.dataIndex === open;
    return [
      {
        ...common,
        backgroundColor: (context) => (last(context) ? hatch(name) : value),
        borderColor: value,
        borderWidth: (context) => (last(context) ? 1 : 0),
        borderRadius: 2,
        maxBarThickness: 28,
        categoryPercentage: 0.9,
        barPercentage: 0.85,
      },
    ];
  }
  return [
    {
      ...common,
      borderColor: value,
      backgroundColor: faint(value),
      fill: seriesCount === 1,
      borderWidth: 2,
      pointRadius: length === 1 ? 3 : 0,
      pointHoverRadius: 4,
      pointBackgroundColor: value,
      pointHoverBackgroundColor: value,
      pointHoverBorderColor: colour("surface"),
      pointHoverBorderWidth: 2,
      spanGaps: false,
      segment: { borderDash: (part) => (part.p1DataIndex === open ? [4, 4] : undefined) },
    },
  ];
}

const sample = (dataset) =>
  svg(
    "svg",
    { viewBox: "0 0 18 8" },
    dataset.borderDash
      ? svg("path", { d: "M0 4H18", stroke: dataset.swatch, "stroke-width": 2, "stroke-dasharray": "4 3" })
      : svg("rect", { width: 18, height: 3, y: 2.5, rx: 1.5, fill: dataset.swatch }),
  );

function options(format, tip, marks, stacked, zero, max, group) {
  const ticks = { color: colour("muted"), font: { size: 12, family: "system-ui, sans-serif" }, padding: 6 };
  return {
    responsive: true,
    maintainAspectRatio: false,
    normalized: true,
    animation: still.matches ? false : { duration: 160 },
    interaction: { mode: "index", intersect: false },
    layout: { padding: { top: 4, right: 2 } },
    scales: {
      x: {
        type: "time",
        stacked,
        // Weeks and months begin where the data say; of days the scale chooses.
        time: { minUnit: group === "hour" ? "hour" : "day" },
        grid: { display: false },
        border: { display: false },
        ticks: {
          ...ticks,
          source: group === "day" ? "auto" : "data",
          maxRotation: 0,
          autoSkipPadding: 24,
          callback: (time) => tick(time, group),
        },
      },
      y: {
        stacked,
        beginAtZero: zero,
        max,
        grace: marks.list.length ? "12%" : 0,
        grid: { color: colour("grid"), drawTicks: false },
        border: { display: false },
        ticks: {
          ...ticks,
          maxTicksLimit: 5,
          ...(WHOLE.has(format) ? { precision: 0 } : {}),
          callback: (value) => format(value),
        },
      },
    },
    plugins: {
      legend: { display: false },
      tooltip: { enabled: false, external: tip },
      markers: marks,
    },
  };
}

function update(chart, times, datasets, tip, marks) {
  chart.data.labels = times;
  datasets.forEach((dataset, index) => Object.assign(chart.data.datasets[index], dataset));
  chart.options.plugins.tooltip.external = tip;
  Object.assign(chart.options.plugins.markers, marks);
  chart.update("none");
}

/** After the colours have changed. */
export function repaint() {
  hatches = new Map();
  for (const { chart } of charts.values()) chart.destroy();
  charts.clear();
}
