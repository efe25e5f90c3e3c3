// SPDX-License-Identifier: AGPL-3.0-or-later
// kill.t - the server is killed under load; whatever it acknowledged is there
// afterwards, whole, and the log verifies. COBIJO_KILLS: how often (10).
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const bin = process.env.COBIJO_BIN ?? 'build/sanitize/cobijo';
const kills = Number(process.env.COBIJO_KILLS ?? 10);
const clients = 16;
const postgres = process.env.COBIJO_TEST_PG;
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'cobijo-kill-'));
let count = 0, failed = 0;
const port = 21000 + (process.pid % 4000);

function ok(good, name) {
  count++;
  if (!good) failed++;
  console.log(`${good ? '' : 'not '}ok ${count} - ${name}`);
}
function run(args, input) {
  return spawnSync(bin, args, { encoding: 'utf8', input, env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
}
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function start(store) {
  const log = fs.openSync(path.join(work, 'server.log'), 'a');
  const child = spawn(bin, ['serve', '--store', store, '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', log] });
  for (let i = 0; i < 400; i++) {
    try { if ((await fetch(`http://127.0.0.1:${port}/health`)).ok) return child; } catch { await pause(25); }
  }
  throw new Error('the server did not start: ' + fs.readFileSync(path.join(work, 'server.log'), 'utf8').slice(-400));
}

async function client(token, acknowledged, state) {
  while (!state.over) {
    const name = randomUUID();
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/record/person`, {
        method: 'POST', body: JSON.stringify({ given_names: 'Ejemplo', first_surname: name.slice(0, 8), alias: name.slice(0, 30), nationality: 'HND' }),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' } });
      if (answer.status === 201) acknowledged.set((await answer.json()).id, name.slice(0, 30));
      else if (answer.status < 500) state.refused = `${answer.status} ${await answer.text()}`;
    } catch { /* it was killed */ }
  }
}

async function torture(store, name) {
  const made = run(['init', '--store', store, '--site', 'Prueba', '--admin', 'admin', '--password-stdin'], 'una-clave-larga-de-prueba\n');
  if (made.status !== 0) return ok(false, `${name}: init: ${made.stderr}`);
  const token = run(['token', 'add', 'kill', '--role', 'admin', '--store', store]).stdout.trim().split('\n').pop();
  const acknowledged = new Map();
  const state = {};
  for (let i = 0; i < kills; i++) {
    const server = await start(store);
    const dead = new Promise((done) => server.on('exit', done));
    state.over = false;
    const loads = Array.from({ length: clients }, () => client(token, acknowledged, state));
    await pause(100 + Math.random() * 400);
    server.kill('SIGKILL');
    await dead;
    state.over = true;
    await Promise.all(loads);
  }
  ok(!state.refused, `${name}: nothing was refused ${state.refused ?? ''}`);
  ok(acknowledged.size > kills, `${name}: ${acknowledged.size} registrations acknowledged in ${kills} lives`);
  const verify = run(['log', 'verify', '--store', store]);
  ok(verify.status === 0, `${name}: the log verifies ${verify.stderr}`);
  const server = await start(store);
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  let lost = 0, half = 0;
  for (const [id, alias] of acknowledged) {
    const answer = await fetch(`http://127.0.0.1:${port}/record/person/${id}`, { headers });
    if (answer.status !== 200) lost++;
    else if (!(await answer.text()).includes(alias)) half++;
  }
  ok(lost === 0, `${name}: no acknowledged registration is lost (${lost})`);
  ok(half === 0, `${name}: none is half there (${half})`);
  const dead = new Promise((done) => server.on('exit', (code) => done(code)));
  server.kill('SIGTERM');
  ok(await dead === 0, `${name}: SIGTERM ends it in order`);
}

await torture('sqlite:' + path.join(work, 'kill.db'), 'sqlite');
if (postgres) {
  const schema = `kill_${process.pid}`;
  const made = spawnSync('psql', [postgres, '-qc', `CREATE SCHEMA ${schema}`], { encoding: 'utf8' });
  if (made.status !== 0) ok(false, `postgresql: ${made.stderr}`);
  else await torture(`${postgres}${postgres.includes('?') ? '&' : '?'}options=-csearch_path%3D${schema}`, 'postgresql');
} else {
  count++;
  console.log(`ok ${count} - postgresql # SKIP COBIJO_TEST_PG is not set`);
}
fs.rmSync(work, { recursive: true, force: true });
console.log(`1..${count}`);
process.exit(failed ? 1 : 0);
