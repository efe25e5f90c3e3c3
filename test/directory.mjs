/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* directory.mjs - the public directory from outside: what other programs give
 * comes in (HSDS, GeoJSON, CSV, broken ones too), every answer of the API and
 * every export is valid by the published schemas, the examples come out as
 * they went in, and a refuge's address is looked for everywhere.
 *
 *   node test/directory.mjs     prints TAP
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync,
         writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { binary, finish, is, like, ok, password, serve } from './browser/harness.mjs';

const standards = '../shared/standards';
const hsds = `${standards}/hsds`;
const shared = existsSync(`${hsds}/schema/service.json`);
const skip = (name, why) => console.log(`# skipped: ${name}: ${why}`);
const folder = mkdtempSync(join(tmpdir(), 'cobijo-directory-'));
const at = name => join(folder, name);
const server = await serve();
const env = { ...process.env, COBIJO_STORE: server.store };
const cli = (...args) => spawnSync(binary(), args,
  { env, encoding: 'utf8', maxBuffer: 1 << 28 });

/* --- schemas ------------------------------------------------------------------- */

/* The published files name each other by file name, and have words of their
 * own beside those of JSON Schema. */
function schemas() {
  const ajv = new Ajv({ strict: false, allErrors: true });

  formats(ajv);
  for (const name of readdirSync(`${hsds}/schema`))
    if (name.endsWith('.json') && name !== 'openapi.json') {
      const schema = JSON.parse(readFileSync(`${hsds}/schema/${name}`));

      schema.$id = `https://hsds.example/${name}`;
      delete schema.$schema;
      ajv.addSchema(schema);
    }
  const compiled = name => {
    const schema = JSON.parse(
      readFileSync(`${hsds}/schema/compiled/${name}.json`));

    delete schema.$schema;
    delete schema.$id;
    return ajv.compile(schema);
  };
  const plain = name => ajv.getSchema(`https://hsds.example/${name}.json`);

  return {
    service: plain('service'), organization: plain('organization'),
    spot: plain('service_at_location'), taxonomy: plain('taxonomy'),
    term: plain('taxonomy_term'), serviceList: compiled('service_list'),
    compiledService: compiled('service_with_definitions'),
    organizationList: compiled('organization_list'),
    spotList: compiled('service_at_location_list'),
    page: ajv.compile({ type: 'object',
      required: ['total_items', 'total_pages', 'page_number', 'size',
                 'first_page', 'last_page', 'empty', 'contents'],
      properties: { total_items: { type: 'integer' },
        total_pages: { type: 'integer' }, page_number: { type: 'integer' },
        size: { type: 'integer' }, first_page: { type: 'boolean' },
        last_page: { type: 'boolean' }, empty: { type: 'boolean' },
        contents: { type: 'array' } } }),
  };
}

function valid(check, value, name) {
  const good = check(value);

  ok(good, name, good ? '' : JSON.stringify(check.errors.slice(0, 3)));
}

/* Order of members and of lists by id does not matter. */
function canonical(value) {
  if (Array.isArray(value))
    return value.map(canonical).sort((a, b) =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.keys(value).sort()
      .map(key => [key, canonical(value[key])]));
  return value;
}
const same = (a, b) =>
  JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));

/* --- a house ------------------------------------------------------------------- */

const canary = ['Xochiquetzal', '98765', '6645550199', '664 555 0199',
  'casa-luna', '32.5123456', '117.0456789', 'Casa Luna', 'Tecatitlan'];

const token = cli('token', 'add', 'programa', '--role', 'admin')
  .stdout.trim().split('\n').pop();
/* Commands that run meanwhile keep this program from hearing that the server
 * closed a connection that had been silent for long. */
