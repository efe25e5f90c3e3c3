/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* headers.mjs - every answer carries the headers that a browser needs to be
 * careful: each row of routes.def is asked for, with what exists and with what
 * does not, as a stranger, as an administrator, as a program, without a CSRF
 * token and with broken input; over plain HTTP and over TLS. A row that is new
 * is walked without anybody remembering it. Everybody in it is made up.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, finish, is, ok } from './browser/harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cobijo-headers-'));
const store = `sqlite:${folder}/casa.db`;
const word = 'tres palabras largas';
const run = (args, input) => execFileSync(binary(),
  ['--store', store, ...args], { input, encoding: 'utf8' });

const routes = [...readFileSync('src/web/routes.def', 'utf8')
  .replace(/\/\*[\s\S]*?\*\//g, '')
  .matchAll(/ROUTE\("([A-Z]+)",\s*"([^"]+)"([^)]*)\)/g)]
  .map(row => [row[1], row[2], row[3]]);
/* POSTs that need no token say so in their row. */
const guarded = flags => !/ROUTE_NO_CSRF|ROUTE_OPENROSA/.test(flags);

/* --- asking ------------------------------------------------------------------ */

function ask(base, method, path, headers = {}, body = '') {
  const url = new URL(base + path);
  const open = url.protocol === 'https:' ? secure : plain;

  return new Promise((resolve, reject) => {
    const sent = open(url, { method, headers, rejectUnauthorized: false,
                             agent: false }, answer => {
      const parts = [];

      answer.on('data', part => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode,
        headers: answer.headers, raw: answer.rawHeaders,
        body: Buffer.concat(parts) }));
    });
    sent.on('error', error => reject(
      new Error(`${method} ${path.slice(0, 80)}: ${error.message}`)));
    sent.end(body);
  });
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

async function start(args) {
  const child = spawn(binary(), ['--store', store, 'serve', '--listen',
    '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';

  child.stderr.on('data', text => { errors += text; });
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', text => resolve(String(text).trim()));
    child.on('exit', () => reject(new Error(errors)));
  });
  return { url, errors: () => errors,
    stop: () => new Promise(resolve => {
      child.removeAllListeners('exit');
      child.on('exit', resolve);
      child.kill('SIGTERM');
    }) };
}

/* --- what must be there --------------------------------------------------------- */

/* All values of a header: a second policy may only narrow the first. */
const all = (answer, name) => answer.raw.filter((value, i) =>
  i % 2 === 1 && answer.raw[i - 1].toLowerCase() === name);

/* outside: a row with ROUTE_PUBLIC, whose style and script stand in the page,
 * named by their hash, and which sets no cookie whoever asks. */
function wrong(answer, path, tls, outside) {
  const found = [];
  const h = answer.headers;
  const policies = all(answer, 'content-security-policy');
  const must = (good, what) => { if (!good) found.push(what); };
  const some = test => policies.some(test);

  must(policies.length, 'no policy');
  must(policies.every(p => !/unsafe-inline|'unsafe-eval'|\*|https?:/.test(p)),
       'a loose policy');
  must(some(p => /default-src 'none'/.test(p)), 'default-src');
  const hash = outside ? " 'sha256-[A-Za-z0-9+/]{43}='" : '';

  must(some(p => new RegExp(`script-src 'self'${hash || "( 'wasm-unsafe-eval')?"};`)
    .test(p)), 'script-src');
  must(some(p => new RegExp(`style-src 'self'${hash};`).test(p)), 'style-src');
  must(!outside || all(answer, 'set-cookie').length === 0,
       'a cookie on a public page');
  must(some(p => /frame-ancestors 'none'/.test(p)), 'frame-ancestors');
  must(some(p => /base-uri 'none'/.test(p)), 'base-uri');
  must(some(p => /form-action 'self'/.test(p)), 'form-action');
  must(h['x-content-type-options'] === 'nosniff', 'nosniff');
  must(h['referrer-policy'] === 'no-referrer', 'referrer');
  must(h['x-frame-options'] === 'DENY', 'frames');
  must(h['cross-origin-opener-policy'] === 'same-origin', 'opener');
  must(h['cross-origin-resource-policy'] === 'same-origin', 'resource');
  must(/camera=\(\)/.test(h['permissions-policy'] || '') &&
       /geolocation=\((self)?\)/.test(h['permissions-policy']), 'permissions');
  must(!!h['strict-transport-security'] === tls, 'transport');
  must(!h.server && !h['x-powered-by'], 'says what it is');
  /* the public directory for programs: other sites may read it, without
   * anybody's session */
  if (/^\/(hsds|services|organizations|service_at_locations|taxonom(ies|y_terms))\b/.test(path))
    must(['*', undefined].includes(h['access-control-allow-origin']) &&
         !h['access-control-allow-credentials'] &&
         all(answer, 'set-cookie').every(c => /^(__Host-)?lang=/.test(c)),
         'more than an open directory');
  else
    must(!h['access-control-allow-origin'], 'opens itself to others');
  if (path.startsWith('/asset/') && answer.status === 200)
    must(/immutable/.test(h['cache-control']), 'an asset that is not kept');
  else if (outside && answer.status === 200)
    must(/no-store|^private, max-age=60$|no-cache/.test(h['cache-control'] || ''), 'kept too long');
  else
    must(/no-store/.test(h['cache-control'] || ''), 'may be kept');
  must(answer.body.length === 0 || h['content-type'], 'no type');
  must(!/^text\/(html|css|plain|xml)$|^application\/(xml)$/
    .test(h['content-type'] || ''), 'no charset');
  for (const cookie of all(answer, 'set-cookie')) {
    must(/SameSite=(Lax|Strict)/.test(cookie), 'a cookie for other sites');
    must(/Path=\//.test(cookie), 'a cookie without path');
    if (!/^(__Host-)?lang=/.test(cookie))
      must(/HttpOnly/.test(cookie), 'a cookie for scripts');
    if (tls)
      must(/; Secure/.test(cookie), 'a cookie in clear');
  }
  return found;
}

/* --- the walk ---------------------------------------------------------------------- */

async function walk(server, tls, ids, token) {
  const jar = new Map();
  const note = answer => {
    for (const cookie of all(answer, 'set-cookie')) {
      const [name, value] = cookie.split(';')[0].split('=');
      jar.set(name, value);
    }
  };
  const cookies = () => [...jar].map(c => c.join('=')).join('; ');
  const bad = [];
  const statuses = new Map();
  let asked = 0, guards = 0;
  const open = [];
  const check = async (who, method, path, headers, body, outside) => {
    const answer = await ask(server.url, method, path, headers, body);
    const found = wrong(answer, path, tls, outside);

    asked++;
    statuses.set(answer.status, (statuses.get(answer.status) || 0) + 1);
    if (found.length)
      bad.push(`${who} ${method} ${path} ${answer.status}: ${found.join(', ')}`);
    return answer;
  };
  const login = await check('login', 'POST', '/login', form,
    `name=admin&password=${encodeURIComponent(word)}`);
  note(login);
  is(login.status, 303, 'somebody logs in');
  const home = await check('admin', 'GET', '/today', { Cookie: cookies() });
  const csrf = /name="_csrf" value="([^"]+)"/.exec(home.body)[1];
  const asset = /(?:href|src)="(\/asset\/[^"]+)"/.exec(home.body)[1];
  const known = path => path.replace('/person/:id', `/person/${ids.person}`)
    .replace(':kind/:id', `person/${ids.person}`).replace(':kind', 'person')
    .replace('/report/:name', '/report/monthly').replace(':step', '1')
    .replace('/asset/:print/*', asset).replace(/:[a-z]+/g, 'nada');
  const unknown = path => path.replace(/:[a-z]+|\*/g, 'nada%20%C3%B1');

  for (const [method, path, flags] of routes) {
    if (path === '/logout' || path === '/lock')
      continue; /* at the end */
    for (const at of new Set([known(path), unknown(path)])) {
      const outside = /ROUTE_PUBLIC/.test(flags);
      const data = method === 'GET' ? '' : 'x=1&y=%C3%B1';

      await check('stranger', method, at, form, data, outside);
      const bare = await check('no token', method, at,
        { ...form, Cookie: cookies() }, data, outside);
      if (method === 'POST' && guarded(flags)) {
        guards++;
        if (bare.status < 400)
          open.push(`${at} ${bare.status}`);
      }
      if (method === 'GET' || !/end$|session|password|second|pin|room|hide/.test(at))
        note(await check('admin', method, at,
          { ...form, Cookie: cookies(), 'X-CSRF-Token': csrf }, data, outside));
      await check('program', method, at, { 'Content-Type': 'application/json',
        Accept: 'application/json', Authorization: `Bearer ${token}` },
      method === 'GET' ? '' : '{"x":', outside);
    }
  }
  for (const [method, path, headers, body, outside] of [
    /* where there is nothing, a stranger is answered on the public side */
    ['GET', '/nothing/here', {}, '', true], ['GET', '/person/%zz', {}, '', true],
    ['GET', '/logout', {}, '', true],
    ['DELETE', '/login', {}], ['PUT', '/person', {}], ['OPTIONS', '/today', {}],
    ['GET', '/nothing/here', { Cookie: cookies() }],
    ['HEAD', '/login', {}], ['HEAD', asset, {}], ['GET', `${asset}x`, {}],
    ['GET', asset, { 'Accept-Encoding': 'br' }],
    ['GET', '/asset/x/templates/login.html', {}],
    ['POST', '/login', form, 'name=x&password=%ff'],
    ['POST', '/login', { ...form, Origin: 'https://example.org' }, 'name=x'],
    ['POST', '/login', { 'Content-Type': 'text/plain' }, 'name=x'],
    ['POST', '/login', form, 'x='.repeat(600000)],
    ['GET', '/today', { Authorization: 'Bearer nada' }],
    ['GET', '/today', { Cookie: 'cobijo=nada' }],
    ['GET', `/record/person/${ids.person}/file/nada.svg`,
     { Cookie: cookies() }],
    ['GET', '/report/monthly?format=csv', { Cookie: cookies() }],
    ['POST', '/lock', { ...form, Cookie: cookies() }, `_csrf=${csrf}`],
    ['GET', '/lock', { Cookie: cookies() }],
    ['POST', '/logout', { ...form, Cookie: cookies() }, `_csrf=${csrf}`],
  ])
    await check('odd', method, path, headers, body, outside);
  const where = tls ? 'over TLS' : 'over plain HTTP';
  ok(bad.length === 0, `${asked} answers ${where} carry every header`,
     [...new Set(bad)].slice(0, 25).join('\n'));
  ok([200, 303, 400, 401, 403, 404, 405, 413].every(s => statuses.has(s)),
     'of every sort', [...statuses].join(' '));
  ok(guards > 100 && open.length === 0,
     `${guards} posts without the token of the session change nothing`,
     open.join('\n'));
  ok(![...statuses.keys()].some(s => s >= 500), 'none is our failure',
     [...statuses].join(' '));
}

