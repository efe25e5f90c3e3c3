/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* given.mjs - the house that receives a sealed file, on its pages: who sends,
 * on what ground, until when, what is shared; nothing of her is kept until she
 * is registered; who is here already is shown; a withdrawal is told. Two
 * houses, two servers. Examples are invented.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessible, is, like, log_in, ok, page_of, password, picture,
         run, serve, test, turn } from './harness.mjs';
import { free_port, post } from './lib_houses.mjs';

async function look(page, name) {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() =>
      document.documentElement.scrollWidth - window.innerWidth);

    ok(wide <= 0, `fits the screen: ${name}-${width}`, `${wide} px too wide`);
    await accessible(page, `${name}-${width}`);
    await picture(page, `given-${name}-${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

const main = page => page.locator('main').innerText();
const port = await free_port();

/* A person of the giving house, referred to the receiving one. */
async function referred(page, place, person) {
  const id = (await post(page, '/record/person', person)).id;

  await post(page, '/record/consent', {
    person: id, purpose: 'referencia', given: 'yes', given_by: 'titular',
    basis: 'consentimiento_expreso', data_scope: 'identidad contacto salud' });
  const referral = (await post(page, '/record/referral', {
    person: id, urgency: 'U1', service_code: 'AL1', to_place: place,
    message: 'Llega el martes en autobús.', health_note: 'Usa insulina',
    share_fields: 'alias name age sex nationality phone health' })).id;
  await post(page, `/referral/${referral}/send`, {});
  return { id, referral };
}

/* The sealed file of a referral, as it is downloaded. */
async function sealed(page, server, referral, keys, path) {
  await page.goto(`${server.url}/referral/${referral}`);
  await turn(page, () => page.click(`button[value=${keys}]`));
  const answer = await page.request.get(
    `${server.url}/referral/${referral}/grant`);

  writeFileSync(path, await answer.text());
  return path;
}

async function hand_in(page, server, path, key) {
  await page.goto(`${server.url}/received/file`);
  await page.setInputFiles('#file', path);
  if (key)
    await page.fill('#key', key);
  await turn(page, () => page.click('main button:not(.first)'));
}

const people = async (page, server) =>
  (await (await page.request.get(`${server.url}/record/person`, {
    headers: { Accept: 'application/json' } })).text());

await test(async (giver, browser) => {
  const taker = await serve();
  const here = await page_of(browser), there = await page_of(browser);
  const path = name => join(giver.folder, name);

  run(['--store', giver.store, 'user', 'add', 'rosa', '--role', 'supervisor',
       '--password-stdin'], `${password}\n`);
  await log_in(here, giver.url, 'rosa');
  await log_in(there, taker.url);
  const line = run(['--store', giver.store, 'key', 'public']).trim();

  await there.goto(`${taker.url}/received/file`);
  await there.click('summary:has-text("Para que otra casa")');
  const own = (await there.locator('.hashes code').first().innerText()).trim();
  ok(own === run(['--store', taker.store, 'key', 'public']).trim(),
     'the page tells the line of its own house');
  await look(there, 'empty');
  const place = (await post(here, '/record/place', {
    name: 'Casa del Río (ejemplo)', place_type: 'ALB', house_key: own })).id;
  const she = await referred(here, place, {
    given_names: 'Zunzunegui', first_surname: 'Ejemplo', alias: 'Zuni',
    sex: 'M', age_years: '31', nationality: 'HND', phone: '+50455501234' });
  const first = await sealed(here, giver, she.referral, 'inside', path('one'));

  await turn(there, () => there.click('main button:not(.first)'));
  like(await main(there), /Elija el archivo/, 'no file: it says what to do');
  await hand_in(there, taker, first);
  like(await main(there), /primera vez[^]*Línea de la casa/,
       'an unknown house: the page asks for its line');
  ok((await there.inputValue('#text')).startsWith('cobijo grant v1'),
     'and keeps the file');
  await look(there, 'unknown');
  await there.fill('#key', line.replace(/.$/, c => c === '0' ? '1' : '0'));
  await turn(there, () => there.click('main button:not(.first)'));
  like(await main(there), /cambió una letra|no lleva la llave/,
       'a line with another letter is refused');
  ok((await there.inputValue('#key')).startsWith('cobijo1+'),
     'and stays to be put right');
  await there.fill('#key', line);
  await turn(there, () => there.click('main button:not(.first)'));
  const told = await main(there);
  like(told, /La pide Casa de Prueba/, 'who sends it');
  like(told, /La persona dijo que sí/, 'on what ground');
  like(told, /Vale hasta/, 'until when');
  like(told, /Zunzunegui Ejemplo[^]*Honduras[^]*50455501234/,
       'what was shared, in plain words');
  like(told, /martes en autobús/, 'and the message');
  ok(!/insulina/.test(told) && /su cuenta no puede ver/.test(told),
     'health is closed to who administers, and the page says that there is more');
  ok(!/Zunzunegui/.test(await people(there, taker)),
     'nothing of her is in the house');
  is(await there.inputValue('[name="person.given_names"]'), 'Zunzunegui',
     'the form is filled in from it');
  await look(there, 'opened');

  const dark = await page_of(browser, {
    dark: true, state: await there.context().storageState() });
  await hand_in(dark, taker, first);
  await look(dark, 'opened-dark');

  await there.fill('[name="person.age_years"]', '300');
  await turn(there, () => there.click('button:has-text("Registrar")'));
  like(await main(there), /0 a 120/, 'what is wrong is told');
  is(await there.inputValue('[name="person.age_years"]'), '300',
     'and what was typed is kept');
  await there.fill('[name="person.age_years"]', '31');
  await turn(there, () => there.click('button:has-text("Registrar")'));
  await there.waitForURL(/\/person\/[0-9a-f-]{36}/);
  const at = new URL(there.url()).pathname;
  like(await main(there), /Zuni/, 'registered, she has a file');
  like(await main(there), /Referencia recibida de otra casa/,
       'and the referral is in it');
  await there.goto(`${taker.url}${at}/consents`);
  like(await main(there), /Atenderle aquí/, 'a consent for helping her here');
  ok(!/Enviarle a quien puede ayudar/.test(await main(there)),
     'and for nothing more');
  await there.goto(`${taker.url}/received`);
  like(await main(there), /Zuni[^]*Casa de Prueba/, 'the list has her');
  await look(there, 'list');
  await turn(there, () => there.click('a:has-text("Zuni")'));
  like(await main(there), /Llega el martes[^]*Zunzunegui/,
       'what was received stays readable');
  ok(!/insulina/.test(await there.content()), 'but for health');
  await look(there, 'one');
  await hand_in(there, taker, first);
  like(await main(there), /ya se registró aquí a Zuni/,
       'the same file again leads to her file');

  const twin = await referred(here, place, {
    given_names: 'Zunzunegui', first_surname: 'Ejemplo', alias: 'Zuni',
    sex: 'M', age_years: '31', nationality: 'HND', phone: '+50455501234' });
  const second = await sealed(here, giver, twin.referral, 'inside', path('two'));
  await hand_in(there, taker, second);
  like(await main(there), /¿Ya está registrada\?[^]*Es esta persona: anotar/,
       'who she might be already is shown at once');
  await turn(there, () =>
    there.click('main button:has-text("Registrar")'));
  like(await main(there), /Quizá ya está registrada/, 'and asked about');
  await look(there, 'twin');
  await turn(there, () => there.click('button:has-text("Es esta persona")'));
  is(new URL(there.url()).pathname, at, 'noted in the file that she has');

  await here.goto(`${giver.url}/referral/${she.referral}`);
  await turn(here, () => here.click('button:has-text("Retirar este archivo")'));
  const csrf = await here.evaluate(() => document.body.dataset.csrf);
  const grant = await here.inputValue(
    'form:has(button:has-text("Descargar el aviso de retiro")) [name=grant]');
  const notice = await here.request.post(
    `${giver.url}/referral/${she.referral}/grant/withdraw`, {
      headers: { 'X-CSRF-Token': csrf }, form: { grant, file: 'yes' } });
  writeFileSync(path('back'), await notice.text());
  await hand_in(there, taker, path('back'));
  like(await main(there), /retiró su permiso[^]*Zuni/,
       'a withdrawal is told, with whose file it is about');
  await look(there, 'back');
  await hand_in(there, taker, first);
  like(await main(there), /lo retiró/, 'the file does not open any more');
  await there.goto(`${taker.url}${at}/consents`);
  like(await main(there), /[Rr]etirado/, 'and the consent that came with it ended');

  const changed = path('changed');
  writeFileSync(changed, (await (await here.request.get(
    `${giver.url}/referral/${twin.referral}/grant`)).text())
    .replace('person ', 'person X'));
  await hand_in(there, taker, changed);
  like(await main(there), /alguien lo cambió/, 'a changed file is refused');
  await hand_in(here, giver, second, line);
  like(await main(here), /es para otra casa/, 'and so is the wrong receiver');

  const third = await referred(here, place, {
    given_names: 'Quetzalina', alias: 'Quetzalina', sex: 'M', age_years: '20' });
  const apart = await sealed(here, giver, third.referral, 'apart',
                             path('apart'));
  await hand_in(there, taker, apart);
  like(await main(there), /Quetzalina/, 'keys that go apart are fetched');
  await here.goto(`${giver.url}/referral/${third.referral}`);
  like(await main(here), /ya tomó las llaves/, 'and the giver knows');

  await turn(there, () => there.click('a:has-text("Contestar a la otra")'));
  await look(there, 'answer');
  await there.click('summary:has-text("Preguntar algo")');
  await there.fill('#a-ask', '¿A qué hora llega?');
  await turn(there, () => there.click('button:has-text("Enviar la pregunta")'));
  like(await main(there), /la otra casa ya la tiene/,
       'a question goes over the network');
  await here.reload();
  like(await main(here), /Preguntan[^]*¿A qué hora llega\?/,
       'and stands on the page of the referral');
  await turn(there, () => there.click('button:has-text("Sí, la recibimos")'));
  await here.reload();
  like(await main(here), /Aceptada/, 'accepted: the referral moves');
  await look(there, 'answered');
  const told_file = async number => (await there.request.get(
    `${there.url().split('?')[0]}/${number}`)).text();
  const accept = await told_file(2), asked = await told_file(1);
  ok(/^cobijo answer boxed v1\n/.test(accept) && !/accept/.test(accept),
     'the file of it says nothing to who carries it');
  const bring = async text => {
    await here.goto(`${giver.url}/referral/${third.referral}`);
    await here.click('summary:has-text("Llegó una respuesta en archivo")');
    writeFileSync(path('answer'), text);
    await here.setInputFiles('#answer-file', path('answer'));
    await turn(here, () => here.click('button:has-text("Anotar la respuesta")'));
    return here.locator('main').innerText();
  };
  like(await bring(accept), /Aceptada/, 'the same by hand changes nothing');
  ok(!await here.locator('.problem').count(), 'and is no problem');
  like(await bring(accept.replace(/box ...../, 'box AAAAA')),
       /alguien la cambió/, 'a changed one is refused with the reason');
  ok((await here.inputValue('#answer-text')).startsWith('cobijo answer'),
     'and what was brought is kept');
  await look(here, 'brought');
  like(await bring(asked), /Aceptada/, 'an older one that was noted, too');
  await here.goto(`${giver.url}/referral/${she.referral}`);
  await here.click('summary:has-text("Llegó una respuesta en archivo")');
  await here.setInputFiles('#answer-file', path('answer'));
  await turn(here, () => here.click('button:has-text("Anotar la respuesta")'));
  like(await main(here), /de ningún permiso/, 'nor at another referral');

  const english = await page_of(browser, { language: 'en' });
  await log_in(english, taker.url);
  await english.goto(`${taker.url}/received/file`);
  await turn(english, () => english.click('button:has-text("English"), ' +
                                          'a:has-text("English")'));
  await look(english, 'english-empty');
  await hand_in(english, taker, second);
  like(await main(english), /The person said yes[^]*Honduras/,
       'in English, too');
  await look(english, 'english');
  await turn(english, () => english.click('a:has-text("Answer the other")'));
  await look(english, 'english-answer');
  is([...here.complaints, ...there.complaints, ...english.complaints]
    .filter(c => !/40[0-9]|410|422/.test(c)).join('\n'), '',
     'nothing in the console');
  is(await taker.stop(), 0, 'the other house ends well');
}, { args: ['--listen', `127.0.0.1:${port}`, '--public-url',
            `http://127.0.0.1:${port}`] });