const fetch = (...args) => globalThis.fetch(...args).catch(() => globalThis.fetch(...args));
const get = async (path, headers = {}) => {
  const answer = await fetch(server.url + path, { headers, redirect: 'manual' });
  const text = await answer.text();

  return { status: answer.status, headers: answer.headers, text,
    json: () => JSON.parse(text) };
};
const post = async (path, body) => {
  const answer = await fetch(server.url + path, { method: 'POST',
    headers: { Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(body) });

  return { status: answer.status, json: await answer.json().catch(() => ({})) };
};

const refuge = await post('/record/place', { name: 'Casa Luna',
  place_type: 'REFUGIO', geo_precision: 'hidden', lat: '32.5123456',
  lon: '-117.0456789', address: 'Calle Xochiquetzal 45, Col. Ejemplo',
  postal_code: '98765', municipality: 'Tecatitlan', admin1: 'MX-BCN',
  description: 'En la calle Xochiquetzal', website: 'https://casa-luna.example',
  whatsapp: '6645550199', email: 'x@casa-luna.example',
  how_referred: 'Por medio del Centro de Justicia.',
  phones: [{ number: '664 555 0199' }, { number: '800 111 2233', public: 'yes' }],
  services: [{ service_code: 'AL4', description: 'Refugio y apoyo.' }] });

is(refuge.status, 201, 'a refuge is written down');

/* --- in ------------------------------------------------------------------------ */

const counts = out => Object.fromEntries(out.stdout.trim().split('\n')
  .map(line => /^(\d+) (.*)$/.exec(line)).filter(Boolean)
  .map(([, number, what]) => [what, Number(number)]));

if (shared) {
  const file = `${standards}/directories/tijuana_migrant_services.csv`;
  const first = cli('import', 'place', file);

  is(counts(first)['lugares nuevos'], 55,
    'the directory of Tijuana maps by itself: 55 places');
  is(counts(first)['renglones que no entran'], 0, 'none refused');
  is(counts(cli('import', 'place', file))['lugares que ya estaban'], 55,
    'again: nothing twice');
  is(counts(cli('import', 'place', `${hsds}/examples/location.json`))['lugares nuevos'],
    1, 'HSDS example location is a place');
  for (const name of ['base', 'taxonomy', 'taxonomy_term', 'taxonomy_list']) {
    const out = counts(cli('import', 'place', `${hsds}/examples/${name}.json`));

    is(`${out['renglones que no entran']} ${out.organizaciones}`, '1 0',
      `HSDS example ${name} is nothing that comes in, and no organization`);
  }
  for (const name of ['service_full', 'service_at_location_full',
                      'organization_full', 'service_list']) {
    const out = cli('import', 'place', `${hsds}/examples/${name}.json`);

    is(counts(out)['renglones que no entran'], 0,
      `HSDS example ${name} comes in`);
  }
} else {
  skip('the directory of Tijuana and the HSDS examples', `no ${standards}`);
}

{
  /* the identifier of what is something else stops its own line alone */
  const id = '6b4c2f0e-0000-4000-8000-000000000001';
  const location = (given, name) => ({ id: given, location_type: 'physical', name });

  writeFileSync(at('clash.json'), JSON.stringify([
    { id, name: 'Organización inventada', description: 'Hace algo.' }]));
  cli('import', 'place', at('clash.json'));
  writeFileSync(at('clash.json'), JSON.stringify([
    location(id, 'Con el identificador de otra cosa (inventado)'),
    location('6b4c2f0e-0000-4000-8000-000000000002', 'Con uno propio (inventado)')]));
  const out = cli('import', 'place', at('clash.json'));

  is(`${counts(out)['lugares nuevos']} ${counts(out)['renglones que no entran']}`, '1 1',
    'an identifier that is taken stops one line, not the file', out.stderr);
  like(out.stderr, /otra clase/, 'and is told');
}

writeFileSync(at('points.geojson'), JSON.stringify({ type: 'FeatureCollection',
  features: [
    { type: 'Feature', id: 'uno', geometry: { type: 'Point',
      coordinates: [-92.27, 14.9] },
    properties: { name: 'Comedor inventado', amenity: 'soup kitchen',
      opening_hours: 'Mo-Fr 09:00-17:00', phone: '+52 962 555 0100' } },
    { type: 'Feature', geometry: { type: 'Polygon', coordinates: [] },
      properties: { name: 'Sin punto', category: 'shelter' } },
    { type: 'Feature', geometry: null, properties: { category: 'shelter' } }] }));
{
  const out = cli('import', 'place', at('points.geojson'));

  is(counts(out)['lugares nuevos'], 2, 'GeoJSON: points come in');
  like(out.stderr, /features\[2\]: No tiene nombre/, 'one without a name is told');
}
{
  const rows = Number(process.env.COBIJO_IMPORT_ROWS || 3000);
  const lines = ['nombre,categoría,lat,lon'];

  for (let i = 0; i < rows; i++)
    lines.push(i === 1499 ? '"Roto,albergue,15,-92'
      : i === 1700 ? 'Con\u00f1o,albergue,15,-92,sobra,"y más"'
      : `Lugar inventado ${i},albergue,${15 + i / 1e6},-92.5`);
  writeFileSync(at('long.csv'), lines.join('\n') + '\n');
  const out = cli('import', 'place', at('long.csv'), '--dry-run');

  is(counts(out)['lugares nuevos'], rows - 1,
    'a broken line does not stop the others');
  like(out.stderr, /línea 1501: /, 'and is named');
  is(counts(out)['renglones que no entran'], 1, 'it alone');
}
{ /* the quote of a torn row closes at the opening one of the next */
  writeFileSync(at('torn.csv'),
    'nombre,tipo\n"Roto,albergue\n"Lugar citado",albergue\nUno,albergue\n');
  const out = cli('import', 'place', at('torn.csv'), '--dry-run');

  is(`${counts(out)['lugares nuevos']} ${counts(out)['renglones que no entran']}`,
    '2 1', 'a torn row does not take the next one with it');
  like(out.stderr, /línea 2: /, 'and is told');
}
for (const [name, text, pattern] of [
  ['nothing', '', /nombre/], ['no headings', '1,2\n3,4\n', /nombre/],
  ['half a JSON', '{"id": "x", ', /./], ['deep', '['.repeat(5000), /./],
  ['something else', '{"a": 1}', /HSDS/],
  ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x01]), /./],
  ['a zip', 'PK\u0003\u0004xxxx', /./]]) {
  writeFileSync(at('hostile'), text);
  const out = cli('import', 'place', at('hostile'));

  ok(out.status !== null && out.status < 3 && !counts(out)['lugares nuevos'] &&
     pattern.test(out.stderr), `hostile import, ${name}: refused with a reason`,
  `${out.status} ${out.stderr}`);
}
{
  /* a file that would show what the house protects */
  writeFileSync(at('show.csv'), 'id,name,category,geo precision\n' +
    `${refuge.json.id},Casa Luna,shelter,exact\n`);
  cli('import', 'place', at('show.csv'));
  const entry = await get(`/hsds`);

  is(entry.status, 200, 'the root of the API');
}

