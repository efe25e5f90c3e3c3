/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* log_canary.mjs - what the server says of its work names nobody. The main job
 * is done through pages, API, telephones and command line, well and badly:
 * wrong passwords, bad dates, broken JSON, conflicts, addresses with names in
 * them, headers with names in them, at last a database that is destroyed under
 * way. Then the log at level info, and every file written beside the store, is
 * searched for each canary in several writings. A control shows that what is
 * planted is found. Everybody in it is made up.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync,
         truncateSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { binary, finish, is, ok } from './browser/harness.mjs';

const program = resolve(binary());
const area = mkdtempSync(join(tmpdir(), 'cobijo-canary-'));
const memory = mkdtempSync('/dev/shm/cobijo-canary-');
const env = { ...process.env, HOME: join(area, 'home'),
  TMPDIR: join(area, 'tmp'), XDG_CONFIG_HOME: join(area, 'config'),
  XDG_CACHE_HOME: join(area, 'cache'), XDG_STATE_HOME: join(area, 'state'),
  XDG_DATA_HOME: join(area, 'data'), XDG_RUNTIME_DIR: memory,
  COBIJO_STORE: `sqlite:${area}/store/casa.db` };

delete env.COBIJO_KEYS;
for (const one of ['home', 'tmp', 'config', 'cache', 'state', 'data', 'store',
                   'work', 'given'])
  mkdirSync(join(area, one));

/* Grows: secrets are added as they are made. */
const canaries = {
  name: 'Xiutezcatzin', surname: 'Quetzalbarranca', phone: '5587619342',
  date: '1987-03-29', story: 'marimba violeta junto al molino',
  search: 'Zopilotenango', mail: 'tecolotl@correo-inventado.example',
  password: 'cuatro guacamayas sordas', wrong: 'nueve tlacuaches mudos',
  user: 'ixtlahuac', path: 'Chapulhuacan', header: 'Papaloquelite',
  field: 'campo_mazacuata', cell: 'Ahuehuetitla', file: 'Tepezcohuite',
  address: '203.0.113.77',
};

const cli = (args, input) => spawnSync(program, args, { env,
  cwd: join(area, 'work'), input, encoding: 'utf8' });
const secret_of = (args, input) => {
  const out = cli(args, input);

  return out.stdout.trim().split('\n').pop();
};

/* --- a client ------------------------------------------------------------------ */

let base;
const jar = new Map();
const statuses = new Map();

function ask(method, path, headers = {}, body = '') {
  return new Promise(resolve => {
    const sent = request(new URL(base + path), { method, agent: false,
      headers: { Cookie: [...jar].map(c => c.join('=')).join('; '),
        'User-Agent': `Mozilla/5.0 (${canaries.header})`,
        Referer: `${base}/person?q=${canaries.search}`, ...headers } }, answer => {
      const parts = [];

      answer.on('data', part => parts.push(part));
      answer.on('end', () => {
        for (const cookie of answer.headers['set-cookie'] || []) {
          const [name, value] = cookie.split(';')[0].split('=');
          jar.set(name, value);
          if (value.length > 20)
            canaries[`cookie ${name} ${value.slice(0, 4)}`] = value;
        }
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) || 0) + 1);
        resolve({ status: answer.statusCode, headers: answer.headers,
                  body: Buffer.concat(parts).toString() });
      });
    });
    sent.on('error', () => resolve({ status: 0, headers: {}, body: '' }));
    sent.end(body);
  });
}

const typed = { 'Content-Type': 'application/x-www-form-urlencoded' };
let csrf = '';
const post = (path, fields) => ask('POST', path, { ...typed,
  'X-CSRF-Token': csrf }, new URLSearchParams(fields).toString());
const get = path => ask('GET', path);

function multipart(parts) {
  const line = 'frontera-de-prueba';
  const text = parts.map(part =>
    `--${line}\r\nContent-Disposition: form-data; name="${part.name}"` +
    (part.file ? `; filename="${part.file}"\r\nContent-Type: ${part.type}` : '') +
    `\r\n\r\n${part.text}\r\n`).join('');

  return { headers: { 'Content-Type': `multipart/form-data; boundary=${line}` },
           body: `${text}--${line}--\r\n` };
}

