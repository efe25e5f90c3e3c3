// SPDX-License-Identifier: AGPL-3.0-or-later
// run.mjs - starts servers on stores of several sizes, drives them with
// b_load, prints tables of ratios. See bench/run.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const out = process.argv[2];
const sizes = process.argv.slice(3).map(Number);
const people = sizes.length ? sizes : [1000, 100000, 1000000];
const seconds = Number(process.env.COBIJO_BENCH_SECONDS ?? 3);
const rounds = Number(process.env.COBIJO_BENCH_ROUNDS ?? 3);
const postgres = process.env.COBIJO_BENCH_PG;
const bin = path.join(out, 'cobijo');
const tool = (name) => path.join(out, 'bench', name);
// Filled stores are kept there, to be measured again without the hour it takes.
const keep = process.env.COBIJO_BENCH_KEEP;
const work = fs.mkdtempSync(path.join(process.env.COBIJO_BENCH_DIR ?? os.tmpdir(), 'cobijo-bench-'));
let port = 18000 + (process.pid % 1000) * 10;

const run = (file, args, options = {}) => {
  const done = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (done.status !== 0) throw new Error(`${file} ${args[0]}: ${done.stderr.slice(-500)}`);
  return done.stdout;
};
const numbers = (text) => text.trim().split(/\s+/).map(Number);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const ratio = (a, b) => (a / b).toFixed(2);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// user and system time, in ms; the clock ticks a hundred times a second
const used_by = (pid) => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  .slice(11, 13).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);

async function serve(store) {
  const at = port++;
  const began = performance.now();
  const child = spawn(bin, ['serve', '--store', store.url, '--listen', `127.0.0.1:${at}`],
    { stdio: ['ignore', 'ignore', fs.openSync(path.join(work, 'server.log'), 'a')] });
  for (let i = 0; i < 6000; i++) {
    try {
      if ((await fetch(`http://127.0.0.1:${at}/health`)).ok) break;
    } catch { await pause(5); }
  }
  return { at, child, started: performance.now() - began,
    cpu: () => used_by(child.pid),
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    stop: () => new Promise((done) => { child.on('exit', done); child.kill('SIGTERM'); }) };
}

const token = (store) => run(bin, ['token', 'add', `bench-${Date.now()}`, '--role', 'admin', '--store', store.url])
  .trim().split('\n').pop();

function prepare(store, count) {
  if (store.old) return token(store);
  run(bin, ['init', '--store', store.url, '--site', 'Banco de pruebas', '--admin', 'admin', '--password-stdin'],
    { input: 'una-clave-larga-de-prueba\n' });
  if (count) run(bin, ['demo', '--store', store.url, '--people', String(count), '--seed', '7']);
  return token(store);
}

const load = (server, clients, key, kind, file) =>
  numbers(run(tool('b_load'), [String(server.at), String(clients), String(seconds), key, kind, ...(file ? [file] : [])]));

// {url, old}: old when a store of that size was kept.
function storeFor(name, count) {
  const kept = keep && count > 0;
  if (name === 'sqlite') {
    const file = kept ? path.join(keep, `people-${count}.db`) : path.join(work, `s${port}.db`);
    return { url: 'sqlite:' + file, old: fs.existsSync(file) };
  }
  const schema = kept ? `people_${count}` : `bench_${process.pid}_${port}`;
  const old = run('psql', [postgres, '-Atc', `SELECT 1 FROM pg_namespace WHERE nspname = '${schema}'`]).trim() === '1';
  if (!old) run('psql', [postgres, '-qc', `CREATE SCHEMA ${schema}`]);
  return { url: `${postgres}${postgres.includes('?') ? '&' : '?'}options=-csearch_path%3D${schema}`, old };
}

async function registrations(name) {
  console.log(`\nDurable registrations per second, ${name} (median of ${rounds} interleaved rounds of ${seconds} s)`);
  console.log('clients  registrations   p50 ms   p99 ms   bare rows/commit   ratio   write+fdatasync   not 2xx');
  const store = storeFor(name, 0);
  const key = prepare(store, 0);
  const server = await serve(store);
  for (const clients of [1, 8, 64]) {
    const ours = [], bare = [], sync = [];
    let wrong = 0;
    for (let i = 0; i < rounds; i++) {
      const file = path.join(work, `bare${i}`);
      ours.push(load(server, clients, key, 'register'));
      wrong += ours.at(-1)[4];
      bare.push(numbers(run(tool('b_bare'), ['sqlite', file, String(clients), String(seconds)]))[0]);
      sync.push(numbers(run(tool('b_bare'), ['sync', file + '.sync', String(seconds)]))[0]);
      for (const f of fs.readdirSync(work)) if (f.startsWith('bare')) fs.rmSync(path.join(work, f));
    }
    const mine = median(ours.map((o) => o[0])), limit = median(bare);
    console.log([String(clients).padStart(7), mine.toFixed(0).padStart(14),
      median(ours.map((o) => o[1])).toFixed(2).padStart(8), median(ours.map((o) => o[2])).toFixed(2).padStart(8),
      limit.toFixed(0).padStart(18), ratio(mine, limit).padStart(7), median(sync).toFixed(0).padStart(17),
      String(wrong).padStart(9)].join(' '));
  }
  await server.stop();
  run(bin, ['log', 'verify', '--store', store.url]);
}