/* --- out ----------------------------------------------------------------------- */

const seen = []; /* everything public that was answered */
const ask = async path => {
  const answer = await get(path);

  seen.push([path, answer.text]);
  if (answer.headers.get('set-cookie'))
    ok(false, `${path} sets no cookie`);
  return answer;
};

async function every(path, item) {
  const all = [];

  for (let page = 1; ; page++) {
    const answer = await ask(`${path}?per_page=20&page=${page}`);
    const json = answer.json();

    if (item)
      valid(item.page, json, `${path} page ${page} is a page`);
    all.push(...json.contents);
    if (json.last_page || json.empty)
      return all;
  }
}

if (shared) {
  const check = schemas();
  const services = await every('/services', check);
  const organizations = await every('/organizations', check);
  const spots = await every('/service_at_locations', check);
  const terms = await every('/taxonomy_terms', check);
  const taxonomies = await every('/taxonomies', check);
  const all = (list, validator, name) => {
    const bad = list.filter(one => !validator(one));

    ok(bad.length === 0 && list.length > 0,
      `${list.length} ${name} are valid`,
      bad.length ? JSON.stringify([bad[0], (validator(bad[0]),
        validator.errors)]).slice(0, 900) : '');
  };

  all(services, check.serviceList, 'services of lists');
  all(organizations, check.organizationList, 'organizations of lists');
  all(spots, check.spotList, 'services at locations of lists');
  all(terms, check.term, 'taxonomy terms');
  all(taxonomies, check.taxonomy, 'taxonomies');

  const whole = [], wholeSpots = [], wholeOrganizations = [];

  for (const one of services)
    whole.push((await ask(`/services/${one.id}`)).json());
  for (const one of spots)
    wholeSpots.push((await ask(`/service_at_locations/${one.id}`)).json());
  for (const one of organizations)
    wholeOrganizations.push((await ask(`/organizations/${one.id}`)).json());
  all(whole, check.service, 'whole services');
  all(whole, check.compiledService, 'whole services (compiled schema)');
  all(wholeSpots, check.spot, 'whole services at locations');
  all(wholeOrganizations, check.organization, 'whole organizations');
  is((await ask(`/taxonomy_terms/${terms[3].id}`)).json().code, terms[3].code,
    'a term by its id');
  is((await ask(`/taxonomies/${taxonomies[0].id}`)).json().name,
    taxonomies[0].name, 'a taxonomy by its id');
  const full = (await ask('/services?full=true&per_page=5')).json();

  all(full.contents, check.service, 'services asked for in full');
  const more = async path => (await ask(`${path}&full=true&per_page=500`)).json().contents;

  all(await more('/service_at_locations?'), check.spot,
    'services at locations asked for in full');
  all(await more('/organizations?'), check.organization, 'organizations in full');
  all((await ask('/services?minimal=true')).json().contents, check.serviceList,
    'services, the least of them');
  {
    const near = (await ask('/service_at_locations?postcode=abc+1234')).json().contents;

    ok(near.length > 0 && near.every(one => one.location.name === 'MyCity Civic Center'),
      'by postal code', JSON.stringify(near).slice(0, 300));
    is((await ask('/services?postcode=98765')).json().total_items, 0,
      'none by that of a refuge');
    is((await ask('/services?search=community+zzz')).json().total_items, 0,
      'all words of a search count');
    is((await ask('/organizations?search=organization')).json().total_items > 0, true,
      'an organization by any word of its name');
    is((await ask('/organizations?search=%25')).json().total_items, 0,
      'and by no pattern');
  }
  {
    const lines = await ask('/services?format=ndjson&per_page=3');
    const next = /^<(\?[^>]*)>; rel="next"$/.exec(lines.headers.get('link'));
    const first = lines.text.trim().split('\n').map(line => JSON.parse(line));

    all(first, check.serviceList, 'services, one a line');
    is((await ask(`/services${next[1]}`)).text.split('\n')[0].slice(0, 46),
      JSON.stringify(services[3]).slice(0, 46), 'and where it goes on');
  }
  for (const [path, status] of [['/services?per_page=0', 422], ['/services?page=x', 422],
    ['/services?modified_after=x', 422], ['/services?format=xml', 422],
    ['/service_at_locations?proximity=5', 422], ['/organizations/x', 404],
    ['/service_at_locations/x', 404], ['/taxonomies/x', 404], ['/taxonomy_terms/x', 404]]) {
    const answer = await ask(path);

    ok(answer.status === status && answer.json().error.message &&
       answer.headers.get('access-control-allow-origin') === '*',
    `${path}: ${status}, which a program of another origin can read`, answer.text);
  }
  const food = terms.find(term => term.code === 'ALIM');
  const found = (await ask(`/services?taxonomy_term_id=${food.id}`)).json();

  ok(found.total_items > 0 && found.total_items < services.length,
    'services by term', JSON.stringify(found.total_items));
  is((await ask('/services?page=9999')).json().empty, true,
    'a page that is not there is empty');
  is((await ask('/services?page=-1')).status, 422, 'a page that cannot be');
  is((await ask('/services/not-there')).status, 404, 'what is not there');
  is((await ask("/services?search=%27%3B--&per_page=1000000")).status, 200,
    'hostile search');

  /* the examples come out as they went in */
  const example = JSON.parse(readFileSync(`${hsds}/examples/service_full.json`));
  const out = (await ask(`/services/${example.id}`)).json();

  /* the organization is one record: other files said more of it; its places
   * stand at /organizations/:id */
  for (const key of Object.keys(example.organization)
    .filter(one => one !== 'locations'))
    ok(same(out.organization[key], example.organization[key]),
      `round trip of service: organization.${key}`);
  for (const key of Object.keys(example).filter(one => one !== 'organization'))
    ok(same(out[key], example[key]), `round trip of service: ${key}`,
      same(out[key], example[key]) ? '' :
        JSON.stringify([out[key], example[key]]).slice(0, 700));
  is(Object.keys(out).filter(key => !(key in example)).join(), '',
    'and nothing was added');
  const run = JSON.parse(readFileSync(`${hsds}/examples/organization_full.json`));
  const back = (await ask(`/organizations/${run.id}`)).json();

  for (const key of Object.keys(run).filter(one => one !== 'services'))
    ok(same(back[key], run[key]), `round trip of organization: ${key}`,
      same(back[key], run[key]) ? '' :
        JSON.stringify([back[key], run[key]]).slice(0, 700));
} else {
  skip('the published schemas', `no ${hsds}`);
}

