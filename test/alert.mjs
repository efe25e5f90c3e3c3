/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert.mjs - two houses on one network without internet: one publishes, the
 * other fetches, shows and acknowledges; documents against the schema; other
 * feeds that are hostile; mail, text messages and Web Push to servers that
 * take, refuse, hang and are gone. Everything is made up.
 *
 *   node test/alert.mjs STORE-A STORE-B…     prints TAP
 */
import { createDecipheriv, createECDH, createHmac, randomBytes } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync }
  from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, finish, is, like, ok, password } from './browser/harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cobijo-alert-'));
const at = name => join(folder, name);
const shared = '../shared/standards/cap';
const later = ms => new Promise(done => { setTimeout(done, ms); });
const children = [], listeners = [];
/* a test that broke off leaves no server behind */
process.on('exit', () => children.forEach(child => child.exitCode === null && child.kill('SIGKILL')));

async function until(what, ms = 60000) {
  for (const end = Date.now() + ms; Date.now() < end;) {
    const got = await what();

    if (got)
      return got;
    await later(100);
  }
  return null;
}

function listen(server) {
  listeners.push(server);
  return new Promise(done => {
    server.listen(0, '127.0.0.1', () => done(server.address().port));
  });
}

/* --- a house -------------------------------------------------------------------- */

class House {
  constructor(name, store, site) {
    this.env = { ...process.env, COBIJO_STORE: store, COBIJO_KEYS: at(`${name}.keys`),
                 COBIJO_STRICT: '1', COBIJO_CATALOG: at(`${name}.catalog`),
                 COBIJO_DELIVERY: '' };
    this.name = name;
    mkdirSync(at(`${name}.catalog`), { recursive: true });
    this.run('init', '--site', site, '--admin', 'ana', '--password-file', at('password'));
    this.one = this.run('token', 'add', 'uno', '--role', 'ofam').stdout.trim().split('\n').pop();
    this.two = this.run('token', 'add', 'dos', '--role', 'supervisor').stdout.trim()
      .split('\n').pop();
  }

  run(...args) {
    return spawnSync(binary(), args, { env: this.env, encoding: 'utf8' });
  }

