/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* passkey.mjs - an authenticator of our own (Node's crypto) that registers and
 * answers as the W3C's WebAuthn says, and then in every wrong way: each step
 * of the two procedures that the program has to check is left out once.
 * Everybody in it is made up.
 *
 *   node test/passkey.mjs STORE-URL…     prints TAP
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, finish, is, like, ok, password } from './browser/harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cobijo-passkey-'));
const at = name => join(folder, name);
const sha = (...parts) => parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();
const url64 = bytes => Buffer.from(bytes).toString('base64url');

/* --- CBOR, as much as is written ------------------------------------------------- */

function head(major, n) {
  if (n < 24)
    return Buffer.from([major << 5 | n]);
  if (n < 256)
    return Buffer.from([major << 5 | 24, n]);
  return Buffer.from([major << 5 | 25, n >> 8, n & 255]);
}

function cbor(value) {
  if (typeof value === 'number')
    return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value))
    return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value))
    return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const pairs = value instanceof Map ? [...value] : Object.entries(value);
  return Buffer.concat([head(5, pairs.length), ...pairs.flat().map(cbor)]);
}

/* --- the authenticator --------------------------------------------------------- */

const b = text => Buffer.from(text, 'base64url');
const kinds = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

function cose(alg, publicKey) {
  const j = publicKey.export({ format: 'jwk' });

  return alg === 'ES256' ? new Map([[1, 2], [3, -7], [-1, 1], [-2, b(j.x)], [-3, b(j.y)]])
    : alg === 'EdDSA' ? new Map([[1, 1], [3, -8], [-1, 6], [-2, b(j.x)]])
      : new Map([[1, 3], [3, -257], [-1, b(j.n)], [-2, b(j.e)]]);
}

class Device {
  constructor(alg) {
    this.alg = alg;
    this.pair = kinds[alg]();
    this.id = randomBytes(32);
    this.counter = 0;
  }

  data(place, { flags = 0x05, rp = place.rp, attested = false, key, tail = Buffer.alloc(0), id = this.id } = {}) {
    const counter = Buffer.alloc(4);

    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha(rp), Buffer.from([flags | (attested ? 0x40 : 0)]), counter,
      attested ? Buffer.concat([Buffer.alloc(16), Buffer.from([id.length >> 8, id.length & 255]), id,
                                key || cbor(cose(this.alg, this.pair.publicKey))])
        : Buffer.alloc(0), tail]);
  }

  client(type, challenge, place, more = {}) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: place.origin, crossOrigin: false, ...more }));
  }

  register(offer, place, wrong = {}) {
    const data = this.data(place, { attested: true, ...wrong.data });
    const object = wrong.object || { fmt: 'none', attStmt: {}, authData: data, ...wrong.outer };

    return { label: 'prueba', ...wrong.body,
      client_data: url64(wrong.client_raw || this.client('webauthn.create', offer.challenge, place, wrong.client)),
      attestation: url64(wrong.raw || Buffer.concat([cbor(object), wrong.after || Buffer.alloc(0)])) };
  }

  answer(asked, place, wrong = {}) {
    const client = this.client('webauthn.get', asked.challenge, place, wrong.client);
    const data = this.data(place, wrong.data);
    const text = Buffer.concat([data, sha(client)]);
    const signature = wrong.signature ? wrong.signature(this, text)
      : sign(this.alg === 'EdDSA' ? null : 'sha256', text, this.pair.privateKey);

    return { id: url64(this.id), handle: this.handle, client_data: url64(client),
      authenticator: url64(data), signature: url64(signature), ...wrong.body };
  }
}

/* --- the program ---------------------------------------------------------------- */

let port, env, place;
const cobijo = (...args) => spawnSync(binary(), args, { env, encoding: 'utf8' });

class Visitor {
  cookies = {};
  csrf = '';
  host = `localhost:${port}`;

