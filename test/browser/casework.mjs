/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* casework.mjs - the second half of the main job in a browser: screen, act on
 * what was found, refer with consent, the receiver's door, the answer comes
 * back, follow up, close, report. Also what must not happen: nothing leaves
 * without consent, nothing more than was agreed, no consulate, no
 * enforcement. Examples are invented.
 */
import { createServer } from 'node:net';
import { accessible, is, like, log_in, ok, page_of, password, picture, run,
  test, turn }
  from './harness.mjs';

const places = [
  { name: 'Casa de Prueba', place_type: 'ALB', hours: '24/7',
    lat: '16.75', lon: '-93.12', phones: [{ number: '961 000 0001' }] },
  { name: 'COMAR (ejemplo)', place_type: 'COMAR', hours: '24/7',
    lat: '16.76', lon: '-93.10', services: [{ service_code: 'LE2' }],
    verified_on: '2026-10-01' },
  { name: 'Consulado de Honduras (ejemplo)', place_type: 'CONS',
    consulate_of: 'HND', services: [{ service_code: 'DO1' }] },
  { name: 'Procuraduría (ejemplo)', place_type: 'PPNNA', hours: '24/7',
    services: [{ service_code: 'PR3' }] },
];

async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });

  return { status: answer.status(), ...JSON.parse(await answer.text()) };
}

/* One filled button at most: the next step. */
async function one_filled(page, name) {
  const filled = await page.locator(
    'main :is(button, a[role=button]):not(.outline, .link, .first, .plain)')
    .evaluateAll(list => list.filter(e => e.offsetParent)
      .map(e => e.textContent.trim()));

  ok(filled.length <= 1, `one filled button: ${name}`, filled.join(' | '));
}

/* As a person looks at it: fits the screen, axe has nothing to say. */
async function look(page, name) {
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth - window.innerWidth);

  ok(wide <= 0, `fits the screen: ${name}`, `${wide} px too wide`);
  await one_filled(page, name);
  await accessible(page, name);
  await picture(page, `casework-${name}`);
}

async function said(page, pattern, name) {
  like(await page.locator('.said').first().innerText(), pattern, name);
}

/* Answers the interview: those of `answers` that are asked, by keyboard. */
async function interview(page, answers) {
  for (let i = 0; i < 40 && /\/screening$|\/step\//.test(page.url()); i++) {
    for (let again = 0; again < 3; again++)
      for (const [name, value] of Object.entries(answers)) {
        const block = page.locator(`[data-q="${name}"]`);
        const one = block.locator(`[name="${name}"][value="${value}"]`);

        if (!await block.count() || !await block.isVisible())
          continue;
        if (await one.count()) {
          if (!await one.isChecked()) {
            await one.focus();
            await page.keyboard.press('Space');
            await page.waitForTimeout(350);
          }
        } else if (await block.locator('select:not([name$=".why"])').count()) {
          await block.locator('select:not([name$=".why"])').first().selectOption(value);
        } else if (!await block.locator('input').first().inputValue()) {
          await block.locator('input').first().fill(value);
          await page.waitForTimeout(350);
        }
      }
    const before = page.url();

    await page.locator('button:has-text("Guardar y seguir")').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(url => url.href !== before);
    await page.waitForLoadState();
  }
}

async function screen(page, url, person) {
  await page.goto(`${url}/person/${person}`);
  is(await page.locator('main .acts a[role=button]:not(.outline)').first()
    .innerText(), 'Tamizaje', 'never screened: that is the next step');
  await page.locator('main .acts a[role=button]:not(.outline)').first()
    .click();
  await page.waitForURL(/\/screening$/);
  like(await page.locator('.steps').innerText(), /Paso 1 de \d+/,
       'the interview says how long it is');
  await look(page, 'step');
  await interview(page, { q01_safe: 'no', q07_fear: 'yes' });
  await page.waitForURL(/\/screening\/[0-9a-f-]{36}$/);
  const text = await page.locator('main').innerText();

  like(text, /Peligro inmediato/, 'the flag was raised');
  like(text, /Terminado .*duró \d+ min/, 'the interview came to its end');
  like(text, /Persona que necesita protección internacional/,
       'and the profile');
  like(text, /Preguntas que lo aclararían/, 'open questions are named');
  await page.locator('.flag summary').first().click();
  like(await page.locator('.flag').first().innerText(),
       /¿Se siente a salvo ahora mismo\?\s+No/, 'which answers led there');
  await look(page, 'screening');
}