  async serve(...args) {
    this.child = spawn(binary(), ['serve', '--listen', '127.0.0.1:0', ...args],
      { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(this.child);
    this.log = '';
    this.child.stderr.on('data', part => { this.log += part; });
    this.url = await new Promise(done => {
      let said = '';

      this.child.stdout.on('data', part => {
        said += part;
        if (said.includes('\n'))
          done(said.split('\n')[0].trim());
      });
    });
  }

  async stop() {
    if (!this.child)
      return;
    const gone = new Promise(done => { this.child.on('exit', done); });
    this.child.kill('SIGTERM');
    await gone;
    this.child = null;
  }

  async ask(path, { token, body, method } = {}) {
    const answer = await fetch(this.url + path, {
      method: method || (body === undefined ? 'GET' : 'POST'), redirect: 'manual',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json',
                 ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    let json = null;

    try {
      json = JSON.parse(text);
    } catch {
      json = null;
    }
    return { status: answer.status, text, json, headers: answer.headers };
  }

  async publish(more = {}) {
    const draft = { status: 'Actual', category: 'Met', severity: 'Severe', urgency: 'Immediate',
      certainty: 'Observed', response: 'Avoid', expires: '2035-01-01T12:00:00Z',
      municipalities: 'Tapachula, Chiapas',
      info: [{ language: 'es', event: 'Inundación', headline: 'El Suchiate se desbordó & sube',
               instruction: 'No cruce.' },
             { language: 'ht', event: 'Inondasyon', headline: 'Rivyè a debòde' }], ...more };
    const { json } = await this.ask('/alert/new', { token: this.one, body: draft });

    const read = (await this.ask(`/alert/${json.id}`, { token: this.two })).json;
    await this.ask(`/alert/${json.id}/approve`, { token: this.two, body: { _base: read.base } });
    await this.ask(`/alert/${json.id}/publish`, { token: this.one, body: {} });
    return json.id;
  }
}

/* --- the document and the feed --------------------------------------------------- */

function valid(name, text) {
  writeFileSync(at('document.xml'), text);
  if (!existsSync(`${shared}/cap12.xsd`))
    return ok(true, `${name} # SKIP no ../shared`);
  const run = spawnSync('xmllint', ['--noout', '--nonet', '--schema', `${shared}/cap12.xsd`,
                                    at('document.xml')], { encoding: 'utf8' });

  return run.error ? ok(true, `${name} # SKIP no xmllint`)
    : is(run.status === 0 ? '' : run.stderr, '', name);
}

/* What RFC 4287 demands of a feed and its entries. */
function atom(text) {
  const wrong = [];
  const need = (part, element, most) => {
    const count = part.split(`<${element}>`).length - 1 + (part.split(`<${element} `).length - 1);

    if (count < 1 || count > most)
      wrong.push(`${count} ${element}`);
  };
  const entries = text.split('<entry>').slice(1).map(part => part.split('</entry>')[0]);
  const head = text.split('<entry>')[0];

  for (const part of [head, ...entries]) {
    for (const element of ['id', 'title', 'updated'])
      need(part, element, 1);
    for (const [, when] of part.matchAll(/<(?:updated|published)>([^<]*)</g))
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(when))
        wrong.push(when);
    if (!/<link [^>]*rel="(?:alternate|self)"/.test(part))
      wrong.push('no link');
  }
  if (!head.includes('<author><name>'))
    wrong.push('no author');
  const ids = [...text.matchAll(/<id>([^<]*)</g)].map(m => m[1]);
  if (new Set(ids).size !== ids.length)
    wrong.push('an id twice');
  return wrong.join(', ');
}

async function documents(a) {
  const id = await a.publish();
  const cap = await a.ask(`/alert/${id}/cap`);
  const feed = await a.ask('/alerts.atom');
  const page = await a.ask(`/alerts/${id}`);

  a.first = id;
  is(cap.headers.get('content-type'), 'application/cap+xml', 'a document of its type');
  ok(!cap.headers.get('set-cookie'), 'without a cookie');
  valid('our document is valid', cap.text);
  writeFileSync(at('cap.xml'), cap.text);
  is(a.run('alert', 'check', at('cap.xml')).status, 0, 'and by our own rules');
  writeFileSync(at('cap.note'), (await a.ask(`/alert/${id}/note`)).text);
  const key = a.run('alert', 'key').stdout.trim();
  is(a.run('alert', 'check', at('cap.xml'), '--signature', at('cap.note'), '--key', key).status, 0,
     'its signature holds');
  writeFileSync(at('other.xml'), cap.text.replace('No cruce', 'Cruce'));
  is(a.run('alert', 'check', at('other.xml'), '--signature', at('cap.note'), '--key', key).status,
     1, 'of no other text');
  is(a.run('alert', 'export', id).stdout, cap.text, 'the command line writes the same');
  writeFileSync(at('feed.xml'), feed.text);
  is(spawnSync('xmllint', ['--noout', '--nonet', at('feed.xml')]).status || 0, 0,
     'the feed is well formed');
  is(atom(feed.text), '', 'and has what Atom demands');
  is(page.json && page.json.cap.identifier, id, 'a page for programs');
  const html = await (await fetch(`${a.url}/alerts/${id}?lang=ht`,
                                  { headers: { Accept: 'text/html' } })).text();
  ok(html.indexOf('Rivyè a debòde') < html.indexOf('El Suchiate') &&
     html.includes('desbordó &amp; sube'), 'and for people, their language first');
  for (const path of ['/', '/alerts']) {
    const answer = await fetch(a.url + path, { headers: { Accept: 'text/html' } });

    ok((await answer.text()).includes('El Suchiate se desbord') && !answer.headers.get('set-cookie'),
       `${path} says it`);
  }
  const gone = await a.ask('/alerts/00000000-0000-7000-8000-000000000000');
  is(gone.status, 404, 'what is not there is not there');
}

function samples(a) {
  if (!existsSync(`${shared}/samples`))
    return ok(true, 'samples # SKIP no ../shared');
  const names = readdirSync(`${shared}/samples`).map(name => `${shared}/samples/${name}`);
  const run = a.run('alert', 'check', ...names);

  is(run.status, 1, 'one of the samples is wrong');
  is(run.stdout.trim().split('\n').length, names.length - 1, 'the others are taken');
  return like(run.stderr, /Fiji[^\n]*reference/, 'with the reason');
}

/* --- from house to house ---------------------------------------------------------- */

function feeds(house, rows) {
  writeFileSync(at(`${house.name}.catalog/alert_feed.csv`),
    'name,label::Español (es),label::English (en),url,trust,key,every_minutes\n' +
    rows.map(row => row.join(',')).join('\n') + '\n');
}

async function relay(a, b) {
  const key = a.run('alert', 'key').stdout.trim();
  const token = a.run('token', 'add', 'albergue-norte', '--role', 'partner').stdout.trim()
    .split('\n').pop();

  writeFileSync(at('b.delivery'), `ack.vecina = ${token}\n`);
  feeds(b, [['vecina', 'Casa vecina', 'Next door', `${a.url}/alerts.atom`, 'show', key, 1]]);
  const first = b.run('alert', 'fetch', '--delivery', at('b.delivery'));
  is(first.stdout.split('\t').slice(1, 3).join(' ') + first.stderr, '1 0', 'the other house has it');
  is(b.run('alert', 'fetch').stdout.split('\t').slice(1, 3).join(' '), '0 0',
     'and does not ask for it again');
  await b.serve();
  const list = (await b.ask('/alerts')).json.alerts;
  is(list.length === 1 && list[0].origin, 'Casa vecina', 'shown as from its neighbour');
  const here = (await a.ask(`/alert/${a.first}`, { token: a.two })).json;
  is(here.houses.map(h => h.house).join(), 'albergue-norte', 'who published sees who has it');
  is((await a.ask(`/alerts/${a.first}/ack`, { body: {} })).status >= 400, true,
     'nobody says so without a token');
  const theirs = (await b.ask(`/alert/${list[0].id}/cap`)).text;
  is((await b.ask(`/alerts/${list[0].id}`)).json.signature, 'checked', 'whose signature was checked');
  is((await a.ask(`/alerts/${a.first}`)).json.signature, 'own', 'which is ours where it is ours');
  is(theirs, (await a.ask(`/alert/${a.first}/cap`)).text.trim(), 'word by word');
  /* round the circle */
  feeds(a, [['eco', 'Eco', 'Echo', `${b.url}/alerts.atom`, 'show', '', 1]]);
  const echo = a.run('alert', 'fetch');
  is(echo.stdout.split('\t')[3], '1', 'our own that comes back is none');
  is((await a.ask('/alerts')).json.alerts.length, 1, 'and is not there twice');
  /* cancelled here, cancelled there */
  const called_off = (await a.ask(`/alert/${a.first}/cancel`,
    { token: a.two, body: { why: 'Bajó el río' } })).json.id;
  const groups = (await a.ask('/alert', { token: a.two })).json.groups;
  const off = groups.flatMap(group => group.alerts);
  is(off.map(one => `${one.id} ${one.cancel} ${one.why}`).join(),
     `${a.first} ${called_off} Bajó el río`, 'what was called off is listed once, with its reason');
  b.run('alert', 'fetch');
  is((await b.ask('/alerts')).json.alerts.length, 0, 'what is called off is called off there');
  valid('the cancel is valid', (await a.ask(`/alert/${
    /href="[^"]*\/alert\/([^/]*)\/cap"/.exec((await a.ask('/alerts.atom')).text)[1]}/cap`)).text);
  await b.stop();
  /* another key */
  await a.publish();
  feeds(b, [['vecina', 'Casa vecina', 'Next door', `${a.url}/alerts.atom`, 'show',
             b.run('alert', 'key').stdout.trim(), 1]]);
  const strange = b.run('alert', 'fetch');
  ok(strange.status === 1 && strange.stdout.split('\t')[1] === '0',
     'what another key signed is not taken');
}

function alert_xml(identifier, more = '') {
  return `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>${identifier}` +
    '</identifier><sender>lejos</sender><sent>2026-11-20T08:00:00-06:00</sent><status>Actual' +
    '</status><msgType>Alert</msgType><scope>Public</scope>' + more + '<info><category>Met' +
    '</category><event>Norte</event><urgency>Expected</urgency><severity>Moderate</severity>' +
    '<certainty>Likely</certainty><expires>2035-01-01T00:00:00-06:00</expires></info></alert>';
}

async function hostile(b) {
  const hits = {};
  const answers = {
    '/loop': base => `<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="${base}/loop"/>` +
      `</entry><entry><link href="${base}/chain"/></entry><entry><link href="http://10.0.0.1/x"/>` +
      `</entry><entry><link href="${base}/good"/></entry><entry><link href="${base}/broken"/>` +
      '</entry></feed>',
    '/chain': base => `<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="${base}/loop"/>` +
      '</entry></feed>',
    '/good': () => alert_xml('n-1').replace('</alert>',
      '<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/></alert>'),
    '/broken': () => alert_xml('n 2'),
    '/call_off': () => alert_xml('n-3',
      '<references>lejos,n-1,2026-11-20T08:00:00-06:00</references>')
      .replace('>Alert<', '>Cancel<').replace('T08:00:00-06:00</sent>', 'T09:00:00-06:00</sent>'),
    '/many': base => '<feed xmlns="http://www.w3.org/2005/Atom">' +
      Array.from({ length: 5000 }, (_, i) => `<entry><link href="${base}/m${i}"/></entry>`).join('') +
      '</feed>',
    '/dead': base => '<feed xmlns="http://www.w3.org/2005/Atom">' +
      `<entry><link href="${base}/newest"/></entry>` +
      Array.from({ length: 60 }, (_, i) => `<entry><link href="${base}/d${i}"/></entry>`).join('') +
      '</feed>',
    '/newest': () => alert_xml('newest'),
    '/bomb': () => '<!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><feed>&b;</feed>',
    '/huge': () => `<feed xmlns="http://www.w3.org/2005/Atom">${' '.repeat(5e6)}</feed>`,
    '/html': () => '<html><body>login</body></html>',
  };
  const server = createServer((request, response) => {
    hits[request.url] = (hits[request.url] || 0) + 1;
    if (request.url === '/hang')
      return;
    const answer = answers[request.url] ||
      (request.url.startsWith('/m') ? () => alert_xml(request.url.slice(1)) : null);
    response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/xml' });
    response.end(answer ? answer(base) : '');
  });
  const base = `http://127.0.0.1:${await listen(server)}`;
  const one = async path => {
    feeds(b, [['x', 'Equis', 'X', base + path, 'review', '', 1]]);
    /* the server of the test lives in this process: it must not be blocked */
    const run = await new Promise(done => {
      const child = spawn(binary(), ['alert', 'fetch'], { env: b.env });
      let stdout = '', stderr = '';

      child.stdout.on('data', part => { stdout += part; });
      child.stderr.on('data', part => { stderr += part; });
      child.on('exit', status => done({ status, stdout, stderr }));
    });

    return { ...run, counts: run.stdout.trim().split('\t').slice(1).map(Number) };
  };

  const loop = await one('/loop');
  is(loop.counts.join(' '), '1 0 0 0 2 2', 'a feed that loops: one alert, two refused, two not asked');
  is(hits['/loop'], 1, 'it is asked for once');
  is(b.run('alert', 'list').stdout.includes('n-1'), false, 'what nobody vouches for waits');
  const again = await one('/loop');
  is(again.counts[0] + hits['/good'], 1, 'nothing is asked for twice');
  await b.serve();
  const waiting = (await b.ask('/alert', { token: b.two })).json.groups[0];
  is(waiting.stage, 'review', 'it is there for who reviews');
  const signed = (await b.ask(`/alert/${waiting.alerts[0].id}`, { token: b.two }));
  is(signed.json && signed.json.signature, 'not_checked', 'an XML signature inside was not checked');
  const page = await fetch(`${b.url}/alert/${waiting.alerts[0].id}`,
    { headers: { Accept: 'text/html', Authorization: `Bearer ${b.two}` } });
  like(await page.text(), /firma XML que no se comprobó/, 'and the page says so');

  /* let in by a person, then called off by its sender: a person looks at that, too */
  const read = async path => (await fetch(b.url + path, { headers:
    { Accept: 'text/html', Authorization: `Bearer ${b.two}` } })).text();
  const heap = async stage => (await b.ask('/alert', { token: b.two })).json.groups
    .find(one => one.stage === stage);
  const let_in = id => b.ask(`/alert/${id}/review`, { token: b.two, body: { show: 'yes' } });
  const { id } = waiting.alerts[0];
  await let_in(id);
  await b.stop();
  is((await one('/call_off')).counts[0], 1, 'its cancellation comes');
  await b.serve();
  const stays = (await heap('published')).alerts.find(other => other.id === id);
  const calls_off = (await heap('review')).alerts[0];
  ok(stays && stays.withdrawn === calls_off.id && calls_off.is_cancel, 'and waits');
  is((await b.ask('/alerts')).json.alerts.length, 1, 'the warning stays');
  like(await read('/alert'), /Quien la envió la cancela: revíselo/, 'the list of alerts says so');
  like(await read(`/alert/${id}`), /dice que ya no vale.*Ver la cancelación/s, 'and its own page');
  like(await read(`/alert/${calls_off.id}`), /Aceptar la cancelación/, 'where it is accepted');
  await let_in(calls_off.id);
  is((await b.ask('/alerts')).json.alerts.length, 0, 'then the warning is over');
  await b.stop();
  const many = await one('/many');
  ok(many.counts[0] === 50 && many.counts[5] > 4000, 'fifty of five thousand in one go');
  await one('/dead');
  is((await one('/dead')).counts[0], 1, 'sixty dead links do not keep the newest alert away');
  for (const [path, why] of [['/bomb', /entidad/], ['/html', /lista de alertas/], ['/huge', /./],
                             ['/nothing', /error/], ['/hang', /[Tt]ime/]]) {
    const run = await one(path);

    ok(run.status === 1 && why.test(run.stderr), `${path} has its end: ${run.stderr.trim()}`);
  }
}

/* --- messages -------------------------------------------------------------------- */

function smtp(plan) {
  return createSocket(socket => {
    let data = false, text = '';

    socket.on('error', () => {});
    if (plan.hang) {
      socket.on('close', () => { plan.let_go = true; });
      socket.resume();
      return;
    }
    socket.write('220 prueba\r\n');
    socket.on('data', part => {
      text += part;
      for (let end; (end = text.indexOf('\r\n')) >= 0;) {
        const line = text.slice(0, end);

        text = text.slice(end + 2);
        if (data) {
          if (line === '.') {
            data = false;
            plan.mails.push(plan.now);
            socket.write('250 ya\r\n');
          } else {
            plan.now += line + '\n';
          }
        } else if (/^EHLO|^HELO|^RSET|^NOOP/.test(line)) {
          socket.write('250 prueba\r\n');
        } else if (/^MAIL/.test(line)) {
          plan.now = '';
          socket.write('250 ya\r\n');
        } else if (/^RCPT/.test(line)) {
          socket.write(line.includes('nadie') ? '550 no\r\n' : '250 ya\r\n');
        } else if (/^DATA/.test(line)) {
          data = true;
          socket.write('354 diga\r\n');
        } else if (/^QUIT/.test(line)) {
          socket.end('221 adiós\r\n');
        } else {
          socket.write('500 ¿qué?\r\n');
        }
      }
    });
  });
}

/* RFC 8291 undone, by other code. */
function unseal(browser, auth, body) {
  const salt = body.subarray(0, 16), from = body.subarray(21, 86);
  const hmac = (key, ...parts) => {
    const h = createHmac('sha256', key);

    for (const part of parts)
      h.update(part);
    return h.digest();
  };
  const shared_secret = browser.computeSecret(from);
  const ikm = hmac(hmac(auth, shared_secret), 'WebPush: info\0', browser.getPublicKey(), from,
                   Buffer.from([1]));
  const prk = hmac(salt, ikm);
  const key = hmac(prk, 'Content-Encoding: aes128gcm\0\x01').subarray(0, 16);
  const nonce = hmac(prk, 'Content-Encoding: nonce\0\x01').subarray(0, 12);
  const open = createDecipheriv('aes-128-gcm', key, nonce);

  open.setAuthTag(body.subarray(body.length - 16));
  const plain = Buffer.concat([open.update(body.subarray(86, body.length - 16)), open.final()]);
  return plain.subarray(0, plain.length - 1).toString();
}

async function messages(a) {
  const mail = { mails: [], now: '', hang: false };
  const mail_port = await listen(smtp(mail));
  const seen = { sms: [], push: [] };
  const gate = createServer((request, response) => {
    const parts = [];

    request.on('data', part => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);

      if (request.url.startsWith('/hang')) {
        request.socket.on('close', () => { seen.let_go = true; });
        return;
      }
      if (request.url.startsWith('/sms')) {
        seen.sms.push({ url: request.url, body: body.toString(), key: request.headers['x-key'] });
        response.writeHead(200);
      } else if (request.url.startsWith('/gone')) {
        seen.gone = true;
        response.writeHead(410);
      } else {
        seen.push.push({ body, headers: request.headers });
        response.writeHead(201);
      }
      response.end();
    });
  });
  const gate_port = await listen(gate);
  const browser = createECDH('prime256v1'), auth = randomBytes(16);
  const push = path => ({ endpoint: `http://127.0.0.1:${gate_port}${path}`,
    p256dh: browser.getPublicKey('base64url'), auth: auth.toString('base64url'),
    area: 'MX-CHP', language: 'ht' });
  const settings = more => writeFileSync(at('a.delivery'),
    `smtp_url = smtp://127.0.0.1:${mail_port}\nsmtp_plain = yes\nsmtp_from = casa@ejemplo.invalid\n` +
    `sms_url = http://127.0.0.1:${gate_port}${more || '/sms'}?to={to}\nsms_type = application/json\n` +
    'sms_body = {"text":"{text}"}\nsms_header = X-Key: abre\npush_near = yes\n');

  browser.generateKeys();
  await a.stop();
  settings();
  a.env.COBIJO_DELIVERY = at('a.delivery');
  await a.serve();
  for (const [name, channel, address] of [['Uno', 'email', 'uno@ejemplo.invalid'],
                                          ['Nadie', 'email', 'nadie@ejemplo.invalid'],
                                          ['Dos', 'sms', '+529620000000']])
    is((await a.ask('/record/alert_recipient', { token: a.two,
      body: { name, channel, address, language: 'es' } })).status, 201, `${name} wants alerts`);
  for (const path of ['/push/1', '/gone/1', '/hang/1'])
    is((await a.ask('/alerts/push', { body: push(path) })).status, 200, `a browser, ${path}`);
  is((await a.ask('/alerts/push', { body: { ...push('/x'), endpoint: 'http://10.0.0.1/x' } })).status,
     422, 'no address inside');
  const id = await a.publish({ info: [
    { language: 'es', event: 'Calor', headline: 'Calor de 45 grados', instruction: 'Tome "agua".' },
    { language: 'ht', event: 'Chalè', headline: 'Chalè 45 degre' }] });
  ok(!seen.let_go && (await a.ask('/alerts')).json.alerts.some(x => x.id === id),
     'publishing waits for none of them');
  await until(() => seen.push.length && seen.sms.length && mail.mails.length && seen.gone);
  is(seen.sms[0] && JSON.parse(seen.sms[0].body).text, 'Calor de 45 grados. Tome "agua".',
     'a text message');
  is(seen.sms[0] && `${seen.sms[0].url} ${seen.sms[0].key}`, '/sms?to=%2B529620000000 abre',
     'to the number, with the header');
  like(mail.mails[0] || '', /To: <uno@ejemplo.invalid>/, 'mail');
  like(Buffer.from((mail.mails[0] || '').split('\n\n')[1] || '', 'base64').toString(),
       /Calor de 45 grados[^]*Chalè/, 'in every language');
  const said = seen.push[0] ? JSON.parse(unseal(browser, auth, seen.push[0].body)) : {};
  is(`${said.title} ${said.href}`, `Chalè 45 degre /alerts/${id}`, 'Web Push, opened by the browser');
  like(seen.push[0] ? seen.push[0].headers.authorization : '', /^vapid t=ey[^,]+, k=B/,
       'signed by the house');
  const list = await until(async () => {
    const got = (await a.ask('/delivery', { token: a.two })).json;
    const state = kind => got.messages.filter(m => m.channel === kind).map(m => m.state).sort().join();

    return state('email') === 'failed,sent' && state('push').includes('failed') &&
      !state('push').includes('sending') && got;
  });
  ok(list, 'what became of each stands on a page');
  const text = JSON.stringify(list || {});
  ok(text.includes('HTTP 410') && text.includes('SMTP 550') && /[Tt]ime/.test(text),
     'with its reason');
  ok(!text.includes('uno@ejemplo') && !text.includes('9620000000'), 'and no address');
  is((await a.ask('/delivery', { token: a.one })).status, 200, 'for those who write alerts');
  ok(!a.log.includes('ejemplo.invalid') && !a.log.includes('9620000000'), 'nor in the log');
  /* a server of mail that hangs */
  mail.hang = true;
  await a.publish({ info: [{ language: 'es', event: 'Frío', headline: 'Frío' }] });
  ok(!mail.let_go, 'nor for a server of mail that hangs');
  ok(await until(async () => (await a.ask('/delivery', { token: a.two })).json.messages.some(
    m => m.channel === 'email' && m.state === 'queued' && m.attempts === 1)),
     'which is asked again later');
  await a.stop();
  ok(true, 'and the server ends');
  /* whoever runs a place is asked again by mail */
  mail.hang = false;
  a.run('import', 'place', at('due.csv'));
  await a.serve('--public-url', 'https://casa.ejemplo.invalid');
  const letter = await until(() => mail.mails.find(one => one.includes('cuida@')));
  const words = Buffer.from((letter || '').split('\n\n')[1] || '', 'base64').toString();
  const door = /https:\/\/casa\.ejemplo\.invalid(\/d\/\S+)/.exec(words);

  like(words, /«Comedor que cuida \(inventado\)»/, 'whoever runs a place that is due gets mail');
  is(door && (await a.ask(door[1])).status, 200, 'with a link that opens its entry');
  ok(await until(async () => (await a.ask('/delivery', { token: a.two })).json.messages.some(
    m => m.channel === 'email' && m.recipient.startsWith('c…') && m.state === 'sent')),
     'and it stands among what was sent');
  is(mail.mails.filter(one => one.includes('cuida@')).length, 1, 'once');
  await a.stop();
}

/* --- all of it ------------------------------------------------------------------- */

const stores = process.argv.slice(2);

writeFileSync(at('password'), `${password}\n`);
writeFileSync(at('due.csv'), 'nombre,tipo,email,verified_on\n' +
  'Comedor que cuida (inventado),comedor,cuida@ejemplo.invalid,2020-01-01\n');
for (let i = 0; i + 1 < stores.length; i += 2) {
  const a = new House(`a${i}`, stores[i], 'Casa uno (ejemplo)');
  const b = new House(`b${i}`, stores[i + 1], 'Casa dos (ejemplo)');

  console.log(`# ${stores[i].split(':')[0]}`);
  await a.serve();
  await documents(a);
  samples(a);
  await relay(a, b);
  await hostile(b);
  await messages(a);
}
for (const child of children)
  if (child.exitCode === null)
    child.kill('SIGKILL');
for (const server of listeners) {
  server.close();
  if (server.closeAllConnections)
    server.closeAllConnections();
}
rmSync(folder, { recursive: true, force: true });
finish();
setTimeout(() => process.exit(process.exitCode || 0), 200).unref();
