/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* passkey.mjs - passkeys with the browser's own virtual authenticator: one is
 * made in "Mi cuenta", opens the door, and is revoked. Over http://localhost,
 * which browsers take as a safe place. For each algorithm the browser knows.
 */
import { accessible, is, like, log_in, ok, page_of, password, picture, run, test,
         unfold }
  from './harness.mjs';

const names = { '-7': 'ES256', '-8': 'EdDSA', '-257': 'RS256' };

async function authenticator(page, options = {}) {
  const cdp = await page.context().newCDPSession(page);

  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal',
               hasResidentKey: true, hasUserVerification: true,
               isUserVerified: true, automaticPresenceSimulation: true,
               ...options } });
  return { cdp, id: authenticatorId };
}

async function add(page, url, label, word = password) {
  await page.goto(`${url}/profile`);
  await page.waitForSelector('form[data-passkey-new]:not([hidden])', { state: 'attached' });
  await unfold(page, 'details:has(> #passkeys)');
  await page.fill('#passkey-label', label);
  await page.fill('#passkey-present', word);
  await page.click('form[data-passkey-new] button');
}

async function enter(page, url, path = '/login') {
  await page.goto(url + path);
  await page.click('[data-passkey-login] button');
}

async function out(page) {
  await page.click('details.more summary');
  await page.click('form[action="/logout"] button');
  await page.waitForURL(/login/);
}

