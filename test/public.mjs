/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public.mjs - the side for anybody, as bytes: no public row sets a cookie,
 * whoever asks and with whatever cookies; links keep the language; a page is
 * one answer, small, that a browser may keep for a minute and is not sent
 * twice; a closed house still says what to know; a site's own notice with
 * script inside does nothing; a recording is given in parts and does nothing
 * either; the log keeps the route and nothing of the reader. Invented.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
  from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { binary, finish, is, like, ok } from './browser/harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cobijo-public-'));
const store = `sqlite:${folder}/casa.db`;
const word = 'tres palabras largas';
const run = (args, input) => execFileSync(binary(),
  ['--store', store, ...args], { input, encoding: 'utf8' });

function ask(base, path, headers = {}, method = 'GET', body = '') {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(base + path), { method, headers, agent: false },
      answer => {
        const parts = [];

        answer.on('data', part => parts.push(part));
        answer.on('end', () => {
          const bytes = Buffer.concat(parts);
          const zipped = answer.headers['content-encoding'] === 'gzip';

          resolve({ status: answer.statusCode, headers: answer.headers,
            bytes, text: (zipped ? gunzipSync(bytes) : bytes).toString() });
        });
      });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function serve(args = []) {
  const child = spawn(binary(), ['--store', store, ...args, 'serve', '--listen',
    '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';

  child.stderr.on('data', text => { errors += text; });
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', text => resolve(String(text).trim()));
    child.on('exit', () => reject(new Error(errors)));
  });
  return { url, errors: () => errors, stop: () => new Promise(resolve => {
    child.removeAllListeners('exit');
    child.on('exit', resolve);
    child.kill('SIGTERM');
  }) };
}

const languages = ['es', 'en', 'fr', 'pt', 'ht'];
const topics = readFileSync('catalog/topic.csv', 'utf8').trim().split('\n')
  .slice(1).map(line => line.split(',')[0]);
