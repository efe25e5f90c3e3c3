/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* push.mjs - alerts by Web Push, with a real browser at the other end: it
 * subscribes on /alerts, the house seals and signs, the browser opens what came
 * and shows it. Only the service of the browser's maker is made up
 * (lib_vendor.mjs). The alert is made up.
 */
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { file, finish, is, like, ok, run, serve } from './harness.mjs';
import { vendor } from './lib_vendor.mjs';

async function until(what, ms = 60000) {
  for (const end = Date.now() + ms; Date.now() < end;) {
    const got = await what();

    if (got)
      return got;
    await new Promise(done => { setTimeout(done, 100); });
  }
  return null;
}

async function ask(server, path, body, token) {
  const answer = await fetch(server.url + path, { method: body ? 'POST' : 'GET',
    redirect: 'manual', body: body && JSON.stringify(body),
    headers: { Accept: 'application/json', 'Content-Type': 'application/json',
               ...(token ? { Authorization: `Bearer ${token}` } : {}) } });

  return { status: answer.status, json: await answer.json().catch(() => null) };
}

async function publish(server) {
  const token = (name, role) =>
    run(['--store', server.store, 'token', 'add', name, '--role', role]).trim().split('\n').pop();
  const writer = token('escribe', 'ofam'), second = token('aprueba', 'supervisor');
  const { json } = await ask(server, '/alert/new', { status: 'Actual', category: 'Met',
    severity: 'Severe', urgency: 'Immediate', certainty: 'Observed', response: 'Avoid',
    expires: '2035-01-01T12:00:00Z', states: 'MX-CHP',
    info: [{ language: 'es', event: 'Inundación', headline: 'El Suchiate se desbordó',
             instruction: 'No cruce el río.' }] }, writer);
  const read = await ask(server, `/alert/${json.id}`, null, second);

  await ask(server, `/alert/${json.id}/approve`, { _base: read.json.base }, second);
  is((await ask(server, `/alert/${json.id}/publish`, {}, writer)).status, 200, 'an alert is out');
  return json.id;
}

/* The house's signature (RFC 8292), by other code. */
function signed_by(header, point, audience) {
  const [, head, claims, signature, key] =
    /^vapid t=([^.]+)\.([^.]+)\.([^,]+), k=(.+)$/.exec(header) || [];
  const bytes = Buffer.from(point, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: bytes.subarray(1, 33).toString('base64url'),
                y: bytes.subarray(33).toString('base64url') };

  return key === point &&
    JSON.parse(Buffer.from(claims, 'base64url')).aud === audience &&
    verify('sha256', Buffer.from(`${head}.${claims}`),
           { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
           Buffer.from(signature, 'base64url'));
}

const subscription = () => navigator.serviceWorker.getRegistration('/alerts/push/')
  .then(one => one && one.pushManager.getSubscription()).then(one => one && one.toJSON());

/* What the browser notes down of messages and notifications (its own record,
 * chrome's "background services"). */
async function watch(page) {
  const cdp = await page.context().newCDPSession(page), said = [];

  cdp.on('BackgroundService.backgroundServiceEventReceived', event => {
    const { eventName: what, eventMetadata: more } = event.backgroundServiceEvent;

    said.push({ what, ...Object.fromEntries(more.map(({ key, value }) => [key, value])) });
  });
  for (const service of ['pushMessaging', 'notifications']) {
    await cdp.send('BackgroundService.setRecording', { shouldRecord: true, service });
    await cdp.send('BackgroundService.startObserving', { service });
  }
  return said;
}

async function all(server, maker, page) {
  await page.goto(`${server.url}/alerts`);
  await page.selectOption('#push-area', 'MX-CHP');
  const point = await page.getAttribute('[data-push]', 'data-push');

  await page.click('[data-on]');
  ok(await until(() => page.evaluate(() =>
    /avisará/.test(document.querySelector('[data-push] [role=status]').textContent))),
     'a browser subscribes, and the house takes what it was given');
  const got = await page.evaluate(subscription);
  const wish = maker.asked.findLast(one => one['X-subtype']) || {};
  is(wish.sender, point, 'the maker knows it by the key of the house');
  like(got ? got.endpoint : '', /^https:\/\/[a-z0-9.-]+\/.*made-up/, 'at an address of its maker');
  ok(await until(() => maker.listening()), 'and listens');

  /* the maker's name leads to nobody here: the same keys at an address of ours */
  is((await ask(server, '/alerts/push/forget', { endpoint: got.endpoint })).status, 200,
     'its address is taken back');
  is((await ask(server, '/alerts/push', { endpoint: `${maker.url}/send/1`, area: 'MX-CHP',
    language: 'es', ...got.keys })).status, 200, 'another one is given for it');
  const id = await publish(server);
  const sent = await until(() => maker.sent[0]);
  ok(sent, 'the house sends');
  is(sent && sent.headers['content-encoding'], 'aes128gcm', 'sealed');
  ok(sent && !sent.body.includes('Suchiate'), 'so that the maker reads nothing');
  ok(sent && signed_by(sent.headers.authorization, point, maker.url), 'signed by the house');

  const said = await watch(page);
  const broken = Buffer.from(sent.body);
  broken[broken.length - 1] ^= 1;
  maker.pass(wish, broken, '0:1');
  maker.pass(wish, sent.body, '0:2');
  ok(await until(() => said.some(one => one.what === 'Push event completed')),
     'what comes over the maker\'s line is dealt with');
  const came = said.filter(one => one.what === 'Push message received');
  const read = one => (one.Payload ? JSON.parse(one.Payload).href : 'nothing');
  is(came.map(one => `${one.Success}: ${read(one)}`).join(', '),
     `No: nothing, Yes: /alerts/${id}`, 'the browser opened it; what was changed on the way it dropped');
  const shown = said.filter(one => one.what === 'Notification displayed');
  is(shown.map(one => `${one.Title} | ${one.Body}`).join(),
     'El Suchiate se desbordó | No cruce el río.', 'and shows it');

  await page.reload();
  await page.click('[data-off]');
  ok(await until(async () => !await page.evaluate(subscription)), 'she wants no more');
  ok(await page.isVisible('[data-on]'), 'and may again');
}

const folder = mkdtempSync(join(tmpdir(), 'cobijo-push-'));
const maker = await vendor(folder);
const server = await serve({ args: ['--delivery', file(folder, 'delivery', 'push_near = yes\n')] });
const browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
  executablePath: '/usr/bin/chromium', locale: 'es-MX',
  ignoreDefaultArgs: ['--disable-background-networking'],
  args: ['--no-sandbox', '--disable-gpu',
         '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', ...maker.args] });

try {
  await browser.grantPermissions(['notifications'], { origin: server.url });
  const page = await browser.newPage();

  page.setDefaultTimeout(30000);
  await all(server, maker, page);
} catch (error) {
  ok(false, `no exception: ${error.message}`, error.stack);
}
await browser.close();
maker.stop();
is(await server.stop(), 0, 'the server ends well on SIGTERM');
rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
finish();
