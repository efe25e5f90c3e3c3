/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* passkey.mjs - passkeys with the browser's own virtual authenticator: one is
 * made in "Mi cuenta", opens the door, and is revoked. Over http://localhost,
 * which browsers take as a safe place. For each algorithm the browser knows.
 */
import { accessible, is, like, log_in, ok, page_of, password, picture, test }
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
  await page.fill('#passkey-label', label);
  await page.fill('#passkey-present', word);
  await page.click('form[data-passkey-new] button');
}

async function enter(page, url, path = '/login') {
  await page.goto(url + path);
  await page.click('[data-passkey-login] button');
}

await test(async (server, browser) => {
  const url = server.url.replace('127.0.0.1', 'localhost');

  for (const only of [-7, -8, -257]) {
    const page = await page_of(browser);
    const name = names[only];
    const device = await authenticator(page);

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
    await page.waitForURL(/said=passkey_added/, { timeout: 4000 }).catch(() => {});
    if (!/said=/.test(page.url())) {
      const said = await page.textContent('form [data-passkey-said]');
      console.log(`# ${name}: ${said} ${page.complaints.join(' ')}`);
      ok(only === -8, `${name}: the virtual authenticator makes one`);
      await page.context().close();
      continue;
    }
    like(await page.textContent('main'), new RegExp(`prueba ${name}`), `${name}: listed`);
    await page.click('details.more summary');
    await page.click('form[action="/logout"] button');
    await page.waitForURL(/login/);
    await enter(page, url, '/login?next=%2Fperson');
    await page.waitForURL(/\/person$/);
    ok(true, `${name}: a passkey opens the door`);
    await page.context().close();
  }
}, { browser: [] });
