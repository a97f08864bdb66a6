// The page of `nmperm report` in a browser: charts are there, filters and keys work, numbers equal the results file,
// and nothing leaves the page.
//
//   node page_test.mjs NMPERM      exit code 77: skipped, there is no browser, or nmperm has no charts
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Browser, findBrowser } from './browser.mjs';

const SKIPPED = 77;
const nmperm = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'nmperm report '));
const results = join(folder, 'results.json');
const page = join(folder, 'report.html');
const HOSTILE = '</script><script>document.title="caught"</script><img src="http://example.invalid/x.png">&amp;';

// What the library knows of an instance; undefined where it is none of it.
const known = JSON.parse(readFileSync(new URL('../../instances/library/best_known.json', import.meta.url))).entries;
const knownOf = (name) => known.find((entry) => `library:${entry.name}` === name);

// Two real matrices, one of the library that no run solves, then what `compare` does not make by itself: a failure, and a name that is markup.
function makeResults() {
  const compare = spawnSync(nmperm, ['compare', 'random:32x16:1', 'random:16x64:2', 'library:random-64x64-100', '--pattern', '2:4', '--solvers',
    'identity,exhaustive,stripe-groups', '--seeds', '2', '--time-limit', '1', '--threads', '1', '--quiet', '--output', results]);
  assert.equal(compare.status, 0, String(compare.stderr));
  const document = JSON.parse(readFileSync(results));
  const like = (run, changes) => ({ ...structuredClone(run), ...changes });
  const first = document.runs.find((run) => run.solver === 'stripe-groups');
  const instance = { ...first.instance, name: HOSTILE, sha256: 'f'.repeat(64) };
  document.runs.push(like(first, { instance, pattern: '1:4' }), like(first, { instance, pattern: '1:4', seed: 1 }));
  const { magnitude, efficacy, bound, gap, status, seconds, trace, permutation, options, ...asked } = first;
  document.runs.push({ ...asked, instance, pattern: '1:4', solver: 'identity', failure: 'ended by signal 11 (Segmentation fault)' });
  writeFileSync(results, JSON.stringify(document));
  return document;
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

// The table as it should be, from the results file alone.
function expectedRows(runs) {
  const keys = [...new Set(runs.map((run) => run.instance.name))];
  return keys.map((name) => {
    const own = runs.filter((run) => run.instance.name === name);
    const complete = own.filter((run) => run.magnitude);
    const limits = complete.filter((run) => run.bound).map((run) => run.bound.kept);
    const entry = knownOf(name);
    const most = Math.max(...complete.map((run) => run.magnitude.kept), entry?.magnitude.kept ?? 0);
    const byLibrary = entry !== undefined && complete.every((run) => run.magnitude.kept < entry.magnitude.kept);
    if (entry?.bound) limits.push(entry.bound.kept);
    const gap = (kept, limit, total) => limit <= kept ? 0 : (limit - kept) / (total - kept);
    const cells = {};
    for (const solver of new Set(own.map((run) => run.solver))) {
      const done = complete.filter((run) => run.solver === solver);
      if (done.length === 0) { cells[solver] = own.find((run) => run.solver === solver).refusal ? 'refused' : 'failed'; continue; }
      const kept = median(done.map((run) => run.magnitude.kept));
      const { total, default: start, row_bound: rowBound } = done[0].magnitude;
      cells[solver] = {
        gap: limits.length > 0 ? `${(100 * gap(kept, Math.min(...limits), total)).toFixed(4)} %` : `≥ ${(100 * gap(kept, most, total)).toFixed(4)} %`,
        efficacy: `${(100 * (kept - start) / (rowBound - start)).toFixed(3)} %`,
        missing: `${(100 * (1 - (kept - start) / (most - start))).toFixed(3)} %`,
        kept
      };
    }
    const medians = Object.values(cells).map((cell) => cell.kept ?? -Infinity);
    for (const cell of Object.values(cells)) if (typeof cell === 'object') cell.best = cell.kept === Math.max(...medians);
    return { name, rows: own[0].instance.rows, columns: own[0].instance.columns, pattern: own[0].pattern, cells,
      best: `${most.toFixed(3)} ${byLibrary ? 'library' : 'runs'}`,
      bound: limits.length > 0 ? `${Math.min(...limits).toFixed(3)} ${entry?.bound ? 'library' : 'runs'}` : 'unknown' };
  });
}

// In the page: the table as texts.
const readTable = `() => {
  const solvers = [...document.querySelectorAll('#results th[scope=colgroup]')].slice(0, -1).map((head) => head.textContent);
  return [...document.querySelectorAll('#results tbody tr')].map((row) => {
    const cells = [...row.children];
    const read = { name: cells[0].textContent, rows: Number(cells[1].textContent), columns: Number(cells[2].textContent), pattern: cells[3].textContent,
      best: cells.at(-2).textContent, bound: cells.at(-1).textContent, cells: {} };
    let at = 5;
    for (const solver of solvers) {
      const cell = cells[at];
      if (cell.colSpan === 2) { read.cells[solver] = cell.textContent; at += 1; continue; }
      const mark = cell.querySelector('.mark').textContent;
      read.cells[solver] = { text: cell.textContent.slice(mark.length), best: mark.startsWith('★') };
      at += 2;
    }
    return read;
  });
}`;

function compareTables(read, expected, measure, solvers) {
  assert.deepEqual(read.map((row) => row.name), expected.map((row) => row.name));
  read.forEach((row, i) => {
    for (const column of ['rows', 'columns', 'pattern', 'best', 'bound']) assert.equal(row[column], expected[i][column], row.name);
    for (const solver of solvers) {
      const wanted = expected[i].cells[solver];
      if (wanted === undefined) assert.equal(row.cells[solver], 'not run', row.name);
      else if (typeof wanted === 'string') assert.equal(row.cells[solver], wanted);
      else assert.deepEqual(row.cells[solver], { text: wanted[measure], best: wanted.best }, `${row.name} ${solver}`);
    }
  });
}

async function run() {
  const program = findBrowser();
  if (program === null) return console.log('skipped: no Chromium (scripts/install_debian.sh test)'), SKIPPED;
  const document = makeResults();
  const report = spawnSync(nmperm, ['report', results, '--output', page, '--title', 'A <b>title</b>']);
  if (String(report.stderr).includes('without the charting library')) return console.log('skipped: no charts in this build'), SKIPPED;
  assert.equal(report.status, 0, String(report.stderr));
  const expected = expectedRows(document.runs);
  const solvers = ['identity', 'exhaustive', 'stripe-groups'];
  const browser = await Browser.start(program, join(folder, 'profile'));
  try {
    await browser.call('Emulation.setDeviceMetricsOverride', { width: 1200, height: 4000, deviceScaleFactor: 1, mobile: false });
    await browser.open(`file://${encodeURI(page)}`);
    // Cards are drawn when they come into sight, which is asynchronous.
    const charts = (selector) => browser.evaluate(`(s) => new Promise((done, failed) => {
      let frames = 0;
      const look = () => {
        const all = [...document.querySelectorAll(s)];
        const missing = all.filter((chart) => !chart.querySelector('svg path'));
        if (missing.length === 0) done(all.length);
        else if (++frames > 1000) failed(new Error('not drawn: ' + missing.map((chart) => chart.outerHTML)));
        else requestAnimationFrame(look);
      };
      look();
    })`, selector);

    // Charts are there, with their descriptions.
    assert.equal(await charts('#progress, #profile, #heat-before, #heat-after'), 4);
    assert.equal(await charts('#instances .chart'), 4);
    assert.equal(await browser.evaluate(`() => [...document.querySelectorAll('.chart')].every((c) => c.getAttribute('role') === 'img' && c.getAttribute('aria-label').length > 20)`), true);
    assert.match(await browser.evaluate(`() => document.querySelector('#instances').textContent`), /Proven optimal \(exhaustive\)/);
    assert.match(await browser.evaluate(`() => document.querySelector('#instances').textContent`), /No bound is known/);

    // The library knows more of its instance than the runs: the chart and its words say so.
    const ofLibrary = await browser.evaluate(`() => [...document.querySelectorAll('#instances figure')].find((f) => f.querySelector('h3').textContent.startsWith('library:')).textContent`);
    assert.match(ofLibrary, /proven optimum \(library\)/);
    assert.match(ofLibrary, /Proven optimal \(branch-and-price, library\)/);
    assert.match(await browser.evaluate(`() => document.getElementById('summary').textContent`), /1 of the instances are in the instance library, which knows a better value than these runs for 1 and a better bound for 1/);

    // Lines differ by more than their colours, and the key beside the charts has the marks of those that are shown.
    const marks = await browser.evaluate(`() => [...document.querySelectorAll('#key span')].map((of) => [of.textContent, of.querySelector('path').getAttribute('d'), of.querySelector('line').getAttribute('stroke-dasharray')].join('|'))`);
    assert.deepEqual(marks.map((of) => of.split('|')[0]), solvers);
    assert.equal(new Set(marks.map((of) => of.split('|')[1])).size, solvers.length);
    assert.equal(new Set(marks.map((of) => of.split('|')[2])).size, solvers.length);

    // Axes have names and units.
    const texts = await browser.evaluate(`() => [...document.querySelectorAll('#progress svg text')].map((text) => text.textContent)`);
    for (const wanted of ['missing gain', 'time of search', /^\d+ %$/, /^\d+ (µs|ms|s)$/]) assert.ok(texts.some((text) => typeof wanted === 'string' ? text === wanted : wanted.test(text)), `${wanted} in ${texts}`);

    // Text stays text.
    assert.equal(await browser.evaluate('() => document.title'), 'A <b>title</b>');
    assert.equal(await browser.evaluate(`() => document.querySelectorAll('img').length`), 0);

    // Every number of the table is that of the results file.
    compareTables(await browser.evaluate(readTable), expected, 'gap', solvers);
    const choose = (id, value) => browser.evaluate(`(id, value) => { const field = document.getElementById(id); field.value = value; field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input')); }`, id, value);
    await choose('measure', 'efficacy');
    compareTables(await browser.evaluate(readTable), expected, 'efficacy', solvers);
    await choose('measure', 'missing');
    compareTables(await browser.evaluate(readTable), expected, 'missing', solvers);
    assert.match(await browser.evaluate(`() => document.querySelector('#troubles').textContent`), /signal 11 \(Segmentation fault\)/);
    assert.match(await browser.evaluate(`() => document.querySelector('#troubles').textContent`), /exhaustive refused: 64 columns/);

    // The data that the page carries is what was measured, digit by digit.
    const carried = await browser.evaluate(`() => JSON.parse(document.getElementById('data').textContent).runs.map((run) => [run.kept, run.bound, run.gap, run.seconds].map((v) => v ?? null))`);
    const { bound, magnitude } = knownOf('library:random-64x64-100');
    const carriedKnown = await browser.evaluate(`() => JSON.parse(document.getElementById('data').textContent).instances.map((of) => of.known && [of.known.kept, of.known.bound])`);
    assert.deepEqual(carriedKnown, expected.map((row) => knownOf(row.name) ? [magnitude.kept, bound.kept] : null));
    assert.deepEqual(carried, document.runs.map((run) => [run.magnitude?.kept ?? null, run.bound?.kept ?? null, run.gap ?? null, run.seconds ?? null]));

    // Filters.
    await choose('name-filter', '16x64');
    assert.deepEqual((await browser.evaluate(readTable)).map((row) => row.name), ['random:16x64:2']);
    assert.equal(await charts('#instances .chart'), 1);
    assert.equal(await browser.evaluate(`() => document.getElementById('shown').textContent`), '1 of 4 instances');
    await choose('name-filter', '');
    await choose('proof-filter', 'optimal');
    assert.deepEqual((await browser.evaluate(readTable)).map((row) => row.name), expected.filter((row) => row.cells.exhaustive?.gap === '0.0000 %' || knownOf(row.name)?.optimal).map((row) => row.name));
    await choose('proof-filter', 'all');
    await choose('pattern-filter', '1:4');
    assert.deepEqual((await browser.evaluate(readTable)).map((row) => row.name), [HOSTILE]);
    await choose('pattern-filter', '');

    // Keys alone: the first solver's box, and a column's order.
    const press = async (key, code) => {
      for (const type of ['keyDown', 'keyUp']) await browser.call('Input.dispatchKeyEvent', { type, key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: code, text: type === 'keyDown' && code !== 9 ? (key === ' ' ? ' ' : '\r') : undefined });
    };
    await browser.evaluate(`() => { document.activeElement.blur(); scrollTo(0, 0); }`);
    await press('Tab', 9);
    assert.equal(await browser.evaluate('() => document.activeElement.className'), 'skip');
    await browser.evaluate(`() => document.querySelector('#series-filter input').focus()`);
    await press(' ', 32);
    assert.deepEqual(await browser.evaluate(`() => [...document.querySelectorAll('#results th[scope=colgroup]')].map((h) => h.textContent)`), ['exhaustive', 'stripe-groups', 'kept magnitude']);
    assert.deepEqual(await browser.evaluate(`() => [...document.querySelectorAll('#key span')].map((of) => of.textContent)`), ['exhaustive', 'stripe-groups']);
    await press(' ', 32);
    await browser.evaluate(`() => document.querySelector('[data-key="columns"] button, [data-key=":columns"] button').focus()`);
    await press('Enter', 13);
    const columns = (await browser.evaluate(readTable)).map((row) => row.columns);
    assert.deepEqual(columns, [...columns].sort((a, b) => a - b));
    assert.equal(await browser.evaluate(`() => document.querySelector('[data-key=":columns"]').getAttribute('aria-sort')`), 'ascending');

    // A phone: nothing sticks out; dark: the page is.
    await browser.call('Emulation.setDeviceMetricsOverride', { width: 360, height: 700, deviceScaleFactor: 1, mobile: true });
    assert.equal(await browser.evaluate('() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(document.documentElement.scrollWidth))))'), 360);
    await browser.call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
    assert.match(await browser.evaluate('() => getComputedStyle(document.body).backgroundColor'), /^rgb\((\d|[1-4]\d), /);

    // Nothing was asked for but the page, and nothing complained.
    const requests = browser.events.filter((event) => event.method === 'Network.requestWillBeSent').map((event) => event.params.request.url);
    assert.deepEqual(requests.filter((url) => !url.startsWith('file://')), []);
    assert.equal(requests.length, 1);
    const complaints = browser.events.filter((event) => ['Runtime.exceptionThrown', 'Runtime.consoleAPICalled', 'Log.entryAdded'].includes(event.method));
    assert.deepEqual(complaints.map((event) => JSON.stringify(event.params)), []);
  } finally {
    await browser.close();
  }
  return 0;
}

try {
  process.exitCode = await run();
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