/* What libmicrohttpd answers by itself has no headers of ours: it must have
 * nothing to show either. */
function raw(url, text) {
  const { hostname, port } = new URL(url);

  return new Promise(resolve => {
    let out = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', part => { out += part; });
    socket.on('error', () => {});
    socket.on('close', () => resolve(out));
  });
}

async function early(server) {
  const odd = ['NADA\r\n\r\n', 'GET /canario\r\n\r\n',
    `GET /${'canario'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'canario'.repeat(9000)}\r\n\r\n`,
    'GET /canario HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'];
  let told = 0;

  for (const text of odd)
    told += /canario/.test(await raw(server.url, text)) ? 1 : 0;
  is(told, 0, 'what is refused before it is a request repeats nothing of it');
}

run(['init', '--site', 'Casa de Prueba', '--password-stdin'], `${word}\n`);
const token = run(['token', 'add', 'prueba', '--role', 'admin']).trim()
  .split('\n').pop();
let ids;
for (const tls of [false, true]) {
  const server = await start(tls ? ['--tls-self', join(folder, 'casa.pem')] : []);

  if (!ids) {
    const made = await ask(server.url, 'POST', '/record/person',
      { 'Content-Type': 'application/json', Accept: 'application/json',
        Authorization: `Bearer ${token}` },
      '{"given_names":"Inventada","sex":"M","nationality":"GTM"}');
    ids = { person: JSON.parse(made.body).id };
  }
  await walk(server, tls, ids, token);
  if (!tls)
    await early(server);
  is(await server.stop(), 0, 'it ends well');
}
const control = { status: 200, headers: {}, raw: [], body: Buffer.from('x') };
ok(wrong(control, '/', true).length > 10, 'an answer without headers is noticed');
const loose = { ...control, raw: ['Content-Security-Policy',
  "default-src 'none'; script-src 'self' 'unsafe-inline';"] };
ok(wrong(loose, '/', true).includes('a loose policy'), 'so is a loose policy');
rmSync(folder, { recursive: true, force: true });
finish();
