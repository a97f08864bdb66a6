// The page: filters, charts, tables. Text from the data goes into it as text, never as HTML.
(function () {
  'use strict';

  const data = JSON.parse(document.getElementById('data').textContent);
  const shown = { series: new Set(data.series.keys()), name: '', pattern: '', proof: 'all', measure: 'gap', sort: null };
  const drawn = new Map();  // element -> its chart
  const byId = (id) => document.getElementById(id);

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  const limits = data.instances.map((_, i) => statistics.best(data, i));
  const cells = data.instances.map((_, i) => data.series.map((_, s) => statistics.cell(data, i, s)));

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    return {
      text: colour('--text'), muted: colour('--muted'), line: colour('--line'), background: colour('--background'),
      font: getComputedStyle(document.body).fontFamily,
      series: [0, 1, 2, 3, 4, 5, 6].map((s) => colour('--s' + s)),
      heat: ['#00224e', '#35456c', '#666970', '#948e77', '#c8b866', '#fee838']
    };
  }

  function proofOf(instance) {
    if (limits[instance].optimal) return 'optimal';
    return limits[instance].bound === null ? 'none' : 'bound';
  }

  function view() {
    const name = shown.name.toLowerCase();
    return {
      series: [...data.series.keys()].filter((s) => shown.series.has(s)),
      instances: [...data.instances.keys()].filter((i) =>
        data.instances[i].name.toLowerCase().includes(name) &&
        (shown.pattern === '' || data.instances[i].pattern === shown.pattern) &&
        (shown.proof === 'all' || proofOf(i) === shown.proof))
    };
  }

  // ---- charts ----

  function draw(where, option, label) {
    if (drawn.has(where)) drawn.get(where).dispose();
    drawn.delete(where);
    where.textContent = '';
    where.setAttribute('aria-label', label);
    if (option === null) {
      where.append(element('p', { class: 'note' }, 'There is nothing to draw: no run of the selection was complete.'));
      return;
    }
    const chart = echarts.init(where, null, { renderer: 'svg' });
    chart.setOption(option);
    drawn.set(where, chart);
  }

  const percent = (share) => charts.percentText(share);

  function drawSet() {
    const v = view();
    const colours = theme();
    const ends = v.series.map((s) => {
      const values = statistics.profile(data, s, v.instances);
      return values.length === 0 ? '' : `${data.series[s].label}: median ${percent(statistics.median(values))} missing`;
    }).filter((text) => text !== '');
    draw(byId('progress'), charts.progress(data, v, colours), 'Missing gain against time. At the end: ' + ends.join('; '));
    draw(byId('profile'), charts.profile(data, v, colours), 'Performance profile. ' + ends.join('; '));
    fillProgressTable(v);
  }

  function fillProgressTable(v) {
    const grid = statistics.times(data, v.instances);
    const last = grid[grid.length - 1];
    const times = [];
    for (let t = -4; t < 6; ++t) if (grid.length > 0 && 10 ** t >= grid[0] && 10 ** t < 0.99 * last) times.push(10 ** t);
    if (grid.length > 0) times.push(last);
    const head = element('tr', {}, element('th', { class: 'left', scope: 'col' }, 'missing gain after'),
      ...times.map((t) => element('th', { scope: 'col' }, charts.secondsText(t))), element('th', { scope: 'col' }, 'instances'));
    const rows = v.series.map((s) => {
      const curve = times.length === 0 ? [] : statistics.progressCurve(data, s, v.instances, times);
      return element('tr', {}, element('th', { scope: 'row' }, data.series[s].label),
        ...times.map((_, k) => element('td', {}, curve.length === 0 ? '–' : percent(curve[k].missing))),
        element('td', {}, String(statistics.gainful(data, s, v.instances).length)));
    });
    byId('progress-table').replaceChildren(element('thead', {}, head), element('tbody', {}, ...rows));
  }

  function captionOf(i) {
    const of = data.instances[i];
    const limit = limits[i];
    if (limit.kept === null) return 'No run was complete.';
    const efficacy = statistics.efficacy(data, i, limit.kept);
    const from = (by) => by === 'library' ? ', library' : '';
    const best = `Best known ${limit.kept.toFixed(3)} of ${of.total.toFixed(3)}${limit.keptBy === 'library' ? ' (library)' : ''}` +
      (efficacy === null ? '; the given order keeps all that any can. ' : `, efficacy ${efficacy.toFixed(2)} %. `);
    if (limit.optimal) return best + `Proven optimal (${limit.method}${from(limit.boundBy)}).`;
    if (limit.bound === null) return best + 'No bound is known but the row bound.';
    return best + `Bound ${limit.bound.toFixed(3)} (${limit.method}${from(limit.boundBy)}): gap ${percent(limit.gap)}.`;
  }

  // What did not work, in words.
  function troublesOf(i, series) {
    const lines = [];
    for (const s of series) {
      const cell = cells[i][s];
      if (cell.refusal) lines.push(`${data.series[s].label} refused: ${cell.refusal}`);
      for (const run of cell.failures) lines.push(`${data.series[s].label}, seed ${run.seed}, failed: ${run.failure}`);
    }
    return lines;
  }

  // Cards are drawn when they come into sight: a page of sixty is there at once.
  const visible = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) drawCard(entry.target);
  }, { rootMargin: '300px' });

  function drawCard(where) {
    visible.unobserve(where);
    const i = Number(where.dataset.instance);
    draw(where, charts.instance(data, view(), i, theme()), `Efficacy against time on ${data.instances[i].name}. ${captionOf(i)}`);
  }

  function drawInstances() {
    visible.disconnect();
    const v = view();
    const figures = v.instances.map((i) => {
      const of = data.instances[i];
      const chart = element('div', { class: 'chart', role: 'img', 'data-instance': i, 'aria-label': 'not drawn yet' });
      visible.observe(chart);
      return element('figure', {}, element('h3', {}, of.name),
        element('div', { class: 'note' }, `${of.rows} rows × ${of.columns} columns, ${of.pattern}`), chart,
        element('figcaption', {}, captionOf(i), ...troublesOf(i, v.series).map((line) => element('div', { class: 'trouble' }, line))));
    });
    for (const [where, chart] of drawn) {
      if (where.dataset.instance === undefined) continue;
      chart.dispose();
      drawn.delete(where);
    }
    byId('instances').replaceChildren(...figures);
    if (figures.length === 0) byId('instances').append(element('p', { class: 'note' }, 'No instance fits the filters.'));
  }

  // ---- the table ----

  const MEASURES = {
    gap: {
      text: (cell) => cell.gap !== null ? (100 * cell.gap).toFixed(4) + ' %' : '≥ ' + (100 * cell.behind).toFixed(4) + ' %',
      value: (cell) => cell.gap !== null ? cell.gap : cell.behind,
      note: 'Gap: the share of the pruned magnitude between what a run kept and the lowest proven bound. Where no bound is known, “≥” gives what is certain: the distance to the best known value. '
    },
    efficacy: {
      text: (cell) => cell.efficacy === null ? 'none' : cell.efficacy.toFixed(3) + ' %',
      value: (cell) => cell.efficacy === null ? Infinity : -cell.efficacy,
      note: 'Efficacy: 100 · (kept − given order) / (row bound − given order). '
    },
    missing: {
      text: (cell) => cell.missing === null ? 'none' : (100 * cell.missing).toFixed(3) + ' %',
      value: (cell) => cell.missing === null ? Infinity : cell.missing,
      note: 'Missing gain: the share of the best known gain over the given order that a run did not reach. '
    }
  };

  function columns(v) {
    const list = [
      { text: 'instance', left: true, value: (i) => data.instances[i].name },
      { text: 'rows', minor: true, value: (i) => data.instances[i].rows },
      { text: 'columns', minor: true, value: (i) => data.instances[i].columns },
      { text: 'pattern', left: true, minor: true, value: (i) => data.instances[i].pattern },
      { text: 'proof', left: true, value: proofOf }
    ];
    for (const s of v.series) {
      const usable = (i) => cells[i][s].complete > 0;
      list.push({ text: shown.measure === 'gap' ? 'gap' : shown.measure === 'missing' ? 'missing' : 'efficacy', series: s, value: (i) => usable(i) ? MEASURES[shown.measure].value(cells[i][s]) : Infinity });
      list.push({ text: 'time', series: s, time: true, value: (i) => usable(i) ? cells[i][s].seconds : Infinity });
    }
    list.push({ text: 'best known', first: true, value: (i) => limits[i].kept ?? -Infinity });
    list.push({ text: 'bound', value: (i) => limits[i].bound ?? Infinity });
    return list;
  }

  const columnKey = (column) => `${column.series ?? ''}:${column.time ? 'time' : column.series === undefined ? column.text : 'figure'}`;

  function sorted(instances, list) {
    const column = shown.sort && list.find((c) => columnKey(c) === shown.sort.key);
    if (!column) return instances;
    const order = (a, b) => typeof a === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a < b ? -1 : a > b ? 1 : 0;
    return [...instances].sort((a, b) => shown.sort.direction * order(column.value(a), column.value(b)) || a - b);
  }

  function headCell(column) {
    const key = columnKey(column);
    const active = shown.sort && shown.sort.key === key;
    const sign = active ? (shown.sort.direction > 0 ? ' ▲' : ' ▼') : '';
    const button = element('button', { type: 'button' }, column.text + sign);
    button.addEventListener('click', () => {
      shown.sort = { key, direction: active ? -shown.sort.direction : 1 };
      fillTable();
      byId('results').querySelector(`[data-key="${CSS.escape(key)}"] button`).focus();
    });
    const attributes = { scope: 'col', 'data-key': key, 'aria-sort': active ? (shown.sort.direction > 0 ? 'ascending' : 'descending') : 'none' };
    attributes.class = (column.left ? 'left' : '') + (column.minor ? ' minor' : '') + (column.first || (column.series !== undefined && !column.time) ? ' first' : '');
    return element('th', attributes, button);
  }

  function resultCells(i, s, best) {
    const cell = cells[i][s];
    if (cell.complete === 0) {
      const why = cell.refusal ? 'refused' : cell.failures.length > 0 ? 'failed' : 'not run';
      return [element('td', { class: 'none first', colspan: 2 }, why)];
    }
    const isBest = best.includes(s);
    const mark = element('span', { class: 'mark' }, isBest ? '★' : '');
    if (isBest) mark.append(element('span', { class: 'skip' }, 'best'));
    const failed = cell.failures.length > 0 ? ` (${cell.failures.length} of ${cell.runs} failed)` : '';
    return [
      element('td', { class: 'first' + (isBest ? ' best' : ''), 'data-instance': i, 'data-series': s }, mark, MEASURES[shown.measure].text(cell) + failed),
      element('td', { class: isBest ? 'best' : '' }, charts.secondsText(cell.seconds))
    ];
  }

  // A value with the source that it was taken from.
  const sourced = (value, by, more) => value === null ? element('td', { class: 'none ' + more }, 'unknown') :
    element('td', { class: more }, value.toFixed(3), ' ', element('span', { class: 'note' }, by));

  const PROOFS = { optimal: 'optimal', bound: 'bound', none: 'no bound' };

  function fillTable() {
    const v = view();
    const list = columns(v);
    const groups = element('tr', {}, element('td', {}), element('td', { class: 'minor', colspan: 3 }), element('td', {}),
      ...v.series.map((s) => element('th', { scope: 'colgroup', colspan: 2 }, data.series[s].label)),
      element('th', { scope: 'colgroup', colspan: 2 }, 'kept magnitude'));
    const rows = sorted(v.instances, list).map((i) => {
      const of = data.instances[i];
      const best = statistics.bestSeries(data, i, v.series);
      return element('tr', {}, element('th', { scope: 'row' }, of.name), element('td', { class: 'minor' }, String(of.rows)),
        element('td', { class: 'minor' }, String(of.columns)), element('td', { class: 'left minor' }, of.pattern),
        element('td', { class: 'left' }, PROOFS[proofOf(i)]), ...v.series.flatMap((s) => resultCells(i, s, best)),
        sourced(limits[i].kept, limits[i].keptBy, 'first'), sourced(limits[i].bound, limits[i].boundBy, ''));
    });
    byId('results').replaceChildren(element('thead', {}, groups, element('tr', {}, ...list.map(headCell))), element('tbody', {}, ...rows));
    byId('measure-note').textContent = MEASURES[shown.measure].note +
      'Time: seconds until the run found its last improvement. ★ marks the solvers whose median keeps most. Best known and bound are kept magnitudes, from these runs or, where it knows better, from the instance library.';
    fillTroubles(v);
  }

  function fillTroubles(v) {
    const lines = v.instances.flatMap((i) => troublesOf(i, v.series).map((line) => `${data.instances[i].name}: ${line}`));
    const where = byId('troubles');
    where.replaceChildren();
    if (lines.length === 0) return;
    where.append(element('details', {}, element('summary', {}, `${lines.length} cells without a result, and why`),
      element('ul', {}, ...lines.map((line) => element('li', {}, line)))));
  }

  // ---- heat map, head and foot ----

  function drawHeatMaps() {
    const map = data.heatMap;
    byId('heat-maps').hidden = !map;
    byId('heat-note').textContent = data.heatMapNote;
    if (!map) return;
    for (const which of ['before', 'after']) {
      const kept = which === 'before' ? map.keptBefore : map.keptAfter;
      const text = `Keeps ${kept.toFixed(3)} of ${data.instances[map.instance].total.toFixed(3)}: ${percent(kept / data.instances[map.instance].total)}.`;
      byId(`heat-${which}-text`).textContent = text;
      draw(byId('heat-' + which), charts.heatMap(data, which, theme()), `Share of magnitude kept, ${which === 'before' ? 'given order' : 'permuted'}. ${text}`);
    }
  }

  function writeSummary() {
    const runs = data.runs.length;
    const proven = data.instances.filter((_, i) => proofOf(i) === 'optimal').length;
    const broken = data.runs.filter((run) => run.failure).length;
    const budgets = [...new Set(data.series.map((s) => s.timeLimit).filter((t) => t !== null))].map(charts.secondsText);
    const plural = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;
    byId('summary').textContent =
      `${plural(runs, 'run')} of ${plural(data.series.length, 'solver')} on ${plural(data.instances.length, 'instance')}` +
      (budgets.length > 0 ? `, ${budgets.join(' and ')} each` : '') +
      `. ${proven} of ${plural(data.instances.length, 'instance')} proven optimal` +
      (broken > 0 ? `; ${plural(broken, 'run')} failed` : '') + '.' + libraryText();
  }

  // What was taken from the instance library.
  function libraryText() {
    const known = data.instances.filter((of) => of.known);
    if (known.length === 0) return '';
    const kept = limits.filter((limit) => limit.keptBy === 'library').length;
    const bound = limits.filter((limit) => limit.boundBy === 'library').length;
    return ` ${known.length} of the instances are in the instance library, which knows a better value than these runs for ${kept} and a better bound for ${bound}.`;
  }

  function writeMachines() {
    const pieces = [];
    if (data.machines.length > 1) pieces.push(element('p', {}, 'The runs come from more than one machine or program: times do not compare between them.'));
    for (const of of data.machines) {
      const list = element('dl', {});
      const entry = (name, text) => { if (text) list.append(element('dt', {}, name), element('dd', {}, text)); };
      entry('program', of.program);
      entry('runs', String(of.runs));
      entry('when', of.dates.join(' to '));
      entry('processor', `${of.processor}, ${of.processors} of them; kernels for ${of.instructionSet}`);
      entry('memory', of.memoryBytes > 0 ? `${(of.memoryBytes / 2 ** 30).toFixed(1)} GiB` : '');
      entry('system', of.system);
      entry('compiler', of.compiler);
      entry('threads', of.threads.join(', '));
      if (of.load) {
        const busy = of.load.most > of.processors;
        entry('load', `${of.load.least.toFixed(1)} to ${of.load.most.toFixed(1)}, median ${of.load.median.toFixed(1)}` +
          (busy ? ': busier than its processors, so that times are longer than on an idle machine' : ''));
      }
      pieces.push(list);
    }
    byId('machines').replaceChildren(...pieces);
  }

  // ---- filters ----

  // The mark of a series at (17, 6), as ECharts draws it.
  const MARKS = {
    circle: 'M13 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0z', rect: 'M13 2h8v8h-8z', triangle: 'M17 2l4 8h-8z', diamond: 'M17 1l4 5l-4 5l-4-5z'
  };

  function sample(s) {
    const space = 'http://www.w3.org/2000/svg';
    const part = (tag, attributes) => {
      const made = document.createElementNS(space, tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      return made;
    };
    const dash = charts.dash(s), mark = charts.mark(s), colour = `var(--s${s % 7})`;
    const line = part('line', { x1: 0, y1: 6, x2: 34, y2: 6, 'stroke-width': 3, 'stroke-dasharray': dash === 'solid' ? 'none' : dash.join(' ') });
    line.style.stroke = colour;
    const hollow = mark.startsWith('empty');
    const shape = part('path', { d: MARKS[hollow ? mark.slice(5).toLowerCase() : mark], 'stroke-width': hollow ? 2 : 0 });
    shape.style.stroke = colour;
    shape.style.fill = hollow ? '#fff' : colour;
    const svg = part('svg', { width: 34, height: 12, 'aria-hidden': 'true' });
    svg.append(line, shape);
    return svg;
  }

  // The lines that are shown, in sight while the charts are.
  function fillKey(v) {
    const where = byId('key');
    where.className = v.series.length > 8 ? 'long' : '';
    where.replaceChildren(...v.series.map((s) => element('span', {}, sample(s), data.series[s].label)));
  }

  function makeFilters() {
    byId('series-filter').append(...data.series.map((series, s) => {
      const box = element('input', { type: 'checkbox', checked: '', value: s });
      box.addEventListener('change', () => { box.checked ? shown.series.add(s) : shown.series.delete(s); update(); });
      return element('label', {}, box, sample(s), series.label);
    }));
    const patterns = [...new Set(data.instances.map((of) => of.pattern))];
    byId('pattern-filter').append(element('option', { value: '' }, 'all'), ...patterns.map((p) => element('option', { value: p }, p)));
    byId('name-filter').addEventListener('input', (event) => { shown.name = event.target.value; update(); });
    byId('pattern-filter').addEventListener('change', (event) => { shown.pattern = event.target.value; update(); });
    byId('proof-filter').addEventListener('change', (event) => { shown.proof = event.target.value; update(); });
    byId('measure').addEventListener('change', (event) => { shown.measure = event.target.value; fillTable(); });
    byId('filters').addEventListener('submit', (event) => event.preventDefault());
  }

  function update() {
    byId('shown').textContent = `${view().instances.length} of ${data.instances.length} instances`;
    fillKey(view());
    drawSet();
    fillTable();
    drawInstances();
  }

  makeFilters();
  writeSummary();
  writeMachines();
  update();
  drawHeatMaps();
  addEventListener('resize', () => { for (const chart of drawn.values()) chart.resize(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { update(); drawHeatMaps(); });
  addEventListener('beforeprint', () => { for (const where of document.querySelectorAll('#instances .chart')) drawCard(where); });
})();