const rows = [...readFileSync('src/web/routes.def', 'utf8')
  .replace(/\/\*[\s\S]*?\*\//g, '')
  .matchAll(/ROUTE\("([A-Z]+)",\s*"([^"]+)"([^)]*ROUTE_PUBLIC[^)]*)\)/g)]
  .map(row => [row[1], row[2]]);
const gzip = { 'Accept-Encoding': 'gzip', Accept: 'text/html' };

async function cookies(server) {
  const login = await ask(server.url, '/login', { 'Content-Type':
    'application/x-www-form-urlencoded' }, 'POST',
  `name=admin&password=${encodeURIComponent(word)}`);
  const jar = login.headers['set-cookie'].map(c => c.split(';')[0]).join('; ');
  const bad = [];
  let asked = 0;

  ok(/cobijo=/.test(jar), 'somebody has a session');
  for (const [method, path] of rows)
    for (const at of [path.replace(':name', 'rights').replace(/:[a-z]+/g, 'nada'),
                      path.replace(/:[a-z]+/g, 'x%20y')])
      for (const query of ['', '?lang=fr', '?lang=nada', '?q=canario&lang=ht'])
        for (const cookie of ['', jar, 'lang=en; cobijo=nada; x=1'])
          for (const accept of ['text/html', 'application/json']) {
            const headers = { Accept: accept };

            if (cookie)
              headers.Cookie = cookie;
            const answer = await ask(server.url, at + query, headers, method);

            asked++;
            if (answer.headers['set-cookie'])
              bad.push(`${method} ${at}${query}: ${answer.headers['set-cookie']}`);
            if (answer.status >= 500)
              bad.push(`${method} ${at}${query}: ${answer.status}`);
          }
  ok(bad.length === 0 && asked > 100,
     `${asked} answers of ${rows.length} public rows set no cookie`,
     bad.slice(0, 20).join('\n'));
  is((await ask(server.url, '/', { Cookie: jar, Accept: 'text/html' }))
    .headers.location, '/today', 'who is logged in goes on to her day');
  is((await ask(server.url, '/know', { Cookie: `${jar}; lang=en`,
    'Accept-Language': 'pt-BR' })).text.match(/<html lang="(..)"/)[1], 'pt',
     'the cookie of a language is not looked at');
}

async function pages(server) {
  let most = 0, wrong = [];

  for (const language of languages)
    for (const path of ['/', '/know', ...topics.map(t => `/know/${t}`)]) {
      const answer = await ask(server.url, `${path}?lang=${language}`, gzip);
      const head = JSON.stringify(answer.headers).length + 200;
      const links = [...answer.text.matchAll(/href="(\/[^"]*)"/g)]
        .map(m => m[1].replace(/&amp;/g, '&'))
        .filter(href => !/^\/(login|asset)/.test(href));

      most = Math.max(most, answer.bytes.length + head);
      if (answer.status !== 200)
        wrong.push(`${path} ${language} ${answer.status}`);
      if (!links.every(href => /[?&]lang=/.test(href)))
        wrong.push(`${path} ${language} loses the language: ${links}`);
      if (!answer.text.includes(`<html lang="${language}"`))
        wrong.push(`${path} is not in ${language}`);
      if (/(src|href)="(https?:)?\/\//.test(answer.text.replace(
        /<a [^>]*>/g, '')) || /<img|<link rel="stylesheet"|@import|url\(/.test(answer.text))
        wrong.push(`${path} ${language} asks for more`);
      if (/\{clock|\[knowledge\]|\*\*/.test(answer.text))
        wrong.push(`${path} ${language} shows what is not for readers`);
      if (answer.headers['cache-control'] !== 'private, max-age=60')
        wrong.push(`${path} ${answer.headers['cache-control']}`);
    }
  ok(wrong.length === 0, `${languages.length * (topics.length + 2)} pages: five languages, one answer each`,
     wrong.slice(0, 20).join('\n'));
  ok(most < 14600, `the largest is ${most} bytes with its headers: one flight of TCP`);

  const first = await ask(server.url, '/know/asylum?lang=es', gzip);
  const again = await ask(server.url, '/know/asylum?lang=es',
    { ...gzip, 'If-None-Match': first.headers.etag });
  is(`${again.status} ${again.bytes.length}`, '304 0', 'what did not change is not sent again');
  like(first.headers['content-security-policy'],
    /style-src 'self' 'sha256-[^']+'; script-src 'self' 'sha256-[^']+';/,
    'style and script are named by their hash');
  is(first.headers['referrer-policy'], 'no-referrer', 'no page says where one came from');
  const json = await ask(server.url, '/know/health?lang=ht', { Accept: 'application/json' });
  is(JSON.parse(json.text).language, 'ht', 'the same as JSON');
  is((await ask(server.url, '/know/nada', gzip)).status, 404, 'no such topic');
  const nowhere = await ask(server.url, '/nada?lang=ht', gzip);
  is(nowhere.status, 404, 'an address that is none');
  like(nowhere.text, /<html lang="ht"[^]*class="exit"/,
    'is a public page for a stranger, with the way out');
  is(nowhere.headers['set-cookie'], undefined, 'and sets no cookie');
  like((await ask(server.url, '/know/nada?lang=fr', gzip)).text, /Cette page n’existe pas/,
    'and a page says so in her language');
  like((await ask(server.url, '/login?lang=fr', { Accept: 'text/html' })).text,
    /<html lang="es"/, 'pages of the team stay in Spanish or English');
  is((await ask(server.url, '/today', { Accept: 'text/html' })).headers.location,
    '/login?next=%2Ftoday', 'which ask for an account as ever');
}

/* After a reboot nobody has opened the house yet: what is shipped needs no
 * store. */
async function closed() {
  run(['key', 'forget']);
  const server = await serve();

  is((await ask(server.url, '/health')).status, 503, 'a house that is closed');
  is((await ask(server.url, '/', gzip)).status, 200, 'has its front page');
  like((await ask(server.url, '/know/asylum?lang=en', gzip)).text,
    /30 working days/, 'and says what to know');
  is((await ask(server.url, '/know/asylum/audio', gzip)).status, 404,
     'without its recordings');
  like((await ask(server.url, '/today', { Accept: 'text/html' })).headers.location,
    /^\/login/, 'everything else asks to be opened');
  await server.stop();
}

/* A site's folder wins over what is shipped; script in it is text or nothing. */
async function harmful() {
  const own = join(folder, 'site');

  mkdirSync(join(own, 'notices'), { recursive: true });
  writeFileSync(join(own, 'notices', 'rights.es.md'), '---\n' +
    'title: Propio <script>alert(1)</script>\nreviewed_by: Red "local" <b>\n' +
    'reviewed_on: 2026-11-01\n---\n' +
    '# Uno\n<script>alert(2)</script>\n\n[x](javascript:alert(3)) ' +
    '<img src=x onerror=alert(4)> ![y](http://canario.example/p.png)\n');
  writeFileSync(join(own, 'remittance.csv'), 'id,label::Español (es),fee::Español (es),' +
    'as_of,fee_source\nx,Giro <b>,<script>alert(5)</script> 2 dólares,2026-11-01,Prueba\n');
  const server = await serve(['--catalog', own]);
  const money = (await ask(server.url, '/know/money?lang=es', gzip)).text;

  like(money, /Giro &lt;b&gt;[^]*&lt;script&gt;alert\(5\)&lt;\/script&gt; 2 dólares[^]*Prueba[^]*2026-11-01/,
    'what sending money costs here is the house’s to say, as text');
  ok(!/6\.3 dólares/.test(money), 'in place of what is shipped');
  const { text } = await ask(server.url, '/know/rights?lang=es', gzip);
  const main = text.slice(text.indexOf('<main'));

  ok(!/<script|javascript:|<img|onerror=|canario/.test(main),
     'a notice with script inside carries none', main);
  like(main, /Propio &lt;script&gt;/, 'its title is text');
  like(main, /Red &quot;local&quot; &lt;b&gt;, 01\/11\/2026/, 'who reviewed it and when');
  await server.stop();
  writeFileSync(join(own, 'notices', 'rights.es.md'), 'Sin encabezado');
  const broken = spawn(binary(), ['--store', store, '--catalog', own, 'serve',
    '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';

  broken.stderr.on('data', part => { errors += part; });
  const code = await new Promise(resolve => broken.on('close', resolve));
  ok(code !== 0 && /rights\.es\.md/.test(errors), 'a broken file is told by name',
     `${code} ${errors}`);
}

/* 0.1 s of silence: a WAV as a telephone would make one. */
function wav() {
  const data = Buffer.alloc(1600), head = Buffer.alloc(44);

  head.write('RIFF', 0); head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8); head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22); head.writeUInt32LE(8000, 24); head.writeUInt32LE(16000, 28);
  head.writeUInt16LE(2, 32); head.writeUInt16LE(16, 34); head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

async function recording(server) {
  const login = await ask(server.url, '/login', { 'Content-Type':
    'application/x-www-form-urlencoded' }, 'POST',
  `name=admin&password=${encodeURIComponent(word)}`);
  const Cookie = login.headers['set-cookie'].map(c => c.split(';')[0]).join('; ');
  const page = await ask(server.url, '/notice/health/es', { Cookie, Accept: 'text/html' });
  const csrf = /name="_csrf" value="([^"]+)"/.exec(page.text)[1];
  const post = (path, body) => ask(server.url, path, { Cookie, Accept: 'text/html',
    'Content-Type': 'application/x-www-form-urlencoded' }, 'POST',
  new URLSearchParams({ _csrf: csrf, ...body }).toString());

  is((await ask(server.url, '/know/health/audio?lang=es')).status, 404, 'no recording yet');
  is((await post('/notice/health/es/approve', { by: 'Médica de la red' })).status,
    303, 'somebody reviews what is shipped');
  const id = /href="\/record\/notice\/([0-9a-f-]{36})\/edit"/.exec((await ask(server.url,
    '/notice/health/es', { Cookie, Accept: 'text/html' })).text)[1];
  const form = new FormData();
  form.set('_csrf', csrf);
  form.set('audio.file', new Blob([wav()], { type: 'audio/wav' }), 'voz.wav');
  const sent = new Request('http://x/', { method: 'POST', body: form });
  const kept = await ask(server.url, `/record/notice/${id}`, { Cookie, Accept: 'text/html',
    'Content-Type': sent.headers.get('content-type') }, 'POST',
  Buffer.from(await sent.arrayBuffer()));

  ok(kept.status === 303, 'and reads it aloud', kept.text.replace(/[^]*<main/, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').slice(0, 800));
  const shown = (await ask(server.url, '/know/health?lang=es', gzip)).text;
  like(shown, /<audio controls preload="none" src="\/know\/health\/audio\?lang=es"/,
    'the page has a player that fetches nothing by itself');
  like(shown, /Médica de la red/, 'and says who reviewed it');
  const whole = await ask(server.url, '/know/health/audio?lang=es');
  is(whole.status, 200, 'the recording is there');
  like(whole.headers['content-type'], /^audio\//, 'as sound');
  ok(/sandbox/.test(String(whole.headers['content-security-policy'])) &&
     whole.headers['x-content-type-options'] === 'nosniff' &&
     !whole.headers['set-cookie'], 'that runs nothing', JSON.stringify(whole.headers));
  for (const [range, status, size, said] of [
    ['bytes=0-9', 206, 10, `bytes 0-9/${whole.bytes.length}`],
    ['bytes=-5', 206, 5, `bytes ${whole.bytes.length - 5}-${whole.bytes.length - 1}/${whole.bytes.length}`],
    ['bytes=10-', 206, whole.bytes.length - 10, `bytes 10-${whole.bytes.length - 1}/${whole.bytes.length}`],
    ['bytes=999999-', 416, 0, `bytes */${whole.bytes.length}`],
    ['bytes=5-2', 200, whole.bytes.length, undefined],
    ['bytes=0-1,3-4', 200, whole.bytes.length, undefined],
    ['nada', 200, whole.bytes.length, undefined]]) {
    const part = await ask(server.url, '/know/health/audio?lang=es', { Range: range });

    is(`${part.status} ${part.bytes.length} ${part.headers['content-range']}`,
      `${status} ${size} ${said}`, `a part: ${range}`);
  }
  is((await ask(server.url, '/know/health/audio?lang=fr')).status, 404,
     'each language has its own');
}

/* --- no Spanish where she asked for another language ----------------------------- */

function table(text) {
  const rows = [[]];
  let cell = '', quoted = false;

  for (let i = 0; i < text.length; i++) {
    const c = text[i];

    if (quoted && c === '"' && text[i + 1] === '"')
      cell += text[++i];
    else if (c === '"')
      quoted = !quoted;
    else if (!quoted && (c === ',' || c === '\n')) {
      rows.at(-1).push(cell);
      cell = '';
      if (c === '\n')
        rows.push([]);
    } else if (c !== '\r')
      cell += c;
  }
  return rows.filter(row => row.length > 1).map((row, i, all) =>
    Object.fromEntries(all[0].map((name, k) => [name, row[k] || '']))).slice(1);
}

/* What is said in Spanish and is another text in that language, or none: msgids
 * of the catalogue, labels of what public pages show. Names of states are names. */
function spanish(language) {
  const theirs = new Set(), said = new Set();
  const tell = (es, text) => {
    if (text)
      theirs.add(text);
    if (text !== es)
      said.add(es);
  };

  for (const m of readFileSync(`po/${language}.po`, 'utf8')
    .matchAll(/msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)/g)) {
    const [id, text] = [m[1], m[2]].map(part => part.trim().split('\n')
      .map(line => JSON.parse(line)).join(''));

    if (id)
      tell(id, text);
  }
  for (const name of ['service', 'place_type', 'language', 'emergency_number',
    'help_need', 'topic', 'remittance'])
    for (const row of table(readFileSync(`catalog/${name}.csv`, 'utf8')))
      for (const column of Object.keys(row).filter(key => key.endsWith('(es)')))
        tell(row[column], row[Object.keys(row).find(key =>
          key.startsWith(column.split('::')[0]) && key.endsWith(`(${language})`))]);
  const calls = new Set(table(readFileSync('catalog/emergency_number.csv', 'utf8'))
    .map(row => row.country));
  for (const row of table(readFileSync('catalog/country.csv', 'utf8')))
    if (calls.has(row.name))
      tell(row['label::Español (es)'], Object.entries(row)
        .find(([key]) => key.endsWith(`(${language})`))[1]);
  const choices = table(readFileSync('catalog/place_choice.csv', 'utf8'));
  for (const [, list, code, es] of ['place', 'place_report'].map(form =>
    readFileSync(`forms/${form}.csv`, 'utf8')).join('\n')
    .matchAll(/^,(who|free_band|operator|what),([^,]+),("[^"]*"|[^,\n]*)/gm))
    tell(es.replace(/"/g, ''), Object.entries(choices.find(row =>
      row.name === `${list} ${code}`) || {})
      .find(([key]) => key.endsWith(`(${language})`))?.[1]);
  theirs.forEach(text => said.delete(text));
  if (language === 'pt')
    said.delete('No'); /* a word of that language */
  return said;
}

/* The texts of a page that are in the page's own language. */
function own_texts(html, language) {
  const stack = [language], found = [], names = [];
  const decode = text => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&');

  for (const [, tag, text] of html.replace(/<(script|style|svg)\b[^]*?<\/\1>/g, '')
    .matchAll(/<([^>]*)>|([^<]+)/g)) {
    if (text !== undefined) {
      if (stack.at(-1) === language && text.trim())
        found.push(...decode(text).split(' · ').map(one => one.trim()));
    } else if (tag.startsWith('/')) {
      names.pop();
      stack.pop();
    } else if (!/^(!|meta|link|br|input|hr)/.test(tag)) {
      names.push(tag);
      stack.push(/ lang="([^"]*)"/.exec(tag)?.[1] || stack.at(-1));
    }
    if (tag && stack.at(-1) === language)
      for (const [, value] of tag.matchAll(
        / (?:aria-label|title|data-(?:said-on|said-off|said-failed|refused|failed|saving|part))="([^"]*)"/g))
        found.push(decode(value));
  }
  return found;
}

async function alert_out(server) {
  const token = (name, role) => run(['token', 'add', name, '--role', role])
    .trim().split('\n').pop();
  const writer = token('quien-escribe', 'ofam'), second = token('quien-aprueba', 'supervisor');
  const post = async (who, path, body) => JSON.parse((await ask(server.url, path,
    { Authorization: `Bearer ${who}`, 'Content-Type': 'application/json',
      Accept: 'application/json' }, 'POST', JSON.stringify(body))).text);
  const { id } = await post(writer, '/alert/new', { status: 'Actual', category: 'Met',
    severity: 'Severe', urgency: 'Immediate', certainty: 'Observed', response: 'Avoid',
    expires: '2035-01-01T12:00:00Z', municipalities: 'Tapachula, Chiapas',
    info: [{ language: 'es', event: 'Inundación', headline: 'El río creció',
             instruction: 'No cruce.', description: 'Llueve.' }] });

  const read = JSON.parse((await ask(server.url, `/alert/${id}`,
    { Authorization: `Bearer ${second}`, Accept: 'application/json' })).text);

  await post(second, `/alert/${id}/approve`, { _base: read.base });
  await post(writer, `/alert/${id}/publish`, {});
  return id;
}

async function spoken(server) {
  const alert = await alert_out(server);
  const places = JSON.parse((await ask(server.url, '/directory?page=1',
    { Accept: 'application/json' })).text).places.map(place => `/directory/${place.id}`);
  const pages = ['/', '/know', ...topics.map(t => `/know/${t}`), '/know/nada', '/directory',
    '/directory?page=1', '/directory?page=2', '/directory?page=1&q=nada', ...places,
    '/nada', '/directory?s=AAAA', `${places[0]}?said=reported`, '/alerts', `/alerts/${alert}`, '/help', '/help/back'];

  for (const language of ['fr', 'pt', 'ht']) {
    const said = spanish(language), wrong = new Set();
    let texts = 0;

    for (const path of pages) {
      const answer = await ask(server.url,
        `${path}${path.includes('?') ? '&' : '?'}lang=${language}`, gzip);

      for (const text of own_texts(answer.text, language)) {
        texts++;
        if (said.has(text))
          wrong.add(`${path}: ${text}`);
      }
    }
    for (const [path, body] of [['/help', 'text='], ['/help/back', 'code=uno+dos+tres']])
      for (const text of own_texts((await ask(server.url, `${path}?lang=${language}`,
        { ...gzip, 'Content-Type': 'application/x-www-form-urlencoded' }, 'POST', body)).text,
      language))
        if (said.has(text))
          wrong.add(`POST ${path}: ${text}`);
    const { words } = JSON.parse((await ask(server.url,
      `/offline/directory?lang=${language}`, gzip)).text);
    for (const text of [...Object.values(words.text), ...Object.values(words.type),
      ...Object.values(words.speaks), ...Object.values(words.service).map(row => row[0])])
      if (said.has(text))
        wrong.add(`package: ${text}`);
    ok(wrong.size === 0 && texts > 1000 && said.size > 400,
       `${pages.length} pages in ${language}: of ${texts} texts none is one of ${said.size} Spanish ones`,
       `${said.size} ${texts}\n${[...wrong].slice(0, 40).join('\n')}`);
  }
  ok(own_texts('<html lang="ht"><p>Albergue</p><p lang="es">Albergue</p></html>', 'ht')
    .join() === 'Albergue' && spanish('ht').has('Albergue'), 'which this test would see');
}

run(['init', '--site', 'Casa de Prueba', '--password-stdin'], `${word}\n`);
run(['demo', '--people', '2', '--seed', '7']);
try {
  const server = await serve();

  await cookies(server);
  await pages(server);
  await spoken(server);
  await recording(server);
  like((await ask(server.url, '/know/money?lang=ht', gzip)).text,
    /Konbyen[^]*6\.3 dola[^]*World Bank[^]*2023-09/, 'what sending money costs, since when and who says so');
  await ask(server.url, '/know/canariopath?q=canarioquery&lang=canariolang',
    { 'User-Agent': 'canarioagent', Cookie: 'x=canariocookie',
      Referer: 'http://canarioreferrer/', 'X-Forwarded-For': '203.0.113.77' });
  await server.stop();
  ok(!/canario|203\.0\.113|127\.0\.0\.1(?!:)/.test(server.errors()
    .replace(/"url":"[^"]*"/g, '')), 'the log has nothing of who read what',
     server.errors().split('\n').filter(l => /canario|203/.test(l)).join('\n'));
  like(server.errors(), /"route":"\/know\/:name","status":404/, 'but that a page was asked for');
  await harmful();
  await closed();
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
finish();
