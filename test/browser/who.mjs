/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* who.mjs - who somebody is, in a browser: an invitation, a second step with
 * the code of an authenticator (made here, by RFC 6238), recovery codes, a
 * laptop that two people share with a PIN, drafts that stay apart, pages that
 * do not come back, sessions that are closed from elsewhere. All invented.
 */
import { createHmac } from 'node:crypto';
import { accessible, is, like, log_in, ok, page_of, password, picture, test,
         unfold }
  from './harness.mjs';

const PIN = { marisol: '194763', cira: '820461' };

function totp(key, when = Date.now()) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replace(/\s/g, '')]
    .map(c => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)));
  const text = Buffer.alloc(8);

  text.writeBigUInt64BE(BigInt(Math.floor(when / 30000)));
  const mac = createHmac('sha1', secret).update(text).digest();
  const at = mac[19] & 15;

  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

async function menu(page, name) {
  await page.click('details.more > summary');
  await page.click(`.more button:has-text("${name}")`);
}

async function set_pin(page, url, who, word = password) {
  await page.goto(`${url}/profile`);
  await unfold(page, '#change-pin');
  await page.fill('#pin', PIN[who]);
  await page.fill('#pin-present', word);
  await page.click('form[action="/profile/pin"] button:not(.link)');
  await page.waitForURL(/said=pin/);
}