// A telephone's forms by HTTP beside the rows that they become, inserted in
// groups of eight into a store of its own.
async function submissions(name) {
  const clients = 8, group = 8;
  const [ours, limit] = [0, 1].map(() => {
    const store = storeFor(name, 0);
    prepare(store, 0);
    run(bin, ['form', 'install', path.join(import.meta.dirname, 'encuesta.csv'), '--store', store.url]);
    store.key = run(bin, ['device', 'add', 'brigada', '--role', 'admin', '--store', store.url]).trim().split('\n').pop();
    store.target = store.url.replace(/^sqlite:/, '');
    port++;
    return store;
  });
  const pattern = await serve(limit);
  run(tool('b_load'), [String(pattern.at), '1', '0.05', limit.key, 'submit']);
  await pattern.stop();
  const server = await serve(ours);
  load(server, clients, ours.key, 'submit'); // statements are prepared, caches warm
  const kinds = name === 'sqlite' ? [[]] : [[], ['one']];
  const rate = [], late = [], cost = [], bare = kinds.map(() => []);
  let wrong = 0;
  for (let i = 0; i < rounds; i++) {
    const before = server.cpu();
    const done = load(server, clients, ours.key, 'submit');
    rate.push(done[0]);
    late.push(done[2]);
    cost.push((server.cpu() - before) / (done[0] * seconds));
    wrong += done[4];
    kinds.forEach((kind, k) => bare[k].push(
      numbers(run(tool('b_rows'), [limit.target, String(group), String(seconds), ...kind]))[0]));
  }
  console.log(`\nOpenRosa submissions, ${name}: ${clients} clients, 20 questions, beside their rows in groups of ${group} ` +
    `(median of ${rounds} interleaved rounds of ${seconds} s; load ${os.loadavg()[0].toFixed(1)})`);
  console.log('submissions/s   p99 ms   server ms each   bare/s   ratio' +
    (kinds.length > 1 ? '   bare, one by one/s   ratio' : '') + '   not 2xx');
  console.log([median(rate).toFixed(0).padStart(13), median(late).toFixed(2).padStart(8), median(cost).toFixed(3).padStart(16),
    ...bare.flatMap((b, k) => [median(b).toFixed(0).padStart(k ? 20 : 8), ratio(median(rate), median(b)).padStart(7)]),
    String(wrong).padStart(9)].join(' '));
  await server.stop();
  run(bin, ['log', 'verify', '--store', ours.url]);
}

async function paths(server, key, count) {
  const headers = { authorization: `Bearer ${key}`, accept: 'application/json' };
  const ids = [], names = [];
  for (let i = 0; i < 20; i++) {
    const page = Math.floor(Math.random() * Math.max(1, count / 50 - 1)) + 1;
    const answer = await (await fetch(`http://127.0.0.1:${server.at}/record/person?page=${page}`, { headers })).json();
    for (const r of answer.records ?? answer.items ?? []) {
      ids.push(r.id);
      const a = r.answers ?? r;
      names.push([a.given_names, a.first_surname].filter(Boolean).join(' '));
    }
  }
  const write = (name, list) => { const f = path.join(work, name); fs.writeFileSync(f, list.join('\n') + '\n'); return f; };
  const short = (n) => n.split(' ').map((w) => w.slice(0, 4)).join(' ');
  return {
    'person page': write('person.txt', ids.map((i) => `/person/${i}`)),
    search: write('search.txt', names.flatMap((n) => [n, short(n), n.split(' ')[0]]).filter(Boolean)
      .map((n) => `/person?q=${encodeURIComponent(n)}`)),
    Today: write('today.txt', ['/today']),
  };
}

