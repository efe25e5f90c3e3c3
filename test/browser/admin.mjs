/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* admin.mjs - keeping the house in a browser: accounts and what a role may
 * see, one's own password, a form from a spreadsheet, drafts, sensitive
 * answers, and how many bytes a page costs. The people are invented.
 */
import { accessible, file, is, like, log_in, ok, page_of, picture, test, turn,
         unfold }
  from './harness.mjs';

const good = `survey,,,,
,type,name,label::Español (es),label::English (en)
,text,topic,Tema,Topic
,integer,people,¿Cuántas personas?,How many people?
settings,,,,
,form_id,form_title::Español (es),form_title::English (en),version
,talk,Plática,Talk,1
`;
const data = name => new URL(`../data/${name}`, import.meta.url).pathname;
const bad = good.replace(',integer,people', ',intejer,people');

async function bytes_of(page, url) {
  let total = 0;
  const add = async response => {
    const sizes = await response.request().sizes().catch(() => null);

    if (sizes)
      total += sizes.responseBodySize + sizes.responseHeadersSize;
  };

  page.on('response', add);
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.waitForTimeout(300);
  page.off('response', add);
  return total;
}

await test(async (server, browser) => {
  const page = await page_of(browser);
  let size = await bytes_of(page, `${server.url}/login`);

  ok(size < 60 * 1024, `the first page costs ${size} bytes`);
  const sheet = await page.locator('link[href*="cobijo.css"]').getAttribute('href');
  const got = await page.request.get(server.url + sheet,
    { headers: { 'Accept-Encoding': 'gzip' } });
  size = Number(got.headers()['content-length']);
  ok(size > 0 && size < 5 * 1024, `our stylesheet costs ${size} bytes`);
  await log_in(page, server.url);
  size = await bytes_of(page, `${server.url}/today`);
  ok(size < 15 * 1024, `Today later costs ${size} bytes`);
  size = await bytes_of(page, `${server.url}/person/new`);
  ok(size < 15 * 1024, `Register later costs ${size} bytes`);

  /* accounts */
  await page.goto(`${server.url}/user`);
  await page.click('details.fold > summary');
  await page.fill('#name', 'jorge');
  await page.fill('#display', 'Jorge Prueba');
  await page.selectOption('#role', 'intake');
  await turn(page, () => page.click('form.pass button[type=submit]'));
  const password = await page.textContent('.said code');
  like(password, /^[a-z0-9-]{19}$/, 'a first password is shown once');
  await accessible(page, 'accounts with a fresh password');
  await page.click('details.fold > summary');
  await page.fill('#name', 'jorge');
  await page.selectOption('#role', 'intake');
  await turn(page, () => page.click('form.pass button[type=submit]'));
  ok(await page.locator('.problem').count() === 1, 'a name is given once');

  /* a telephone's key */
  await page.goto(`${server.url}/device`);
  like(await page.textContent('main'), /Todavía no hay ninguno/, 'no telephone yet');
  await page.fill('#name', 'brigada-1');
  await page.selectOption('#role', 'case_worker');
  await turn(page, () => page.click('form.pass button[type=submit]'));
  like(await page.textContent('.said code'), /\/key\//, 'its key is shown once');
  is(await page.locator('.said svg.qr').count(), 1, 'also as a QR code');
  await accessible(page, 'telephones with a fresh key');
  await picture(page, 'phones-fresh');
  page.once('dialog', dialog => dialog.accept());
  await turn(page, () => page.click('button:has-text("Retirar")'));
  like(await page.textContent('table'), /retirada/, 'and can be withdrawn');

  const other = await page_of(browser);
  await log_in(other, server.url, 'jorge', password);
  ok(await other.locator('a[href="/user"]').count() === 0,
     'reception sees no accounts in the menu');
  is((await other.goto(`${server.url}/user`)).status(), 403,
     'and may not open them');
  await accessible(other, 'no permission');
  await other.goto(`${server.url}/profile`);
  await unfold(other, '#change-password');
  await other.fill('#present', password);
  await other.fill('#password', 'otra frase bien larga');
  await other.fill('#again', 'otra frase bien larga');
  await turn(other, () => other.click('form[action="/profile/password"] button'));
  like(await other.textContent('main'), /Contraseña cambiada/, 'her own password');
  await other.goto(`${server.url}/profile`);
  await other.check('[name=interface_language][value=en]');
  await turn(other, () => other.click('form[action="/profile"] .acts button'));
  is(await other.getAttribute('html', 'lang'), 'en', 'and her own language');

  /* a form */
  await page.goto(`${server.url}/form/upload`);
  await page.setInputFiles('#file', file(server.folder, 'bad.csv', bad));
  await page.click('main form.pass button');
  like(await page.textContent('.sheet'), /3\s*intejer\s*people[^]*Error, type: No existe el tipo «intejer»/,
       'a mistake stands beside its row');
  await accessible(page, 'a form with a mistake');
  await page.setInputFiles('#file', file(server.folder, 'good.csv', good));
  await page.click('main form.pass button');
  like(await page.textContent('h1'), /Plática/, 'a good one is looked at first');
  await page.click('form[action$="/publish"] button');
  await page.waitForURL(/\/form\/talk\?/);
  await page.goto(`${server.url}/form`);
  like(await page.textContent('table'), /Plática/, 'and published');
  await page.goto(`${server.url}/form/upload`);
  await page.setInputFiles('#file', data('wrong.xlsx'));
  await page.click('main form.pass button');
  like(await page.textContent('main'), /5\s*txet[^]*Error, type/,
       'a mistake in an .xlsx stands beside its row');
  like(await page.textContent('.problem'), /Falta el nombre del formulario/,
       'what has no name is not kept, and says so');
  await page.setInputFiles('#file', file(server.folder, 'a.xls', '%PDF-1.7'));
  await page.click('main form.pass button');
  like(await page.textContent('main'), /No es una hoja de cálculo/,
       'what is no spreadsheet is said');
  await page.setInputFiles('#file', data('form.xlsx'));
  await page.click('main form.pass button');
  like(await page.textContent('h1'), /Taller/, 'an .xlsx is looked at');
  await page.click('form[action$="/publish"] button');
  await page.waitForURL(/\/form\/taller\?/);
  like(await page.textContent('h1'), /Taller/, 'and published');
  await page.goto(`${server.url}/record/talk/new`);
  await page.fill('[name=topic]', 'Derechos');
  await page.fill('[name=people]', '12');
  await page.click('.acts button[type=submit]');
  await page.waitForURL(/\/record\/talk\//);
  like(await page.textContent('dl'), /Derechos/, 'it has pages at once');
  await picture(page, 'talk');

  /* a sensitive answer */
  await page.goto(`${server.url}/record/person/new`);
  await page.fill('[name=given_names]', 'Wideline');
  await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  await page.check('[name=indigenous_self_id][value=yes]');
  await page.click('.acts button[type=submit]');
  await page.waitForURL(/\/person\/[0-9a-f-]{36}/);
  const person = page.url().replace(/\?.*/, '');
  ok(await page.locator('.mask').count() > 0, 'a sensitive answer is covered');
  await turn(page, () => page.click('button:has-text("Mostrar")'));
  like(await page.textContent('dl'), /indígena\?\s*Sí/, 'and shown when asked for');
  await accessible(page, 'a sensitive answer shown');
  await page.goto(person);
  like(await page.textContent('.line'), /Se mostró una respuesta delicada|Persona/,
       'her page');
  await page.goto(`${server.url}/record/person/${person.split('/').pop()}/history`);
  like(await page.textContent('.line'), /Se mostró una respuesta delicada/,
       'and that is written down');

  /* a draft */
  await page.goto(`${server.url}/person/new`);
  await page.fill('[name=given_names]', 'Sin Guardar');
  await page.goto(`${server.url}/today`);
  await page.goto(`${server.url}/person/new`);
  ok(await page.waitForSelector('[data-draft-offer]', { state: 'visible' })
    .then(() => true, () => false), 'a draft is offered again'); /* once unsealed */
  await accessible(page, 'with a draft');
  await page.click('[data-draft-take]');
  is(await page.inputValue('[name=given_names]'), 'Sin Guardar', 'and taken up');
  await page.goto(`${server.url}/today`);
  await page.click('details.more summary');
  await page.click('form[action="/logout"] button');
  await page.waitForURL(/\/login/);
  is(await page.evaluate(() => Object.keys(localStorage).filter(k => /^cobijo-draft/.test(k)).length),
     0, 'logout leaves no draft');
  is(page.complaints.filter(t => !/status of 4/.test(t)).join('; '), '',
     'the console is silent');
});