/* --- the work --------------------------------------------------------------------- */

const her = { given_names: canaries.name, first_surname: canaries.surname,
  sex: 'M', nationality: 'GTM', 'birth_date.y': '1987', 'birth_date.m': '3',
  'birth_date.d': '29', phone: canaries.phone, contact_how: canaries.story,
  alias: canaries.mail, 'consent.given': 'yes' };

async function pages() {
  await post('/login', { name: canaries.password, password: canaries.wrong });
  await post('/login', { name: 'admin', password: canaries.wrong });
  await post('/login', { name: canaries.user, password: canaries.mail });
  is((await post('/login', { name: 'admin', password: canaries.password,
    next: `/person?q=${canaries.search}` })).status, 303, 'somebody logs in');
  csrf = /name="_csrf" value="([^"]+)"/.exec((await get('/today')).body)[1];
  canaries.csrf = csrf;
  const made = await post('/person/new', her);
  const at = /\/person\/([0-9a-f-]{36})/.exec(made.headers.location || '');
  ok(made.status === 303 && at, 'she is registered on a page', made.status);
  const id = canaries.id = at[1];

  is((await get(`/person/${id}`)).body.includes(canaries.surname), true,
     'and is there');
  await post('/person/new', { ...her, 'birth_date.m': canaries.date,
                              sex: canaries.name });
  await post('/person/match', her);
  await post('/person', { q: `${canaries.name} ${canaries.surname}` });
  await post('/person', { q: canaries.phone });
  await post('/person/named', { q: canaries.search });
  await get(`/person?q=${canaries.search}`);
  await get(`/person?q=${encodeURIComponent(canaries.mail)}`);
  for (const way of ['', '/screening', '/refer', '/merge', '/seen', '/glass',
                     '/copy', '/consents', '/hide'])
    await get(`/person/${id}${way}`);
  await post(`/person/${id}/glass`, { reason: canaries.story, purpose: 'nada' });
  await post(`/person/${id}/merge`, { other: canaries.name });
  await post(`/record/person/${id}`, { ...her, _clock: '1',
                                       notes: canaries.story });
  await post(`/record/person/${id}`, { ...her, _clock: canaries.date });
  await get(`/record/person/${id}/history`);
  await get(`/record/person/${id}/file/${canaries.file}.jpg`);
  for (const path of [`/${canaries.path}`, `/person/${canaries.path}`,
    `/record/${canaries.path}`, `/record/person/${canaries.path}`,
    `/r/${canaries.path}`, `/invitation/${canaries.path}`,
    `/login/oidc/${canaries.path}`, `/login/oidc-return?code=${canaries.path}`,
    `/form/${canaries.path}`, `/report/${canaries.path}?from=${canaries.date}`,
    `/asset/x/${canaries.path}.js`, `/import/${canaries.path}`,
    `/person/%zz${canaries.path}`, `/key/${canaries.path}/formList`,
    `/key/${canaries.path}/submission`])
    await get(path);
  await post(`/r/${canaries.path}`, { answer: canaries.story });
  await post(`/${canaries.path}`, { name: canaries.name });
  await ask('POST', '/person', { ...typed, 'X-CSRF-Token': canaries.header },
            `q=${canaries.search}`);
  await ask('POST', '/person', { ...typed, Origin:
    `https://${canaries.header}.example`, 'X-CSRF-Token': csrf }, 'q=x');
  await ask(canaries.header.toUpperCase(), '/person');
}

/* What somebody without an account asks for. */
async function readers() {
  const bare = { Accept: 'text/html', Cookie: `x=${canaries.header}`,
    Referer: `https://${canaries.header}.example/${canaries.path}`,
    'User-Agent': canaries.header, 'X-Forwarded-For': canaries.address };

  for (const path of ['/', '/know', '/know/violence', `/know/${canaries.path}`,
    `/know/${canaries.path}/audio`])
    for (const query of [`?q=${canaries.search}`, `?lang=${canaries.search}`,
      `?lang=fr&near=${canaries.cell}`])
      await ask('GET', path + query, bare);
  is((await ask('GET', `/know/asylum?q=${canaries.search}`, bare)).status, 200,
     'somebody reads what to know');
}

