/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* publish.mjs - a form from a spreadsheet into use, as somebody does it who
 * writes spreadsheets and no programs: problems beside the rows, a trial that
 * keeps nothing, what would change and in how many records, published; the
 * records of before open as they were made. On both databases. All invented.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { xlsx } from '../data/make.mjs';
import { accessible, is, like, log_in, ok, page_of, password, picture, run,
  serve, test, turn }
  from './harness.mjs';

/* --- three versions of one form ------------------------------------------ */

const head = ['type', 'name', 'label::Español (es)', 'label::English (en)',
              'required', 'relevant', 'constraint', 'calculation',
              'bind::cobijo:class', 'bind::cobijo:score', 'hint::Español (es)'];
const row = (type, name, es, en, more = {}) => [type, name, es, en,
  more.required || '', more.relevant || '', more.constraint || '',
  more.calculation || '', more.class || '', more.score || '', more.hint || ''];

function book(survey, choices, version) {
  return xlsx([
    { name: 'survey', rows: [head, ...survey] },
    { name: 'choices', rows: [['list_name', 'name', 'label::Español (es)',
                               'label::English (en)'], ...choices] },
    { name: 'settings', rows: [['form_id', 'form_title::Español (es)',
                                'form_title::English (en)', 'version'],
                               ['visit_trial', 'Visita de prueba',
                                'Trial visit', version]] }]);
}

const ways = [['way', 'foot', 'A pie', 'On foot'], ['way', 'bus', 'Autobús', 'Bus'],
              ['way', 'fax', 'Fax', 'Fax']];
const first = [
  row('text', 'topic', 'Tema', 'Topic', { required: 'yes' }),
  row('text', 'when_text', '¿Cuándo fue?', 'When was it?'),
  row('select_one way', 'way', '¿Cómo llegó?', 'How did she come?'),
  row('text', 'contact', 'Teléfono', 'Telephone'),
  row('text', 'remarks', 'Observaciones', 'Remarks', { class: 'SEN' }),
  row('integer', 'people', '¿Cuántas personas?', 'How many people?'),
];
const second = [
  row('text', 'topic', 'Tema de la visita', 'Topic of the visit', { required: 'yes' }),
  row('date', 'when_text', '¿Cuándo fue?', 'When was it?'),
  row('select_one way', 'way', '¿Cómo llegó?', 'How did she come?'),
  row('text', 'phone', 'Teléfono', 'Telephone'),
  row('integer', 'people', '¿Cuántas personas?', 'How many people?',
      { constraint: '. <= 50' }),
  row('integer', 'children', '¿Cuántas son niñas o niños?', 'How many are children?',
      { relevant: '${people} > 0' }),
  row('calculate', 'load', 'Carga', 'Load',
      { calculation: 'coalesce(${people}, 0) + 2 * coalesce(${children}, 0)',
        score: 'total' }),
];
const broken = [...second.slice(0, 4),
  row('intejer', 'people', '¿Cuántas personas?', 'How many people?'),
  row('integer', 'children', '¿Cuántas son niñas o niños?', 'How many are children?',
      { relevant: '${peeple} > 0' })];

async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });

  return { status: answer.status(), ...JSON.parse(await answer.text() || '{}') };
}

async function get(page, path) {
  const answer = await page.request.get(new URL(path, page.url()).href,
                                        { headers: { Accept: 'application/json' } });

  return { status: answer.status(), ...JSON.parse(await answer.text()) };
}