  send(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const out = request({ host: '127.0.0.1', port, method, path, headers: {
        Host: this.host, Accept: 'application/json', 'Accept-Language': 'es',
        'X-CSRF-Token': this.csrf,
        Cookie: Object.entries(this.cookies).map(([k, v]) => `${k}=${v}`).join('; '),
        ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers } }, answer => {
        let text = '';

        for (const line of answer.headers['set-cookie'] || []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
          this.cookies[name] = value;
        }
        answer.on('data', part => { text += part; });
        answer.on('end', () => {
          let json = {};
          try { json = JSON.parse(text); } catch { /* a page */ }
          resolve({ status: answer.statusCode, text, json });
        });
      });

      out.on('error', reject);
      out.end(body ? JSON.stringify(body) : undefined);
    });
  }

  post(path, body = {}) { return this.send('POST', path, body); }

  async login(name = 'marisol', secret = password) {
    await this.post('/login', { name, password: secret });
    const page = await this.send('GET', '/profile', null, { Accept: 'text/html' });
    [, this.csrf] = /data-csrf="([^"]*)"/.exec(page.text) || [];
    return this;
  }

  async offer() { return (await this.post('/profile/passkey/offer', { present: password })).json; }

  get inside() { return Boolean(this.cookies.cobijo); }
}

async function registered(visitor, alg, wrong = {}, device = new Device(alg)) {
  const offer = await visitor.offer();
  const answer = await visitor.post('/profile/passkey', device.register(offer, place, wrong));

  device.handle = offer.user.id;
  return { device, offer, answer };
}

async function entered(device, wrong = {}, visitor = new Visitor()) {
  const asked = (await visitor.post('/login/passkey/challenge')).json;
  const answer = await visitor.post('/login/passkey', device.answer(asked, place, wrong));

  return { visitor, asked, ...answer };
}

/* --- the cases ------------------------------------------------------------------ */

const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const number = n => Buffer.from(n.toString(16).padStart(64, '0'), 'hex');

function der(r, s, more = {}) {
  const one = bytes => {
    let raw = bytes;
    while (!more.padded && raw.length > 1 && raw[0] === 0)
      raw = raw.subarray(1);
    if (raw[0] & 0x80)
      raw = Buffer.concat([Buffer.from([0]), raw]);
    return Buffer.concat([Buffer.from([2, raw.length]), raw]);
  };
  const inner = Buffer.concat([one(r), one(s)]);
  return Buffer.concat([Buffer.from([0x30, inner.length]), inner, more.tail || Buffer.alloc(0)]);
}

const pair = (device, text) => {
  const raw = sign('sha256', text, { key: device.pair.privateKey, dsaEncoding: 'ieee-p1363' });
  return [raw.subarray(0, 32), raw.subarray(32)];
};