await test(async (server, browser) => {
  const url = server.url.replace('127.0.0.1', 'localhost');

  for (const only of [-7, -8, -257]) {
    const page = await page_of(browser);
    const name = names[only];

    await authenticator(page);
    await page.addInitScript(one => {
      const create = navigator.credentials.create.bind(navigator.credentials);

      navigator.credentials.create = options => {
        options.publicKey.pubKeyCredParams =
          options.publicKey.pubKeyCredParams.filter(each => each.alg === one);
        return create(options);
      };
    }, only);
    await log_in(page, url);
    await add(page, url, `prueba ${name}`);
    await page.waitForURL(/said=passkey_added/);
    like(await page.textContent('main'), new RegExp(`prueba ${name}`), `${name}: listed`);
    await out(page);
    await enter(page, url, '/login?next=%2Fperson');
    await page.waitForURL(/\/person$/);
    ok(true, `${name}: a passkey opens the door, and she is where she wanted`);
    await page.context().close();
  }

  const page = await page_of(browser);
  const device = await authenticator(page);

  await page.goto(`${url}/login`);
  await accessible(page, 'login with passkey');
  await picture(page, 'login');
  await page.click('[data-passkey-login] button');
  await page.waitForSelector('[data-passkey-said]:not([hidden])');
  like(await page.textContent('[data-passkey-said]'), /No se usó ninguna llave/,
       'a device without a passkey: said beside the button');
  await picture(page, 'login-none');
  await accessible(page, 'login, no passkey');
  await log_in(page, url);
  await add(page, url, 'mi teléfono', 'otra frase larga');
  await page.waitForSelector('[data-passkey-said]:not([hidden])');
  like(await page.textContent('form [data-passkey-said]'), /contraseña actual no es correcta/,
       'the password is asked again');
  is(await page.inputValue('#passkey-label'), 'mi teléfono', 'what was typed is kept');
  await page.fill('#passkey-present', password);
  await page.click('form[data-passkey-new] button');
  await page.waitForURL(/said=passkey_added/);
  await add(page, url, 'otra vez');
  await page.waitForSelector('[data-passkey-said]:not([hidden])');
  like(await page.textContent('form [data-passkey-said]'), /ya tiene una llave/,
       'one for each device');
  for (const [width, dark, language] of [[360, false, 'es'], [1280, true, 'en']]) {
    const look = await page_of(browser, { width, dark, language,
      state: await page.context().storageState() });

    await look.goto(`${url}/profile?lang=${language}`);
    await accessible(look, `profile ${width} ${language}`);
    is(await look.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
       true, `profile ${width}: fits the screen`);
    await picture(look, `profile-${width}`);
    await look.context().close();
  }
  await page.goto(`${url}/profile?lang=es`);

  const { credentials } = await device.cdp.send('WebAuthn.getCredentials', { authenticatorId: device.id });
  is(credentials.length, 1, 'one key on the device');
  await out(page);
  await device.cdp.send('WebAuthn.setUserVerified', { authenticatorId: device.id, isUserVerified: false });
  await enter(page, url);
  await page.waitForSelector('[data-passkey-said]:not([hidden])');
  ok(/login/.test(page.url()), 'without the finger nobody comes in');
  await device.cdp.send('WebAuthn.setUserVerified', { authenticatorId: device.id, isUserVerified: true });
  await enter(page, url);
  await page.waitForURL(/today/);
  ok(true, 'with it she does');

  /* a copy of the device, with the counter as it was */
  const thief = await page_of(browser);
  const copy = await authenticator(thief);
  await copy.cdp.send('WebAuthn.addCredential', { authenticatorId: copy.id,
    credential: { ...credentials[0], signCount: 0 } });
  await enter(thief, url);
  await thief.waitForSelector('[data-passkey-said]:not([hidden])');
  like(await thief.textContent('[data-passkey-said]'), /parece tener una copia/, 'a copied key is found and revoked');
  await out(page);
  await enter(page, url);
  await page.waitForSelector('[data-passkey-said]:not([hidden])');
  ok(/login/.test(page.url()), 'and opens nothing any more');
  await log_in(page, url);
  await page.goto(`${url}/profile`);
  like(await page.textContent('main'), /retirada: parece tener una copia/, 'the list says why');

  await device.cdp.send('WebAuthn.clearCredentials', { authenticatorId: device.id });
  await add(page, url, 'la de la mesa');
  await page.waitForURL(/said=passkey_added/);
  await page.click('form[action$="/revoke"] button');
  await page.waitForURL(/said=passkey_revoked/);
  await accessible(page, 'profile with revoked keys');
  await picture(page, 'profile-revoked');

  const bare = await page_of(browser, { script: false, width: 360 });
  await bare.goto(`${url}/login`);
  is(await bare.isVisible('[data-passkey-login]'), false, 'without script the password is the way');
  await log_in(bare, url);
  await bare.goto(`${url}/profile`);
  like(await bare.textContent('main'), /la de la mesa/, 'the list is there without script');
  is(await bare.isVisible('form[data-passkey-new]'), false, 'the form is not');
  const ip = await page_of(browser);
  await log_in(ip, server.url);
  await ip.goto(`${server.url}/profile`);
  like(await ip.textContent('main'), /Aquí no se pueden hacer/, 'an address without a name: said so');
  /* an institution's accounts: the pages; what they do is in oidc.t */
  run(['--store', server.store, 'oidc', 'set', 'uni', '--issuer', 'http://127.0.0.1:1',
       '--client', 'cobijo', '--label', 'Universidad de Prueba']);
  const path = run(['--store', server.store, 'oidc', 'invite', 'marisol']).trim();
  for (const [width, dark, language] of [[360, false, 'es'], [1280, true, 'en']]) {
    const look = await page_of(browser, { width, dark, language });

    for (const [name, where] of [['login', '/login'], ['invitation', path]]) {
      await look.goto(url + where);
      await accessible(look, `${name} with an institution ${width} ${language}`);
      is(await look.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
         true, `${name} ${width}: fits the screen`);
      await picture(look, `oidc-${name}-${width}`);
    }
    await look.context().close();
  }
  ok([page, thief, ip].every(one => one.complaints.every(text => /401|422|Failed to load resource/.test(text))),
     'nothing else in the console', [page, thief, ip].map(one => one.complaints.join('\n')).join('\n'));
});