/* --- upkeep over HTTP ------------------------------------------------------------ */

{
  const one = await post('/record/place', { name: 'Comedor de prueba',
    place_type: 'COMEDOR', municipality: 'Tijuana', admin1: 'MX-BCN' });
  const report = body => fetch(`${server.url}/directory/${one.json.id}/report`, {
    method: 'POST', redirect: 'manual', headers: { Accept: 'application/json',
      'Content-Type': 'application/x-www-form-urlencoded' }, body });
  const statuses = [];

  for (let i = 0; i < 7; i++) {
    const answer = await report('what=closed&note=%3Cscript%3E');

    statuses.push(answer.status);
    if (answer.headers.get('set-cookie'))
      ok(false, 'a report sets no cookie');
  }
  is(statuses.join(), '200,200,200,200,200,429,429',
    'anybody reports a mistake, and who floods is told to wait');
  const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json' };
  const review = (await get('/directory/review', headers)).json();

  is(review.reports.length, 1, 'the same seven times is one report');
  is((await get('/directory/review')).status, 303, 'which staff alone see');
  const asked = await post(`/directory/review/${one.json.id}/link`, {});
  const door = asked.json.link.replace(/^.*\/d\//, '/d/');
  const page = await get(door, { Accept: 'text/html' });

  is(page.status, 200, 'a link for whoever runs it opens without an account');
  is(page.headers.get('set-cookie'), null, 'and sets no cookie');
  const sent = await fetch(server.url + door, { method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'hours=24%2F7&free_band=few&note=' + encodeURIComponent('<script>alert(1)</script>') });

  is(sent.status, 200, 'a change is sent');
  like(await sent.text(), /se revisa antes de mostrarse/, 'and waits');
  like((await get(`/directory/${one.json.id}?lang=fr`, { Accept: 'text/html' })).text,
    /Places libres :<\/b> [^<(]+ \((aujourd’hui|hier) \d\d:\d\d\)/,
    'free places are there at once, as a band with its time');
  const waits = await get('/directory/review',
    { Authorization: `Bearer ${token}`, Accept: 'text/html' });

  ok(!waits.text.includes('<script>alert'), 'a note with script stays a text');
  is((await get(door.replace(/.$/, c => c === 'A' ? 'B' : 'A'))).status, 404,
    'a forged link does not open');
  const upload = await fetch(`${server.url}/directory/import`, { method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ text: 'nombre,tipo\nUno más,albergue\n,albergue\n' }) });
  const counted = await upload.json();

  is(`${upload.status} ${counted.added} ${counted.refused}`, '200 1 1',
    'the page takes a file, too');
  const odd = 'cómo se llama,dónde anda,sobra\n"Otro, más",Tijuana,x\n';
  const tried = await fetch(`${server.url}/directory/import`, { method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ text: odd, dry_run: 'yes',
      map: 'heading,field\ncómo se llama,name\ndónde anda,municipality\n' }) });
  const proposed = await tried.json();

  is(`${tried.status} ${proposed.added}`, '200 1', 'a column is what somebody says');
  is(proposed.columns.map(column => column.field).join(), 'name,municipality,',
    'and the page says what each was taken for');
  const wrong = await fetch(`${server.url}/directory/import`, { method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ text: odd, map: 'heading,field\nsobra,zapato\n' }) });

  is(wrong.status, 422, 'no place has a shoe');
  like(await wrong.text(), /zapato/, 'which is told');
  const large = await fetch(`${server.url}/directory/import`, { method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ text: `nombre\n${'Uno\n'.repeat(600000)}` }) });

  is(large.status, 413, 'but none that would keep it waiting');
  like(await large.text(), /cobijo import place/, 'and says how then');
}