async function cases(which) {
  const name = text => `${which}: ${text}`;
  const inside = await new Visitor().login();
  const devices = {};

  ok(inside.csrf, name('logged in with the password'));
  is((await new Visitor().post('/profile/passkey/offer', { present: password })).status, 401, name('nobody gets no offer'));
  is((await inside.post('/profile/passkey/offer', { present: 'otra frase larga' })).status, 422, name('the password is asked again'));
  is((await inside.post('/profile/passkey/offer', {})).status, 422, name('and missed'));
  {
    const stranger = await new Visitor().login();
    stranger.csrf = 'x';
    is((await stranger.post('/profile/passkey/offer', { present: password })).status, 403, name('and the token of the page'));
  }
  for (const alg of Object.keys(kinds)) {
    const { device, offer, answer } = await registered(inside, alg);

    devices[alg] = device;
    is(answer.status, 200, name(`${alg}: registered`));
    ok(offer.user.id.length === 43 && offer.user.id !== url64('marisol'), name(`${alg}: the handle is random`));
    const { visitor, status, json } = await entered(device);
    ok(visitor.inside && status === 200 && json.location === '/today', name(`${alg}: opens the door`));
    like((await visitor.send('GET', '/profile', null, { Accept: 'text/html' })).text, /marisol/, name(`${alg}: as herself`));
  }
  ok(devices.ES256.handle === devices.RS256.handle, name('one handle for all keys of a user'));
  is((await inside.offer()).known.length, 3, name('known keys are not to be made again'));

  /* registration, wrong */
  const raw = new Device('ES256');
  const good = cose('ES256', raw.pair.publicKey);
  const changed = (key, value) => cbor(new Map([...good].map(([k, v]) => [k, k === key ? value : v])));
  const wrongs = {
    'another type': { client: { type: 'webauthn.get' } },
    'another challenge': { client: { challenge: url64(randomBytes(32)) } },
    'no challenge': { client: { challenge: undefined } },
    'another origin': { client: { origin: 'https://evil.example' } },
    'the same name at another port': { client: { origin: 'http://localhost:1' } },
    'an origin with a slash': { client: { origin: `${place.origin}/` } },
    'within a page of another site': { client: { crossOrigin: true } },
    'crossOrigin as a text': { client: { crossOrigin: 'false' } },
    'a top origin': { client: { topOrigin: 'https://evil.example' } },
    'client data that is no JSON': { client_raw: Buffer.from('{') },
    'another rp': { data: { rp: 'evil.example' } },
    'nobody was there': { data: { flags: 0x04 } },
    'nobody was asked who': { data: { flags: 0x01 } },
    'a copy that cannot be': { data: { flags: 0x15 } },
    'no key in it': { data: { attested: false } },
    'bytes after the key': { data: { tail: Buffer.from([0]) } },
    'extensions said, none there': { data: { flags: 0x85 } },
    'extensions that are no map': { data: { flags: 0x85, tail: Buffer.from([0x01]) } },
    'bytes after the object': { after: Buffer.from([0]) },
    'none with a statement': { outer: { attStmt: { x: 1 } } },
    'no format': { object: { attStmt: {}, authData: Buffer.alloc(37) } },
    'an empty object': { object: {} },
    'no CBOR': { raw: Buffer.from('hola') },
    'CBOR without an end': { raw: Buffer.from([0xbf, 0xff]) },
    'CBOR of a claimed gigabyte': { raw: Buffer.from([0x5a, 0x40, 0, 0, 0, 1]) },
    'CBOR too deep': { raw: Buffer.alloc(1000, 0x81) },
    'a member twice': { raw: Buffer.concat([Buffer.from([0xa2]), cbor('fmt'), cbor('none'), cbor('fmt'), cbor('none')]) },
    'an id of nothing': { data: { id: Buffer.alloc(0) } },
    'an id of 1,100 bytes': { data: { id: Buffer.alloc(1100, 7) } },
    'a point that is not on the curve': { data: { key: changed(-3, Buffer.alloc(32, 7)) } },
    'a point of zeros': { data: { key: cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.alloc(32)], [-3, Buffer.alloc(32)]])) } },
    'a short coordinate': { data: { key: changed(-2, Buffer.alloc(31, 1)) } },
    'P-384': { data: { key: changed(-1, 2) } },
    'an algorithm for another type': { data: { key: changed(3, -8) } },
    'an algorithm nobody asked for': { data: { key: changed(3, -65535) } },
    'an Ed25519 point of small order': { data: { key: cbor(new Map([[1, 1], [3, -8], [-1, 6], [-2, Buffer.from(`01${'00'.repeat(31)}`, 'hex')]])) } },
    'an Ed25519 point of zeros': { data: { key: cbor(new Map([[1, 1], [3, -8], [-1, 6], [-2, Buffer.alloc(32)]])) } },
    'an RSA key of 1,024 bits': { data: { key: cbor(cose('RS256', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)) } },
    'the id of a key that is there': { data: { id: devices.ES256.id } },
    'no name': { body: { label: ' ' } }, 'a long name': { body: { label: 'x'.repeat(61) } },
  };
  for (const [what, wrong] of Object.entries(wrongs)) {
    const { answer } = await registered(inside, 'ES256', wrong, new Device('ES256'));
    ok(answer.status === 422 || (answer.status === 410 && /challenge/.test(what)), name(`not registered: ${what}`), answer.text);
  }
  {
    const offer = await inside.offer();
    const device = new Device('ES256');
    const other = await new Visitor().login();

    is((await other.post('/profile/passkey', device.register(offer, place))).status, 410, name("another session's challenge"));
    is((await inside.post('/profile/passkey', device.register(offer, place))).status, 200, name('is still good for its own'));
    is((await inside.post('/profile/passkey', new Device('ES256').register(offer, place))).status, 410, name('once'));
    const attested = await registered(inside, 'ES256', { outer: { fmt: 'packed', attStmt: new Map([['alg', -7], ['sig', Buffer.alloc(70)], ['x5c', [Buffer.alloc(600)]]]) } });
    is(attested.answer.status, 200, name('attestation of others is parsed, not trusted'));
    device.handle = offer.user.id;
    devices.spare = device;
  }

  /* login, wrong */
  const es = devices.ES256;
  const answers = {
    'another type': { client: { type: 'webauthn.create' } },
    'another origin': { client: { origin: 'https://evil.example' } },
    'within a page of another site': { client: { crossOrigin: true } },
    'a top origin': { client: { topOrigin: 'http://localhost' } },
    'another rp': { data: { rp: 'evil.example' } },
    'nobody was there': { data: { flags: 0x04 } },
    'nobody was asked who': { data: { flags: 0x01 } },
    'it may now be copied': { data: { flags: 0x0d } },
    'bytes after the data': { data: { tail: Buffer.from([0]) } },
    'no user handle': { body: { handle: '' } },
    'the handle of another': { body: { handle: url64(randomBytes(32)) } },
    'an unknown id': { body: { id: url64(randomBytes(32)) } },
    'the id of another key': { body: { id: url64(devices.RS256.id) } },
    'no signature': { signature: () => Buffer.alloc(0) },
    'a signature of another key': { signature: (d, t) => sign('sha256', t, devices.spare.pair.privateKey) },
    'a signature of something else': { signature: (d, t) => sign('sha256', t.subarray(1), d.pair.privateKey) },
    'r and s as JOSE writes them': { signature: (d, t) => Buffer.concat(pair(d, t)) },
    'r = 0': { signature: (d, t) => der(number(0n), pair(d, t)[1]) },
    's = 0': { signature: (d, t) => der(pair(d, t)[0], number(0n)) },
    'r = s = 0': { signature: () => der(number(0n), number(0n)) },
    'r = s = 1': { signature: () => der(number(1n), number(1n)) },
    's = n': { signature: (d, t) => der(pair(d, t)[0], number(order)) },
    'r = n': { signature: (d, t) => der(number(order), pair(d, t)[1]) },
    'r + n': { signature: (d, t) => der(Buffer.from((BigInt(`0x${pair(d, t)[0].toString('hex')}`) + order).toString(16).padStart(66, '0'), 'hex'), pair(d, t)[1]) },
    'bytes after the DER': { signature: (d, t) => der(...pair(d, t), { tail: Buffer.from([0]) }) },
    'DER with a padded number': { signature: (d, t) => der(...pair(d, t).map(x => Buffer.concat([Buffer.alloc(2), x])), { padded: true }) },
    'DER with a long length': { signature: (d, t) => { const x = der(...pair(d, t)); return Buffer.concat([Buffer.from([0x30, 0x81, x[1]]), x.subarray(2)]); } },
    'DER without an end': { signature: (d, t) => { const x = der(...pair(d, t)); return Buffer.concat([Buffer.from([0x30, 0x80]), x.subarray(2), Buffer.alloc(2)]); } },
    'DER cut short': { signature: (d, t) => der(...pair(d, t)).subarray(0, -1) },
  };
  for (const [what, wrong] of Object.entries(answers)) {
    const { visitor, status } = await entered(es, wrong);
    ok(!visitor.inside && status === 401, name(`no way in: ${what}`), status);
  }
  ok((await entered(es, { signature: (d, t) => { const [r, s] = pair(d, t); const n = BigInt(`0x${s.toString('hex')}`); return der(r, number(n > order / 2n ? n : order - n)); } })).visitor.inside,
     name('a high s is as good (WebAuthn asks for no low one)'));
  const ed = devices.EdDSA;
  const L = BigInt('0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed');
  const edwards = {
    'Ed25519: zeros': () => Buffer.alloc(64), 'Ed25519: 63 bytes': (d, t) => sign(null, t, d.pair.privateKey).subarray(1),
    'Ed25519: 65 bytes': (d, t) => Buffer.concat([sign(null, t, d.pair.privateKey), Buffer.alloc(1)]),
    'Ed25519: s + L': (d, t) => {
      const x = sign(null, t, d.pair.privateKey);
      const s = BigInt(`0x${Buffer.from(x.subarray(32)).reverse().toString('hex')}`) + L;
      return Buffer.concat([x.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]);
    },
    'Ed25519: a bit changed': (d, t) => { const x = sign(null, t, d.pair.privateKey); x[7] ^= 1; return x; },
    'Ed25519: the hash signed': (d, t) => sign(null, sha(t), d.pair.privateKey),
  };
  for (const [what, signature] of Object.entries(edwards)) {
    const { visitor, status } = await entered(ed, { signature });
    ok(!visitor.inside && status === 401, name(`no way in: ${what}`));
  }

  /* challenges */
  const one = new Visitor();
  const asked = (await one.post('/login/passkey/challenge')).json;
  const kept = { ...one.cookies };
  is((await new Visitor().post('/login/passkey', es.answer(asked, place))).status, 401, name('an answer without its browser'));
  const other = new Visitor();
  await other.post('/login/passkey/challenge');
  is((await other.post('/login/passkey', es.answer(asked, place))).status, 410, name("another browser's challenge"));
  const body = es.answer(asked, place);
  is((await one.post('/login/passkey', body)).status, 200, name('its own browser'));
  one.cookies = kept;
  is((await one.post('/login/passkey', body)).status, 410, name('the same answer again'));
  is((await entered(es, { client: { challenge: (await inside.offer()).challenge } })).status, 410, name('a challenge for registering'));
  is((await entered(es, { client: { challenge: url64(randomBytes(32)) } })).status, 410, name('one that was never given'));
  {
    const ip = new Visitor();
    ip.host = `127.0.0.1:${port}`;
    const x = await ip.post('/login/passkey/challenge');
    is((await ip.post('/login/passkey', es.answer(x.json, place))).status, 401, name('an address without a name has no passkeys'));
    ip.host = 'evil.example';
    is((await ip.post('/login/passkey', es.answer((await ip.post('/login/passkey/challenge')).json, place))).status, 401, name('another Host'));
  }

  /* a counter that goes back: a copy */
  const copied = (await registered(inside, 'ES256')).device;
  copied.counter = 5;
  ok((await entered(copied)).visitor.inside, name('a counter that rises'));
  copied.counter = 5;
  is((await entered(copied)).status, 401, name('one that does not: somebody has a copy'));
  copied.counter = 9;
  is((await entered(copied)).status, 401, name('then the key is revoked'));
  like((await inside.send('GET', '/profile', null, { Accept: 'text/html' })).text, /parece tener una copia/, name('and the page says why'));

  /* revoking, resting */
  const id = url64(devices.spare.id);
  cobijo('user', 'add', 'yolanda', '--role', 'intake', '--password-file', at('password'));
  const yolanda = await new Visitor().login('yolanda');
  is((await yolanda.post(`/profile/passkey/${id}/revoke`)).status, 404, name('nobody revokes the key of another'));
  is((await inside.post(`/profile/passkey/${id}/revoke`)).status, 200, name('her own'));
  is((await entered(devices.spare)).status, 401, name('then it opens nothing'));
  const hers = await registered(yolanda, 'EdDSA');
  is(hers.answer.status, 200, name('another user registers'));
  ok(hers.offer.user.id !== es.handle, name('with another handle'));
  is((await entered(hers.device, { body: { handle: es.handle } })).status, 401, name('whose key opens one account only'));
  like(cobijo('passkey', 'list', 'yolanda').stdout, /^\S{43}\tprueba\tyes$/m, name('the command line lists'));
  is(cobijo('passkey', 'revoke', url64(hers.device.id)).status, 0, name('and revokes'));
  is((await entered(hers.device)).status, 401, name('at once'));
  const crowd = new Visitor();
  let last = 200;
  for (let i = 0; i < 70 && last === 200; i++)
    last = (await crowd.post('/login/passkey/challenge')).status;
  is(last, 429, name('one address cannot ask for challenges without end'));
}