/* What somebody without an account looks for, asks, tells: the directory, its
 * API, the help box, mistakes reported, alerts by push, addresses with words
 * of hers in them. */
async function strangers() {
  const bare = { Accept: 'text/html', Cookie: '', 'X-Forwarded-For': canaries.address };
  const send = (path, fields, more = {}) => ask('POST', path,
    { ...bare, ...typed, ...more }, new URLSearchParams(fields).toString());
  const json = { ...bare, Accept: 'application/json' };
  const her = { text: canaries.story, needs: 'salud', phone: canaries.phone,
    contact_how: canaries.mail, municipality: canaries.cell, answer_by: 'phone',
    safe: 'yes', word: canaries.search };

  is((await send('/directory', { q: canaries.search, where: canaries.cell,
    lat: '19.4326', lon: '-99.1332' })).status, 200, 'somebody looks for a place');
  for (const path of ['/directory', '/offline/directory', '/offline/changes',
    '/services', '/service_at_locations', '/organizations', '/taxonomy_terms',
    '/alerts', '/alerts.atom', '/hsds', '/help', '/help/back'])
    for (const query of [`?q=${canaries.search}`, `?search=${canaries.cell}&page=${canaries.date}`,
      `?since=${canaries.mail}&lang=${canaries.search}`, `?%zz${canaries.path}`])
      await ask('GET', path + query, json);
  for (const path of ['/directory', '/services', '/organizations',
    '/service_at_locations', '/taxonomies', '/taxonomy_terms', '/alerts', '/alert'])
    for (const end of ['', '/cap', '/note', '/report'])
      await ask('GET', `${path}/${canaries.path}${end}`, bare);
  const places = JSON.parse((await ask('GET', '/directory', json)).body);
  const place = /"id":"([^"]+)"/.exec(JSON.stringify(places))?.[1] || canaries.path;

  await send(`/directory/${place}/report`, { what: 'closed', note: canaries.story });
  await send(`/directory/${canaries.path}/report`, { what: canaries.name, note: canaries.mail });
  const asked = await send('/help', her);
  ok(asked.status < 400, 'and asks for help', asked.status);
  await send('/help', { ...her, needs: canaries.field, safe: canaries.name });
  await send('/help', her, { Origin: `https://${canaries.header}.example` });
  for (const code of [canaries.search, canaries.story, `${canaries.name} 12`])
    await send('/help/back', { code, text: canaries.story, do: 'send', ticket: canaries.path });
  await ask('POST', '/alerts/push', { ...json, 'Content-Type': 'application/json' },
    JSON.stringify({ endpoint: `https://push.example/${canaries.path}`, p256dh: canaries.name,
      auth: canaries.field, area: canaries.cell, language: canaries.search }));
  await ask('POST', '/alerts/push/forget', { ...json, 'Content-Type': 'application/json' },
    `{"endpoint":"${canaries.mail}`);
}

async function programs() {
  const token = canaries.token = secret_of(['token', 'add', 'prueba', '--role',
                                            'admin']);
  const api = { Authorization: `Bearer ${token}`, Accept: 'application/json',
    'Content-Type': 'application/json', Cookie: '' };
  const send = (path, text) => ask('POST', path, api, text);

  is((await send('/record/person', JSON.stringify({
    given_names: canaries.name, first_surname: canaries.surname, sex: 'M',
    birth_date: canaries.date }))).status, 201, 'a program registers her');
  await send('/record/person', JSON.stringify({ [canaries.field]: canaries.story }));
  await send('/record/person', `{"given_names":"${canaries.name}`);
  await send('/record/person', JSON.stringify({ birth_date: canaries.mail,
                                                sex: canaries.name }));
  await send(`/record/person/${canaries.id}`, JSON.stringify({
    notes: canaries.story, _clock: 1 }));
  await send('/record/person', JSON.stringify({ id: canaries.id,
                                                given_names: canaries.name }));
  await ask('GET', `/record/person?where=${canaries.search}`, api);
  await ask('GET', '/person', { ...api,
    Authorization: `Bearer cbj_${canaries.header}` });
  await ask('GET', '/person', { ...api, Authorization: `Basic ${Buffer.from(
    `${canaries.user}:${canaries.wrong}`).toString('base64')}` });
}

