// SPDX-License-Identifier: AGPL-3.0-or-later
// race.mjs - the server under mixed load, built with ThreadSanitizer
// (make race). Everything that threads share is used at once: registrations
// (the writer), search and pages (the pool's connections), logins (Argon2id,
// throttle), forms that are installed while others read, public pages that are
// kept, the ticking clock.
//
//   node tools/race.mjs BINARY [SECONDS] [STORE…]     exit 1 on a report
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const [bin, seconds = '30', ...stores] = process.argv.slice(2);
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'cobijo-race-'));
const env = { ...process.env, TSAN_OPTIONS: 'halt_on_error=0 second_deadlock_stack=1 history_size=4' };
const run = (args, input) => spawnSync(bin, args, { encoding: 'utf8', input, env });
const password = 'una frase larga';
let failed = 0;

async function start(store, log) {
  const child = spawn(bin, ['serve', '--store', store, '--listen', '127.0.0.1:0', '--log', 'warning'],
    { stdio: ['ignore', 'pipe', fs.openSync(log, 'w')], env });
  child.url = await new Promise((done, fail) => {
    child.stdout.on('data', (text) => done(String(text).trim()));
    child.on('exit', (code) => fail(new Error(`exit ${code}: ${fs.readFileSync(log, 'utf8').slice(0, 3000)}`)));
  });
  return child;
}

const form = (version) => `survey,,,\n,type,name,label\n,text,title,Título\n,integer,n${String(version).replace('.', '_')},Número\nsettings,,,\n,form_id,form_title,version\n,taller,Taller,${version}\n`;

async function load(store, url, token) {
  const until = Date.now() + Number(seconds) * 1000;
  const seen = {};
  const json = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' };
  const ids = [];
  const ask = async (name, where, options) => {
    try {
      const answer = await fetch(url + where, { redirect: 'manual', ...options });
      const key = `${name} ${answer.status}`;
      seen[key] = (seen[key] ?? 0) + 1;
      const text = await answer.text();
      return { status: answer.status, text, cookie: answer.headers.get('set-cookie') };
    } catch (error) {
      seen[`${name} ${error.cause?.code ?? error.message}`] = (seen[`${name} ${error.cause?.code ?? error.message}`] ?? 0) + 1;
      return { status: 0, text: '' };
    }
  };
  const writer = async (n) => {
    for (let i = 0; Date.now() < until; i++) {
      const answer = await ask('register', '/record/person', { method: 'POST', headers: json,
        body: JSON.stringify({ given_names: `Ejemplo ${n} ${i}`, sex: 'M', nationality: 'HND' }) });
      if (answer.status === 201) ids.push(JSON.parse(answer.text).id);
    }
  };
  const reader = async () => {
    const pages = ['/today', '/person?q=ejemplo', '/record/person', '/report/monthly', '/login', '/health', '/record/taller'];
    for (let i = 0; Date.now() < until; i++) {
      await ask('page', pages[i % pages.length], { headers: { ...json, accept: i % 2 ? 'text/html' : 'application/json' } });
      if (ids.length) await ask('person', `/person/${ids[Math.floor(Math.random() * ids.length)]}`, { headers: json });
    }
  };
  // Public pages are kept and handed out by the threads that take requests: at
  // most when the writers have gone.
  const passer = async () => {
    const pages = ['/', '/know', '/know?lang=en', '/directory', '/alerts', '/directory?page=1&need=ALOJ',
      '/offline/directory?lang=es'];
    for (let i = 0; Date.now() < until + 5000; i++)
      await ask('public', pages[i % pages.length], { headers: { accept: 'text/html',
        'accept-encoding': i % 3 ? 'gzip' : 'identity' } });
  };
  const visitor = async (n) => {
    for (let i = 0; Date.now() < until; i++) {
      const body = new URLSearchParams({ name: 'admin', password: (i + n) % 7 ? password : 'wrong' });
      const answer = await ask('login', '/login', { method: 'POST', body });
      const cookie = answer.cookie?.match(/cobijo=[^;]+/)?.[0];
      if (cookie) await ask('session', '/today', { headers: { cookie } });
    }
  };
  const installer = async () => {
    for (let i = 1; Date.now() < until; i++) {
      const file = path.join(work, `taller${i}.csv`);
      fs.writeFileSync(file, form(`${i}.5`));
      await ask('form', '/form/upload', { method: 'POST', headers: json, body: JSON.stringify({ source: form(i), _install: '1' }) });
      await new Promise((done) => spawn(bin, ['--store', store, 'form', 'install', file], { stdio: 'ignore', env }).on('exit', done));
    }
  };
  // Long ones are taken to the ticking thread, which goes on with them.
  const importer = async () => {
    for (let i = 0; Date.now() < until; i++) {
      const rows = Array.from({ length: 1500 }, (_, n) => `Ejemplo${i};Prueba${n};${n % 2 ? 'Mujer' : 'Hombre'};Honduras;1990-01-${1 + n % 28}`);
      const text = ['Nombre;Apellidos;Sexo;Nacionalidad;Fecha de nacimiento', ...rows].join('\n');
      const answer = await ask('import', '/import', { method: 'POST', headers: json,
        body: JSON.stringify({ text, file_name: `ejemplo${i}.csv`, _run: '1' }) });
      if (answer.status >= 400) seen.import_said = answer.text.slice(0, 200);
      await new Promise((done) => setTimeout(done, 2000));
    }
  };
  await Promise.all([importer(), ...Array.from({ length: 8 }, (_, n) => writer(n)), reader(), reader(), reader(), reader(),
    passer(), passer(), passer(), visitor(0), visitor(3), installer()]);
  return seen;
}

for (const store of stores.length ? stores : [`sqlite:${path.join(work, 'race.db')}`]) {
  const log = path.join(work, 'log');
  const made = run(['--store', store, 'init', '--password-stdin'], password + '\n');
  if (made.status !== 0) throw new Error(made.stderr);
  const token = run(['--store', store, 'token', 'add', 'race', '--role', 'admin']).stdout.trim().split('\n').pop();
  const server = await start(store, log);
  const seen = await load(store, server.url, token);
  const code = await new Promise((done) => { server.on('exit', done); server.kill('SIGTERM'); });
  const text = fs.readFileSync(log, 'utf8');
  const reports = text.split('WARNING: ThreadSanitizer').length - 1;
  console.log(`${store.split(':')[0]}: ${seconds} s, exit ${code}, ${reports} reports; ${JSON.stringify(seen)}`);
  if (reports || code !== 0) {
    failed = 1;
    console.log(text.slice(0, 20000));
  }
}
fs.rmSync(work, { recursive: true, force: true });
process.exit(failed);