/* A password for duress opens a house of its own that shows copies of her keys,
 * so that nothing tells it from the real one: what is made or taken away there
 * reaches none of the real ones. */
async function decoy(which) {
  const name = text => `${which}, duress: ${text}`;
  const duress = 'me tienen en la mano';
  const page = visitor => visitor.send('GET', '/profile', null, { Accept: 'text/html' });

  cobijo('user', 'add', 'jacinta', '--role', 'admin', '--password-file', at('password'));
  const real = await new Visitor().login('jacinta');
  const { device } = await registered(real, 'ES256', { body: { label: 'Nogal' } });
  const second = (await registered(real, 'EdDSA', { body: { label: 'Olmo' } })).device;
  ok((await entered(device)).visitor.inside, name('a key of the real house'));
  is((await real.post('/profile/other', { present: password, second: duress, again: duress })).status, 200, name('a second password'));
  const inside = await new Visitor().login('jacinta', duress);
  const text = (await page(inside)).text;
  ok(inside.csrf && text.includes('Nogal'), name('it shows her keys, as the real one'));
  is((await inside.post(`/profile/passkey/${url64(device.id)}/revoke`)).status, 200, name('one is taken away there'));
  const made = new Device('ES256');
  const offer = (await inside.post('/profile/passkey/offer', { present: duress })).json;
  const added = await inside.post('/profile/passkey', made.register(offer, place, { body: { label: 'Encino' } }));
  made.handle = offer.user.id;
  is(added.status, 200, name('a key is made there'));
  ok(offer.user.id.length === 43 && offer.user.id !== device.handle,
     name('with a handle of its own: no device puts it in the place of the real key'));
  is(JSON.stringify(offer.known), JSON.stringify([url64(second.id)]), name('a device that has the other real key makes none'));
  is((await inside.post('/profile/passkey/offer', { present: duress })).json.user.id, offer.user.id, name('and it stays hers there'));
  const tried = await entered(made);
  ok(tried.visitor.inside, name('it opens, as who saw it made expects'), tried.text);
  const empty = (await page(tried.visitor)).text;
  ok(empty.includes('Encino') && empty.includes('Nogal'), name('the house in which it was made'));
  const back = await new Visitor().login('jacinta');
  like((await back.send('GET', '/today', null, { Accept: 'text/html' })).text, /\/duress\/[^"]*\/seen/, name('and whoever administers is told'));
  is((await entered(made, { body: { handle: device.handle } })).status, 401, name("not with the real one's handle"));
  is((await entered(device)).status, 401, name('the one that was taken away there opens nothing'));
  like((await page(back)).text, /Nogal/, name('it stands in the real house still'));
  const again = await entered(second);
  ok(again.visitor.inside, name('the one that was left opens the real one'));
  ok(!(await page(again.visitor)).text.includes('Encino'), name('where what was made there is not told'));
  const stolen = new Device('ES256');
  stolen.id = second.id; /* a key that says it is the real one */
  const copy = await inside.post('/profile/passkey', stolen.register((await inside.post('/profile/passkey/offer', { present: duress })).json, place));
  stolen.handle = second.handle;
  is((await entered(stolen)).status, 401, name(`nor one under its id (${copy.status})`));
  ok((await entered(second)).visitor.inside, name('which opens still'));
  is((await inside.post(`/profile/passkey/${url64(made.id)}/revoke`)).status, 200, name('what was made there is taken away there'));
  is((await entered(made)).status, 401, name('and opens nothing any more'));
  is((await back.post(`/profile/passkey/${url64(device.id)}/revoke`)).status, 200, name('she takes hers away'));
  const anew = await registered(back, 'ES256', { body: { label: 'Nogal' } });
  is(anew.offer.user.id, second.handle, name('makes it anew with her handle'));
  ok((await entered(anew.device)).visitor.inside, name('and comes in'));
}

writeFileSync(at('password'), `${password}\n`);
for (const store of process.argv.slice(2)) {
  const which = store.split(':')[0];

  env = { ...process.env, COBIJO_STORE: store, LANG: 'es_MX.UTF-8', XDG_STATE_HOME: folder };
  cobijo('init', '--site', 'Casa de Prueba', '--admin', 'marisol', '--password-file', at('password'));
  const child = spawn(binary(), ['serve', '--listen', '127.0.0.1:0'],
                      { env: { ...env, COBIJO_STRICT: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';

  child.stderr.on('data', text => { errors += text; });
  port = Number(/:(\d+)\s*$/.exec(await new Promise(resolve => { child.stdout.once('data', text => resolve(String(text))); }))[1]);
  place = { rp: 'localhost', origin: `http://localhost:${port}` };
  try {
    await decoy(which); /* the other ends with nobody being asked any more */
    await cases(which);
  } catch (error) {
    ok(false, `no exception: ${error.message}`, error.stack);
  }
  ok(!/marisol|yolanda|jacinta|runtime error|AddressSanitizer/.test(errors), `${which}: the log names nobody`, errors.slice(-1500));
  const ended = new Promise(resolve => { child.on('exit', resolve); });
  child.kill('SIGTERM');
  is(await ended, 0, `${which}: the server ends well`);
}
rmSync(folder, { recursive: true, force: true });
finish();
