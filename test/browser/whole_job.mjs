/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* whole_job.mjs - the whole main job, start to end, on a register that came
 * in from a spreadsheet, over TLS at this machine's own network address: find,
 * screen, refer with consent, the receiver answers from another browser, the
 * answer comes back, follow up, close, report. The register is synthetic.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { file, is, like, log_in, ok, page_of, password, picture, run, test }
  from './harness.mjs';

const register = fileURLToPath(new URL(
  '../../../shared/data/register/casa_de_paso_2023.csv', import.meta.url));
const lines = 60;

function skip(why) {
  console.log(`1..0 # SKIP ${why}`);
  process.exit(0);
}

/* --- where it is served ---------------------------------------------------- */

function own_address() {
  const found = Object.values(networkInterfaces()).flat()
    .find(one => one.family === 'IPv4' && !one.internal);

  if (found)
    return { address: found.address };
  try {
    execFileSync('ip', ['addr', 'add', '10.99.0.1/32', 'dev', 'lo'],
                 { stdio: 'ignore' });
    return { address: '10.99.0.1', added: true };
  } catch {
    return skip('this machine has no address but the loopback');
  }
}

/* An address of ours is not left behind. */
function give_back() {
  if (added)
    execFileSync('ip', ['addr', 'del', '10.99.0.1/32', 'dev', 'lo'],
                 { stdio: 'ignore' });
}

function free_port(address) {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject)
      .listen(0, address, () => {
        const { port } = probe.address();

        probe.close(() => resolve(port));
      });
  });
}

function certificate(folder, address) {
  const made = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };

  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                             '-keyout', made.key, '-out', made.cert, '-days',
                             '2', '-subj', '/CN=cobijo', '-addext',
                             `subjectAltName=IP:${address}`],
                 { stdio: 'ignore' });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    give_back();
    skip(`no certificate from openssl: ${error.code || error.message}`);
  }
  return made;
}

/* --- the job -------------------------------------------------------------- */

async function said(page, pattern, name) {
  like(await page.locator('.said').first().innerText(), pattern, name);
}

async function bring_in(page, url, folder) {
  const text = readFileSync(register, 'utf8').split('\n').slice(0, lines + 1);

  await page.goto(`${url}/import`);
  await page.setInputFiles('#file', file(folder, 'registro.csv',
                                         `${text.join('\n')}\n`));
  await page.click('main button[type=submit]');
  const figures = await page.textContent('.figures');
  const people = Number((figures.match(/(\d+)\s+personas entran/) || [])[1]);

  ok(people > lines / 2 && people <= lines, 'most of the register comes in',
     figures);
  await picture(page, 'whole-plan');
  await page.click('button[name=_run]');
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await said(page, /terminada/, 'the register is in');
  console.log(`# ${people} of ${lines} rows`);
  return people;
}

async function find(page, url) {
  await page.goto(`${url}/person`);
  await page.fill('main input[name=q]', 'zeledon norlan');
  await page.press('main input[name=q]', 'Enter');
  await page.waitForFunction(() => !document.querySelector('#results h2'));
  const hit = page.locator('#results a[href*="/person/"]').first();

  like(await page.locator('#results').innerText(), /Norlan Zeledón/i,
       'found by name, without the accent, the other way round');
  await picture(page, 'whole-find');
  await hit.click();
  await page.waitForURL(/\/person\/[0-9a-f-]{36}/);
  like(await page.locator('main').innerText(), /Zeledón/, 'the record opens');
  return page.url().match(/[0-9a-f-]{36}/)[0];
}

async function screen(page) {
  const answers = { q01_safe: 'no', q07_fear: 'yes' };

  await page.locator('main .acts a:has-text("Tamizaje")').first().click();
  await page.waitForURL(/\/screening$/);
  for (let i = 0; i < 40 && /\/screening$|\/step\//.test(page.url()); i++) {
    for (const [name, value] of Object.entries(answers)) {
      const one = page.locator(`[name="${name}"][value="${value}"]`);

      if (await one.count() && await one.isVisible() &&
          !await one.isChecked()) {
        await one.focus();
        await page.keyboard.press('Space');
        await page.waitForTimeout(350);
      }
    }
    const before = page.url();

    await page.locator('button:has-text("Guardar y seguir")').click();
    await page.waitForURL(url => url.href !== before);
    await page.waitForLoadState();
  }
  like(page.url(), /\/screening\/[0-9a-f-]{36}$/, 'the interview ends');
  const text = await page.locator('main').innerText();

  like(text, /Peligro inmediato/, 'not safe: immediate danger');
  like(text, /protección internacional/, 'fear: international protection');
  await picture(page, 'whole-screening');
}

