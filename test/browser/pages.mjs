/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pages.mjs - every page as people meet it: at 360 and 1280 px, by day and by
 * night, in Spanish and in English: no violation of WCAG 2.2 AA that axe
 * knows, nothing in the console, nothing wider than the screen, and no
 * Spanish on an English page. Examples are invented.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { accessible, is, log_in, ok, page_of, password, picture, run, serve,
         test } from './harness.mjs';

async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });
  const text = await answer.text();

  if (!answer.ok())
    throw new Error(`${path}: ${answer.status()} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

/* An institution that knows who she is, while nobody here does. */
async function institution() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const b64 = text => Buffer.from(text).toString('base64url');
  const nonces = new Map();
  let issuer = '';

  function token(nonce) {
    const now = Math.floor(Date.now() / 1000);
    const text = `${b64('{"alg":"ES256","kid":"k"}')}.${b64(JSON.stringify({
      iss: issuer, sub: 'persona-de-prueba-1', aud: 'cobijo', iat: now,
      exp: now + 300, nonce }))}`;

    return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey,
      dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  const server = createServer((request, response) => {
    const asked = new URL(request.url, issuer);
    const say = data => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(data));
    };
    let body = '';

    if (asked.pathname === '/authorize') {
      const back = new URL(asked.searchParams.get('redirect_uri'));

      back.searchParams.set('code', asked.searchParams.get('state'));
      back.searchParams.set('state', asked.searchParams.get('state'));
      nonces.set(asked.searchParams.get('state'), asked.searchParams.get('nonce'));
      response.writeHead(303, { Location: back.href });
      response.end();
    } else if (asked.pathname === '/jwks') {
      say({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }] });
    } else if (asked.pathname === '/token') {
      request.on('data', part => { body += part; });
      request.on('end', () => say({ access_token: 'x', token_type: 'Bearer',
        id_token: token(nonces.get(new URLSearchParams(body).get('code'))) }));
    } else {
      say({ issuer, authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`,
            code_challenge_methods_supported: ['S256'] });
    }
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${server.address().port}`;
  return { issuer, stop: () => { server.closeAllConnections(); server.close(); } };
}

/* What is asked of each page. */
async function look_at(page, name, mark, language) {
  await page.evaluate(() => document.querySelectorAll('main details').forEach(d => { d.open = true; }));
  await accessible(page, `${name} ${mark}`);
  is(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true,
     `${name} ${mark}: fits the screen`);
  ok(!/Wideline|Ejemplo/.test(await page.title()),
     `${name} ${mark}: no name in the title`);
  if (language === 'en') {
    const text = await page.evaluate(() => document.body.innerText);
    const spanish = text.match(/\b(Guardar|Registrar|Buscar|Hoy|Nombre|Sexo|Cambiar|Llegada|Sin respuesta|años|Cuentas|Importar|Necesidad|Contraseña|Entrar|Permitir|Reservar|Quién)\b/);

    ok(!spanish, `${name} ${mark}: no Spanish`, spanish && spanish[0]);
  }
  await picture(page, `${name}-${mark}`);
}

const modes = [[360, false, 'es'], [1280, false, 'en'], [1280, true, 'es'],
               [360, true, 'en']];

/* The pages of others: who may reserve a file, who may only ask for it. */
async function others(server, browser, paths) {
  for (const [name, { user, path, status }] of Object.entries(paths))
    for (const [width, dark, language] of modes) {
      const page = await page_of(browser, { width, dark, language, state: user, axe: true });
      const mark = `${width}${dark ? '-dark' : ''}-${language}`;
      const join = path.includes('?') ? '&' : '?';
      const response = await page.goto(`${server.url}${path}${user ? `${join}lang=${language}` : ''}`);

      is(response.status(), status || 200, `${name} ${mark}: status`);
      await look_at(page, name, mark, language);
      await page.context().close();
    }
}

async function register(page, url) {
  await page.goto(`${url}/person/new`);
  await page.fill('[name=given_names]', 'Wideline');
  await page.fill('[name=first_surname]', 'Ejemplo');
  await page.check('input[name=sex][value=M]');
  await page.selectOption('[name=nationality]', 'HTI', { force: true });
  await page.fill('[name="birth_date.y"]', '1991');
  await page.click('button[name=_add][value=family]');
  await page.fill('[name="family.0.given_names"]', 'Brayan');
  await page.fill('[name="family.0.age_years"]', '7');
  await page.click('.acts button[type=submit]');
  await page.waitForURL(/\/person\/[0-9a-f-]{36}/);
  return new URL(page.url()).pathname.split('/')[2];
}

/* A case file, a sent referral to a house that has a key, two colleagues. */
async function casework(server, browser, first, person) {
  const state = {};
  const place = (await post(first, '/record/place', {
    name: 'Clínica (ejemplo)', place_type: 'CS',
    house_key: run(['--store', server.store, 'key', 'public']).trim() })).id;

  for (const [name, role] of [['jefa', 'supervisor'], ['tere', 'case_worker']]) {
    run(['--store', server.store, 'user', 'add', name, '--role', role,
         '--password-stdin'], `${password}\n`);
    const page = await page_of(browser);

    await log_in(page, server.url, name);
    state[name] = await page.context().storageState();
    state[name].cookies = state[name].cookies.filter(c => c.name !== 'lang');
    await page.context().close();
  }
  const casefile = (await post(first, '/record/casefile', { person, risk: 'ordinaria' })
    .catch(() => post(first, '/record/casefile', { person }))).id;
  await post(first, '/record/consent', {
    person, purpose: 'referencia', given: 'yes', given_by: 'titular',
    basis: 'consentimiento_expreso', data_scope: 'identidad contacto' });
  const referral = (await post(first, '/record/referral', {
    person, urgency: 'U2', service_code: 'LE1', to_place: place,
    share_fields: 'name' })).id;
  await post(first, `/referral/${referral}/send`, {});
  const request = (await post(first, '/record/rights_request', {
    person, type: 'cancelacion' })).id;
  return { state, casefile, referral, request };
}

/* An alert on its way and one that is out; a person of each right made them. */
async function alerts(server, first, admin, boss) {
  const draft = { status: 'Actual', category: 'Met', severity: 'Severe', urgency: 'Immediate',
    certainty: 'Observed', expires: '2035-01-01T12:00:00Z', municipalities: 'Tapachula, Chiapas',
    info: [{ language: 'es', event: 'Inundación', headline: 'El Suchiate se desbordó',
             instruction: 'No cruce.' },
           { language: 'en', event: 'Flood', headline: 'The Suchiate has flooded',
             instruction: 'Do not cross.' }] };
  const waits = (await post(first, '/alert/new', draft)).id;
  const out = (await post(first, '/alert/new', draft)).id;
  const page = await page_of(boss, { state: admin });

  await page.goto(`${server.url}/alert/${out}`);
  await page.click('form[action$="/approve"] button');
  await page.click('form[action$="/publish"] button');
  await page.waitForSelector('form[action$="/update"]');
  await page.context().close();
  return { waits, out };
}

/* A place of the directory whose data somebody doubts and whose owner sent a
 * change; a newer link for the owner's page. */
async function directory(server, first) {
  const organization = (await post(first, '/record/organization',
    { name: 'Red de casas (ejemplo)', public: 'yes' })).id;
  const place = (await post(first, '/record/place', {
    name: 'Comedor de la Vía (ejemplo)', place_type: 'ALB', organization,
    public: 'yes', geo_precision: 'exact', hours: 'Mo-Fr 09:00-17:00',
    phones: [{ number: '664 555 0100' }], services: [{ service_code: 'AL1' }] })).id;
  const link = async () => new URL((await post(first,
    `/directory/review/${place}/link`, {})).link).pathname;
  const send = (path, form) => first.request.post(server.url + path, {
    form, headers: { Accept: 'application/json' } });
  const told = [await send(`/directory/${place}/report`, { what: 'phone', note: 'Nadie contesta.' }),
                await send(await link(), { hours: '24/7', note: 'También domingos.' })];

  is(told.map(one => one.status()).join(), '200,200', 'a report and a change wait');
  return { place, organization, owner: await link() };
}

await test(async (server, browser) => {
  const first = await page_of(browser);

  await log_in(first, server.url);
  const id = await register(first, server.url);
  await first.goto(`${server.url}/record/person/${id}/edit`);
  await first.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  await first.selectOption('[name=statelessness_sign]', { index: 1 }).catch(
    () => first.check('[name=statelessness_sign] >> nth=0'));
  await first.click('.acts button[type=submit]');
  await first.waitForURL(/\/person\//);
  const state = await first.context().storageState();
  const { state: of, casefile, referral, request } = await casework(server, browser, first, id);
  const { waits, out } = await alerts(server, first, of.jefa, browser);
  const { place, organization, owner } = await directory(server, first);
  const pages = {
    directory_import: '/directory/import', directory_review: '/directory/review',
    owner, place_known: `/record/place/${place}`,
    organization_new: '/record/organization/new', organizations: '/record/organization',
    organization: `/record/organization/${organization}`,
    notices: '/notice', notice: '/notice/asylum/es',
    alerts: '/alert', alert_new: '/alert/new', alert_waits: `/alert/${waits}`,
    alert_edit: `/alert/${waits}/edit`, alert_out: `/alert/${out}`, delivery: '/delivery',
    recipients: '/record/alert_recipient/new',
    public_alerts: '/alerts', public_alert: `/alerts/${out}`,
    today: '/today', search: '/person', found: '/person?q=wideline',
    nobody: '/person?q=zzzz', register: '/person/new',
    join: `/person/new?with=${id}`, mass: '/person/mass', tally: '/tally',
    person: `/person/${id}`, timeline: `/person/${id}?kind=person`,
    merge: `/person/${id}/merge`,
    compare: null,
    record: `/record/person/${id}`, edit: `/record/person/${id}/edit`,
    seen: `/person/${id}/seen`, log: '/log', alarm: '/log/alarm',
    history: `/record/person/${id}/history`, list: '/record/person',
    need: `/record/need/new?person=${id}`, arrival: `/record/arrival/new?person=${id}`,
    consent: `/record/consent/new?person=${id}`,
    service: `/record/service/new?person=${id}`,
    place: '/record/place/new', forms: '/form', form: '/form/person',
    upload: '/form/upload', users: '/user', phones: '/device', connect: '/connect',
    download: '/export',
    invite: '/user/invite', rules: '/policy', second: '/profile/second',
    sessions: '/profile/session',
    import: '/import', received: '/received', sealed: '/received/file',
    rights: '/rights', retention: '/retention',
    consents: `/person/${id}/consents`, copy: `/person/${id}/copy`,
    request: `/record/rights_request/new?person=${id}`,
    assign: `/casefile/${casefile}/assign`, grant: `/referral/${referral}`,
    one: `/rights/${request}`, letter: `/rights/${request}/letter?which=acuse`,
    desk: '/help-desk?all=yes', outreach: '/outreach', outreach_new: '/outreach/new',
    outreach_record: '/record/outreach/new',
    profile: '/profile', missing: '/no-such-page',
  };
  delete pages.compare;
  const only = process.env.ONLY ? process.env.ONLY.split(',') : null;

  for (const [width, dark, language] of modes) {
    const mark = `${width}${dark ? '-dark' : ''}-${language}`;
    const clean = JSON.parse(JSON.stringify(state));

    clean.cookies = clean.cookies.filter(c => c.name !== 'lang');
    const page = await page_of(browser, { width, dark, language, state: clean, axe: true });

    if (language === 'en') /* her account says Spanish; the page's switch wins */
      await page.goto(`${server.url}/today?lang=en`);
    for (const [name, path] of Object.entries(pages)) {
      if (only && !only.includes(name))
        continue;
      const response = await page.goto(server.url + path);

      ok(response.status() === (name === 'missing' ? 404 : 200),
         `${name} ${mark}: status ${response.status()}`);
      await look_at(page, name, mark, language);
    }
    await page.goto(`${server.url}/today`);
    await page.click('details.more > summary');
    await accessible(page, `menu ${mark}`);
    await picture(page, `menu-${mark}`);
    is(page.complaints.filter(t => !/404/.test(t)).join('; '), '', `${mark}: the console is silent`);
    await page.context().close();
  }

  /* the pages of others */
  if (!only)
    await others(server, browser, {
      hide: { user: of.jefa, path: `/person/${id}/hide` },
      rooms: { user: of.jefa, path: '/room' },
      asked: { user: of.jefa, path: '/glass' },
      glass: { user: of.tere, path: `/person/${id}/glass` },
    });

  /* somebody whom an institution knows and nobody here */
  const uni = await institution();
  run(['--store', server.store, 'oidc', 'set', 'uni', '--issuer', uni.issuer,
       '--client', 'cobijo', '--label', 'Universidad de Prueba']);
  await others(server, browser, {
    oidc_refused: { path: '/login/oidc/uni', status: 403 } });
  uni.stop();

  /* a house that nobody opened since the machine was switched on */
  const house = await serve({ closed: true });
  await others(house, browser, { closed: { path: '/login' } });
  ok(await house.stop() === 0, 'a closed house ends well, too');

  /* the pages for somebody who is not logged in */
  for (const language of ['es', 'en']) {
    const page = await page_of(browser, { width: 360, language });

    await page.goto(`${server.url}/login`);
    await accessible(page, `login ${language}`);
    await picture(page, `login-${language}`);
    is(await page.getAttribute('html', 'lang'), language, `login in ${language}`);
  }
});