async function pages(name) {
  console.log(`\nPages per second, ${name} (8 clients; static: libmicrohttpd with as many bytes from memory)`);
  console.log('people    page          per second   p50 ms   p99 ms   bytes   static/s   ratio   cost vs 1st   not 2xx');
  const first = {};
  for (const count of people) {
    const store = storeFor(name, count);
    const key = prepare(store, count);
    const server = await serve(store);
    const idle = server.rss();
    for (const [page, file] of Object.entries(await paths(server, key, count))) {
      const ours = [], limit = [];
      for (let i = 0; i < rounds; i++) {
        ours.push(load(server, 8, key, 'get', file));
        const fixed = spawn(tool('b_static'), [String(port), String(Math.round(ours[0][3]))]);
        await pause(100);
        limit.push(load({ at: port++ }, 8, key, 'get', file)[0]);
        fixed.stdin.end();
      }
      const rate = median(ours.map((o) => o[0])), one = load(server, 1, key, 'get', file);
      first[page] ??= one[1];
      console.log([String(count).padStart(7), page.padEnd(13), rate.toFixed(0).padStart(12),
        median(ours.map((o) => o[1])).toFixed(2).padStart(8), median(ours.map((o) => o[2])).toFixed(2).padStart(8),
        ours[0][3].toFixed(0).padStart(7), median(limit).toFixed(0).padStart(10), ratio(rate, median(limit)).padStart(7),
        ratio(one[1], first[page]).padStart(13), String(ours.reduce((n, o) => n + o[4], 0)).padStart(9)].join(' '));
    }
    console.log(`${String(count).padStart(7)} start ${server.started.toFixed(0)} ms, resident ${idle.toFixed(1)} MiB idle, ` +
      `${server.rss().toFixed(1)} MiB after load`);
    await server.stop();
    if (name === 'sqlite' && !keep) for (const f of fs.readdirSync(work)) if (/\.db/.test(f)) fs.rmSync(path.join(work, f));
  }
}

// Public pages, which nobody logs in for, beside libmicrohttpd with as many
// bytes at the same moment; as they are, and as telephones ask: compressed.
async function anybody(name) {
  const store = storeFor(name, 0);
  prepare(store, 0);
  run(bin, ['demo', '--store', store.url, '--people', '20', '--seed', '7']);
  const server = await serve(store);
  const { places } = await (await fetch(`http://127.0.0.1:${server.at}/directory?page=1`,
    { headers: { accept: 'application/json' } })).json();
  const write = (file, lines) => { const f = path.join(work, file); fs.writeFileSync(f, lines.join('\n') + '\n'); return f; };
  const scene = { front: ['/'], 'what to know': ['/know'], notices: ['/know/asylum', '/know/rights', '/know/health'],
    directory: ['/directory'], 'a place': places.map((p) => `/directory/${p.id}`), alerts: ['/alerts'],
    'a search': ['/directory?page=1&need=ALOJ'] };
  console.log(`\nPublic pages per second, ${name} (8 clients, median of ${rounds} interleaved rounds of ${seconds} s; ` +
    `static: libmicrohttpd with as many bytes; load ${os.loadavg()[0].toFixed(1)})`);
  console.log('page                     per second   p50 ms   p99 ms   bytes   static/s   ratio   server µs each   static µs   not 2xx');
  for (const [page, lines] of Object.entries(scene)) for (const kind of ['get', 'packed']) {
    const file = write('anybody.txt', lines), ours = [], limit = [], cost = [], least = [];
    // answers and what each took of the processor, in µs
    const round = (at, used, costs) => {
      const before = used(), done = load({ at }, 8, '-', kind, file);
      costs.push((used() - before) * 1000 / (done[0] * seconds));
      return done;
    };
    load(server, 8, '-', kind, file);
    for (let i = 0; i < rounds; i++) {
      ours.push(round(server.at, server.cpu, cost));
      const fixed = spawn(tool('b_static'), [String(port), String(Math.round(ours[0][3]))]);
      await pause(100);
      limit.push(round(port++, () => used_by(fixed.pid), least)[0]);
      fixed.stdin.end();
    }
    const rate = median(ours.map((o) => o[0]));
    console.log([(page + (kind === 'packed' ? ', compressed' : '')).padEnd(24), rate.toFixed(0).padStart(10),
      median(ours.map((o) => o[1])).toFixed(2).padStart(8), median(ours.map((o) => o[2])).toFixed(2).padStart(8),
      ours[0][3].toFixed(0).padStart(7), median(limit).toFixed(0).padStart(10), ratio(rate, median(limit)).padStart(7),
      median(cost).toFixed(1).padStart(16), median(least).toFixed(1).padStart(11),
      String(ours.reduce((n, o) => n + o[4], 0)).padStart(9)].join(' '));
  }
  await server.stop();
}

console.log(`${os.cpus().length} cores, ${os.cpus()[0].model}; node ${process.version}; binary ` +
  `${(fs.statSync(bin).size / 2 ** 20).toFixed(2)} MiB`);
const scenes = { registrations, submissions, pages, anybody };
const wanted = process.env.COBIJO_BENCH_SCENES?.split(',') ?? Object.keys(scenes);
for (const name of ['sqlite', ...(postgres ? ['postgresql'] : [])])
  for (const scene of wanted) await scenes[scene](name);
fs.rmSync(work, { recursive: true, force: true });