async function refer(page, url, person) {
  await page.goto(`${url}/person/${person}/refer`);
  if (!await page.locator('[name=to_name]').isVisible())
    await page.click('summary:has-text("Otro lugar")');
  await page.fill('[name=to_name]', 'Albergue de Mentira (ejemplo)');
  await page.selectOption('[name=to_type]', 'ALB', { force: true });
  await page.click('button:has-text("Preparar la referencia")');
  await page.waitForURL(/\/referral\/[0-9a-f-]{36}/);
  const id = page.url().match(/\/referral\/([0-9a-f-]{36})/)[1];

  await page.check('[name=share_fields][value=name]');
  await page.waitForFunction(() =>
    /Zeledón/.test(document.querySelector('#preview').textContent));
  await page.click('button:has-text("Enviar")');
  like(await page.locator('.problem').innerText(), /si está de acuerdo/,
       'without consent nothing is sent');
  await page.check('[name="consent.given"][value=yes]');
  await page.click('button:has-text("Enviar")');
  await page.waitForSelector('.slip');
  const link = await page.locator('.slip .link a').getAttribute('href');

  ok(link.startsWith(`${url}/r/`), 'the link is at the public address',
     link.replace(/\/r\/.*/, '/r/...'));
  ok(await page.locator('svg.qr path').count() === 1, 'and in a QR code');
  await picture(page, 'whole-slip');
  return { id, link };
}

async function answer(partner, link) {
  is((await partner.goto(link)).status(), 200, 'the receiver opens the link');
  const text = await partner.locator('main').innerText();

  like(text, /Norlan Zeledón/i, 'who is coming');
  ok(!/Peligro|Nicaragua/.test(text), 'and nothing that was not agreed', text);
  await partner.click('button:has-text("Sí, la recibimos")');
  await partner.waitForURL(/said=partner/);
  like(await partner.locator('.lead').innerText(), /Aceptada/, 'accepted');
  await partner.selectOption('#a-out', 'servicio_recibido');
  await partner.click('button:has-text("Guardar el resultado")');
  await partner.waitForURL(/said=partner/);
  like(await partner.locator('main').innerText(), /Ya contestó/,
       'the outcome is told');
  is((await partner.context().cookies()).filter(one =>
    !one.secure).length, 0, 'no cookie of the receiver but Secure ones');
  await picture(partner, 'whole-partner');
}

async function close_referral(page, url, id) {
  await page.goto(`${url}/inbox`);
  like(await page.locator('main').innerText(), /Contestaron: ver y cerrar/,
       'the sender sees it in the inbox');
  await picture(page, 'whole-inbox');
  await page.locator('main a.who').first().click();
  await page.waitForURL(new RegExp(id));
  like(await page.locator('main').innerText(), /Recibió el servicio/,
       'with its outcome');
}

async function follow_up(page, url, person) {
  await page.goto(`${url}/person/${person}`);
  if (await page.locator('button:has-text("Abrir expediente")').count()) {
    await page.click('button:has-text("Abrir expediente")');
    await said(page, /Expediente abierto/, 'the case file is open');
  }
  await page.click('main .acts a:has-text("Seguimiento")');
  await page.waitForURL(/\/record\/followup\/new/);
  is(await page.inputValue('[name=person]'), person,
     'the follow-up knows whose it is');
  await page.check('[name=contacted][value=yes]');
  await page.click('.acts button:has-text("Guardar")');
  await page.waitForURL(address => !/followup\/new/.test(address.href));
  await page.waitForLoadState();
  ok(await page.locator('.problem').count() === 0, 'followed up');
}