async function act(page) {
  await page.click('.flag a:has-text("Anotar lo que se hizo")');
  await page.waitForURL(/\/flag\//);
  await page.click('summary:has-text("Qué respuestas llevaron aquí")');
  like(await page.locator('main').innerText(),
       /¿Se siente a salvo ahora mismo\?\s+No/,
       'a flag tells which answers raised it');
  await look(page, 'flag');
  await page.click('button:has-text("Guardar")');
  like(await page.locator('.problem').innerText(), /Diga qué se hizo/,
       'a flag is not closed without saying what was done');
  await page.check('[name=action][value=separada]');
  await page.click('button:has-text("Guardar")');
  await page.waitForURL(/\/person\//);
  await said(page, /Anotado lo que se hizo/, 'the flag is acted upon');
}

async function draft(page, url, person) {
  await page.goto(`${url}/person/${person}/refer`);
  like(await page.locator('.places').first().innerText(),
       /COMAR \(ejemplo\)[\s\S]*Abierto ahora[\s\S]*km[\s\S]*Verificado el 01\/10\/2026/,
       'a place that fits: open, how far, when verified');
  await look(page, 'refer');
  await page.locator('button:has-text("Referir aquí")').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/referral\//);
  const id = page.url().split('/').pop();

  ok(!/Ejemplo Paz/.test(await page.locator('#preview').innerText()),
     'the surname is not shared by itself');
  await page.check('[name=share_fields][value=name]');
  await page.waitForFunction(() =>
    /Paz/.test(document.querySelector('#preview').textContent));
  ok(true, 'the preview follows what is ticked');
  await page.fill('[name=message]', 'Pide compañía para su trámite.');
  await look(page, 'draft');
  await page.click('button:has-text("Enviar")');
  like(await page.locator('.problem').innerText(), /Pregúntele si está de acuerdo/,
       'without her answer nothing is sent');
  is(await page.inputValue('[name=message]'), 'Pide compañía para su trámite.',
     'what was typed is kept');
  await page.check('[name="consent.given"][value=no]');
  await page.click('button:has-text("Enviar")');
  like(await page.locator('.problem').innerText(), /Sin su permiso no se envía nada/,
       'no means no');
  like(await page.locator('.ask').innerText(), /Ya se le preguntó y dijo que no/,
       'and who comes later sees that she was asked');
  await look(page, 'refused');
  const asked = await page.request.get(`${url}/record/consent?filter=given:no`,
                                       { headers: { Accept: 'application/json' } });

  like(await asked.text(), new RegExp(`"referral":"${id}"`),
       'the refusal is a consent record');
  like(await asked.text(), /"notice_version":"\d{4}-/,
       'with the notice that was read');
  return id;
}

async function send(page) {
  await page.check('[name="consent.given"][value=yes]');
  await page.click('button:has-text("Enviar")');
  await page.waitForSelector('.slip');
  const link = await page.locator('.slip .link a').getAttribute('href');
  const code = (await page.locator('.slip .code').innerText()).trim();

  like(link, /^http.*\/r\/[A-Za-z0-9_-]{43}$/, 'the slip carries a link');
  like(code, /^\d{6}$/, 'and a reply code');
  ok(await page.locator('svg.qr path').count() === 1, 'and a QR code');
  ok(!page.url().includes('/r/'), 'the link is in no address of ours');
  await look(page, 'slip');
  return { link, code };
}

/* The receiver: no account, no cookies, no script, a phone. */
async function receive(page, link) {
  await page.goto(link);
  const text = await page.locator('main').innerText();

  like(text, /Casa de Prueba/, 'the door says who asks');
  like(text, /Brenda Ejemplo Paz/, 'what she agreed to');
  ok(!/9610000009|1999|Honduras|Peligro/.test(text),
     'and nothing else of hers', text);
  ok((await page.content()).length < 30000, 'a light page');
  await picture(page, 'casework-partner');
  await page.click('summary:has-text("Preguntar algo")');
  await page.fill('#a-ask', '¿Habla español?');
  await page.click('button:has-text("Enviar la pregunta")');
  await page.waitForURL(/said=partner/);
  ok(true, 'a question goes back');
}

async function reply(page, url, id) {
  await page.goto(`${url}/inbox`);
  like(await page.locator('main').innerText(), /Preguntan algo\s*1/,
       'the inbox puts questions first');
  await look(page, 'inbox');
  await page.locator('main a.who').first().click();
  await page.waitForURL(new RegExp(id));
  await look(page, 'sent');
  like(await page.locator('.line').innerText(), /La abrió quien recibe/,
       'the sender sees that it was opened');
  await page.fill('#reply', 'Sí.');
  await page.click('button:has-text("Contestar")');
  await said(page, /Respuesta guardada/, 'the question is answered');
}

async function outcome(partner, link) {
  await partner.goto(link);
  like(await partner.locator('main').innerText(), /Contestaron: Sí\./,
       'the receiver reads the answer');
  await partner.click('button:has-text("Sí, la recibimos")');
  await partner.waitForURL(/said=partner/);
  like(await partner.locator('.lead').innerText(), /Aceptada/, 'accepted');
  await partner.selectOption('#a-out', 'servicio_recibido');
  await partner.click('button:has-text("Guardar el resultado")');
  await partner.waitForURL(/said=partner/);
  like(await partner.locator('main').innerText(), /Ya contestó/,
       'the outcome is told');
}

async function finish(page, url, id, person, partner, link) {
  await page.goto(`${url}/inbox`);
  like(await page.locator('main').innerText(), /Contestaron: ver y cerrar/,
       'the answer waits to be looked at');
  await page.goto(`${url}/referral/${id}`);
  like(await page.locator('main').innerText(), /Recibió el servicio/,
       'the sender sees the outcome');
  await page.click('button:has-text("Cerrar la referencia")');
  await said(page, /Referencia cerrada/, 'closed');
  is((await partner.goto(link)).status(), 410, 'a closed link is gone');
  like(await partner.locator('main').innerText(), /ya no sirve/,
       'and says so plainly');
  is((await partner.goto(`${url}/r/nosuchtoken`)).status(), 404,
     'a wrong link is not found');
  /* a follow-up, the file opened and closed */
  await page.goto(`${url}/person/${person}`);
  await page.click('button:has-text("Abrir expediente")');
  await said(page, /Expediente abierto/, 'the case file is open');
  await page.click('main .acts a:has-text("Seguimiento")');
  await page.waitForURL(/\/record\/followup\/new/);
  ok(await page.locator('[name=person]').count() === 1,
     'the follow-up knows whose it is');
  await page.check('[name=contacted][value=yes]');
  await turn(page, () => page.click('.acts button:has-text("Guardar")'));
  await page.goto(`${url}/person/${person}`);
  await page.click('a:has-text("Cerrar el expediente")');
  await page.waitForURL(/\/close$/);
  await look(page, 'close');
  await page.click('main form button:has-text("Cerrar el expediente")');
  like(await page.locator('.problem').innerText(), /por qué se cierra/,
       'closing says why');
  await page.locator('[name=close_reason][value=OBJ], select[name=close_reason]')
    .first().evaluate(e => {
      if (e.tagName === 'SELECT')
        e.value = 'OBJ';
      else
        e.checked = true;
    });
  await page.locator('[name=satisfaction][value="4"]').check();
  await page.click('main form button:has-text("Cerrar el expediente")');
  await said(page, /Expediente cerrado/, 'the case file is closed');
}

function today() {
  return new Date(Date.now() - 6 * 3600 * 1000).toISOString().slice(0, 10);
}

async function report(page, url) {
  const query = `from=${today().slice(0, 8)}01&to=${today()}`;

  await page.goto(`${url}/report/monthly?${query}`);
  const text = await page.locator('main').innerText();

  like(text, /Personas registradas/, 'the report has its figures');
  like(await page.locator('#ASI-04').innerText(), /100 %/,
       'the closed loop counts as effective');
  like(await page.locator('#REG-01').innerText(), /Honduras/,
       'by nationality');
  ok(await page.locator('#REG-01 svg rect').count() > 0, 'with bars');
  await look(page, 'report');
  const csv = await page.request.get(`${url}/report/monthly?${query}&format=csv`);

  like(csv.headers()['content-disposition'], /monthly-.*\.csv/,
       'the same as a file');
  like(await csv.text(), /^indicator,version/, 'with a heading');
  const json = await page.request.get(`${url}/report/monthly?${query}&format=json`);

  is((await json.json()).indicators.length, 24, 'and as JSON');
  await page.goto(`${url}/report/monthly/records?indicator=REG-01&${query}`);
  like(await page.locator('main').innerText(), /Brenda Ejemplo/,
       'and which records, to those who may');
  await look(page, 'records');
}

/* What must not happen. */
async function refusals(page, url, person) {
  const consulate = await post(page, `/person/${person}/refer`,
                               { to_name: 'Consulado', to_type: 'CONS',
                                 to_consulate_of: 'HND' });
  let answer = await post(page, `/referral/${consulate.id}/send`,
                          { share_fields: 'alias' });

  ok(answer.status === 422, 'her own consulate is not told by itself',
     JSON.stringify(answer));
  const enforcement = await post(page, `/person/${person}/refer`,
                                 { to_name: 'Estación', to_type: 'INM' });

  answer = await post(page, `/referral/${enforcement.id}/send`,
                      { share_fields: 'alias', consent: { given: 'yes' } });
  is(answer.error && answer.error.code, 'blocked',
     'no identity to enforcement, whatever was agreed');
  await page.goto(`${url}/referral/${enforcement.id}`);
  like(await page.locator('main').innerText(), /Nunca se envía la identidad/,
       'the page says why');
  ok(await page.locator('button:has-text("Enviar")').count() === 0,
     'and offers no way to send');
  await look(page, 'blocked');
  await page.goto(`${url}/referral/${consulate.id}`);
  await page.click('summary:has-text("Descartar")');
  await page.click('button:has-text("Descartar")');
  await said(page, /retirada/, 'a draft can be dropped');
}

/* The receiver's page as a browser with script sees it, in both languages,
 * and what it weighs over the wire with everything it brings along. */
async function door(page, link) {
  await page.goto(link);
  await look(page, 'door');
  const bytes = await page.evaluate(() =>
    performance.getEntriesByType('navigation')
      .concat(performance.getEntriesByType('resource'))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0));

  ok(bytes < 30 * 1024, 'the public page weighs under 30 KB',
     `${bytes} bytes`);
  console.log(`# public page: ${bytes} bytes`);
  await page.goto(`${link}?lang=en`);
  like(await page.locator('h1').innerText(), /asked to help/,
       'the door speaks English');
  await look(page, 'door-en');
  await page.goto(`${link.slice(0, -3)}xyz?lang=es`);
  await look(page, 'door-gone');
}

/* By telephone: a wrong code is refused, the right one is taken. A withdrawn
 * referral takes its link along. */
async function telephone(page, url, person, partner) {
  const made = await post(page, `/person/${person}/refer`,
                          { to_name: 'Clínica de ejemplo', to_type: 'CS',
                            service_code: 'SA1' });
  const sent = await post(page, `/referral/${made.id}/send`,
                          { share_fields: 'alias age',
                            consent: { given: 'yes' } });

  is(sent.status, 200, 'a receiver by name, sent by a program');
  const lost = sent.link;
  const twice = await post(page, `/referral/${made.id}/send`,
                           { share_fields: 'alias age',
                             consent: { given: 'yes' } });

  is(twice.status, 200, 'sent twice, answered twice');
  ok(twice.link && twice.link !== lost, 'with a fresh link',
     JSON.stringify(twice));
  is((await partner.goto(lost)).status(), 404, 'the lost one opens nothing');
  sent.link = twice.link;
  const race = await post(page, `/person/${person}/refer`,
                          { to_name: 'Otra de ejemplo', to_type: 'CS' });
  const both = await Promise.all([0, 1, 2].map(() =>
    post(page, `/referral/${race.id}/send`,
         { share_fields: 'alias', consent: { given: 'yes' } })));
  let open = 0;

  is(both.map(answer => answer.status).join(' '), '200 200 200',
     'sent three times at once');
  for (const answer of both)
    open += answer.link && (await page.request.get(answer.link)).status() === 200;
  is(open, 1, 'one link opens');
  await page.goto(`${url}/inbox`);
  await page.fill('[name=code]', `${sent.reply_code.slice(0, 3)} ${sent.reply_code.slice(3)}`);
  await page.press('[name=code]', 'Enter');
  await page.waitForURL(new RegExp(`/referral/${made.id}`));
  ok(true, 'the reply code leads to its referral');
  await page.goto(`${url}/person?q=${sent.reply_code}`);
  ok(await page.locator(`a[href="/referral/${made.id}"]`).count() === 1,
     'from the search page, too');
  await look(page, 'search-code');
  await page.goto(`${url}/inbox?code=123`);
  like(await page.locator('main').innerText(), /Ninguna referencia tiene esa clave/,
       'a wrong code is told');
  is((await partner.goto(sent.link)).status(), 200, 'its link opens');
  await door(page, sent.link);
  await page.goto(`${url}/referral/${made.id}`);
  await page.click('summary:has-text("Dieron una cita")');
  const form = page.locator('form:has(#a-when)');

  await form.locator('#a-when').fill(`${today()}T23:30`);
  await form.locator('[name=by]').fill('Recepción');
  await form.locator('[name=code]').fill('000000');
  await form.locator('button:has-text("Guardar la cita")').click();
  like(await page.locator('.problem').innerText(), /Ese código no es/,
       'a wrong reply code is refused');
  const again = page.locator('form:has(#a-when)');

  is(await again.locator('[name=by]').inputValue(), 'Recepción',
     'what was typed is kept');
  await again.locator('[name=code]').fill(sent.reply_code);
  await again.locator('button:has-text("Guardar la cita")').click();
  await said(page, /Respuesta anotada/, 'the right one is taken');
  like(await page.locator('main').innerText(), /Con cita/, 'an appointment');
  like(await page.locator('main').innerText(), /23:30/, 'at its hour');
  const old = sent.link;

  await page.click('button:has-text("Hacer un enlace nuevo")');
  await page.waitForSelector('.slip .link');
  is((await partner.goto(old)).status(), 404, 'a new link ends the old one');
  const fresh = await page.locator('.slip .link a').getAttribute('href');

  is((await partner.goto(fresh)).status(), 200, 'the new one opens');
  await page.goto(`${url}/referral/${made.id}`);
  await page.click('summary:has-text("Retirar la referencia")');
  await page.click('button:has-text("Retirar")');
  await said(page, /retirada/, 'withdrawn');
  is((await partner.goto(fresh)).status(), 410, 'and its link with it');
}

/* A child: the protection authority needs her opinion, not her consent. */
async function child(page, url) {
  const made = await post(page, '/record/person', {
    given_names: 'Luz Ejemplo', sex: 'M', birth_date: '2014-05-05',
    nationality: 'GTM', country_of_birth: 'GTM' });

  await page.goto(`${url}/person/${made.id}/screening`);
  await interview(page, { q04_with: 'sola' });
  await page.waitForURL(/\/screening\/[0-9a-f-]{36}$/);
  const place = await page.request.get(`${url}/record/place?filter=place_type:PPNNA`,
                                       { headers: { Accept: 'application/json' } });
  const authority = JSON.parse(await place.text());
  const id = (authority.records || authority.items || authority.list)[0].id;
  const draft = await post(page, `/person/${made.id}/refer`,
                           { to_place: id, service_code: 'PR3' });

  await page.goto(`${url}/referral/${draft.id}`);
  ok(await page.locator('[name="consent.given"]').count() === 0,
     'a child’s consent is not asked for the protection authority');
  await page.click('button:has-text("Enviar")');
  like(await page.locator('.problem').innerText(), /opinión/,
       'but her opinion is');
  await page.fill('[name=child_opinion]', 'Quiere estar con su tía.');
  await look(page, 'child');
  await turn(page, () => page.click('button:has-text("Enviar")'));
  ok(await page.locator('.slip').count() === 1, 'sent with her opinion',
     await page.locator('main').innerText());
}

/* A file whose day has come, and one who is not found any more. */
async function lost(page, url) {
  const made = await post(page, '/record/person', {
    given_names: 'Noé Ejemplo', sex: 'H', birth_date: '1990-05-05',
    nationality: 'NIC', country_of_birth: 'NIC' });
  const file = await post(page, '/record/casefile', {
    person: made.id, opened: today(), risk: 'U1', next_review: today() });

  ok(file.id, 'a file that is looked at today', JSON.stringify(file));
  await page.goto(`${url}/today`);
  const list = page.locator('section:has(h2:has-text("Expedientes por revisar"))');

  like(await list.innerText(), /Noé Ejemplo[\s\S]*Revisar el expediente/,
       'Today asks for the review');
  await look(page, 'today-review');
  for (let i = 0; i < 2; i++)
    await post(page, '/record/followup', {
      person: made.id, date: today(), mode: 'llamada', contacted: 'no' });
  await page.goto(`${url}/today`);
  is(await list.count(), 0, 'a follow-up is such a look');
  await page.goto(`${url}/person/${made.id}`);
  like(await page.locator('.open').innerText(), /sin contacto desde/,
       'not found twice: her page says so');
  await look(page, 'no-contact');
}

/* An account of the organisation that receives: made on the page of accounts,
 * it sees what is sent to its place, answers, and finds no other door. */
async function receiver(page, url, browser, person) {
  const boss = await page_of(browser);
  const place = await page.request.get(`${url}/record/place?filter=place_type:COMAR`,
                                       { headers: { Accept: 'application/json' } });
  const all = JSON.parse(await place.text());
  const comar = (all.records || all.items || all.list)[0];
  const made = await post(page, `/person/${person}/refer`,
                          { to_place: comar.id, service_code: 'LE2' });
  const other = await post(page, `/person/${person}/refer`,
                           { to_name: 'Otra clínica', to_type: 'CS' });

  for (const id of [made.id, other.id])
    is((await post(page, `/referral/${id}/send`,
                   { share_fields: 'alias age',
                     consent: { given: 'yes' } })).status, 200, 'sent');
  await log_in(boss, url);
  await boss.goto(`${url}/user`);
  await boss.click('details.fold > summary');
  await boss.fill('#name', 'receptora');
  await boss.selectOption('#role', 'partner');
  await boss.click('button:has-text("Crear la cuenta")');
  like(await boss.locator('.problem').innerText(), /a qué lugar/,
       'who only answers belongs to a place');
  await boss.selectOption('#place', { label: 'COMAR (ejemplo)' });
  await boss.click('button:has-text("Crear la cuenta")');
  const word = await boss.locator('.said code').innerText();

  like(await boss.locator('table').innerText(), /Organización que recibe · COMAR/,
       'the list says which');
  await look(boss, 'users');
  await boss.context().close();
  for (const script of [true, false]) {
    const her = await page_of(browser, { width: 360, script });

    await her.goto(`${url}/login`);
    await her.fill('input[name=name]', 'receptora');
    await her.fill('input[name=password]', word);
    await her.press('input[name=password]', 'Enter');
    await her.waitForURL(/\/received$/);
    is(await her.locator('main .people li').count(), 1,
       'she sees the one that was sent to her place');
    if (script)
      await look(her, 'received');
    await her.locator('main a.who').first().click();
    await her.waitForURL(new RegExp(`/received/${made.id}`));
    const text = await her.locator('main').innerText();

    like(text, /Brenda Ejemplo/, 'the name that is shared');
    ok(!/Paz|9610000009|Honduras|Peligro/.test(text), 'and nothing else', text);
    if (script) {
      await look(her, 'received-one');
      await her.click('button:has-text("Sí, la recibimos")');
      await her.waitForURL(/said=partner/);
      like(await her.locator('.lead').innerText(), /Aceptada/, 'she accepts');
      for (const path of [`/person/${person}`, '/person?q=Brenda', '/inbox',
                          `/referral/${made.id}`, `/record/referral/${made.id}`,
                          '/record/person', '/record/place', '/report/monthly',
                          '/tally', `/person/${person}/refer`])
        is((await her.request.get(url + path)).status(), 403,
           `closed to her: ${path.replace(/[0-9a-f-]{36}/, 'ID')}`);
      is((await her.request.get(`${url}/received/${other.id}`)).status(), 404,
         'another place’s referral is not there');
    } else {
      await her.selectOption('#a-out', 'servicio_recibido');
      await her.click('button:has-text("Guardar el resultado")');
      await her.waitForURL(/said=partner/);
      like(await her.locator('main').innerText(), /Ya contestó/,
           'without script, too, the outcome is told');
    }
    await her.context().close();
  }
  await page.goto(`${url}/referral/${made.id}/slip`);
  like(await page.locator('main').innerText(), /la ve en su cuenta/,
       'the slip says that the receiver has an account');
  await page.goto(`${url}/referral/${made.id}`);
  like(await page.locator('main').innerText(), /Recibió el servicio[\s\S]*receptora/,
       'the sender reads it, and who said it');
}

/* Signs wait for a supervisor. */
async function review(page, url, browser) {
  const made = await post(page, '/record/person', {
    given_names: 'Ana Ejemplo', sex: 'M', birth_date: '2013-02-02',
    nationality: 'SLV', country_of_birth: 'SLV' });
  const saved = await post(page, '/record/profile', {
    person: made.id, code: 'TRATA', state: 'indicios' });

  if (!ok(saved.id, 'signs are noted', JSON.stringify(saved)))
    return;
  const other = await page_of(browser);

  await log_in(other, url, 'supervisora');
  await other.goto(`${url}/review/${saved.id}`);
  await look(other, 'review');
  await other.check('[name=state][value=confirmed]');
  await other.click('button:has-text("Guardar la decisión")');
  like(await other.locator('.problem').innerText(), /autoridad/,
       'only an authority confirms');
  await other.check('[name=state][value=presumed]');
  await other.click('button:has-text("Guardar la decisión")');
  await said(other, /Decisión anotada/, 'decided');
  await other.goto(`${url}/review/${saved.id}`);
  is((await page.goto(`${url}/review/${saved.id}`)).status(), 403,
     'a case worker does not decide');
  await other.context().close();
}

/* The same pages as others meet them: a phone at night, in English, and
 * without script. */
async function otherwise(browser, server, id, person, state) {
  const paths = { today: '/today', person: `/person/${person}`,
                  step: `/person/${person}/screening`,
                  refer: `/person/${person}/refer`,
                  referral: `/referral/${id}`,
                  slip: `/referral/${id}/slip`, inbox: '/inbox',
                  report: '/report/monthly' };
  const night = await page_of(browser, { width: 360, dark: true,
                                         language: 'en', state });
  const plain = await page_of(browser, { width: 360, script: false, state });

  await night.goto(`${server.url}/today?lang=en`);
  for (const [name, path] of Object.entries(paths)) {
    await night.goto(server.url + path);
    await look(night, `${name}-360-dark-en`);
  }
  is(night.complaints.join('\n'), '', 'nothing in the console');
  await night.goto(`${server.url}/today?lang=es`);
  await plain.goto(`${server.url}/person/${person}/refer`);
  if (!await plain.locator('[name=to_name]').isVisible())
    await plain.click('summary:has-text("Otro lugar")');
  await plain.fill('[name=to_name]', 'Un lugar de ejemplo');
  await plain.click('button:has-text("Preparar la referencia")');
  like(await plain.locator('.problem').innerText(), /qué tipo de organización/,
       'a receiver of no kind is not taken');
  await plain.selectOption('[name=to_type]', 'ONG-LEGAL');
  await plain.selectOption('[name=to_type]', 'ALB');
  await plain.click('button:has-text("Preparar la referencia")');
  await plain.waitForURL(/\/referral\//);
  await plain.check('[name=share_fields][value=nationality]');
  await plain.click('button:has-text("Ver cómo queda")');
  like(await plain.locator('#preview').innerText(), /Honduras/,
       'without script the preview has a button');
  await night.context().close();
  await plain.context().close();
}

/* The link needs the address before there is a server: a free port. */
const port = await new Promise(resolve => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port: found } = probe.address();

    probe.close(() => resolve(found));
  });
});