/* Whoever runs a place says its hours in rows, without knowing any notation. */
{
  const hours = 'Mo-Fr 09:00-17:00';
  const spot = await post('/record/place', { name: 'Con horario (inventado)',
    place_type: 'ALB', hours });
  const asked = await post(`/directory/review/${spot.json.id}/link`, {});
  const door = asked.json.link.replace(/^.*\/d\//, '/d/');
  const page = (await get(door, { Accept: 'text/html' })).text;
  const send = async fields => {
    const answer = await fetch(server.url + door, { method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'text/html' },
      body: new URLSearchParams({ hours_rows: '1', hours, ...fields }) });

    return { status: answer.status, text: await answer.text() };
  };
  const rows = { h0_Mo: '1', h0_Tu: '1', h0_We: '1', h0_Th: '1',
    h0_from: '10:00', h0_to: '15:00', h1_Sa: '1', h1_from: '20:00' };

  like(page, /name="h0_Fr" value="1" checked/, 'its days are marked');
  like(page, /name="h0_from" value="09:00"/, 'and its times stand there');
  const half = await send({ ...rows, note: 'guardado' });

  is(half.status, 422, 'half a row is refused');
  like(half.text, /name="h1_from" value="20:00"/, 'what was typed stays');
  like(half.text, />guardado<\/textarea>/, 'the note, too');
  is((await send({ hours: 'cuando se pueda' })).status, 422,
    'a line that nobody understands is refused');
  is((await send({ ...rows, h1_to: '00:00' })).status, 200, 'whole rows go in');
  const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json' };
  const review = (await get('/directory/review', headers)).json();
  const change = review.changes.find(one => one.place === spot.json.id);

  await post(`/directory/review/${change.id}`, { act: 'accept' });
  is((await get(`/record/place/${spot.json.id}`, headers)).json().answers.hours,
    'Mo-Th 10:00-15:00; Sa 20:00-24:00', 'and are hours when staff accept');
}

/* Our own CSV comes in as it went out. */
{
  const away = { ...env, COBIJO_STORE: `sqlite:${at('other.db')}` };
  const other = (...args) => spawnSync(binary(), args,
    { env: away, encoding: 'utf8', input: password, maxBuffer: 1 << 28 });
  const types = readFileSync('catalog/place_type.csv', 'utf8').trim().split('\n')
    .slice(1).map(line => line.split(',')[0]).filter(type => type !== 'REFUGIO');
  const whole = answers => JSON.stringify(canonical(Object.fromEntries(
    Object.entries(answers).filter(([key]) => key !== 'import_batch'))));
  const answers = out => new Map(JSON.parse(out.stdout)
    .filter(row => row.state === 'open').map(row => [row.id, whole(row.answers)]));

  writeFileSync(at('types.csv'), 'name,place_type,admin1,accepts_without_docs,' +
    'languages,consulate_of,how_referred,phone\n' + types.map((type, i) =>
    `Inventado ${i},${type},MX-BCN,${i % 2 ? 'yes' : 'no'},spa eng,` +
    `${type === 'CONS' ? 'HND' : ''},,` +
    '+52 55 5555 0101\n').join(''));
  const typed = counts(cli('import', 'place', at('types.csv')));

  is(`${typed['lugares nuevos']} ${typed['datos que se dejaron fuera']}`,
    `${types.length} 0`, 'every code of a kind of place is understood');
  const csv = cli('export', 'place', '--format', 'csv').stdout;

  writeFileSync(at('own.csv'), csv);
  const again = cli('import', 'place', at('own.csv'));

  is(counts(again)['lugares cambiados'] + counts(again)['lugares nuevos'], 0,
    'our own CSV changes nothing here', again.stdout + again.stderr);
  other('init', '--site', 'Otra', '--admin', 'otra', '--password-stdin');
  other('import', 'place', at('own.csv'));
  const here = answers(cli('export', 'place', '--format', 'json'));
  const there = answers(other('export', 'place', '--format', 'json'));
  const differ = [...here].filter(([id, text]) => there.get(id) !== text);

  is(`${there.size} ${differ.length}`, `${here.size} 0`,
    'and makes the same places elsewhere',
    differ.slice(0, 1).map(([id, text]) => `${text}\n${there.get(id)}`).join());
  const label = new RegExp(`^${refuge.json.id},([^,]*)`, 'm')
    .exec(cli('export', 'directory', '--format', 'csv').stdout)[1];
  const open = number => `{""number"":""${number}"",""public"":""yes""}`;

  writeFileSync(at('open.csv'), 'id,name,name_public,municipality_public,phone\n' +
    `${refuge.json.id},${label},yes,yes,` +
    `"[${open('664 555 0199')},${open('800 111 2233')}]"\n`);
  const tried = cli('import', 'place', at('open.csv'));
  const now = JSON.parse(cli('export', 'place', '--format', 'json').stdout)
    .find(row => row.id === refuge.json.id).answers;

  ok(now.name === 'Casa Luna' && now.name_public !== 'yes' &&
    now.municipality_public !== 'yes' && now.phones[0].public !== 'yes' &&
    now.phones[1].public === 'yes',
  'a file opens nothing that the house closed',
  tried.stderr + JSON.stringify(now));
}

