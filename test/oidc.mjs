/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* oidc.mjs - a made-up institution with an identity provider of its own (keys
 * of every kind, over http on this machine), and everything a login must and
 * must not take from it. Everybody in it is made up.
 *
 *   node test/oidc.mjs STORE-URL…     prints TAP
 */
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, finish, is, like, ok, password } from './browser/harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cobijo-oidc-'));
const at = name => join(folder, name);
const b64 = text => Buffer.from(text).toString('base64url');
let env;
const cobijo = (...args) => spawnSync(binary(), args, { env, encoding: 'utf8' });

/* --- the institution ------------------------------------------------------------ */

const keys = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
const secret = 'un secreto: de prueba & más';

function jwk(alg, pair = keys[alg], kid = alg) {
  return { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

function signed(alg, pair, text) {
  const data = Buffer.from(text);

  if (alg === 'RS256')
    return sign('sha256', data, pair.privateKey);
  if (alg === 'ES256')
    return sign('sha256', data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  return sign(null, data, pair.privateKey);
}

function token(claims, { alg = 'ES256', pair = keys[alg], kid = alg, extra = {} } = {}) {
  const head = { alg, typ: 'JWT', ...(kid ? { kid } : {}), ...extra };
  const text = `${b64(JSON.stringify(head))}.${b64(JSON.stringify(claims))}`;

  return `${text}.${signed(alg, pair, text).toString('base64url')}`;
}

/* How it behaves now; a test changes what it needs. */
let plan;
const usual = () => ({
  token: claims => token(claims),
  claims: claims => claims,
  jwks: () => ({ keys: Object.keys(keys).map(alg => jwk(alg)) }),
  discovery: said => said,
  answer: null,
});
const counts = { discovery: 0, jwks: 0, token: 0 };
const codes = new Map();
let issuer;

function send(response, status, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function change(request, response, body) {
  const form = new URLSearchParams(body);
  const [user, word] = Buffer.from((request.headers.authorization || '').slice(6), 'base64')
    .toString().split(':').map(part => decodeURIComponent(part || ''));
  const asked = codes.get(form.get('code'));

  counts.token++;
  codes.delete(form.get('code'));
  if (plan.answer)
    return plan.answer(response);
  if (user !== 'cobijo' || word !== secret)
    return send(response, 401, { error: 'invalid_client' });
  if (!asked || form.get('redirect_uri') !== asked.redirect_uri ||
      form.get('grant_type') !== 'authorization_code' ||
      createHash('sha256').update(form.get('code_verifier') || '').digest('base64url') !==
      asked.code_challenge)
    return send(response, 400, { error: 'invalid_grant' });
  const now = Math.floor(Date.now() / 1000);
  const claims = plan.claims({ iss: issuer, sub: 'persona-1', aud: 'cobijo',
    iat: now, exp: now + 300, nonce: asked.nonce });

  return send(response, 200, { access_token: 'x', token_type: 'Bearer',
                               id_token: plan.token(claims) });
}

function serve_provider(request, response) {
  let body = '';

  request.on('data', part => { body += part; });
  request.on('end', () => {
    if (request.url === '/.well-known/openid-configuration') {
      counts.discovery++;
      if (plan.discoveryAnswer)
        return plan.discoveryAnswer(response);
      return send(response, 200, plan.discovery({ issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`,
        code_challenge_methods_supported: ['S256'] }));
    }
    if (request.url === '/jwks') {
      counts.jwks++;
      return plan.jwksAnswer ? plan.jwksAnswer(response) : send(response, 200, plan.jwks());
    }
    return change(request, response, body);
  });
}

/* --- a browser, as far as it matters ---------------------------------------------- */

let url;

class Visitor {
  cookies = {};

  async get(path, options = {}) {
    const answer = await fetch(path.startsWith('http') ? path : url + path, {
      redirect: 'manual', ...options,
      headers: { Accept: 'text/html', 'Accept-Language': 'es', ...options.headers,
                 Cookie: Object.entries(this.cookies).map(([k, v]) => `${k}=${v}`).join('; ') } });

    /* several arrive as one, with commas; Debian's Node 18 has no getSetCookie */
    for (const line of (answer.headers.get('set-cookie') || '').split(/, *(?=[^;, ]+=)/)) {
      if (!line)
        continue;
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies[name] = value;
    }
    return { status: answer.status, to: answer.headers.get('location') || '',
             text: await answer.text() };
  }

  /* To the institution: what it was asked. */
  async start(path = '/login/oidc/uni') {
    const answer = await this.get(path);

    return this.asked(answer.to, answer);
  }

  asked(to, answer) {
    const asked = to && to.startsWith(issuer) ? Object.fromEntries(new URL(to).searchParams)
      : null;

    return { ...answer, asked };
  }

  /* The institution sends her back with a code. */
  async back(asked, extra = {}) {
    const code = `code-${Math.random()}`;

    codes.set(code, asked);
    return this.get(`/login/oidc-return?${new URLSearchParams({ state: asked.state, code, ...extra })}`);
  }

  get inside() {
    return Boolean(this.cookies.cobijo);
  }
}

async function attempt(changes = {}, extra = {}) {
  const visitor = new Visitor();

  plan = { ...usual(), ...changes };
  const { asked, ...answer } = await visitor.start();
  const back = asked ? await visitor.back(asked, extra) : answer;
  plan = usual();
  return { visitor, asked, ...back };
}

async function refused(name, changes, extra) {
  const { visitor, status } = await attempt(changes, extra);

  ok(!visitor.inside && status >= 400 && status !== 500, name,
     `status ${status} inside ${visitor.inside}`);
}

/* The program forgets what the provider said, as it does after an hour. */
function forget(options = []) {
  const done = cobijo('oidc', 'set', 'uni', '--issuer', issuer, '--client', 'cobijo',
                      '--label', 'Universidad de Prueba', '--secret-file', at('secret'), ...options);
  return done.status === 0;
}

/* --- the cases -------------------------------------------------------------------- */

async function cases(which) {
  const name = text => `${which}: ${text}`;
  let page = await new Visitor().get('/login');

  ok(!page.text.includes('/login/oidc/'), name('no button without a provider'));
  is((await new Visitor().get('/login/oidc/uni')).status, 404, name('nor a way'));
  is(cobijo('oidc', 'set', 'uni', '--issuer', 'http://idp.example', '--client', 'cobijo').status, 1,
     name('an issuer without https is refused'));
  is(cobijo('oidc', 'set', 'Mal nombre', '--issuer', issuer, '--client', 'c').status, 1,
     name('and a name that is none'));
  is(cobijo('oidc', 'set', 'uni', '--issuer', issuer).status, 1, name('and no client'));
  ok(forget(), name('a provider is set'));
  like(cobijo('oidc', 'list').stdout, /^uni\thttp:\S+\tcobijo\tUniversidad de Prueba$/m, name('and listed, without its secret'));
  if (which !== 'sqlite') {
    const row = spawnSync('psql', ['-At', env.COBIJO_STORE, '-c',
      "SELECT encode(secret, 'escape'), length(nonce) FROM oidc_provider"], { encoding: 'utf8' });

    ok(/\|24$/.test(row.stdout.trim()) && !row.stdout.includes('secreto'),
       name('its secret lies sealed'), row.stdout + row.stderr);
  }
  page = await new Visitor().get('/login');
  like(page.text, /href="\/login\/oidc\/uni\?next=[^"]*"[^>]*>Entrar con la cuenta de Universidad de Prueba/,
       name('and has a button'));

  /* the way there */
  let visitor = new Visitor();
  let start = await visitor.start('/login/oidc/uni?next=%2Fperson');
  is(start.status, 303, name('a login goes to the provider'));
  is(start.asked.response_type, 'code', name('with a code'));
  is(start.asked.code_challenge_method, 'S256', name('with PKCE'));
  ok(start.asked.state.length === 43 && start.asked.nonce.length === 43 &&
     start.asked.code_challenge.length === 43, name('state, nonce and challenge are long'));
  is(start.asked.redirect_uri, `${url}/login/oidc-return`, name('it is told where to send her back'));

  /* nobody yet */
  let back = await visitor.back(start.asked);
  is(back.status, 403, name('an unknown subject is refused'));
  like(back.text, /ninguna cuenta de este sitio está vinculada[^]*persona-1/, name('with a page that says what to do'));
  ok(!visitor.inside, name('and has no session'));

  /* linked by who administers */
  is(cobijo('oidc', 'link', 'uni', 'persona-1', 'nadie').status, 1, name('a link needs an account'));
  is(cobijo('oidc', 'link', 'uni', 'persona-1', 'marisol').status, 0, name('an administrator links'));
  is(cobijo('oidc', 'link', 'uni', 'persona-1', 'marisol').status, 1, name('once'));
  for (const alg of Object.keys(keys)) {
    visitor = new Visitor();
    plan = { ...usual(), token: claims => token(claims, { alg }) };
    start = await visitor.start('/login/oidc/uni?next=%2Fperson');
    back = await visitor.back(start.asked);
    ok(visitor.inside && back.to === '/person', name(`${alg} opens the door, and she is where she wanted`));
    plan = usual();
  }
  like((await visitor.get('/profile')).text, /marisol/, name('as herself'));
  is(counts.discovery, 1, name('discovery was asked once'));
  is(counts.jwks, 1, name('the keys, too'));
  visitor = new Visitor();
  start = await visitor.start('/login/oidc/uni?next=https%3A%2F%2Fevil.example%2F');
  let cookie = visitor.cookies.signin;
  is((await visitor.back(start.asked)).to, '/today', name('next is a path of ours'));
  is(visitor.cookies.signin, '', name('its cookie is taken back'));
  visitor.cookies.signin = cookie;

  /* state */
  is((await visitor.back(start.asked)).status, 410, name('a state is used once'));
  const one = new Visitor(), two = new Visitor();
  const first = await one.start(), second = await two.start();
  is((await two.back(first.asked)).status, 410, name("another browser's state is refused"));
  is((await new Visitor().back(second.asked)).status, 401, name('and one without a cookie'));
  is((await one.get('/login/oidc-return?code=x')).to, '/login', name('without a state she is shown the door'));
  is((await one.get('/login/oidc-return?code=x&state=')).to, '/login', name('an empty one, too'));
  {
    const denied = new Visitor();
    const begun = await denied.start();
    cookie = denied.cookies.signin;
    const answer = await denied.get(`/login/oidc-return?state=${begun.asked.state}&error=access_denied`);

    is(answer.status, 401, name('the provider may say no'));
    denied.cookies.signin = cookie;
    is((await denied.back(begun.asked)).status, 410, name('then the state is used up'));
  }
  await refused(name('another issuer sends her back (RFC 9207)'), {}, { iss: 'https://evil.example' });
  ok((await attempt({}, { iss: issuer })).visitor.inside, name('the right one may say so'));

  /* the token */
  const tokens = {
    'alg none': claims => `${b64('{"alg":"none"}')}.${b64(JSON.stringify(claims))}.`,
    'alg none with a kid and a signature': claims => `${b64('{"alg":"none","kid":"ES256"}')}.${token(claims).split('.').slice(1).join('.')}`,
    'HS256 with the public key': claims => {
      const text = `${b64('{"alg":"HS256","kid":"RS256"}')}.${b64(JSON.stringify(claims))}`;
      const pem = keys.RS256.publicKey.export({ type: 'spki', format: 'pem' });

      return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
    },
    "another's key under our kid": claims => token(claims, { pair: other }),
    'a key that the token brings': claims => token(claims, { pair: other, extra: { jwk: jwk('ES256', other) } }),
    'an RSA key under an ES256 header': claims => token(claims, { kid: 'RS256' }),
    'crit': claims => token(claims, { extra: { crit: ['b64'], b64: false } }),
    'a kid that is no text': claims => token(claims, { extra: { kid: 7 } }),
    'a changed claim': claims => {
      const [head, , signature] = token(claims).split('.');
      return `${head}.${b64(JSON.stringify({ ...claims, sub: 'persona-2' }))}.${signature}`;
    },
    'a signature cut short': claims => token(claims).slice(0, -4),
    'a signature of zeros': claims => `${token(claims).split('.').slice(0, 2).join('.')}.${Buffer.alloc(64).toString('base64url')}`,
    'a DER signature': claims => {
      const text = token(claims).split('.').slice(0, 2).join('.');
      return `${text}.${sign('sha256', Buffer.from(text), keys.ES256.privateKey).toString('base64url')}`;
    },
    'padding': claims => `${token(claims)}=`,
    'two parts': claims => token(claims).split('.').slice(0, 2).join('.'),
    'four parts': claims => `${token(claims)}.x`,
    'no text': () => 17,
    'claims that are no object': () => token([1]),
    'a header that is no JSON': claims => `${b64('{')}.${token(claims).split('.').slice(1).join('.')}`,
    'a token of a megabyte': claims => token({ ...claims, x: 'x'.repeat(20000) }),
  };
  for (const [what, make] of Object.entries(tokens))
    await refused(name(`refused: ${what}`), { token: make });

  const now = () => Math.floor(Date.now() / 1000);
  const claims = {
    'wrong audience': { aud: 'otro' }, 'an audience of others': { aud: ['a', 'b'] },
    'two audiences, no azp': { aud: ['cobijo', 'otro'] },
    'azp of another': { aud: ['cobijo', 'otro'], azp: 'otro' },
    'no audience': { aud: undefined }, 'wrong issuer': { iss: 'https://evil.example' },
    'an issuer with a slash more': { iss: () => `${issuer}/` },
    'wrong nonce': { nonce: 'x' }, 'no nonce': { nonce: undefined },
    'expired six minutes ago': { exp: () => now() - 360 }, 'no end': { exp: undefined },
    'an end in words': { exp: 'mañana' }, 'issued in the future': { iat: () => now() + 400 },
    'issued yesterday': { iat: () => now() - 90000 }, 'no instant': { iat: undefined },
    'not yet': { nbf: () => now() + 400 },
    'no subject': { sub: undefined }, 'an empty subject': { sub: '' },
    'a subject of 300': { sub: 's'.repeat(300) }, 'a subject that is a number': { sub: 1 },
  };
  for (const [what, wrong] of Object.entries(claims))
    await refused(name(`refused: ${what}`), { claims: good => {
      const all = { ...good };
      for (const [key, value] of Object.entries(wrong))
        all[key] = typeof value === 'function' ? value() : value;
      return all;
    } });
  ok((await attempt({ claims: good => ({ ...good, exp: now() - 200, iat: now() - 500 }) })).visitor.inside,
     name('clocks may differ by up to five minutes'));
  ok((await attempt({ claims: good => ({ ...good, aud: ['cobijo', 'otro'], azp: 'cobijo' }) })).visitor.inside,
     name('two audiences with azp are taken'));

  /* keys */
  await refused(name('kid missing where three keys stand is no problem of ours: the type tells'), {
    token: claims => token(claims, { kid: null, pair: other }) });
  ok((await attempt({ token: claims => token(claims, { kid: null }) })).visitor.inside,
     name('no kid, and one key of that type: taken'));
  const before = counts.jwks;
  await refused(name('an unknown kid'), { token: claims => token(claims, { kid: 'nuevo', pair: other }) });
  is(counts.jwks, before, name('does not make us ask more than once a minute'));
  forget();
  await refused(name('no kid and two keys of that type'), {
    jwks: () => ({ keys: [jwk('ES256'), jwk('ES256', other, 'dos')] }),
    token: claims => token(claims, { kid: null }) });
  for (const [what, jwks] of Object.entries({
    'an RSA key of 1,024 bits': () => ({ keys: [jwk('RS256', short)] }),
    'a point that is not on the curve': () => ({ keys: [{ ...jwk('RS256'), n: undefined }] }),
    'an exponent of one': () => ({ keys: [{ ...jwk('RS256'), e: 'AQ' }] }),
    'a key for encrypting': () => ({ keys: [{ ...jwk('RS256'), use: 'enc' }] }),
    'a key of another algorithm': () => ({ keys: [{ ...jwk('RS256'), alg: 'RS512' }] }),
    'no keys': () => ({ keys: [] }), 'no list': () => ({ keys: 'x' }),
    'fifty-one keys': () => ({ keys: Array.from({ length: 51 }, (_, i) => jwk('RS256', keys.RS256, i ? `k${i}` : 'RS256')) }),
  })) {
    forget();
    await refused(name(`refused: ${what}`), { jwks,
      token: claims => token(claims, { alg: 'RS256', pair: what.includes('1,024') ? short : keys.RS256 }) });
  }

  /* a provider that behaves badly */
  const bad = {
    'keys of a megabyte': { jwksAnswer: r => send(r, 200, JSON.stringify({ keys: [], x: 'x'.repeat(1 << 20) })) },
    'keys elsewhere': { jwksAnswer: r => send(r, 302, '', { Location: `${issuer}/other` }) },
    'keys that are no JSON': { jwksAnswer: r => send(r, 200, '<html>') },
    'a token elsewhere': { answer: r => send(r, 307, '', { Location: `${issuer}/token2` }) },
    'a token with status 500': { answer: r => send(r, 500, '{}') },
    'a token answer of a megabyte': { answer: r => send(r, 200, JSON.stringify({ x: 'x'.repeat(1 << 20) })) },
    'no id_token': { answer: r => send(r, 200, '{}') },
    'an answer that never ends': { answer: r => { r.writeHead(200); r.write('{'); } },
    'discovery elsewhere': { discoveryAnswer: r => send(r, 302, '', { Location: 'http://127.0.0.1:1/x' }) },
    'discovery of another issuer': { discovery: said => ({ ...said, issuer: 'https://evil.example' }) },
    'endpoints on another machine': { discovery: said => ({ ...said, token_endpoint: 'http://evil.example/token' }) },
    'an endpoint that is a file': { discovery: said => ({ ...said, jwks_uri: 'file:///etc/passwd' }) },
    'PKCE without S256': { discovery: said => ({ ...said, code_challenge_methods_supported: ['plain'] }) },
    'a deep document': { discoveryAnswer: r => send(r, 200, '['.repeat(50000)) },
    'it says who it is, but does not': { discovery: said => ({ ...said, authorization_response_iss_parameter_supported: true }) },
  };
  for (const [what, changes] of Object.entries(bad)) {
    forget();
    if (what.includes('never ends')) { /* others are served meanwhile */
      const slow = attempt(changes);
      const began = Date.now();

      await new Promise(resolve => { setTimeout(resolve, 300); });
      is((await new Visitor().get('/login')).status, 200, name('others are served while a provider does not answer'));
      ok(Date.now() - began < 3000, name('at once'));
      const { visitor: late, status } = await slow;
      ok(!late.inside && status === 503 && Date.now() - began < 12000, name(`refused: ${what}`), status);
      continue;
    }
    await refused(name(`refused: ${what}`), changes);
  }
  forget();
  ok((await attempt()).visitor.inside, name('and then all is well again'));

  /* an invitation */
  cobijo('user', 'add', 'yolanda', '--role', 'intake', '--password-file', at('password'));
  const path = cobijo('oidc', 'invite', 'yolanda').stdout.trim();
  like(path, /^\/login\/invitation\/[\w-]{43}$/, name('an invitation'));
  visitor = new Visitor();
  like((await visitor.get(path)).text, /Vincular con la cuenta de[^]*Universidad de Prueba/, name('says what it does'));
  async function accept() {
    const answer = await visitor.get(path, { method: 'POST', body: new URLSearchParams({ provider: 'uni' }) });
    const to = (/href="(http:[^"]*\/authorize[^"]*)"/.exec(answer.text) || [])[1];

    return { status: answer.status, ...visitor.asked((to || '').replaceAll('&amp;', '&'), {}) };
  }
  plan = { ...usual(), claims: good => ({ ...good, sub: 'persona-1' }) };
  start = await accept();
  is((await visitor.back(start.asked)).status, 409, name('who is linked already is not linked again'));
  plan = { ...usual(), claims: good => ({ ...good, sub: 'persona-9' }) };
  start = await accept();
  const again = await accept();
  back = await visitor.back(again.asked);
  ok(visitor.inside && back.status === 303, name('links and lets in'), `${back.status} ${back.text.slice(0, 300)}`);
  like((await visitor.get('/profile')).text, /yolanda/, name('as the account that was invited'));
  is((await visitor.get(path)).status, 410, name('once'));
  visitor = new Visitor();
  start = await visitor.start();
  back = await visitor.back(start.asked);
  ok(visitor.inside, name('from then on she comes in'));
  is(cobijo('oidc', 'unlink', 'uni', 'persona-9').status, 0, name('a link is taken away'));
  visitor = new Visitor();
  start = await visitor.start();
  is((await visitor.back(start.asked)).status, 403, name('then it does not open any more'));
  plan = usual();
  is(cobijo('oidc', 'remove', 'uni').status, 0, name('a provider is taken away'));
  is((await new Visitor().get('/login/oidc/uni')).status, 404, name('and gone'));
}

/* TLS with a certificate of nobody's: refused, unless its maker is named. */
async function secure(name, http) {
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('key.pem'), '-out', at('cert.pem'),
    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']);

  if (made.status !== 0)
    return;
  const { readFileSync } = await import('node:fs');
  const server = createSecure({ key: readFileSync(at('key.pem')), cert: readFileSync(at('cert.pem')) },
                              serve_provider);

  await new Promise(resolve => { server.listen(0, 'localhost', resolve); });
  issuer = `https://localhost:${server.address().port}`;
  forget();
  cobijo('oidc', 'link', 'uni', 'persona-1', 'marisol');
  await refused(name('a certificate that nobody vouches for'), {});
  forget(['--ca', at('cert.pem')]);
  ok((await attempt()).visitor.inside, name('with --ca it is taken'));
  cobijo('oidc', 'remove', 'uni');
  server.close();
  issuer = http;
}

writeFileSync(at('secret'), `${secret}\n`);
writeFileSync(at('password'), `${password}\n`);
const provider = createServer(serve_provider);

await new Promise(resolve => { provider.listen(0, '127.0.0.1', resolve); });
for (const store of process.argv.slice(2)) {
  const which = store.split(':')[0];

  issuer = `http://127.0.0.1:${provider.address().port}`;
  Object.keys(counts).forEach(key => { counts[key] = 0; });
  plan = usual();
  env = { ...process.env, COBIJO_STORE: store, LANG: 'es_MX.UTF-8', XDG_STATE_HOME: folder };
  cobijo('init', '--site', 'Casa de Prueba', '--admin', 'marisol', '--password-file', at('password'));
  const child = spawn(binary(), ['serve', '--listen', '127.0.0.1:0'],
                      { env: { ...env, COBIJO_STRICT: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';

  child.stderr.on('data', text => { errors += text; });
  url = await new Promise(resolve => { child.stdout.once('data', text => resolve(String(text).trim())); });
  try {
    await cases(which);
    await secure(text => `${which}: ${text}`, issuer);
  } catch (error) {
    ok(false, `no exception: ${error.message}`, error.stack);
  }
  ok(!/persona-|un secreto|runtime error|AddressSanitizer/.test(errors), `${which}: the log names nobody and no secret`,
     errors.slice(-1500));
  const ended = new Promise(resolve => { child.on('exit', resolve); });
  child.kill('SIGTERM');
  is(await ended, 0, `${which}: the server ends well`);
}
provider.closeAllConnections();
provider.close();
rmSync(folder, { recursive: true, force: true });
finish();