await test(async (server, browser) => {
  run(['user', 'add', 'caso', '--store', server.store, '--role',
       'case_worker', '--password-stdin'], `${password}\n`);
  run(['user', 'add', 'supervisora', '--store', server.store, '--role',
       'supervisor', '--password-stdin'], `${password}\n`);
  const page = await page_of(browser);
  const partner = await page_of(browser, { width: 360, script: false });

  await log_in(page, server.url, 'caso');
  for (const place of places)
    is((await post(page, '/record/place', place)).status, 201,
       `in the directory: ${place.name}`);
  const person = (await post(page, '/record/person', {
    given_names: 'Brenda Ejemplo', first_surname: 'Paz', sex: 'M',
    birth_date: '1999-03-04', nationality: 'HND', country_of_birth: 'HND',
    language_main: 'spa', phone: '9610000009' })).id;

  await screen(page, server.url, person);
  await act(page);
  const id = await draft(page, server.url, person);
  const { link } = await send(page);

  await receive(partner, link);
  await reply(page, server.url, id);
  await outcome(partner, link);
  await finish(page, server.url, id, person, partner, link);
  await refusals(page, server.url, person);
  await telephone(page, server.url, person, partner);
  await receiver(page, server.url, browser, person);
  await lost(page, server.url);
  await child(page, server.url);
  const state = await page.context().storageState();
  const other = await page_of(browser);

  await log_in(other, server.url, 'supervisora');
  await report(other, server.url);
  await review(page, server.url, browser);
  await otherwise(browser, server, id, person, state);
  is(page.complaints.filter(text => !/422|403|404|409/.test(text)).join('\n'), '',
     'no script error in the console');
  ok(!server.errors().includes(link.split('/r/')[1]),
     'the link is in no line of the log');
}, { args: ['--public-url', `http://127.0.0.1:${port}`,
            '--listen', `127.0.0.1:${port}`] });