async function look(page, name) {
  for (const width of [360, 1280])
    for (const dark of [false, true]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
      const wide = await page.evaluate(() =>
        document.documentElement.scrollWidth - window.innerWidth);

      ok(wide <= 0, `fits ${width} px: ${name}`, `${wide} px too wide`);
      await accessible(page, `${name}, ${width} px${dark ? ', dark' : ''}`);
      await picture(page, `publish-${name}-${width}${dark ? '-dark' : ''}`);
    }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

async function upload(page, url, path) {
  await page.goto(`${url}/form/upload`);
  await page.setInputFiles('#file', path);
  await turn(page, () => page.click('main form.pass button'));
}

const filled = page => page.locator(
  'main :is(button[type=submit], [role=button]):not(.outline, .link):visible').count();

/* --- the way of a form ----------------------------------------------------- */

async function begin(page, url, path) {
  await upload(page, url, path);
  like(page.url(), /\/form\/visit_trial\/draft$/, 'an upload is a draft');
  like(await page.textContent('main'), /formulario nuevo/, 'of a new form');
  is((await get(page, '/form/visit_trial')).status, 404, 'nothing is in use yet');
  await page.click('main form[action$="/publish"] button');
  await page.waitForURL(/\/form\/visit_trial\?said/);
  like(await page.textContent('.said'), /ya está en uso/, 'published');
}

async function records(page) {
  const ids = [];

  for (const answers of [
    { topic: 'Salud', when_text: 'el martes', way: 'fax', contact: '555 0101', remarks: 'Ejemplo uno', people: '3' },
    { topic: 'Papeles', when_text: '2026-11-02', way: 'bus', contact: '555 0102', people: '60' },
    { topic: 'Otra', way: 'foot' }]) {
    const made = await post(page, '/record/visit_trial', { ...answers });

    is(made.status, 201, `a record of version 1: ${answers.topic}`);
    ids.push(made.id);
  }
  return ids;
}

async function mistakes(page, url, path) {
  await upload(page, url, path);
  const main = await page.textContent('main');

  like(main, /Errores por corregir: 2/, 'both errors are counted');
  is(await page.locator('.sheet tr.note .bad').count(), 2, 'each stands below its row');
  is(await page.locator('.sheet tbody tr:not(.note, .gap) > th').allTextContents()
    .then(list => list.join()), '5,6,7', 'rows with a problem and their neighbours');
  is(await page.locator('.sheet td.bad').allTextContents().then(list => list.join(' | ')),
     'intejer | ${peeple} > 0', 'the cell is marked');
  is(await page.locator('form[action$="/publish"] button').count(), 0,
     'and nothing can be published');
  is(await filled(page), 1, 'one filled button: upload again');
  await look(page, 'mistakes');
  await page.reload();
  is(await page.locator('.sheet tr.note .bad').count(), 2, 'a reload loses nothing');
  const told = await get(page, '/form/visit_trial/draft');
  is(told.problems.filter(one => !one.warning).map(one => `${one.sheet} ${one.row} ${one.column}`)
    .join(', '), 'survey 6 type, survey 7 relevant', 'a program reads the same');
  is(told.readable, false, 'and that it cannot be published');
  is((await post(page, '/form/visit_trial/draft/publish', {})).status, 422, 'nor does it');
  is((await page.goto(`${url}/form/visit_trial/draft/trial`)).status(), 409,
     'there is nothing to try yet');
}

async function trial(page, url) {
  await page.click('text=Llenarlo de prueba');
  like(await page.textContent('.trial'), /Nada de lo que escriba aquí se guarda/,
       'a trial says that it is one');
  await page.fill('[name=people]', '4');
  await page.waitForSelector('[data-q=children]:not([data-off])');
  ok(true, 'it thinks along in the page');
  await page.fill('[name=people]', '70');
  await turn(page, () => page.click('main form .acts button'));
  like(await page.textContent('.problem'), /Así no se guardaría/, 'what is wrong is said');
  is(await page.inputValue('[name=people]'), '70', 'and nothing typed is lost');
  await page.fill('[name=topic]', 'Ensayo');
  await page.fill('[name=people]', '4');
  await page.fill('[name=children]', '3');
  await page.check('[name=way][value=bus]');
  await look(page, 'trial');
  await turn(page, () => page.click('main form .acts button'));
  const result = await page.textContent('#result');
  like(result, /Tema de la visita\s*Ensayo/, 'the record it would be');
  like(result, /Autobús/, 'with words for choices');
  like(await page.textContent('.scores'), /Carga\s*10/, 'and its score');
  is(await page.textContent('output[data-value=load]'), '10', 'in the form, too');
  await look(page, 'trial-result');
  is((await get(page, '/record/visit_trial')).records.length, 3, 'no record was kept');
  const told = await post(page, '/form/visit_trial/draft/trial',
                          { topic: 'Programa', people: '2' });
  is(told.answers && told.answers.load, '2', 'a program gets the answers');
  is(told.kept, false, 'told that nothing was kept');
  await page.goto(`${url}/form/visit_trial/draft`);
}

async function difference(page, server, path) {
  const part = name => page.locator(`.changes > li:has-text("${name}")`);
  const count = async (name, pattern, what) =>
    like((await part(name).allTextContents()).join(' '), pattern, what);

  await count('when_text', /Cambia de tipo: *text *→ *date.*no se entienden con el tipo nuevo: 1\./s,
              'a retype says how many answers it cannot hold');
  await count('contact', /Registros con respuesta: 2.*Parece la misma con otro nombre: *contact *→ *phone/s,
              'a new name is guessed, with the records');
  await count('contact', /no pasan a la pregunta nueva.*deje en la columna name «contact»/s,
              'and what to do to keep them together');
  await count('remarks', /Registros con respuesta: 1.*Ya no se pregunta/s, 'what goes');
  await count('Opciones que se quitan', /Fax · 1/, 'a choice that goes, with its records');
  await count('topic', /Cambia el texto: *Tema *→ *Tema de la visita/s, 'a new text');
  await count('people', /Cambia lo que se admite: *\(nada\) *→ *\. <= 50/s, 'a new limit');
  await count('children', /Nueva/, 'a new question');
  is(await page.locator('.changes [name=confirm]').count(), 4, 'four are confirmed');
  is(await filled(page), 1, 'one filled button: publish');
  await look(page, 'difference');
  await page.goto(`${server.url}/form/visit_trial/draft?lang=en`);
  const english = await page.textContent('main');
  like(english, /Answers that the new type cannot hold: 1\./, 'in English, too');
  ok(!/\b(Registros|Cambia|Confirme|Publicar|Subir)\b/.test(english), 'all of it');
  await page.goto(`${server.url}/form/visit_trial/draft?lang=es`);
  const cli = run(['form', 'diff', path, '--store', server.store]);
  like(cli, /visit_trial\t1 -> 2\t.*3/, 'the command line counts the records');
  like(cli, /\? when_text\t.*text -> date\t.* 2/, 'and says the same');
  is(JSON.parse(run(['form', 'diff', 'visit_trial', path, '--format', 'json',
                     '--store', server.store])).confirms, 4, 'also as JSON');
}

async function publish(page, other, url) {
  await turn(page, () => page.click('form[action$="/publish"] button'));
  like(await page.textContent('.problem'), /Falta marcar.*4/, 'not unasked');
  await other.goto(`${url}/form/visit_trial/draft`);
  for (const one of [page, other])
    for (const box of await one.locator('[name=confirm]').all())
      await box.check();
  await other.click('form[action$="/publish"] button');
  await other.waitForURL(/said=form_published/);
  await page.click('form[action$="/publish"] button');
  await page.waitForURL(/said=form_published/);
  ok(true, 'two who publish the same at once publish it once');
  like(await page.textContent('.tags'), /2 · en uso/, 'the new one is in use');
  is((await get(page, '/form/visit_trial')).versions.length, 2, 'beside the old one');
  await page.goto(`${url}/record/visit_trial/new`);
  is(await page.locator('[name=phone]').count(), 1, 'the page has it at once');
}

async function old_records(page, url, ids) {
  await page.goto(`${url}/record/visit_trial/${ids[0]}`);
  const facts = await page.textContent('main');
  like(facts, /Tema\s+Salud/, 'an old record has its old words');
  like(facts, /Fax/, 'its old choice');
  like(facts, /el martes/, 'its old type');
  like(facts, /Hecho con la versión 1 del formulario; ahora se usa la 2/, 'and says so');
  await look(page, 'old-record');
  await page.goto(`${url}/record/visit_trial/${ids[0]}/edit`);
  const edit = await page.textContent('main');
  like(edit, /Al guardar pasa a la que se usa ahora, 2/, 'changing it says where it goes');
  like(edit, /De antes: se conserva[^]*555 0101/, 'what is no longer asked is shown');
  like(edit, /De antes: se conserva[^]*el martes[^]*Tema de la visita/,
       'and what the new type cannot hold');
  ok(await page.isChecked('[name=way][value=fax]'), 'an old choice stays chosen');
  like(edit, /Fax \(ya no se ofrece\)/, 'and is marked');
  await look(page, 'old-record-edit');
  await page.fill('[name=children]', '1');
  await page.click('main form .acts button');
  await page.waitForURL(/\/record\/visit_trial\/[^/]*$|said=saved/);
  const kept = (await get(page, `/record/visit_trial/${ids[0]}`));
  is(kept.form_version, '2', 'saved, it is of the version in use');
  is(JSON.stringify(['topic', 'when_text', 'way', 'contact', 'remarks', 'people', 'children']
    .map(key => kept.answers[key])),
     JSON.stringify(['Salud', 'el martes', 'fax', '555 0101', 'Ejemplo uno', '3', '1']),
     'and nothing of before is lost');
  await page.goto(`${url}/record/visit_trial/${ids[0]}`);
  like(await page.textContent('main'), /De antes: ya no se pregunta[^]*555 0101/,
       'it can still be read');
  await turn(page, () => page.click('dt:has-text("Observaciones") + dd button'));
  like(await page.textContent('main'), /Ejemplo uno/, 'also what is covered');
  const limit = await post(page, `/record/visit_trial/${ids[1]}`, { topic: 'Papeles y más' });
  is(limit.status, 200, 'what broke a rule that is new is not in the way');
  is((await get(page, `/record/visit_trial/${ids[1]}`)).answers.people, '60', 'and stays');
  is((await post(page, `/record/visit_trial/${ids[1]}`, { people: '61' })).status, 422,
     'but it holds for what is written now');
}

async function refused(page, other, url, file) {
  const lower = file('lower.xlsx', book(second, ways.slice(0, 2), 1));
  const without = second.filter(one => !['children', 'load'].includes(one[1]));

  await upload(page, url, file('two.xlsx', book(second, ways.slice(0, 2), 2)));
  like(await page.textContent('main'), /igual a la versión que está en uso/,
       'the same file again: nothing to publish');
  await upload(page, url, lower);
  like(await page.textContent('.problem'), /versión 1 ya se publicó con otro contenido.*por ejemplo \d{10}/s,
       'a number that was used is refused, and one proposed');
  is(await page.locator('form[action$="/publish"] button').count(), 0, 'no way to publish it');
  await upload(page, url, file('three.xlsx', book(without, ways, 3)));
  await upload(other, url, file('four.xlsx', book([...without, second[5]], ways, 4)));
  like(await other.textContent('.problem'), /Ya hay un borrador de «visit_trial» que subió/,
       'a draft of somebody else is not overwritten unasked');
  await accessible(other, 'somebody else has a draft');
  await picture(other, 'publish-replace');
  await other.click('text=Poner el mío en su lugar');
  await other.waitForURL(/\/draft$/);
  await page.locator('[name=confirm]').first().check();
  await turn(page, () => page.click('form[action$="/publish"] button'));
  like(await page.textContent('.problem'), /se subió otro archivo/,
       'who looked at the one before is told');
  await other.click('text=Descartar el borrador');
  await other.waitForURL(/said=draft_dropped/);
  is((await page.goto(`${url}/form/visit_trial/draft`)).status(), 404, 'a draft can go');
  const many = Array.from({ length: 1000 }, (_, i) =>
    row(i === 8 || i === 900 ? 'txet' : 'text', `q${i}`, `Pregunta ${i}`, `Question ${i}`));
  await upload(page, url, file('long.xlsx', book(many, ways, 9)));
  is(await page.locator('.sheet tbody tr:not(.note, .gap) > th').allTextContents()
    .then(list => list.join()), '9,10,11,901,902,903', 'of a thousand rows six are shown');
  await page.click('text=Descartar el borrador');
  const core = await post(page, '/form/upload', { source: readable(url, page) });
  is(core.status, 422, 'what is no form is told to a program, too');
}

const readable = () => 'survey,type,name\n,text,\n';

async function everything(server, browser) {
  const page = await page_of(browser);
  const other = await page_of(browser);
  const file = (name, bytes) => {
    const path = join(server.folder, name);

    writeFileSync(path, bytes);
    return path;
  };
  const two = file('two.xlsx', book(second, ways.slice(0, 2), 2));

  run(['user', 'add', 'rosa', '--role', 'admin', '--store', server.store,
       '--password-stdin'], `${password}\n`);
  await log_in(page, server.url);
  await log_in(other, server.url, 'rosa');
  await begin(page, server.url, file('one.xlsx', book(first, ways, 1)));
  const ids = await records(page);
  await mistakes(page, server.url, file('broken.xlsx', book(broken, ways, 2)));
  await upload(page, server.url, two);
  await other.goto(`${server.url}/form`);
  like(await other.textContent('main'), /Borradores sin publicar[^]*visit_trial/,
       'whoever may publish sees the draft');
  await trial(page, server.url);
  await difference(page, server, two);
  await publish(page, other, server.url);
  await old_records(page, server.url, ids);
  await refused(page, other, server.url, file);
  is(page.complaints.filter(text => !/40[049]|422|el martes/.test(text)).join('; '), '',
     'the console is silent');
  await page.context().close();
  await other.context().close();
}

await test(async (server, browser) => {
  await everything(server, browser);
  if (!process.env.COBIJO_TEST_PG || !process.env.COBIJO_PG_BIN) {
    console.log('# postgresql: COBIJO_TEST_PG names no server');
    return;
  }
  const base = `publish_${process.pid}`;
  const pg = process.env.COBIJO_TEST_PG;
  execFileSync(`${process.env.COBIJO_PG_BIN}/psql`, ['-q', '-d', pg, '-c',
                                                     `CREATE DATABASE ${base}`]);
  process.env.COBIJO_STORE_URL = pg.replace(/\/[^/]*$/, `/${base}`);
  const second_server = await serve();
  await everything(second_server, browser);
  is(await second_server.stop(), 0, 'the server on PostgreSQL ends well');
});
