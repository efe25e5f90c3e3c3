/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kept.mjs - public pages are made once and handed out again, and a place that
 * was taken away or became protected is on none of them at once, whoever wrote
 * it: this server, another one on the same store, the command line. What was
 * looked for is never kept. Invented places.
 *
 *   node test/kept.mjs STORE…     '' is a SQLite file of its own
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, finish, is, ok, run, serve } from './browser/harness.mjs';

/* in Mexico, where it may still be yesterday */
const today = new Date(Date.now() - 6 * 3600 * 1000).toISOString().slice(0, 10);
const html = { Accept: 'text/html' };
const canary = /Xoconostle 77|17\.51234|Zapotitlán/;

async function second(store) {
  const child = spawn(binary(), ['--store', store, 'serve', '--listen',
    '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const url = await new Promise((done, fail) => {
    child.stdout.once('data', text => done(String(text).trim()));
    child.on('exit', () => fail(new Error('the second server ended')));
  });

  return { url, stop: () => new Promise(done => {
    child.removeAllListeners('exit');
    child.on('exit', done);
    child.kill('SIGTERM');
  }) };
}

const json = async (base, token, path, body) => {
  const answer = await fetch(base + path, { method: 'POST', redirect: 'manual',
    headers: { Authorization: `Bearer ${token}`, Accept: 'application/json',
               'Content-Type': 'application/json' }, body: JSON.stringify(body) });

  if (answer.status >= 400)
    throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

async function told(base, path) {
  const answer = await fetch(base + path, { headers: html });

  return { status: answer.status, text: await answer.text(),
           etag: answer.headers.get('etag') };
}

/* Everything public that could still hold it. */
async function left(base, id) {
  const found = [];

  for (const path of [`/directory/${id}`, `/directory/${id}?lang=en`, '/directory',
    '/directory?page=1', '/offline/directory?lang=es', '/offline/directory?lang=en&area=MX-CHP'])
    if (canary.test((await told(base, path)).text))
      found.push(path);
  return found.join(' ');
}

const warm = async (base, id) => {
  for (let i = 0; i < 3; i++)
    await left(base, id);
};

/* Who asks differently is answered differently, however often. */
async function unmixed(base, name) {
  const ask = async (headers, method = 'GET') => {
    const answer = await fetch(`${base}/know`, { method, headers: { ...html, ...headers } });

    return { status: answer.status, text: await answer.text(), header: answer.headers };
  };

  for (let i = 0; i < 3; i++) {
    const spanish = await ask({ 'Accept-Language': 'es-MX', 'Accept-Encoding': 'identity' });
    const english = await ask({ 'Accept-Language': 'en', 'Accept-Encoding': 'identity' });
    const packed = await ask({ 'Accept-Language': 'es-MX', 'Accept-Encoding': 'gzip' });
    const again = await ask({ 'Accept-Language': 'es-MX', 'If-None-Match': spanish.header.get('etag') });
    const head = await ask({ 'Accept-Language': 'es-MX' }, 'HEAD');
    const tree = await ask({ Accept: 'application/json' });

    ok(/lang="es"/.test(spanish.text) && /lang="en"/.test(english.text), `${name}${i}: each its language`);
    ok(!spanish.header.get('content-encoding') && packed.header.get('content-encoding') === 'gzip' &&
       packed.text === spanish.text, `${name}${i}: compressed for who takes it`);
    ok(again.status === 304 && again.text === '' &&
       again.header.get('content-security-policy') === spanish.header.get('content-security-policy'),
       `${name}${i}: nothing for who has it`);
    ok(head.status === 200 && head.text === '', `${name}${i}: HEAD has no body`);
    ok(JSON.parse(tree.text), `${name}${i}: a tree for who asks for one`);
  }
}

async function all(url, name) {
  const server = await serve(url ? { store: url } : {});
  const other = await second(server.store);
  const token = run(['--store', server.store, 'token', 'add', 'uno', '--role', 'admin'])
    .trim().split('\n').pop();
  const place = { place_type: 'ALB', admin1: 'MX-CHP', municipality: 'Zapotitlán',
    verified_on: today, hours: '24/7', who: ['any'], services: [{ service_code: 'AL1' }],
    name: 'Albergue de prueba', lat: '17.51234', lon: '-91.98', address: 'Calle Xoconostle 77' };
  const hidden = { ...place, geo_precision: 'hidden', place_type: 'REFUGIO',
    municipality: '', how_referred: 'Por el Centro de Justicia.' };

  try {
    /* this server wrote */
    const { id } = await json(server.url, token, '/record/place', place);

    await warm(server.url, id);
    ok((await left(server.url, id)).split(' ').length >= 5, `${name}: a place is found on many pages`,
       await left(server.url, id));
    const before = await told(server.url, `/directory/${id}`);
    is((await told(server.url, `/directory/${id}`)).etag, before.etag, `${name}: the same page is handed out`);

    await unmixed(server.url, `${name}: `);

    /* another process on the same store */
    await json(other.url, token, `/record/place/${id}`, hidden);
    is(await left(server.url, id), '', `${name}: protected by another process, it is nowhere at once`);
    ok(/Centro de Justicia/.test((await told(server.url, `/directory/${id}`)).text),
       `${name}: and its page says how one is referred`);
    await json(other.url, token, `/record/place/${id}`, place);
    await warm(server.url, id);
    await json(server.url, token, `/record/place/${id}`, hidden);
    is(await left(server.url, id) + await left(other.url, id), '',
       `${name}: protected by this one, nowhere at once in both`);

    /* the command line */
    const sheet = precision => {
      const csv = join(server.folder, 'lugares.csv');

      writeFileSync(csv, 'nombre,tipo,servicios,estado,municipio,address,geo_precision\n' +
        `Comedor de prueba,Comedor,AL5,Chiapas,Zapotitlán,Calle Xoconostle 77,${precision}\n`);
      run(['--store', server.store, 'import', 'place', csv]);
    };

    sheet('');
    const found = (await (await fetch(`${server.url}/directory?page=1&q=Comedor`,
      { headers: { Accept: 'application/json' } })).json()).places[0].id;

    await warm(server.url, found);
    ok(await left(server.url, found) !== '', `${name}: what the command line brought is there`);
    sheet('hidden');
    is(await left(server.url, found), '', `${name}: what it made protected is nowhere at once`);

    /* a search that goes on at another server of the same house */
    const sent = await fetch(`${server.url}/directory`, { method: 'POST', redirect: 'manual', headers: html,
      body: new URLSearchParams({ go: '1', q: 'Comedor' }) });
    const where = sent.headers.get('location');

    ok(/^\/directory\?s=[\w-]{300,}$/.test(where), `${name}: a search is sealed in its address`, where);
    ok(/no-store/.test(sent.headers.get('cache-control')), `${name}: that nobody keeps`);
    ok(/value="Comedor"/.test((await told(server.url, where)).text), `${name}: it can be come back to`);
    is(/value="Comedor"/.test((await told(other.url, where)).text), url !== undefined && url !== '',
       `${name}: another server opens it where there may be several`);

    /* a notice */
    await told(server.url, '/know/health?lang=es');
    await json(other.url, token, '/notice/health/es/approve', { by: 'Médica de la red' });
    ok(/Médica de la red/.test((await told(server.url, '/know/health?lang=es')).text),
       `${name}: a notice that was reviewed elsewhere says so at once`);
  } finally {
    await other.stop();
    await server.stop();
  }
}

for (const store of process.argv.slice(2))
  await all(store, store ? 'PostgreSQL' : 'SQLite');
finish();
