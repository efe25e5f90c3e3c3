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

console.log(`${os.cpus().length} cores, ${os.cpus()[0].model}; node ${process.version}; binary ` +
  `${(fs.statSync(bin).size / 2 ** 20).toFixed(2)} MiB`);
for (const name of ['sqlite', ...(postgres ? ['postgresql'] : [])]) {
  await registrations(name);
  await pages(name);
}
fs.rmSync(work, { recursive: true, force: true });