async function telephones() {
  const key = canaries.key = secret_of(['device', 'add', 'brigada', '--role',
                                        'admin']);
  const submit = text => {
    const sent = multipart([{ name: 'xml_submission_file',
      file: `${canaries.file}.xml`, type: 'text/xml', text }]);
    return ask('POST', `/key/${key}/submission`, { ...sent.headers, Cookie: '',
      'X-OpenRosa-Version': '1.0' }, sent.body);
  };

  is((await submit(`<data id="person" version="2026112204"><g_name><given_names>${
    canaries.name}</given_names><first_surname>${canaries.surname
    }</first_surname></g_name><g_basic><sex>M</sex></g_basic><meta><instanceID>uuid:8f3c5b1e-0000-4000-8000-0000000000aa</instanceID></meta></data>`
  )).status, 201, 'a telephone sends her');
  await submit(`<data id="${canaries.path}"><a>${canaries.story}</a></data>`);
  await submit(`<data id="person"><given_names>${canaries.name}`);
  await submit(`<data id="person"><sex>${canaries.name}</sex><${canaries.field}/></data>`);
  await submit(`<!DOCTYPE ${canaries.name} [<!ENTITY a "b">]><data id="person"/>`);
  await ask('GET', '/formList', { Cookie: '', Authorization: `Digest username="${
    canaries.user}", realm="Cobijo", nonce="${canaries.header}", uri="/", response="x"` });
}

async function files() {
  for (const text of [
    `nombre,apellido,sexo,fecha de nacimiento\n${canaries.name},${
      canaries.cell},M,${canaries.date}\n`,
    `nombre,sexo\n${canaries.cell},${canaries.story}\n"${canaries.name}\n`,
    `\u0000${canaries.cell}\n`]) {
    const sent = multipart([{ name: 'kind', text: 'person' },
      { name: 'file', file: `${canaries.file}.csv`, type: 'text/csv', text }]);
    await ask('POST', '/import', { ...sent.headers, 'X-CSRF-Token': csrf },
              sent.body);
    const form = multipart([{ name: 'file', file: `${canaries.file}.csv`,
                              type: 'text/csv', text }]);
    await ask('POST', '/form/upload', { ...form.headers, 'X-CSRF-Token': csrf },
              form.body);
  }
  const lost = multipart([{ name: canaries.field, file: canaries.file,
                            type: canaries.header, text: canaries.story }]);
  await ask('POST', '/person/new', { ...lost.headers, 'X-CSRF-Token': csrf },
            lost.body.slice(0, -9));
  await post('/export', { kind: 'person', where: `\${${canaries.field}} = 1` });
  await post('/export', { kind: 'person', format: 'csv' });
}

async function accounts() {
  await post('/user', { name: canaries.user, display: canaries.name,
    role: 'intake', password: canaries.wrong });
  await post('/user', { name: canaries.user, display: canaries.name,
    role: 'intake', password: canaries.wrong });
  const invited = await post('/user/invite', { role: 'intake',
                                               display: canaries.name });
  const link = /\/invitation\/([A-Za-z0-9_-]{43})/.exec(invited.body);
  if (link) {
    canaries.invitation = link[1];
    await get(`/invitation/${link[1]}`);
    await post(`/invitation/${link[1]}`, { name: canaries.mail,
      password: canaries.wrong, display: canaries.surname });
  }
  ok(link, 'somebody is invited');
  await post('/profile', { display: canaries.surname });
  await post('/profile/pin', { pin: '918273', password: canaries.wrong });
}

function command_line() {
  const given = join(area, 'given', 'registro.csv');

  writeFileSync(given, `nombre,apellido,sexo\n${canaries.name},${
    canaries.cell},M\n`);
  cli(['import', 'person', given, '--dry-run']);
  cli(['import', 'person', given]);
  cli(['export', 'person']);
  cli(['export', 'person', '--where', `\${${canaries.field}} = 1`]);
  cli(['user', 'add', canaries.user, '--role', 'intake', '--password-stdin'],
      `${canaries.wrong}\n`);
  cli(['log', 'show', canaries.id]);
  cli(['log', 'verify']);
  cli(['report', 'monthly', '--from', canaries.date]);
}