async function shown(page, name, options = {}) {
  await accessible(page, name);
  is(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
     true, `${name}: fits the screen`);
  for (const [width, dark] of [[1280, false], [360, true]]) {
    if (options.once && width === 360)
      break;
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    await picture(page, `who-${name.replace(/ /g, '-')}-${width}${dark ? '-dark' : ''}`);
    if (width === 360)
      is(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
         true, `${name}: fits a telephone`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

await test(async (server, browser) => {
  const url = server.url;
  const page = await page_of(browser);

  await log_in(page, url);

  /* an invitation */
  await page.goto(`${url}/user`);
  await shown(page, 'accounts');
  await page.click('a[href="/user/invite"]');
  await page.selectOption('#role', 'intake');
  await page.fill('#display', 'Cira Prueba');
  await page.click('form.pass button[type=submit]');
  const link = await page.textContent('.said code');
  like(link, /\/invitation\/[\w-]{43}$/, 'an invitation is a link');
  is(await page.locator('.said svg.qr').count(), 1, 'and a QR code');
  await shown(page, 'invitation made');
  await page.goto(`${url}/user/invite`);
  ok(!(await page.content()).includes(link.slice(-43)), 'shown once');

  const cira = await page_of(browser, { width: 360 });
  await cira.goto(link);
  await shown(cira, 'invited');
  await cira.fill('#name', 'cira');
  await cira.fill('#password', password);
  await cira.fill('#again', 'otra cosa distinta');
  await cira.click('button[type=submit]');
  like(await cira.textContent('.problem'), /no son iguales/, 'a slip is told');
  is(await cira.inputValue('#name'), 'cira', 'and the name stays');
  await cira.fill('#password', password);
  await cira.fill('#again', password);
  await cira.click('button[type=submit]');
  await cira.waitForURL(/\/today/);
  ok(true, 'she chose her own password and is in');
  is((await cira.goto(link)).status(), 404, 'the link is spent');
  await cira.context().close();

  /* the second step */
  await page.goto(`${url}/profile`);
  await shown(page, 'profile');
  await page.click('a[href="/profile/second"]');
  const key = await page.textContent('[data-secret]');
  is(key.replace(/\s/g, '').length, 32, 'a key to type');
  is(await page.locator('svg.qr').count(), 1, 'or to scan');
  await shown(page, 'second step');
  await page.fill('#code', '000000');
  await page.click('form[action="/profile/second"] button');
  like(await page.textContent('.problem'), /no es correcto/, 'a wrong code');
  await page.fill('#code', totp(key));
  await page.click('form[action="/profile/second"] button');
  await page.waitForSelector('.codes');
  const codes = await page.locator('.codes code').allTextContents();
  is(codes.length, 10, 'ten recovery codes');
  await shown(page, 'recovery codes');
  await page.emulateMedia({ media: 'print' });
  ok(await page.locator('.codes').isVisible() &&
     !await page.locator('header.bar').isVisible(), 'to be printed');
  await page.emulateMedia({ media: 'screen' });
  await page.click('.acts a');
  await menu(page, 'Salir');
  await page.waitForURL(/\/login/);

  const enter = async code => {
    await page.goto(`${url}/login`);
    await page.fill('input[name=name]', 'marisol');
    await page.fill('input[name=password]', password);
    await page.press('input[name=password]', 'Enter');
    await page.waitForURL(/\/login\/second/);
    if (code) {
      await page.fill('#code', code);
      await page.press('#code', 'Enter');
    }
  };
  await enter(null);
  await shown(page, 'second step at the door');
  await page.goto(`${url}/person`);
  like(page.url(), /\/login\/second\?next=%2Fperson/, 'half in is not in');
  await page.fill('#code', '000000');
  await page.press('#code', 'Enter');
  await page.waitForSelector('.problem');
  await page.fill('#code', totp(key, Date.now() + 30000));
  await page.press('#code', 'Enter');
  await page.waitForURL(/\/person/);
  ok(true, 'the code comes in, and goes on where she wanted to');
  await menu(page, 'Salir');
  await page.waitForURL(/\/login/);
  await enter(totp(key));
  like(await page.textContent('.problem'), /ya se usó/, 'a code before the last one is not taken');
  await enter(codes[0]);
  await page.waitForURL(/\/profile\/second/);
  like(await page.textContent('main'), /te quedan|le quedan: 9/, 'a recovery code is');

  /* closed from elsewhere */
  const far = await page_of(browser);
  await far.goto(`${url}/login`);
  await far.fill('input[name=name]', 'marisol');
  await far.fill('input[name=password]', password);
  await far.press('input[name=password]', 'Enter');
  await far.waitForURL(/\/login\/second/);
  await far.fill('#code', codes[1]);
  await far.press('#code', 'Enter');
  await far.waitForURL(/\/profile\/second/);
  await page.goto(`${url}/profile/session`);
  is(await page.locator('.people li').count(), 2, 'two sessions');
  like(await page.textContent('.people'), /Chrome · Linux/, 'by browser');
  await shown(page, 'sessions');
  await page.click('form[action="/profile/session/end"] button');
  await page.waitForURL(/said=sessions_ended/);
  await far.goto(`${url}/today`);
  like(far.url(), /\/login/, 'the other one is closed');
  await far.context().close();

  /* a shared laptop */
  await set_pin(page, url, 'marisol');
  await page.clock.install();
  await page.goto(`${url}/person/new`);
  await page.fill('[name=given_names]', 'Wideline Invento');
  await page.waitForTimeout(300);
  await page.clock.fastForward('05:00');
  await page.fill('[name=first_surname]', 'Ejemplo');
  await page.clock.fastForward('06:00');
  await page.waitForTimeout(300);
  like(page.url(), /\/person\/new/, 'who is typing is not interrupted');
  await page.clock.fastForward('11:00');
  await page.waitForURL(/\/lock/);
  await page.waitForSelector('#pin');
  ok(!/Wideline|given_names/.test(await page.content()), 'left alone the page is gone, not covered');
  await shown(page, 'locked');
  await page.goto(`${url}/person`);
  like(page.url(), /\/lock\?next=%2Fperson/, 'no other page opens');
  await page.goBack();
  await page.waitForTimeout(500);
  ok(!/Wideline|given_names/.test(await page.content()), 'nor by going back');
  await page.goto(`${url}/lock?next=%2Fperson%2Fnew`);
  await page.fill('#pin', '111222');
  await page.press('#pin', 'Enter');
  like(await page.textContent('.problem'), /PIN no es correcto/, 'a wrong PIN is told');
  await page.fill('#pin', PIN.marisol);
  await page.press('#pin', 'Enter');
  await page.waitForURL(/\/person\/new/);
  await page.click('[data-draft-take]');
  is(await page.inputValue('[name=given_names]'), 'Wideline Invento',
     'what was typed is there');

  /* another person */
  await menu(page, 'Bloquear o cambiar de persona');
  await page.waitForURL(/\/lock/);
  await page.click('a[href^="/login"]');
  await page.fill('input[name=name]', 'cira');
  await page.fill('input[name=password]', password);
  await page.press('input[name=password]', 'Enter');
  await page.waitForURL(/\/today/);
  await set_pin(page, url, 'cira');
  await page.goto(`${url}/person/new`);
  await page.waitForTimeout(500);
  ok(!await page.locator('[data-draft-take]').isVisible() &&
     !(await page.inputValue('[name=given_names]')),
     'she is not offered the draft of the other');
  await page.fill('[name=given_names]', 'Brayan Invento');
  await page.waitForTimeout(500);
  await menu(page, 'Bloquear o cambiar de persona');
  await page.waitForSelector('input[name=who]');
  await shown(page, 'change person');
  await page.check('input[name=who]');
  await page.fill('#other-pin', PIN.marisol);
  await page.press('#other-pin', 'Enter');
  await page.waitForURL(/\/today/);
  await page.click('details.more > summary');
  like(await page.textContent('.more'), /Mi cuenta · marisol/, 'a PIN changes person');
  for (let i = 0; i < 4; i++) {
    await page.goBack();
    await page.waitForTimeout(400);
    ok(!/Brayan/.test(await page.evaluate(() => document.body.innerText +
      [...document.querySelectorAll('input')].map(one => one.value).join())),
       `back ${i + 1} shows nothing of the other`);
  }
  await page.goto(`${url}/person/new`);
  await page.click('[data-draft-take]');
  is(await page.inputValue('[name=given_names]'), 'Wideline Invento', 'each has her own draft');

  /* one goes home, the other stays */
  await menu(page, 'Salir');
  await page.waitForURL(/\/login/);
  await page.waitForTimeout(300);
  await page.click('a[href="/lock"]');
  await page.check('input[name=who]');
  await page.fill('#other-pin', PIN.cira);
  await page.press('#other-pin', 'Enter');
  await page.waitForURL(/\/today/);
  await page.goto(`${url}/person/new`);
  await page.click('[data-draft-take]');
  is(await page.inputValue('[name=given_names]'), 'Brayan Invento',
     'the draft of who stays outlives the logout of the other');
  is(page.complaints.filter(t => !/40[0-9]|42[0-9]|Failed to load/.test(t)).join('; '), '', 'the console is silent');
  await page.context().close();

  /* an administrator; no script */
  const plain = await page_of(browser, { script: false });
  await plain.goto(`${url}/login`);
  await plain.fill('input[name=name]', 'marisol');
  await plain.fill('input[name=password]', password);
  await plain.press('input[name=password]', 'Enter');
  await plain.fill('#code', codes[2]);
  await plain.press('#code', 'Enter');
  await plain.waitForURL(/\/profile\/second/);
  await menu(plain, 'Bloquear o cambiar de persona');
  await plain.waitForURL(/\/lock/);
  await plain.fill('#pin', PIN.marisol);
  await plain.press('#pin', 'Enter');
  ok(!/\/lock/.test(plain.url()), 'all of it works without script');
  await plain.goto(`${url}/user`);
  await plain.click('tr:has-text("cira") a[href$="/session"]');
  like(await plain.textContent('main'), /Entrada de una cuenta[^]*Chrome/, 'an administrator sees her sessions');
  await plain.fill('#why', 'olvidó su PIN');
  await plain.click('form[action$="/second"] button');
  await plain.waitForURL(/said=second_reset/);
  like(await plain.textContent('main'), /No está abierta/, 'and closes them, with a reason');
  await plain.context().close();

  const admin = await page_of(browser);
  await admin.goto(`${url}/login`);
  await admin.fill('input[name=name]', 'marisol');
  await admin.fill('input[name=password]', password);
  await admin.press('input[name=password]', 'Enter');
  await admin.fill('#code', codes[3]);
  await admin.press('#code', 'Enter');
  await admin.waitForURL(/\/profile\/second/);
  await shown(admin, 'second step set');
  await admin.goto(`${url}/user`);
  await admin.click('tr:has-text("marisol") a[href$="/session"]');
  await shown(admin, 'account of somebody');
  await admin.goto(`${url}/policy`);
  await shown(admin, 'rules');
  await unfold(admin, '#rule-lock_minutes');
  await admin.fill('#lock_minutes', 'pronto');
  await admin.fill('#lock_minutes-why', 'turnos cortos');
  await admin.press('#lock_minutes-why', 'Enter');
  like(await admin.textContent('.problem'), /número entero/, 'a rule is checked');
  await admin.fill('#lock_minutes', '5');
  await admin.press('#lock_minutes', 'Enter');
  await admin.waitForURL(/said=saved/);
  like(await admin.textContent('#rule-lock_minutes summary'), /5$/, 'and kept');
  await unfold(admin, '#rule-second_factor_roles');
  await admin.check('input[value=supervisor]');
  await admin.check('input[value=case_worker]');
  await admin.fill('#second_factor_roles-why', 'ven lo más delicado');
  await admin.press('#second_factor_roles-why', 'Enter');
  await admin.waitForURL(/said=saved/);
  like(await admin.textContent('#rule-second_factor_roles summary'),
       /Supervisión, Gestión de casos$/, 'roles are ticked and told by their names');
  await unfold(admin, '#rule-second_factor_roles');
  await admin.uncheck('input[value=supervisor]');
  await admin.uncheck('input[value=case_worker]');
  await admin.fill('#second_factor_roles-why', 'todavía no');
  await admin.press('#second_factor_roles-why', 'Enter');
  await admin.waitForSelector('#rule-second_factor_roles summary:has-text("ninguna")');
  await admin.goto(`${url}/profile?lang=en`);
  for (const path of ['/profile', '/profile/second', '/profile/session', '/policy', '/user/invite'])
    like(await (await admin.goto(url + path)).text(), /lang="en"/, `${path} in English`);
});