async function close_all(page, url, id, person, partner, link) {
  await page.goto(`${url}/referral/${id}`);
  await page.click('button:has-text("Cerrar la referencia")');
  await said(page, /Referencia cerrada/, 'the referral is closed');
  is((await partner.goto(link)).status(), 410, 'and its link with it');
  await page.goto(`${url}/person/${person}`);
  await page.click('a:has-text("Cerrar el expediente")');
  await page.waitForURL(/\/close$/);
  await page.locator('[name=close_reason][value=OBJ],' +
                     'select[name=close_reason]').first()
    .evaluate(e => {
      if (e.tagName === 'SELECT')
        e.value = 'OBJ';
      else
        e.checked = true;
    });
  await page.click('main form button:has-text("Cerrar el expediente")');
  await said(page, /Expediente cerrado/, 'the case file is closed');
}

async function report(page, url, people) {
  const today = new Date(Date.now() - 6 * 3600 * 1000).toISOString()
    .slice(0, 10);
  const answers = await page.request.get(
    `${url}/report/monthly?from=2023-01-01&to=${today}&format=json`);
  const { indicators } = await answers.json();

  await page.goto(`${url}/report/monthly?from=2023-01-01&to=${today}`);
  const total = indicators.find(one => one.code === 'REG-01');

  is(total.value, people, 'it counts everyone of the register, once');
  like(await page.locator('#REG-01').innerText(),
       new RegExp(`\\b${people}\\b`), 'and so does the page');
  like(await page.locator('#REG-01').innerText(), /Honduras/,
       'by nationality');
  like(await page.locator('#ASI-04').innerText(), /100 %/,
       'and the closed loop as effective');
  await picture(page, 'whole-report');
}

/* --- all of it ------------------------------------------------------------ */

if (!existsSync(register))
  skip('shared/data/register/casa_de_paso_2023.csv is not here');
/* Nothing goes through a proxy: this machine talks to itself. */
for (const name of Object.keys(process.env))
  if (/^(https?|all|ftp)_proxy$/i.test(name))
    delete process.env[name];

const { address, added } = own_address();
const folder = mkdtempSync(join(tmpdir(), 'cobijo-tls-'));
const { cert, key } = certificate(folder, address);
const port = await free_port(address);
const url = `https://${address}:${port}`;

await test(async (server, browser) => {
  run(['user', 'add', 'caso', '--store', server.store, '--role',
       'case_worker', '--password-stdin'], `${password}\n`);
  const admin = await page_of(browser);
  const page = await page_of(browser);
  const partner = await page_of(browser, { width: 360 });
  const asked = new Set();

  for (const one of [admin, page, partner])
    one.on('request', request => {
      if (!/^(data|blob):/.test(request.url()))
        asked.add(new URL(request.url()).origin);
    });
  await log_in(admin, url);
  const people = await bring_in(admin, url, server.folder);

  await log_in(page, url, 'caso');
  const cookies = await page.context().cookies();

  ok(cookies.some(one => one.httpOnly && one.secure),
     'the session cookie is Secure and HttpOnly',
     cookies.map(one => `${one.name} ${one.secure} ${one.httpOnly}`)
       .join('\n'));
  ok(cookies.every(one => one.secure), 'and so is every other',
     cookies.map(one => `${one.name} ${one.secure}`).join('\n'));
  const person = await find(page, url);

  await screen(page);
  const { id, link } = await refer(page, url, person);

  await answer(partner, link);
  await close_referral(page, url, id);
  await follow_up(page, url, person);
  await close_all(page, url, id, person, partner, link);
  await report(admin, url, people);
  ok(asked.size === 1 && asked.has(url), 'all traffic stays at this address',
     [...asked].join('\n'));
  is([admin, page].flatMap(one => one.complaints)
    .filter(text => !/422|410/.test(text)).join('\n'), '',
     'no script error in the console');
  ok(!server.errors().includes(link.split('/r/')[1]),
     'the link is in no line of the log');
}, { whole: true,
     args: ['--listen', `${address}:${port}`, '--public-url', url,
            '--tls-cert', cert, '--tls-key', key] });
rmSync(folder, { recursive: true, force: true });
give_back();