async function lost() {
  truncateSync(join(area, 'store', 'casa.db'), 8192);
  for (let i = 0; i < 3; i++) {
    await post('/person/new', her);
    await post('/person', { q: canaries.search });
    await get(`/person/${canaries.id}?q=${canaries.search}`);
    await post('/login', { name: canaries.user, password: canaries.wrong });
  }
  await get('/health');
}

/* --- the search ---------------------------------------------------------------------- */

function writings(word) {
  const bytes = Buffer.from(word);
  /* all of a base64 text but its edges is the same wherever the word stands */
  const base64 = [0, 1, 2].map(n => Buffer.concat([Buffer.alloc(n), bytes])
    .toString('base64').slice(n ? 4 : 0).replace(/=+$/, '').slice(0, -2))
    .filter(text => text.length >= 8);

  return [word, word.toLowerCase(), word.toUpperCase(), encodeURIComponent(word),
    word.replaceAll(' ', '+'), word.replaceAll('-', ''),
    bytes.toString('hex'), ...base64].map(text => Buffer.from(text))
    .concat([Buffer.from(word, 'utf16le')]);
}

function hits(bytes) {
  return Object.entries(canaries).filter(([, word]) =>
    writings(word).some(text => bytes.includes(text))).map(([name]) => name);
}

function all_files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap(one =>
    one.isDirectory() ? all_files(join(folder, one.name))
      : one.isFile() ? [join(folder, one.name)] : []);
}

execFileSync(program, ['init', '--site', 'Casa', '--password-stdin'],
             { env, cwd: join(area, 'work'), input: `${canaries.password}\n` });
const child = spawn(program, ['serve', '--listen', '127.0.0.1:0', '--log', 'info'],
  { env, cwd: join(area, 'work'), stdio: ['ignore', 'pipe', 'pipe'] });
let said = '';
child.stderr.on('data', text => { said += text; });
base = await new Promise((resolve, reject) => {
  child.stdout.on('data', text => { said += text; resolve(said.trim()); });
  child.on('exit', () => reject(new Error(said)));
});
child.removeAllListeners('exit');
await pages();
await readers();
await strangers();
await programs();
await telephones();
await files();
await accounts();
command_line();
await lost();
const code = await new Promise(resolve => {
  child.on('exit', resolve);
  child.kill('SIGTERM');
});

ok(code === 0 || code === 3, 'the server ended by itself', code);
const lines = said.split('\n').filter(line => line.startsWith('{'));
ok(lines.length > 80, `${lines.length} lines of log at level info`, said.slice(0, 300));
ok([200, 201, 303, 400, 401, 403, 404, 422].every(s => statuses.has(s)) &&
   [...statuses.keys()].some(s => s >= 500), 'of work that went well and badly',
   [...statuses].join(' '));
ok(/"status":50[03]/.test(said), 'the lost database is told of');
is(hits(Buffer.from(said)).join(', '), '', `none of ${
  Object.keys(canaries).length} canaries in it`);
const beside = all_files(area).filter(path =>
  !path.startsWith(join(area, 'given')));
const found = beside.flatMap(path => hits(readFileSync(path))
  .map(name => `${name} in ${path.slice(area.length)}`));
is(found.join('\n'), '', `nor in any of ${beside.length} files on the disk`);
ok(beside.every(path => path.startsWith(join(area, 'store'))),
   'and nothing was written beside the store', beside.join('\n'));

/* what is there is found, however it is written */
const planted = Object.entries(canaries).filter(([, word]) => {
  const line = text => Buffer.from(`{"time":"x","event":"${text}","n":1}`);
  return [word, word.toUpperCase(), encodeURIComponent(word),
          Buffer.from(`ab${word}cd`).toString('base64'),
          Buffer.from(word).toString('hex')]
    .every(text => hits(line(text)).length > 0);
});
is(planted.length, Object.keys(canaries).length, 'each one planted is found');
writeFileSync(join(area, 'tmp', 'planted'), `x\n${canaries.phone}\n`);
ok(all_files(area).some(path => path.endsWith('planted') &&
   hits(readFileSync(path)).includes('phone')), 'in a file, too');
rmSync(area, { recursive: true, force: true });
rmSync(memory, { recursive: true, force: true });
finish();
