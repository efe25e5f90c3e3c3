/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* arco.mjs - a person takes back and asks: a permission is withdrawn with one
 * button and the link that nobody opened is dead at once; she gets her copy;
 * she asks to be erased, is known by her code, one person answers, another
 * approves, and nothing of her is left in any page; the receiver is asked to
 * erase, too. Examples are invented.
 */
import { accessible, is, like, log_in, ok, page_of, password, picture, run,
         test } from './harness.mjs';

async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });
  const text = await answer.text();

  if (!answer.ok())
    console.log(`# ${path}: ${answer.status()} ${text.slice(0, 400)}`);
  return { status: answer.status(), ...JSON.parse(text) };
}

async function look(page, name) {
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth - window.innerWidth);

  ok(wide <= 0, `fits the screen: ${name}`, `${wide} px too wide`);
  await accessible(page, name);
  await picture(page, `arco-${name}`);
}

async function everywhere(page, name) {
  const at = page.url();

  await look(page, `${name}-1280`);
  await page.setViewportSize({ width: 360, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, `${name}-360-dark`);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  is(page.url(), at, `still there: ${name}`);
}

await test(async (server, browser) => {
  run(['--store', server.store, 'user', 'add', 'jefa', '--role', 'supervisor',
       '--password-stdin'], `${password}\n`);
  const page = await page_of(browser), second = await page_of(browser);
  await log_in(page, server.url);
  await log_in(second, server.url, 'jefa');

  /* -- a person, a permission, two referrals ------------------------------- */
  const person = (await post(page, '/record/person', {
    given_names: 'Zunzunegui', first_surname: 'Inventada', sex: 'M',
    birth_date: '1991-02-03', nationality: 'HND', notes: 'Zunzunegui dijo' })).id;
  const other = await post(page, '/record/person', { given_names: 'Otra', first_surname: 'Persona',
    notes: 'Llegó con su prima Zunzunegui Inventada.' });
  const consent = (await post(page, '/record/consent', {
    person, purpose: 'referencia', given: 'yes', given_by: 'titular',
    basis: 'consentimiento_expreso', data_scope: 'identidad contacto' })).id;
  const referral = (await post(page, '/record/referral', {
    person, urgency: 'U2', service_code: 'LE1', to_name: 'Clínica (ejemplo)',
    to_type: 'ONG-LEGAL', share_fields: 'alias name', consent })).id;
  const sent = await post(page, `/referral/${referral}/send`, {});
  const token = (sent.link || '').split('/r/')[1];
  ok(token, 'a link was made', JSON.stringify(sent).slice(0, 300));

  /* -- withdrawn with one button ------------------------------------------- */
  await page.goto(`${server.url}/person/${person}`);
  await page.click('text=Sus permisos');
  await everywhere(page, 'consents');
  await page.click('button:has-text("Retirar solo: Teléfono y contacto")');
  await page.waitForURL(/consents/);
  like(await page.locator('main').innerText(), /Qué: Nombre e identidad\n/,
       'a part of it is withdrawn');
  const stranger = await page_of(browser, { width: 360 });
  await page.click('button:has-text("Retirar este permiso")');
  await page.waitForURL(/consents/);
  like(await page.locator('main').innerText(), /Nadie lo ha abierto/,
       'and it is told who has seen it');
  const dead = await stranger.goto(`${server.url}/r/${token}`);
  is(dead.status(), 410, 'the link that nobody opened is dead at once');

  /* -- her copy -------------------------------------------------------------- */
  await page.goto(`${server.url}/person/${person}/copy`);
  like(await page.locator('main').innerText(), /Zunzunegui/, 'her copy');
  await everywhere(page, 'copy');
  const json = await (await page.request.get(
    `${server.url}/person/${person}/copy?format=json`)).json();
  is(json.format, 'cobijo-copy-1', 'the same for a machine');
  ok(json.sections.some(s => s.kind === 'consent'), 'with her permissions');

  /* -- she asks to be erased ------------------------------------------------- */
  await page.goto(`${server.url}/person/${person}`);
  const code = await page.evaluate(async id => (await (await fetch(
    `/person/${id}`, { headers: { Accept: 'application/json' } })).json())
    .person.case_code, person);
  await page.goto(`${server.url}/rights`);
  await everywhere(page, 'rights-empty');
  await page.fill('[name=code]', code);
  await page.press('[name=code]', 'Enter');
  await page.waitForURL(/rights_request\/new/);
  await page.check('input[name=type][value=cancelacion]');
  await everywhere(page, 'request-new');
  await page.click('.acts button[type=submit]');
  await page.waitForURL(/\/rights\/[0-9a-f-]{36}/);
  const request = new URL(page.url()).pathname.split('/')[2];
  await everywhere(page, 'request');
  await page.fill('#code', 'XXXX');
  await page.click('button:has-text("Comprobar el código")');
  like(await page.locator('.problem').first().innerText(), /no se comprueba/,
       'a wrong code is told');
  await page.fill('#code', code.toLowerCase());
  await page.click('button:has-text("Comprobar el código")');
  await page.waitForSelector('#decision');
  await everywhere(page, 'answer');
  await page.selectOption('#decision', 'no_procede');
  await page.click('button:has-text("Guardar la respuesta")');
  like(await page.locator('.problem').first().innerText(), /motivo de la ley/,
       'no refusal without a reason of the law');
  await page.selectOption('#decision', 'procede');
  await page.click('button:has-text("Guardar la respuesta")');
  await page.waitForURL(/said=saved/);
  await page.goto(`${server.url}/rights/${request}/letter`);
  like(await page.locator('article').innerText(), /procede/, 'the letter');
  await everywhere(page, 'letter');
  await page.goto(`${server.url}/rights/${request}`);
  await page.click('button:has-text("Apruebo")');
  like(await page.locator('.problem').first().innerText(), /otra persona/,
       'who decided does not approve');
  await second.goto(`${server.url}/rights/${request}`);
  await everywhere(second, 'approve');
  await second.click('button:has-text("Apruebo")');
  await second.waitForSelector('[name=sure]');
  await second.click('a:has-text("Buscarlo antes de borrar")');
  is(await second.locator('#names li').count(), 1,
     'what is about another and names her is found before');
  like(await second.textContent('#names li a'), /Otra Persona|Persona/,
       'and can be opened');
  await everywhere(second, 'mentions');
  await post(second, `/record/person/${other.id}`, { _base: other.base,
    notes: 'Llegó con su prima.' });
  await second.click('button:has-text("Borrar todo lo suyo")');
  like(await second.locator('.problem').first().innerText(), /deshacer/,
       'it is asked whether it is understood');
  await second.check('[name=sure]');
  await second.click('button:has-text("Borrar todo lo suyo")');
  await second.waitForURL(/\/erasure\//);
  await everywhere(second, 'certificate');

  /* -- nothing is left ------------------------------------------------------- */
  for (const path of [`/person/${person}`, `/person/${person}/copy`,
    `/person/${person}/consents`, `/record/person/${person}`,
    `/record/person/${person}/history`, `/referral/${referral}`,
    `/rights/${request}`]) {
    const answer = await second.goto(`${server.url}${path}`);
    is(answer.status(), 404, `not found: ${path.replace(/[0-9a-f-]{36}/, 'ID')}`);
  }
  for (const path of ['/today', '/person?q=inventada', '/inbox',
    '/record/person', '/rights?all=yes', '/retention', '/report/monthly',
    `/person?q=${code}`]) {
    await second.goto(`${server.url}${path}`);
    ok(!/zunzunegui/i.test(await second.content()),
       `no word of hers: ${path.replace(code, 'CODE')}`);
  }
  ok(!/zunzunegui/i.test(run(['--store', server.store, 'export', 'person',
                             '--format', 'json'])), 'nor in an export');
  run(['--store', server.store, 'log', 'verify']);
  ok(true, 'the log verifies');

  /* -- the receiver ----------------------------------------------------------- */
  await second.goto(`${server.url}/retention`);
  like(await second.locator('main').innerText(), /Clínica \(ejemplo\)/,
       'the receiver is listed');
  await everywhere(second, 'retention');
  await stranger.goto(`${server.url}/r/${token}`);
  like(await stranger.locator('h1').innerText(), /se borren sus datos/,
       'and is asked by the link');
  await look(stranger, 'receiver');
  await stranger.click('button:has-text("Ya lo borré")');
  await stranger.waitForLoadState();
  like(await stranger.locator('main, body').first().innerText(), /Gracias/,
       'who says so is thanked');
  await second.goto(`${server.url}/retention`);
  like(await second.locator('main').innerText(), /todo está confirmado/,
       'who answers is off the list');
}, { args: ['--public-url', 'https://ejemplo.org'] });
