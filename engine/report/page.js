"use strict";
(function () {
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);

  // Theme: what the system says, until the button says otherwise.
  const theme = $("theme");
  const themes = ["auto", "light", "dark"];
  const setTheme = (name) => {
    root.dataset.theme = name;
    theme.lastElementChild.textContent = name;
    try { localStorage.setItem("sot-theme", name); } catch { /* a page from a file may have no storage */ }
    draw();
  };
  let draw = () => {};
  theme.hidden = false;
  theme.addEventListener("click", () => setTheme(themes[(themes.indexOf(root.dataset.theme) + 1) % 3]));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());

  const element = $("data");
  const data = element && JSON.parse(element.textContent);
  if (data) timeline(data);
  try {
    const kept = localStorage.getItem("sot-theme");
    if (themes.includes(kept)) setTheme(kept);
  } catch { /* as above */ }

  function timeline(data) {
    const box = $("timeline"), canvas = box.firstElementChild, tip = $("tip"), told = $("task"), find = $("find"), found = $("found");
    $("timeline-box").hidden = false;
    const context = canvas.getContext("2d");
    const spans = data.spans.map(([name, rule, row, start, end, batch, estimate, victim, critical], at) =>
      ({ at, name: name || data.rules[rule], rule: data.rules[rule], row, start, end, batch, estimate, victim, critical, match: false }));
    const rows = data.workers.map(() => []);
    spans.forEach((s) => rows[s.row].push(s));
    rows.forEach((r) => r.sort((a, b) => a.start - b.start));
    const chain = spans.filter((s) => s.critical).sort((a, b) => a.start - b.start);
    const total = data.makespan > 0 ? data.makespan : 1;
    const least = total / 1e5;
    let from = 0, to = total, selected = null, hovered = null, searching = false;
    let width = 0, gutter = 0, rowHeight = 0, top = 0, colors = {};

    // Batches in the legend, by the colours that they have.
    const batches = [...new Set(spans.map((s) => s.batch))].sort((a, b) => a - b);
    const legend = $("legend");
    const entry = (kind, text) => {
      const li = document.createElement("li"), i = document.createElement("i");
      i.className = kind;
      li.append(i, text);
      legend.append(li);
    };
    batches.slice(0, 24).forEach((b) => entry("b" + b % 10, "batch " + b));
    if (batches.length > 24) entry("", "and " + (batches.length - 24) + " more");
    if (chain.length) entry("outline", "on the critical path");
    if (spans.some((s) => s.victim >= 0)) entry("corner", "stolen");

    const seconds = (s) => {
      const digits = (x) => x < 99.995 ? x.toFixed(2) : x < 999.5 ? x.toFixed(1) : x.toFixed(0);
      return s === 0 ? "0 s" : s < 0.0009995 ? digits(s * 1e6) + " µs" : s < 0.9995 ? digits(s * 1e3) + " ms" : digits(s) + " s";
    };

    function layout() {
      const style = getComputedStyle(root);
      for (const name of ["bg", "card", "text", "muted", "line", "track", "accent", "critical", "b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "b9"]) {
        colors[name] = style.getPropertyValue("--" + name).trim();
      }
      width = box.clientWidth;
      gutter = width < 560 ? 34 : 92;
      rowHeight = Math.max(9, Math.min(30, Math.floor(620 / rows.length)));
      top = chain.length ? rowHeight + 8 : 0;
      const height = top + rows.length * rowHeight + 40, ratio = devicePixelRatio || 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = height + "px";
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
    }

    const x = (time) => gutter + (time - from) / (to - from) * (width - gutter - 1);
    const time = (px) => from + (px - gutter) / (width - gutter - 1) * (to - from);

    // first returns the position of the first span of a row that ends after a time.
    function first(row, after) {
      let lo = 0, hi = row.length;
      while (lo < hi) {
        const mid = (lo + hi) >> 1;
        if (row[mid].end <= after) lo = mid + 1; else hi = mid;
      }
      return lo;
    }

    function drawRow(row, y, outlined) {
      const h = rowHeight - 3;
      let drawn = -1;
      for (let i = first(row, from); i < row.length && row[i].start < to; i++) {
        const s = row[i];
        const a = Math.max(gutter, x(s.start)), b = Math.min(width - 1, x(s.end));
        if (b < drawn && b - a < 1) continue; // below a pixel that is drawn already
        const w = Math.max(1, b - a - (b - a > 4 ? 1 : 0));
        context.globalAlpha = searching && !s.match ? 0.18 : 1;
        context.fillStyle = colors["b" + s.batch % 10];
        context.fillRect(a, y, w, h);
        drawn = a + 1;
        if (s.victim >= 0 && w > 7 && h > 12) {
          context.fillStyle = "#101418";
          context.beginPath();
          context.moveTo(a, y); context.lineTo(a + 7, y); context.lineTo(a, y + 7);
          context.fill();
        }
        if (w > 34 && h > 13) {
          context.fillStyle = "#101418";
          context.save();
          context.beginPath(); context.rect(a, y, w - 3, h); context.clip();
          context.fillText(s.name, a + 9, y + h / 2 + 0.5);
          context.restore();
        }
        if (outlined && s.critical && w > 6) {
          context.strokeStyle = colors.critical;
          context.lineWidth = 2;
          context.strokeRect(a + 1, y + 1, w - 2, h - 2);
        } else if (outlined && s.critical) {
          context.fillStyle = colors.critical;
          context.fillRect(a, y + h - 2, w, 3);
        }
        context.globalAlpha = 1;
        if (s === selected || s === hovered) {
          context.strokeStyle = colors.accent;
          context.lineWidth = s === selected ? 3 : 2;
          context.strokeRect(a - 0.5, y - 0.5, w + 1, h + 1);
        }
      }
    }

    function step(range, marks) {
      const rough = range / marks, power = 10 ** Math.floor(Math.log10(rough));
      return [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
    }

    function axis(y) {
      const marks = Math.max(2, Math.floor((width - gutter) / 76)), by = step(to - from, marks);
      const decimals = Math.max(0, Math.ceil(-Math.log10(by)));
      const unit = to >= 1 ? [1, "s"] : to >= 0.001 ? [1e3, "ms"] : [1e6, "µs"];
      context.fillStyle = colors.muted;
      context.textAlign = "center";
      for (let t = Math.ceil(from / by) * by; t <= to + by / 1e6; t += by) {
        const at = x(t);
        context.fillStyle = colors.line;
        context.fillRect(at, 0, 1, y + 4);
        context.fillStyle = colors.muted;
        const text = (t * unit[0]).toFixed(Math.max(0, decimals - Math.log10(unit[0]))) + " " + unit[1];
        const half = context.measureText(text).width / 2;
        context.fillText(text, Math.min(Math.max(at, gutter - 20 + half), width - half - 1), y + 14);
      }
      context.textAlign = "left";
      context.fillStyle = colors.track;
      context.fillRect(gutter, y + 29, width - gutter - 1, 6);
      context.fillStyle = colors.accent;
      const a = gutter + from / total * (width - gutter - 1), b = gutter + to / total * (width - gutter - 1);
      context.fillRect(a, y + 29, Math.max(3, b - a), 6);
    }

    function paint() {
      pending = false;
      layout();
      context.fillStyle = colors.card;
      context.fillRect(0, 0, width, canvas.height);
      context.font = "12px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
      context.textBaseline = "middle";
      const bottom = top + rows.length * rowHeight;
      axis(bottom);
      if (chain.length) {
        context.fillStyle = colors.text;
        context.fillText(gutter < 60 ? "path" : "critical path", 0, rowHeight / 2);
        drawRow(chain, 1, false);
      }
      rows.forEach((row, i) => {
        const y = top + i * rowHeight;
        if (rowHeight >= 12 || i % 4 === 0) {
          context.fillStyle = colors.muted;
          context.fillText(gutter < 60 ? "w" + data.workers[i] : "worker " + data.workers[i], 0, y + rowHeight / 2);
        }
        drawRow(row, y + 1, true);
      });
    }

    let pending = false;
    draw = () => {
      if (!pending) {
        pending = true;
        requestAnimationFrame(paint);
      }
    };

    function show(a, b) {
      const range = Math.min(total, Math.max(least, b - a));
      from = Math.max(0, Math.min(a + (b - a - range) / 2, total - range));
      to = from + range;
      draw();
    }
    function zoom(factor, around) {
      const range = Math.min(total, Math.max(least, (to - from) * factor));
      const part = (around - from) / (to - from);
      show(around - part * range, around + (1 - part) * range);
    }
    const middle = () => selected ? Math.min(to, Math.max(from, (selected.start + selected.end) / 2)) : (from + to) / 2;

    function tell(s) {
      told.replaceChildren();
      if (!s) {
        told.textContent = "Choose a task to see what is known of it.";
        return;
      }
      const name = document.createElement("b");
      name.textContent = s.name;
      const parts = [];
      if (s.rule && s.rule !== s.name) parts.push("rule " + s.rule);
      parts.push("worker " + data.workers[s.row], "batch " + s.batch, "took " + seconds(s.end - s.start), "from " + seconds(s.start) + " to " + seconds(s.end));
      if (s.estimate > 0) {
        const off = (s.end - s.start) > 0 ? 100 * (s.estimate / (s.end - s.start) - 1) : 0;
        parts.push("estimated " + seconds(s.estimate) + (Math.abs(off) >= 0.05 ? " (" + (off > 0 ? "+" : "−") + Math.abs(off).toFixed(1) + " %)" : ""));
      }
      parts.push(s.victim >= 0 ? "stolen from worker " + s.victim : "not stolen");
      if (s.critical) parts.push("on the critical path");
      told.append(name, document.createElement("br"), parts.join(" · "));
    }
    function select(s) {
      if (!s) return;
      selected = s;
      const range = to - from;
      if (s.end < from || s.start > to || (s.end - s.start < range && (s.start < from || s.end > to))) {
        show((s.start + s.end - range) / 2, (s.start + s.end + range) / 2);
      }
      tell(s);
      draw();
    }
    const nearest = (row, t) => row.length === 0 ? null : row.reduce((best, s) => {
      const off = (q) => q.start <= t && t <= q.end ? 0 : Math.min(Math.abs(q.start - t), Math.abs(q.end - t));
      return off(s) <= off(best) ? s : best; // at a border, the one that begins there
    });

    function hit(event) {
      const rect = canvas.getBoundingClientRect(), px = event.clientX - rect.left, py = event.clientY - rect.top;
      if (px < gutter) return null;
      const i = Math.floor((py - top) / rowHeight);
      const row = chain.length && py < rowHeight ? chain : rows[i];
      if (!row || (py < top && row !== chain)) return null;
      const slack = (to - from) / (width - gutter) * 2, t = time(px);
      for (let k = first(row, t - slack); k < row.length && row[k].start <= t + slack; k++) {
        if (t <= row[k].end + slack) return row[k];
      }
      return null;
    }

    // Pointers: one drags, two pinch; a press that does not move chooses.
    const pointers = new Map();
    let moved = 0;
    box.addEventListener("pointerdown", (e) => {
      pointers.set(e.pointerId, e.clientX);
      moved = 0;
      box.setPointerCapture(e.pointerId);
    });
    box.addEventListener("pointermove", (e) => {
      if (!pointers.has(e.pointerId)) {
        const s = hit(e);
        if (s !== hovered) { hovered = s; draw(); }
        tip.hidden = !s;
        if (s) {
          const rect = box.getBoundingClientRect();
          tip.textContent = s.name + " · " + seconds(s.end - s.start);
          const left = e.clientX - rect.left + 12;
          tip.style.left = Math.max(0, Math.min(left, width - tip.offsetWidth - 2)) + "px";
          tip.style.top = e.clientY - rect.top + 18 + "px";
        }
        return;
      }
      const before = [...pointers.values()], old = pointers.get(e.pointerId);
      pointers.set(e.pointerId, e.clientX);
      moved += Math.abs(e.clientX - old);
      tip.hidden = true;
      if (pointers.size === 2) {
        const now = [...pointers.values()], gap = (v) => Math.max(20, Math.abs(v[0] - v[1]));
        zoom(gap(before) / gap(now), time((now[0] + now[1]) / 2 - canvas.getBoundingClientRect().left));
      } else if (moved > 3) {
        box.classList.add("moving");
        const by = (old - e.clientX) / (width - gutter) * (to - from);
        show(from + by, to + by);
      }
    });
    const release = (e) => {
      if (!pointers.delete(e.pointerId)) return;
      box.classList.remove("moving");
      if (e.type === "pointerup" && moved <= 3) select(hit(e));
    };
    box.addEventListener("pointerup", release);
    box.addEventListener("pointercancel", release);
    box.addEventListener("pointerleave", () => { tip.hidden = true; hovered = null; draw(); });
    box.addEventListener("dblclick", (e) => zoom(0.4, time(e.clientX - canvas.getBoundingClientRect().left)));
    box.addEventListener("wheel", (e) => {
      if (e.ctrlKey || e.metaKey) {
        e.preventDefault();
        zoom(Math.exp(Math.max(-60, Math.min(60, e.deltaY)) / 150), time(e.clientX - canvas.getBoundingClientRect().left));
      } else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
        e.preventDefault();
        const by = (e.deltaX || e.deltaY) / (width - gutter) * (to - from);
        show(from + by, to + by);
      }
    }, { passive: false });

    const along = (row, by) => {
      if (!selected) return nearest(row, from);
      const i = row.indexOf(selected);
      return i < 0 ? nearest(row, selected.start) : row[Math.max(0, Math.min(row.length - 1, i + by))];
    };
    const across = (by) => {
      if (!selected) return rows[0][0] || spans[0];
      const t = Math.max(selected.start, Math.min((selected.start + selected.end) / 2, to));
      for (let i = selected.row + by; i >= 0 && i < rows.length; i += by) {
        if (rows[i].length) return nearest(rows[i], t);
      }
      return selected;
    };
    const keys = {
      ArrowRight: () => select(selected ? along(rows[selected.row], 1) : across(1)),
      ArrowLeft: () => select(selected ? along(rows[selected.row], -1) : across(1)),
      ArrowDown: () => select(across(1)),
      ArrowUp: () => select(across(-1)),
      Home: () => select(rows[selected ? selected.row : 0][0]),
      End: () => select(rows[selected ? selected.row : 0].at(-1)),
      c: () => { if (chain.length) select(along(chain, chain.includes(selected) && selected !== chain.at(-1) ? 1 : selected === chain.at(-1) ? -chain.length : 0)); },
      "+": () => zoom(0.6, middle()), "=": () => zoom(0.6, middle()), "-": () => zoom(1 / 0.6, middle()),
      0: () => show(0, total),
      Escape: () => { selected = null; tell(null); draw(); },
    };
    box.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || !Object.hasOwn(keys, e.key)) return;
      e.preventDefault();
      keys[e.key]();
    });

    const actions = {
      in: () => zoom(0.6, middle()), out: () => zoom(1 / 0.6, middle()), all: () => show(0, total),
      critical: () => {
        if (!chain.length) return;
        const end = Math.max(...chain.map((s) => s.end)), pad = (end - chain[0].start) * 0.03;
        show(chain[0].start - pad, end + pad);
        select(chain[0]);
      },
    };
    document.querySelectorAll("[data-do]").forEach((b) => b.addEventListener("click", () => actions[b.dataset.do]()));
    if (!chain.length) document.querySelector("[data-do=critical]").hidden = true;
    find.addEventListener("input", () => {
      const text = find.value.trim().toLowerCase();
      searching = text !== "";
      let n = 0;
      spans.forEach((s) => {
        s.match = searching && (s.name.toLowerCase().includes(text) || s.rule.toLowerCase().includes(text));
        n += s.match;
      });
      found.textContent = searching ? n + (n === 1 ? " task" : " tasks") : "";
      draw();
    });
    find.addEventListener("keydown", (e) => {
      if (e.key === "Enter") { select(spans.find((s) => s.match)); box.focus(); }
    });

    tell(null);
    new ResizeObserver(draw).observe(box);
    draw();
  }
})();
