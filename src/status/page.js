"use strict";

// The page draws the figures that came with it, and asks for new ones every two seconds while it is
// looked at. Nothing is put into the document but text nodes and elements made here.

(() => {
  const PERIOD = 2000;
  const WINDOW = 600;  // seconds that the charts show
  const SVG = "http://www.w3.org/2000/svg";

  const KINDS = [
    ["hit", "Hit"], ["stale", "Stale"], ["expired", "Expired"], ["miss", "Miss"],
    ["bypass", "Bypass"], ["down", "Down"],
  ];
  const STAGES = [
    ["lookup", "Not looked up"], ["hit", "Looked up, not a fresh hit"], ["store", "Not stored"],
  ];
  const WHY = {
    "method": "not one of mcache_methods",
    "ignored": "matches mcache_ignore",
    "bypass": "mcache_bypass",
    "request-body": "the request has a body",
    "body-too-large": "the request's body is larger than client_body_buffer_size",
    "request-header": "the request's Cache-Control or Pragma",
    "upgrade": "a connection upgrade",
    "no-key": "mcache_key is empty",
    "internal-redirect": "redirected inside nginx",
    "miss": "it was not there",
    "vary-miss": "the page is there, this variant is not",
    "expired": "its freshness had ended",
    "purged": "purged by tag, beginning or softly",
    "stale": "served past its freshness",
    "only-if-cached": "the client wanted it cached or not at all",
    "down": "memcached was not there",
    "timeout": "memcached did not answer in time",
    "garbage": "what memcached answered could not be read",
    "refused": "memcached answered with an error",
    "key-mismatch": "the item is another page's",
    "foreign-flags": "an item of another format",
    "lock-timeout": "waited for all of mcache_lock_timeout",
    "part-missing": "a part of a large page is gone",
    "busy": "large_buffers is all taken",
    "mcache-no-store": "mcache_no_store",
    "store-off": "mcache_store off",
    "min-uses": "asked for less than mcache_min_uses times",
    "range-offset": "beyond mcache_max_range_offset",
    "other-location": "another location's page",
    "raw-format": "mcache_format raw cannot hold it",
    "status": "its status is not stored",
    "partial-content": "a 206",
    "set-cookie": "it sets a cookie",
    "private": "Cache-Control: private",
    "no-store": "Cache-Control: no-store",
    "no-cache": "Cache-Control: no-cache",
    "authorization": "the request had credentials",
    "accel-expires": "X-Accel-Expires: 0",
    "no-freshness": "no lifetime: neither the response nor mcache_valid says one",
    "already-stale": "it was stale when it came",
    "vary-star": "Vary: *",
    "vary-too-long": "Vary names too many fields",
    "vary-invalid": "Vary names what is no field",
    "tags": "too many or illegal tags",
    "purge-log": "the log of purges could not be read",
    "header-invalid": "a field's name, or its Content-Length, is not one",
    "too-large": "larger than mcache_max_size or an item",
    "stream": "an event stream, or unbuffered and without a length",
    "incomplete": "the response did not come to its end",
    "trailers": "it has trailers",
    "out-of-memory": "nginx had no memory",
  };

  // ---- small tools

  function make(name, props, ...children) {
    const el = document.createElement(name);
    for (const [key, value] of Object.entries(props || {})) {
      if (key in el) el[key] = value; else el.setAttribute(key, value);
    }
    el.append(...children);
    return el;
  }

  function draw(name, attributes, ...children) {
    const el = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, value);
    el.append(...children);
    return el;
  }

  const sum = (object) => Object.values(object).reduce((a, b) => a + b, 0);

  function count(n) {
    if (n < 10000) return n < 10 && n % 1 ? n.toFixed(1) : String(Math.round(n));
    for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
      if (n >= size) return (n / size).toFixed(n / size < 100 ? 1 : 0) + unit;
    }
    return String(n);
  }

  function bytes(n) {
    for (const [unit, size] of [["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 1024]]) {
      if (n >= size) return (n / size).toFixed(n / size < 100 ? 1 : 0) + " " + unit;
    }
    return Math.round(n) + " B";
  }

  function percent(part, whole) {
    if (!whole) return "–";
    const p = 100 * part / whole;
    return (p === 100 || p === 0 ? p : p > 99.9 ? p.toFixed(2) : p.toFixed(1)) + "%";
  }

  function micros(us) {
    if (us === null) return "–";
    return us < 1000 ? Math.round(us) + " µs" : (us / 1000).toFixed(us < 10000 ? 1 : 0) + " ms";
  }

  function span(seconds) {
    const s = Math.max(0, Math.round(seconds));
    if (s < 120) return s + " s";
    if (s < 7200) return Math.round(s / 60) + " min";
    return s < 172800 ? Math.round(s / 3600) + " h" : Math.round(s / 86400) + " days";
  }

  const clock = (time) => new Date(time * 1000).toLocaleTimeString();

  // The value below which a part of the measured latencies lies, between two bounds by proportion.
  function quantile(latency, part) {
    let left = latency.count * part;
    if (!latency.count) return null;
    for (let i = 0; i < latency.bounds_us.length; ++i) {
      const n = latency.buckets[i], low = i ? latency.bounds_us[i - 1] : 0;
      if (n >= left) return low + (latency.bounds_us[i] - low) * (n ? left / n : 0);
      left -= n;
    }
    return latency.bounds_us[latency.bounds_us.length - 1];
  }

  // ---- what happened in the last minutes

  function nowPoint(figures) {
    const r = figures.requests;
    const servers = figures.pools.flatMap((pool) => pool.servers);
    const all = (read) => servers.reduce((total, server) => total + read(server), 0);
    return {
      time: figures.time, hit: r.hit, miss: r.miss, bypass: r.bypass, stale: r.stale + r.updating,
      expired: r.expired + r.revalidated, down: r.down,
      served_bytes: figures.served_bytes, spared_bytes: figures.spared_bytes,
      latency_count: all((s) => s.latency.count), latency_us: all((s) => s.latency.sum_us),
    };
  }

  // Per second between one point and the next; counters that began anew count from zero.
  function steps(figures) {
    const { columns, points } = figures.history;
    const all = points.map((point) => Object.fromEntries(columns.map((name, i) => [name, point[i]])));
    const now = nowPoint(figures);
    if (!all.length || now.time > all[all.length - 1].time) all.push(now);
    const out = [];
    for (let i = 1; i < all.length; ++i) {
      const seconds = all[i].time - all[i - 1].time;
      if (seconds <= 0 || all[i].time < figures.time - WINDOW) continue;
      const step = { time: all[i].time, from: all[i - 1].time, seconds };
      for (const name of Object.keys(now)) {
        if (name !== "time") step[name] = Math.max(0, all[i][name] - all[i - 1][name]);
      }
      out.push(step);
    }
    return out;
  }

  const requestsOf = (step) => KINDS.reduce((total, [kind]) => total + step[kind], 0);
  const fromCache = (step) => step.hit + step.stale;
  const total = (list, read) => list.reduce((sum_, step) => sum_ + read(step), 0);

  // ---- the page's frame, made once

  const main = document.getElementById("main");
  const hidden = new Set();
  let figures = JSON.parse(document.getElementById("figures").textContent);
  let list = [];
  let paused = false;
  let failedSince = 0;
  let received = Date.now();

  const mark = draw("svg", { viewBox: "0 0 16 16", class: "mark", "aria-hidden": "true" },
    draw("rect", { width: 16, height: 16, rx: 4, class: "c-hit" }),
    draw("path", { d: "M3 11l3-4 3 2 4-5", fill: "none", stroke: "#fff", "stroke-width": 2,
                   "stroke-linecap": "round", "stroke-linejoin": "round" }));
  const host = make("span", { className: "host" });
  const health = make("span", { className: "pill", role: "status" });
  const when = make("span", { className: "when" });
  const pause = make("button", { type: "button", textContent: "Pause" });
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
    pause.setAttribute("aria-pressed", String(paused));
    tellWhen();
    if (!paused) poll();
  });

  function tile(label) {
    const value = make("span", { className: "value" });
    const sub = make("span", { className: "sub" });
    const spark = draw("svg", { "aria-hidden": "true", preserveAspectRatio: "none", viewBox: "0 0 100 34" });
    return { value, sub, spark, el: make("section", { className: "card tile" },
      make("span", { className: "label", textContent: label }), value, sub, spark) };
  }
  const tiles = { ratio: tile("From the cache"), rate: tile("Requests"), spared: tile("Spared the backend"),
                  latency: tile("memcached answers in") };

  const legend = make("div", { className: "legend", role: "group", "aria-label": "What the chart shows" });
  for (const [kind, label] of KINDS) {
    const button = make("button", { type: "button" }, make("i", { className: "c-" + kind }), label);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const show = hidden.delete(kind);
      if (!show) hidden.add(kind);
      button.setAttribute("aria-pressed", String(show));
      drawChart();
    });
    legend.append(button);
  }
  const chart = draw("svg", { role: "img", tabindex: "0" });
  const tip = make("div", { className: "tip", hidden: true });
  const spoken = make("div", { className: "skip", "aria-live": "polite" });
  const chartBox = make("div", { className: "chart" }, chart, tip, spoken);
  const reasons = make("div", { className: "columns" });
  const pools = make("div");
  const keys = make("ol", { className: "bars" });
  const keysCard = card("Hottest keys", "share of the requests of the last minutes, at least", keys);
  const others = make("dl");
  const since = make("span");

  function card(title, note, ...content) {
    return make("section", { className: "card" },
      make("div", { className: "head" }, make("h2", { textContent: title }),
        make("span", { className: "note", textContent: note })), ...content);
  }

  const chartCard = card("Requests per second", "the last ten minutes", chartBox);
  chartCard.firstChild.append(legend);
  const link = (format, text) => make("a", { href: "?format=" + format, textContent: text });
  const links = document.createElement("span");
  links.append(link("json", "JSON"));
  if (document.documentElement.dataset.prometheus !== undefined) {
    links.append(" · ", link("prometheus", "Prometheus"));
  }
  main.append(
    make("header", {}, mark, make("h1", { textContent: "mcache" }), host, health, when, pause),
    make("div", { className: "tiles" }, ...Object.values(tiles).map((each) => each.el)),
    chartCard,
    card("memcached", "", pools),
    make("div", { className: "two" }, keysCard, card("Fills, locks and purges", "", others)),
    card("Why not from the cache", "by what $mcache_reason says", reasons),
    make("footer", {}, since, links));
  main.lastChild.append(make("span"));

  // ---- drawing

  function drawSpark(svg, read) {
    const end = figures.time, values = list.map((step) => [step.time, read(step)]).filter(([, v]) => v !== null);
    svg.replaceChildren();
    if (values.length < 2) return;
    const top = Math.max(...values.map(([, v]) => v)) || 1;
    const at = ([time, v]) => `${(100 - 100 * (end - time) / WINDOW).toFixed(2)} ${(32 - 30 * v / top).toFixed(2)}`;
    const line = "M" + values.map(at).join("L");
    const x = (pair) => at(pair).split(" ")[0];
    svg.append(draw("path", { class: "sparkfill", d: `${line}L${x(values[values.length - 1])} 34L${x(values[0])} 34Z` }),
               draw("path", { class: "spark", d: line }));
  }

  function setValue(box, text) {
    const [number, ...unit] = text.split(" ");
    box.replaceChildren(number, make("small", { textContent: unit.length ? " " + unit.join(" ") : "" }));
  }

  function drawTiles() {
    const r = figures.requests;
    const recent = list.filter((step) => step.time > figures.time - 12);
    const seconds = total(recent, (step) => step.seconds);
    const requests = total(list, requestsOf), cached = total(list, fromCache);
    const ever = sum(r) - r.aborted;
    setValue(tiles.ratio.value, percent(cached, requests));
    tiles.ratio.sub.textContent = `${percent(r.hit + r.stale + r.updating, ever)} since the start`;
    setValue(tiles.rate.value, (seconds ? count(total(recent, requestsOf) / seconds) : "–") + " /s");
    tiles.rate.sub.textContent = `${count(ever)} since the start`;
    setValue(tiles.spared.value, bytes(figures.spared_bytes));
    tiles.spared.sub.textContent = seconds
      ? `${bytes(total(recent, (s) => s.spared_bytes) / seconds)}/s now, ${bytes(figures.served_bytes)} sent` : "";
    const n = total(list, (s) => s.latency_count);
    setValue(tiles.latency.value, micros(n ? total(list, (s) => s.latency_us) / n : null));
    const worst = figures.pools.flatMap((pool) => pool.servers).map((s) => quantile(s.latency, 0.99));
    tiles.latency.sub.textContent = n ? `99% within ${micros(Math.max(...worst))}` : "nothing was asked";
    drawSpark(tiles.ratio.spark, (s) => requestsOf(s) ? fromCache(s) / requestsOf(s) : null);
    drawSpark(tiles.rate.spark, (s) => requestsOf(s) / s.seconds);
    drawSpark(tiles.spared.spark, (s) => s.spared_bytes / s.seconds);
    drawSpark(tiles.latency.spark, (s) => s.latency_count ? s.latency_us / s.latency_count : null);
  }

  // Four steps of a round number are at least the value.
  function niceTop(value) {
    const size = 10 ** Math.floor(Math.log10(value / 4 || 1));
    return [4, 8, 12, 20, 40].map((n) => n * size).find((n) => n >= value);
  }

  let area = { left: 46, right: 0, top: 10, bottom: 0 };
  const xOf = (time) => area.right - (area.right - area.left) * (figures.time - time) / WINDOW;

  function drawChart() {
    const width = chartBox.clientWidth, height = chart.clientHeight;
    area = { left: 46, right: width - 2, top: 10, bottom: height - 22 };
    chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const shown = KINDS.filter(([kind]) => !hidden.has(kind));
    const sums = list.map((step) => shown.reduce((n, [kind]) => n + step[kind], 0) / step.seconds);
    const top = niceTop(Math.max(4, ...sums));
    const y = (value) => area.bottom - (area.bottom - area.top) * value / top;
    chart.replaceChildren();
    for (let i = 0; i <= 4; ++i) {
      const at = y(top * i / 4);
      chart.append(draw("line", { class: "grid", x1: area.left, x2: area.right, y1: at, y2: at }),
                   draw("text", { x: area.left - 8, y: at + 4, "text-anchor": "end" }, count(top * i / 4)));
    }
    const narrow = width < 480;
    for (let minutes = 10; minutes >= 0; minutes -= narrow ? 5 : 2) {
      const x = xOf(figures.time - minutes * 60);
      chart.append(draw("text", { x, y: height - 5, "text-anchor": minutes === 0 ? "end" : minutes === 10 ? "start" : "middle" },
        minutes === 0 ? "now" : `−${minutes} min`));
    }
    let below = list.map(() => 0);
    for (const [kind] of shown) {
      const above = below.map((value, i) => value + list[i][kind] / list[i].seconds);
      if (above.some((value, i) => value > below[i])) {
        const left = Math.max(area.left, list.length ? xOf(list[0].from) : 0);
        const go = (values) => values.map((v, i) => [Math.max(area.left, xOf(list[i].time)).toFixed(1), y(v).toFixed(1)]);
        const upper = go(above), lower = go(below).reverse();
        upper.unshift([left.toFixed(1), upper[0][1]]);
        lower.push([left.toFixed(1), lower[lower.length - 1][1]]);
        chart.append(draw("path", { class: `area c-${kind}`, d: "M" + upper.concat(lower).map((p) => p.join(" ")).join("L") + "Z" }));
      }
      below = above;
    }
    const requests = total(list, requestsOf);
    chart.setAttribute("aria-label", requests
      ? `Requests of the last ten minutes: ${count(requests)}, of which ` +
        KINDS.filter(([kind]) => total(list, (s) => s[kind])).map(([kind, label]) =>
          `${percent(total(list, (s) => s[kind]), requests)} ${label}`).join(", ") + ". Arrow keys go through time."
      : "No requests in the last ten minutes.");
    drawCursor();
  }

  let cursor = null;  // a time

  function drawCursor() {
    chart.querySelector(".cursor")?.remove();
    tip.hidden = cursor === null || !list.length;
    if (tip.hidden) return;
    const step = list.reduce((best, each) => Math.abs(each.time - cursor) < Math.abs(best.time - cursor) ? each : best);
    const x = xOf(step.time);
    chart.append(draw("line", { class: "cursor", x1: x, x2: x, y1: area.top, y2: area.bottom }));
    const rows = [make("b", { textContent: clock(step.time) })];
    for (const [kind, label] of KINDS) {
      if (step[kind]) rows.push(make("span", { textContent: label }),
                                make("span", { className: "num", textContent: count(step[kind] / step.seconds) + " /s" }));
    }
    rows.push(make("span", { textContent: "From the cache" }),
              make("span", { className: "num", textContent: percent(fromCache(step), requestsOf(step)) }));
    tip.replaceChildren(...rows);
    const room = chartBox.clientWidth - tip.offsetWidth;
    tip.style.left = Math.max(0, Math.min(room, x > chartBox.clientWidth / 2 ? x - tip.offsetWidth - 12 : x + 12)) + "px";
  }

  chart.addEventListener("pointermove", (event) => {
    const x = event.clientX - chart.getBoundingClientRect().left;
    cursor = figures.time - WINDOW * (area.right - x) / (area.right - area.left);
    drawCursor();
  });
  chart.addEventListener("pointerleave", () => { cursor = null; drawCursor(); });
  chart.addEventListener("blur", () => { cursor = null; drawCursor(); });
  chart.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -12, PageDown: 12 }[event.key];
    if (event.key === "Escape") cursor = null;
    else if (event.key === "Home" && list.length) cursor = list[0].time;
    else if (event.key === "End") cursor = figures.time;
    else if (by && list.length) {
      const at = cursor === null ? list.length : list.findIndex((step) => step.time >= cursor);
      cursor = list[Math.max(0, Math.min(list.length - 1, (at < 0 ? list.length - 1 : at) + by))].time;
    } else return;
    event.preventDefault();
    drawCursor();
    spoken.textContent = cursor === null ? "" : [...tip.children].map((el) => el.textContent).join(" ");
  });

  function bars(ol, rows, empty) {
    const top = Math.max(...rows.map((row) => row.size));
    ol.replaceChildren(...rows.map((row) => {
      const fill = make("span", { className: "fill" });
      fill.style.width = 100 * row.size / top + "%";
      const item = make("li", {}, fill, make("span", { className: "row" },
        make("span", { className: row.mono ? "mono" : "", textContent: row.name }), make("span", { textContent: row.value })));
      if (row.why) item.append(make("div", { className: "why", textContent: row.why }));
      return item;
    }));
    if (!rows.length) ol.append(make("li", { className: "none", textContent: empty }));
  }

  function drawReasons() {
    reasons.replaceChildren(...STAGES.map(([stage, title]) => {
      const rows = Object.entries(figures.reasons[stage]).filter(([, n]) => n)
        .sort((a, b) => b[1] - a[1]).slice(0, 6)
        .map(([name, n]) => ({ name, size: n, value: count(n), why: WHY[name] }));
      const ol = make("ol", { className: "bars" });
      bars(ol, rows, "none");
      return make("div", {}, make("h3", { textContent: title }), ol);
    }));
  }

  function serverRow(server) {
    const says = server.stats, gets = server.gets, lacks = server.lacks;
    const failures = sum(server.command_failures);
    const memory = make("td");
    if (says) {
      const used = make("i");
      used.style.width = Math.min(100, 100 * says.memory_bytes / (says.memory_limit_bytes || 1)) + "%";
      memory.append(make("span", { className: "memory" }, used),
                    `${bytes(says.memory_bytes)} of ${bytes(says.memory_limit_bytes)}`);
    } else memory.append("–");
    const cell = (text, bad) => make("td", { className: bad ? "bad" : "", textContent: text });
    return make("tr", {},
      make("th", { scope: "row" }, make("span", { className: server.in_use ? "dot" : "dot bad" }), " ",
        make("span", { className: "mono", textContent: server.name })),
      cell(server.in_use ? (lacks.length ? `lacks ${lacks.join(", ")}` : "in use") : "down", !server.in_use || lacks.length > 0),
      cell(count(gets.hit + gets.miss)), cell(percent(gets.hit, gets.hit + gets.miss)),
      cell(`${micros(quantile(server.latency, 0.5))} / ${micros(quantile(server.latency, 0.99))}`),
      cell(count(server.stores.stored)), cell(count(failures), failures > 0), memory,
      cell(says ? count(says.items) : "–"), cell(says ? count(says.evictions) : "–", says && says.evictions > 0),
      cell(count(server.connections)));
  }

  const HEADS = ["Server", "", "Gets", "Found", "Latency 50 / 99%", "Stores", "Failures", "Memory", "Items", "Evictions", "Connections"];

  function drawPools() {
    pools.replaceChildren(...figures.pools.map((pool) => {
      const box = make("div", { className: "scroll", tabIndex: 0, role: "region" },
        make("table", {}, make("thead", {}, make("tr", {}, ...HEADS.map((head) => make("th", { scope: "col", textContent: head })))),
          make("tbody", {}, ...pool.servers.map(serverRow))));
      box.setAttribute("aria-label", `Servers of pool ${pool.name}`);
      return make("div", { className: figures.pools.length > 1 ? "pool" : "" }, make("h3", { textContent: `Pool ${pool.name}` }), box);
    }));
    const servers = figures.pools.flatMap((pool) => pool.servers);
    const down = servers.filter((server) => !server.in_use).length;
    const text = down ? `${down} of ${servers.length} memcached down`
                      : servers.length === 1 ? "memcached in use" : `all ${servers.length} memcached in use`;
    if (health.textContent !== text) health.replaceChildren(make("span", { className: down ? "dot bad" : "dot" }), text);
  }

  function drawOthers() {
    const f = figures, stores = { stored: 0, declined: 0, refused: 0, failed: 0, dropped: 0 };
    for (const server of f.pools.flatMap((pool) => pool.servers)) {
      for (const [name, n] of Object.entries(server.stores)) stores[name] += n;
    }
    const rows = [
      ["Fills under way", count(f.fills_in_flight)],
      ["Fills", count(f.fills)],
      ["Background refreshes", count(f.background_refreshes)],
      ["Stale pages served", count(f.requests.stale + f.requests.updating)],
      ["Waits for another's fill", count(f.lock_waits)],
      ["Waits in vain", count(f.lock_timeouts)],
      ["Stores done", count(stores.stored)],
      ["Stores declined, as the page had changed", count(stores.declined)],
      ["Stores refused, failed, dropped", [stores.refused, stores.failed, stores.dropped].map(count).join(" · ")],
      ["Purges of pages, beginnings, tags", [f.purges.page, f.purges.prefix, f.purges.tag].map(count).join(" · ")],
      ["Purges by POST and the like", count(f.purges.method)],
      ["Large pages sent", count(f.large_pages.sent)],
    ];
    const local = sum(f.local_pages);
    if (local) rows.push(["Found in the local tier", percent(f.local_pages.hit, local)], ["Memory of the local tier", bytes(f.local_bytes)]);
    if (f.large_pages.broken) rows.push(["Large pages that broke off", count(f.large_pages.broken)]);
    if (f.purge_failures) rows.push(["Purges that failed", count(f.purge_failures)]);
    if (f.requests.aborted) rows.push(["Clients that left early", count(f.requests.aborted)]);
    others.replaceChildren(...rows.flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", { textContent: value })]));
  }

  function drawKeys() {
    keysCard.hidden = !figures.hot_keys;
    if (!figures.hot_keys) return;
    bars(keys, figures.hot_keys.map((seen) => ({
      name: seen.key + (seen.cut ? "…" : ""), size: seen.share, value: percent(seen.share, 1), mono: true })), "no requests yet");
  }

  function tellWhen() {
    const age = (Date.now() - received) / 1000;
    when.className = failedSince ? "when bad" : "when";
    when.textContent = failedSince ? `no answer; figures of ${span(age)} ago` : paused ? `paused at ${clock(figures.time)}` : `live, ${clock(figures.time)}`;
  }

  function drawAll() {
    list = steps(figures);
    host.textContent = figures.host;
    document.title = `${percent(total(list, fromCache), total(list, requestsOf))} · mcache · ${figures.host}`;
    for (const part of [drawTiles, drawChart, drawPools, drawKeys, drawOthers, drawReasons, tellWhen]) part();
    since.textContent = `Counting for ${span(figures.time - figures.since)}, since ${new Date(figures.since * 1000).toLocaleString()}. ` +
                        `nginx ${figures.nginx}, ${figures.workers} ${figures.workers === 1 ? "worker" : "workers"}.`;
  }

  // ---- new figures

  let timer = 0;

  async function poll() {
    clearTimeout(timer);
    if (paused || document.hidden) return;
    try {
      const answer = await fetch("?format=json", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      figures = await answer.json();
      received = Date.now();
      failedSince = 0;
      if (!paused) drawAll();
    } catch {
      failedSince = failedSince || Date.now();
      tellWhen();
    }
    clearTimeout(timer);
    timer = setTimeout(poll, failedSince ? 5 * PERIOD : PERIOD);
  }

  document.addEventListener("visibilitychange", poll);
  new ResizeObserver(() => drawChart()).observe(chartBox);
  drawAll();
  timer = setTimeout(poll, PERIOD);
})();