/* node 18, which Debian 12 has, has none. */
function crc32(bytes) {
  let sum = 0xffffffff;

  for (const byte of bytes) {
    sum ^= byte;
    for (let i = 0; i < 8; i++)
      sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

/* A datapackage as one zip, not compressed; names in a folder. */
function zip(files) {
  const head = (size, ...values) => {
    const out = Buffer.alloc(size);
    let at = 0;

    for (const [width, value] of values)
      at = width === 4 ? out.writeUInt32LE(value, at) : out.writeUInt16LE(value, at);
    return out;
  };
  const local = [], central = [];
  let offset = 0;

  for (const [name, text] of files) {
    const bytes = Buffer.from(text), called = Buffer.from(name);
    const about = [[4, crc32(bytes)], [4, bytes.length], [4, bytes.length],
      [2, called.length], [2, 0]];

    local.push(head(30, [4, 0x04034b50], [2, 20], [2, 0], [2, 0], [4, 0], ...about),
      called, bytes);
    central.push(head(46, [4, 0x02014b50], [2, 20], [2, 20], [2, 0], [2, 0], [4, 0],
      ...about, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), called);
    offset += 30 + called.length + bytes.length;
  }
  const list = Buffer.concat(central);

  return Buffer.concat([...local, list, head(22, [4, 0x06054b50], [2, 0], [2, 0],
    [2, files.length], [2, files.length], [4, list.length], [4, offset], [2, 0])]);
}
{
  const folder = at('tables');
  const away = { ...env, COBIJO_STORE: `sqlite:${at('zipped.db')}` };
  const other = (...args) => spawnSync(binary(), args,
    { env: away, encoding: 'utf8', input: password, maxBuffer: 1 << 28 });

  cli('export', 'place', '--format', 'hsds-csv', '--to', folder);
  const files = readdirSync(folder).map(name =>
    [`paquete/${name}`, readFileSync(join(folder, name))]);
  const package_ = zip(files), broken = Buffer.from(package_);

  writeFileSync(at('package.zip'), package_);
  broken[broken.indexOf(files.find(([name]) => /services.csv/.test(name))[1]) + 5] ^=
    0xff;
  writeFileSync(at('broken.zip'), broken);
  other('init', '--site', 'Otra', '--admin', 'otra', '--password-stdin');
  const damaged = other('import', 'place', at('broken.zip'));

  ok(damaged.status !== 0 && !counts(damaged)['lugares nuevos'],
    'a damaged zip is refused whole');
  const out = counts(other('import', 'place', at('package.zip')));
  const plain = counts(other('import', 'place', folder));

  ok(out['lugares nuevos'] > 20 && out['renglones que no entran'] === 0,
    'a zipped datapackage comes in', JSON.stringify(out));
  is(plain['lugares nuevos'], 0, 'with the places that its folder has');
}

/* An import is taken back. */
{
  const file = (name, text) => {
    writeFileSync(at(name), `id,nombre,categoría,notas\n${text}`);
    return /^lote (.*)$/m.exec(cli('import', 'place', at(name)).stdout)[1];
  };
  const notes = () => JSON.parse(cli('export', 'place', '--format', 'json').stdout)
    .filter(row => /^Deshacible/.test(row.answers.name))
    .map(row => `${row.answers.name}: ${row.answers.notes}`).sort().join('; ');
  const first = file('u1.csv', 'u1,Deshacible uno,albergue,a\n' +
    'u2,Deshacible dos,albergue,a\n');
  const second = file('u2.csv', 'u1,Deshacible uno,albergue,b\n' +
    'u3,Deshacible tres,albergue,b\n');
  const undone = await fetch(`${server.url}/import/${second}/undo`, {
    method: 'POST', redirect: 'manual',
    headers: { Authorization: `Bearer ${token}` } });

  ok(undone.status < 400, 'the page takes an import of places back');
  is(notes(), 'Deshacible dos: a; Deshacible uno: a',
    'what it made is gone, what it changed is as it was');
  const places = JSON.parse(cli('export', 'place', '--format', 'json').stdout);
  const two = places.find(row => row.answers.name === 'Deshacible dos');
  const kept = await post(`/record/place/${two.id}`, { ...two.answers,
    notes: 'de la casa' });

  ok(kept.status < 400, 'somebody works on one of the first');
  const out = cli('import', 'undo', first).stdout;

  like(out, /^1 lugares y organizaciones quitados/m, 'the command: one is gone');
  like(out, /^1 se quedan/m, 'the one that somebody changed stays');
  is(notes(), 'Deshacible dos: de la casa', 'as she left it');
}

/* A file too large to be read at once, with a line that is torn. */
{
  const csv = `nombre,tipo\nPrimero de prueba,albergue\n"Roto,albergue\n${
    '\n'.repeat(65 << 20)}Último de prueba,albergue\n`;

  writeFileSync(at('large.csv'), csv);
  const out = cli('import', 'place', at('large.csv'));

  is(out.status, 0, '65 MiB of CSV');
  like(out.stdout, /^2 lugares nuevos/m, 'what is whole comes in');
  like(out.stdout, /^1 renglones que no entran/m, 'the torn line does not');
  like(out.stderr, /línea 3:/, 'and is told');
  rmSync(at('large.csv'));
}

/* More broken lines than are told: all others come in. */
{
  const csv = ['nombre,tipo'];

  for (let i = 0; i < 1290; i++)
    csv.push(i % 100 ? `"Roto ${i},albergue` : `Entre rotos ${i},albergue`);
  writeFileSync(at('many.csv'), csv.join('\n') + '\n');
  const out = cli('import', 'place', at('many.csv'));
  const told = out.stderr.split('\n').filter(line => /^línea /.test(line));

  is(out.status, 0, 'many broken lines');
  is(counts(out)['lugares nuevos'], 13, 'what is whole comes in');
  is(counts(out)['renglones que no entran'], 1277, 'all broken ones are counted');
  is(counts(out)['renglones rotos, entre los que no entran'], 1277,
    'and said to be so');
  is(told.length, 1000, 'a thousand are told');
  like(told[0], /^línea 3: /, 'from the first');
  like(out.stderr, /^… 277 renglones rotos más/m, 'and how many more there are');
  const batch = out.stdout.match(/lote (\S+)/)[1];

  like(cli('import', 'undo', batch).stdout, /^13 /m, 'they go again');
}

/* Whatever else anybody can ask for. */
const exports_ = {};

for (const format of ['hsds', 'geojson', 'csv']) {
  const out = cli('export', 'directory', '--format', format);

  is(out.status, 0, `export ${format}`);
  exports_[format] = out.stdout;
  seen.push([`export ${format}`, out.stdout]);
}
is(cli('export', 'place', '--format', 'hsds-csv', '--to', at('package')).status,
  0, 'export hsds-csv');
for (const name of readdirSync(at('package')))
  seen.push([name, readFileSync(at(`package/${name}`), 'utf8')]);
if (shared) {
  const check = schemas();
  const list = JSON.parse(exports_.hsds);
  const bad = list.filter(one => !check.service(one));

  is(bad.length, 0, `export hsds: ${list.length} valid services`);
  const geo = JSON.parse(exports_.geojson);

  ok(geo.features.length >= 56 && geo.features.every(one =>
    one.geometry.type === 'Point' && one.properties.name),
  'export geojson: points with names');
  /* what is exported comes in elsewhere and is the same */
  const other = { ...env, COBIJO_STORE: `sqlite:${at('b.db')}` };
  const there = (...args) => spawnSync(binary(), args,
    { env: other, encoding: 'utf8', maxBuffer: 1 << 28 });

  writeFileSync(at('pw'), password);
  there('init', '--site', 'Otra casa', '--admin', 'marisol',
    '--password-file', at('pw'));
  writeFileSync(at('all.json'), exports_.hsds);
  is(counts(there('import', 'place', at('all.json')))['renglones que no entran'],
    0, 'another house takes the whole export');
  const again = JSON.parse(there('export', 'directory', '--format', 'hsds')
    .stdout);
  const by = list => new Map(list.map(one => [one.id, one]));
  const was = by(list), now = by(again);

  is([...was.keys()].filter(id => !now.has(id)).length, 0,
    'with every service');
  /* a refuge's line is public where somebody said so, and only there */
  const changed = [...was].filter(([id, one]) => !same(one, now.get(id)))
    .filter(([, one]) => !JSON.stringify(one).includes('800 111 2233'))
    .map(([id, one]) => [id, Object.keys({ ...one, ...now.get(id) })
      .filter(key => !same(one[key], (now.get(id) || {})[key]))
      .map(key => [key, one[key], now.get(id)[key]])]);

  is(changed.length ? JSON.stringify(changed).slice(0, 3000) : '', '',
    'each as it was');
  is(counts(there('import', 'place', at('package')))['lugares nuevos'], 0,
    'the tables hold the same places');
  /* the zip in an empty house gives the same zip */
  is(cli('export', 'directory', '--format', 'hsds-zip', '--to', at('all.zip'))
    .status, 0, 'export hsds-zip');
  const fourth = { ...env, COBIJO_STORE: `sqlite:${at('zip.db')}` };
  const empty = (...args) => spawnSync(binary(), args,
    { env: fourth, encoding: 'utf8', maxBuffer: 1 << 28 });
  const unpacked = file => {
    const out = spawnSync('python3', ['-c', `import zipfile, json, sys
z = zipfile.ZipFile(sys.argv[1])
print(json.dumps({n: z.read(n).decode() for n in z.namelist()}))`, file],
    { encoding: 'utf8', maxBuffer: 1 << 28 });

    return JSON.parse(out.stdout);
  };

  empty('init', '--site', 'Otra casa', '--admin', 'marisol',
    '--password-file', at('pw'));
  is(counts(empty('import', 'place', at('all.zip')))['renglones que no entran'],
    0, 'an empty house takes the zip');
  empty('export', 'directory', '--format', 'hsds-zip', '--to', at('again.zip'));
  /* but for the refuge's line, which its house alone makes public */
  const first = unpacked(at('all.zip')), second = unpacked(at('again.zip'));

  seen.push(['hsds-zip', JSON.stringify(first)]);
  ok(first['datapackage.json'] && first['services.csv'],
    'it is a datapackage with its tables');
  for (const [name, text] of Object.entries(first))
    is(text.split('\n').filter(line => !/800 111 2233|Refugio y apoyo/.test(line) &&
      !(second[name] || '').split('\n').includes(line)).join('\n'), '',
    `zip to zip: ${name}`);
  /* tables in, tables out */
  for (const [name, path] of [['tabular.json', `${hsds}/examples/tabular.json`],
                              ['datapackage', `${hsds}/examples/csv`]]) {
    const third = { ...env, COBIJO_STORE: `sqlite:${at(`${name}.db`)}` };
    const here = (...args) => spawnSync(binary(), args,
      { env: third, encoding: 'utf8', maxBuffer: 1 << 28 });
    const rows = file => readFileSync(file, 'utf8').split('\n').slice(1)
      .filter(Boolean).length;

    here('init', '--site', 'Otra casa', '--admin', 'marisol',
      '--password-file', at('pw'));
    is(counts(here('import', 'place', path))['renglones que no entran'], 0,
      `${name} comes in`);
    here('export', 'directory', '--format', 'hsds-csv', '--to', at(`out-${name}`));
    for (const table of ['services', 'organizations', 'locations', 'phones',
                         'schedules', 'service_areas', 'languages', 'funding',
                         'cost_options', 'required_documents', 'contacts',
                         'accessibility', 'addresses', 'programs',
                         'service_at_location', 'organization_identifiers']) {
      const was = readFileSync(`${hsds}/examples/csv/${table}.csv`, 'utf8')
        .split('\n').slice(1).filter(Boolean).map(line => line.slice(0, 36));
      const now = readFileSync(at(`out-${name}/${table}.csv`), 'utf8');

      ok(was.every(id => now.includes(id)) && rows(at(`out-${name}/${table}.csv`)) > 0,
        `${name}: ${table} come out again`);
    }
    const service = readFileSync(at(`out-${name}/services.csv`), 'utf8')
      .split('\n')[1].trim();

    is(service, readFileSync(`${hsds}/examples/csv/services.csv`, 'utf8')
      .split('\n')[1].trim(), `${name}: the service, letter by letter`);
  }
}

for (const path of ['/', '/login', '/health', '/api', '/hsds', '/services',
                    '/service_at_locations?full=true', '/organizations',
                    '/directory', '/directory.json', `/directory/${refuge.json.id}`,
                    '/services?search=luna', '/services?search=Xochiquetzal',
                    `/record/place/${refuge.json.id}`, '/record/place',
                    '/entity/place.csv', '/robots.txt'])
  await ask(path);
/* Of the team, who neither refers people nor keeps the directory. */
for (const role of ['reporter', 'upm', 'observatory', 'observer', 'partner']) {
  const key = cli('token', 'add', `sin-${role}`, '--role', role)
    .stdout.trim().split('\n').pop();

  for (const path of ['/record/place', `/record/place/${refuge.json.id}`,
    `/record/place/${refuge.json.id}/history`, '/record/place?q=luna', '/entity/place.csv',
    '/compare/place', '/directory/review', '/export', '/today', '/log']) {
    const answer = await get(path, { Authorization: `Bearer ${key}`, Accept: 'application/json' });

    seen.push([`${role} ${path}`, answer.text]);
  }
  const answer = await fetch(`${server.url}/export`, { method: 'POST', redirect: 'manual',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'place', format: 'csv', reason: 'prueba' }) });

  seen.push([`${role} POST /export`, await answer.text()]);
}
for (const word of canary) {
  const told = seen.filter(([, text]) => text.includes(word));

  is(told.map(([where]) => where).join(' '), '', `nobody tells ${word}`);
}
ok(seen.some(([, text]) => text.includes('Refugio y apoyo.')) &&
   seen.some(([, text]) => text.includes('Centro de Justicia')),
'but what the refuge does and how one is referred');
{
  const said = server.errors();

  is(canary.filter(word => said.includes(word)).join(), '',
    'nor does the log of the server');
}

await server.stop();
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
finish();
