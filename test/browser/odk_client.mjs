/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* odk_client.mjs - somebody else's client: the engine of ODK Web Forms
 * (@getodk/xforms-engine) in Chromium reads what Cobijo serves to a telephone,
 * is filled by chance, sends, and the record is what was filled. Every shipped
 * form, one form with every type of question, an edit, a repeat, a change.
 *
 *   ODK_SEED     another seed
 *   ODK_ROUNDS   fillings per form for the second opinion (default 2)
 *   ODK_ROLE     the telephone's role (default case_worker, who has all forms)
 *
 * Everybody in it is made up by chance.
 */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binary, is, like, ok, page_of, run, serve, test }
  from './harness.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const engine = join(root,
                    'node_modules/@getodk/xforms-engine/dist/index.js');
const seed = Number(process.env.ODK_SEED || 20261122);
const role = process.env.ODK_ROLE || 'case_worker';
const rounds = Number(process.env.ODK_ROUNDS || 2);

if (!existsSync(engine)) {
  console.log('1..0 # SKIP @getodk/xforms-engine is not installed (npm ci)');
  process.exit(0);
}

/* Those that others are about come first. */
const first = ['person', 'place', 'group', 'screening', 'need', 'consent'];
/* Made by the program, by nobody with a telephone. */
const never = ['alert', 'alert_recipient', 'attachment', 'erase_notice',
  'erasure', 'export', 'help_message', 'help_request', 'import_batch',
  'policy_change', 'received', 'retention_run', 'sealed', 'user'];
/* Rules of the house that no XForm can say: then others are tried. */
const rules = new RegExp(['ya tiene un expediente',
                          'función de supervisión decide',
                          'lo cierra quien supervisa'].join('|'));
/* What the program writes where nothing was answered. */
const given = new Set(['next_date', 'next_review', 'to_type',
                       'casefile']);

/* Where the engines differ for a reason (doc/forms.md, "A second opinion"). */
const agreed = new RegExp([
  // a row in which nothing is written counts there and not here
  '^shelter_check /data/g_end/improvement_needed: relevant',
].join('|'));

/* --- a form with every type ---------------------------------------------------- */

const all = `survey,,,,,,,,,,
,type,name,label,relevant,constraint,calculation,choice_filter,parameters,repeat_count,default
,start,began,,,,,,,,
,end,ended,,,,,,,,
,today,day_made,,,,,,,,
,begin_group,g,Grupo,,,,,,,
,text,word,Texto,,,,,,,
,integer,whole,Entero,,. < 5000,,,,,
,decimal,part,Decimal,,,,,,,
,range,much,Cuánto,,,,,start=0 end=10 step=2,,
,date,on,Fecha,,,,,,,
,time,at,Hora,,,,,,,
,datetime,when,Fecha y hora,,,,,,,
,geopoint,spot,Lugar,,,,,,,
,geotrace,way,Camino,,,,,,,
,geoshape,field,Terreno,,,,,,,
,end_group,,,,,,,,,
,select_one fruit,one,Una,,,,,,,
,select_multiple fruit,many,Varias,,,,,,,
,rank fruit,order,Orden,,,,,,,
,select_one_from_file country.csv,land,País,,,,,,,
,select_one town,town,Municipio,\${one} != '',,,fruit = \${one},,,
,acknowledge,seen,Visto,,,,,,,
,image,photo,Foto,,,,,,,
,audio,sound,Sonido,,,,,,,
,hidden,secret,,,,,,,,oculto
,note,read,Lea esto,,,,,,,
,calculate,twice,,,,\${whole} * 2,,,,
,calculate,label_one,,,,"jr:choice-name(\${one}, '\${one}')",,,,
,begin_repeat,box,Caja,,,,,,,
,text,inside,Dentro,,,,,,,
,select_multiple fruit,fruits,Frutas,,,,,,,
,image,picture,Foto de la caja,,,,,,,
,begin_repeat,thing,Cosa,,,,,,,
,decimal,weight,Peso,,. < 900,,,,,
,calculate,heavy,,,,"if(\${weight} > 5, 'sí', 'no')",,,,
,end_repeat,,,,,,,,,
,calculate,sum_weight,,,,count-non-empty(\${weight}),,,,
,end_repeat,,,,,,,,,
,integer,children,¿Cuántos?,,. < 4,,,,,
,begin_repeat,child,Uno,,,,,,\${children},
,text,child_word,Palabra,,,,,,,
,end_repeat,,,,,,,,,
choices,,,,
,list_name,name,label,fruit
,fruit,mango,Mango,
,fruit,nance,Nance,
,fruit,jocote,Jocote,
,fruit,caimito,Caimito,
,town,t1,Uno,mango
,town,t2,Dos,mango
,town,t3,Tres,nance
,town,t4,Cuatro,jocote
,town,t5,Cinco,caimito
settings,,,
,form_title,form_id,version
,Todo,everything,2026112201
`;

/* --- server, telephone, page ----------------------------------------------------- */

async function open(server, browser) {
  const at = ['--store', server.store];
  const last = args => run([...at, ...args]).trim().split('\n').pop();
  const page = await page_of(browser);
  const files = {
    '/odk/': ['text/html', '<!doctype html><title>ODK</title>'],
    '/odk/engine.js': ['text/javascript', readFileSync(engine)],
    '/odk/lib.mjs': ['text/javascript',
                     readFileSync(new URL('lib_odk.mjs', import.meta.url))],
  };

  await page.route('**/odk/**', route => {
    const found = files[new URL(route.request().url()).pathname];
    return found ? route.fulfill({ contentType: found[0], body: found[1] })
      : route.abort();
  });
  await page.goto(`${server.url}/odk/`);
  await page.evaluate(async () => {
    window.odk = await import('/odk/lib.mjs');
    window.forms = {};
    window.sent = {};
  });
  return {
    page, store: server.store, url: server.url,
    /* what a telephone sent is read by who may read all of it */
    token: last(['token', 'add', 'prueba', '--role',
                 role === 'case_worker' ? 'supervisor' : role]),
    key: last(['device', 'add', 'brigada', '--role', role]),
  };
}

const md5 = bytes => `md5:${createHash('md5').update(bytes).digest('hex')}`;

async function fetch_text(url, headers = {}) {
  const answer = await fetch(url, { headers });
  return { status: answer.status, text: await answer.text() };
}

const elements = (xml, name) => [...xml.matchAll(
  new RegExp(`<${name}(?: [^>]*)?>([^]*?)</${name}>`, 'g'))].map(one => one[1]);
const element = (xml, name) => (elements(xml, name)[0] || '')
  .replaceAll('&amp;', '&');

/* Form, manifest and files as a telephone gets them, hashes compared. */
async function download(xform) {
  const { text: xml } = await fetch_text(element(xform, 'downloadUrl'));
  const media = {};
  let good = md5(xml) === element(xform, 'hash');

  if (xform.includes('<manifestUrl>')) {
    const manifest = await fetch_text(element(xform, 'manifestUrl'));
    for (const one of elements(manifest.text, 'mediaFile')) {
      const csv = await fetch_text(element(one, 'downloadUrl'));
      good = good && csv.status === 200 &&
        md5(csv.text) === element(one, 'hash');
      media[element(one, 'filename')] = csv.text;
    }
  }
  return { xml, media, good };
}

const api = async (phone, path) => JSON.parse((await fetch_text(
  `${phone.url}${path}`, { accept: 'application/json',
                           authorization: `Bearer ${phone.token}` })).text);

/* --- what was filled and what is kept ----------------------------------------------- */

const instant = /^\d{4}-\d\d-\d\dT/;

/* One answer: letter by letter, but a number is a number (3.0), an instant the
 * same second in another zone, a time of day what the clock showed. */
function same(sent, kept, type = 'string') {
  if (sent === kept)
    return true;
  if (sent === '' || kept === '')
    return false;
  if (type === 'decimal' || type === 'int')
    return Number(sent) === Number(kept);
  if (type === 'time')
    return sent.slice(0, 8) === kept.slice(0, 8);
  if (type === 'geopoint')
    return sent.split(' ').map(Number).join(' ') ===
      kept.split(' ').map(Number).join(' ');
  const second = text => Math.floor(Date.parse(text) / 1000);
  return type === 'dateTime' && instant.test(sent) && instant.test(kept) &&
    second(sent) === second(kept);
}

let compared = 0;

/* Nothing was answered in the row: rows at the end in which that is so are not
 * kept. */
const blank = (content, shape, path) => content.every(([name, inside]) =>
  Array.isArray(inside) ? blank(inside, shape, `${path}/${name}`)
    : inside === '' || !shape.asked.includes(`${path}/${name}`));

/* Differences between an instance and the answers kept of it. */
function differences(tree, kept, shape, path = '/data', place = '', all = {}) {
  const out = [], rows = {};

  for (const [name, content] of tree) {
    const at = `${path}/${name}`;
    if (name === 'meta' && path === '/data')
      continue;
    if (shape.repeats.includes(at)) {
      const list = kept[name] || [], i = rows[name] = (rows[name] ?? -1) + 1;
      all[name] = true;
      if (content.length === 0 ||
          (i >= list.length && blank(content, shape, at)))
        continue;
      out.push(...differences(content, list[i] || {}, shape, at,
                              `${place}${name}[${i}].`));
    } else if (Array.isArray(content)) {
      out.push(...differences(content, kept, shape, at, place, all));
    } else {
      const key = name in kept ? name : `${path.split('/').pop()}/${name}`;
      all[key] = true;
      if (!shape.types[at] || (content === '' && (given.has(name) ||
          (!shape.asked.includes(at) && !shape.calculated.includes(at)))))
        continue;
      compared += content !== '';
      if (!same(content.trim(), String(kept[key] ?? ''), shape.types[at]))
        out.push(`${place}${name}: sent ${JSON.stringify(content)}, kept ${
          JSON.stringify(kept[key])}`);
    }
  }
  for (const [name, count] of Object.entries(rows))
    if ((kept[name] || []).length > count + 1)
      out.push(`${place}${name}: ${kept[name].length} rows kept`);
  if (path === '/data' || shape.repeats.includes(path))
    for (const [key, value] of Object.entries(kept))
      if (!all[key] && !key.startsWith('_') && value !== '' &&
          shape.asked.includes(`${path}/${key}`))
        out.push(`${place}${key}: nobody sent ${JSON.stringify(value)}`);
  return out;
}

/* --- one form, filled and sent --------------------------------------------------------- */

async function load(phone, name, xml, media) {
  return phone.page.evaluate(async ([form, text, files]) => {
    try {
      window.forms[form] = await window.odk.load(text, files);
      return { shape: window.odk.structure(text), error: '' };
    } catch (error) {
      return { error: String(error.stack || error) };
    }
  }, [name, xml, media]);
}

/* Filled from a seed and sent; what was sent stays in the page. */
async function send(phone, name, number) {
  return phone.page.evaluate(async ([form, chance, url]) => {
    const instance = window.forms[form].createInstance();

    window.odk.fill(instance.root, chance);
    const wrong = window.odk.violations(instance.root);
    const sent = await window.odk.sends(instance);
    const answer = await window.odk.post(url, sent.data);
    window.sent[form] = sent;
    return { wrong, answer, status: sent.status, xml: sent.xml,
             tree: sent.tree, files: sent.files };
  }, [name, number, `${phone.url}/key/${phone.key}/submission`]);
}

const record_of = xml =>
  (xml.match(/instanceID>uuid:([0-9a-f-]+)</) || [])[1];

const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');

/* The bytes of every attachment, as the record gives them back. */
async function files_differ(phone, name, record, files) {
  const out = [];
  for (const [one, hash] of Object.entries(files)) {
    const answer = await fetch(`${phone.url}/record/${name}/${record}/file/${
      encodeURIComponent(one)}`, {
      headers: { authorization: `Bearer ${phone.token}` } });
    if (sha256(Buffer.from(await answer.arrayBuffer())) !== hash)
      out.push(`${one}: ${answer.status}, other bytes`);
  }
  return out;
}

/* What a rule of the house adds, taken out again: the head of a group is one
 * of its members; some receive nothing, whatever was ticked. */
function house(name, tree, kept) {
  const head = (tree.find(one => one[0] === 'head_person') || [])[1];
  const sent = JSON.stringify(tree.filter(one => one[0] === 'members'));
  if (name === 'group' && head && !sent.includes(head))
    kept.members = kept.members.filter(one => one.person !== head);
  if (name === 'referral' && kept.to_place) // a place has its own type
    kept.to_type = (tree.flatMap(one => Array.isArray(one[1]) ? one[1] : [one])
      .find(one => one[0] === 'to_type') || [])[1] || kept.to_type;
  if (name === 'consent') { // nothing is ever shared with INM
    const list = (tree.find(one => one[0] === 'block_list') || ['', ''])[1];
    kept.block_list = (kept.block_list || '').split(' ')
      .filter(one => list.split(' ').includes(one)).join(' ');
  }
}

async function fill_and_compare(phone, on, name, shape, number) {
  let sent, tries = 0, refused = [];

  do {
    sent = await send(phone, name, number + 7919 * tries);
    if (sent.answer.status !== 201)
      refused.push(sent.answer.text.replace(/<[^>]*>/g, '').trim());
  } while (sent.answer.status !== 201 && rules.test(sent.answer.text) &&
           ++tries < 10);
  ok(sent.wrong.length === 0 && sent.status === 'ready',
     `${on}: ${name}: the engine finds it whole`, sent.wrong.join('\n'));
  if (!ok(sent.answer.status === 201, `${on}: ${name}: received`,
          `${sent.answer.status} ${refused.join('\n')}\n${sent.xml}`))
    return null;
  const record = record_of(sent.xml);
  const kept = await api(phone, `/record/${name}/${record}`);
  house(name, sent.tree, kept.answers || {});
  const wrong = kept.answers
    ? differences(sent.tree, kept.answers, shape) : [JSON.stringify(kept)];
  const files = await files_differ(phone, name, record, sent.files);
  const version = (sent.xml.match(/ version="([^"]*)"/) || [])[1];
  ok(wrong.length === 0 && files.length === 0 &&
     kept.form_version === version,
     `${on}: ${name}: kept as it was filled${
       refused.length ? ` (after ${refused.length} refused)` : ''}`,
     [...wrong, ...files, `${kept.form_version} ${version}`].join('\n'));
  return { ...sent, record };
}

/* As from a bad network: a post for each few files. */
async function send_in_parts(phone, on, name, number) {
  const sent = await phone.page.evaluate(async ([form, chance, url]) => {
    let instance, whole;

    for (let seed = chance; ; seed += 7919) {
      instance = window.forms[form].createInstance();
      window.odk.fill(instance.root, seed, 1);
      whole = await window.odk.sends(instance);
      if (Object.keys(whole.files).length > 2)
        break;
    }
    const sizes = [...whole.data.entries()].map(([, file]) => file.size);
    const parts = await window.odk.in_parts(url, instance,
      sizes[0] + Math.max(...sizes.slice(1)) + 100);
    return { ...parts, xml: whole.xml, files: whole.files };
  }, [name, number, `${phone.url}/key/${phone.key}/submission`]);
  const last = sent.answers.pop();

  ok(sent.answers.length > 0 && last === 201 &&
     sent.answers.every(one => one === 202),
     `${on}: ${sent.answers.length + 1} posts of one instance`,
     `${sent.answers} ${last} ${sent.status}`);
  const files = await files_differ(phone, name, record_of(sent.xml),
                                   sent.files);
  ok(files.length === 0, `${on}: all ${Object.keys(sent.files).length
  } files are there`, files.join('\n'));
}

/* --- edits, repeats, changes -------------------------------------------------------------- */

async function correct(phone, on, name, shape, sent) {
  const url = `${phone.url}/key/${phone.key}/submission`;
  const again = await phone.page.evaluate(async ([form, to]) =>
    window.odk.post(to, window.sent[form].data), [name, url]);
  is(again.status, 201, `${on}: the same again is taken`);
  const changed = await phone.page.evaluate(async ([form, to]) => {
    const { data, xml } = window.sent[form], other = new FormData();
    const text = xml.replace(/<word(\/>|>[^<]*<\/word>)/,
                             '<word>otra cosa</word>');
    for (const [part, value] of data.entries())
      other.append(part, part === 'xml_submission_file'
        ? new File([text], part, { type: 'text/xml' }) : value);
    return window.odk.post(to, other);
  }, [name, url]);
  is(changed.status, 409, `${on}: another under the same instanceID is not`);
  const list = await api(phone, `/record/${name}`);
  is(list.records.filter(one => one.id === sent.record).length, 1,
     `${on}: it is one record`);

  const edited = await phone.page.evaluate(async ([form, to]) => {
    try {
      const instance = await window.odk.edit(window.forms[form],
                                             window.sent[form].data);
      const find = end => [...window.odk.nodes(instance.root)].find(one =>
        one.currentState.reference.endsWith(end));
      find('/word').setValue('corregido');
      find('/whole').setValue(null);
      find('/many').selectValues(['nance', 'mango']);
      const payload = await window.odk.sends(instance);
      const answer = await window.odk.post(to, payload.data);
      return { answer, xml: payload.xml, tree: payload.tree,
               files: payload.files };
    } catch (error) {
      return { error: String(error.stack) };
    }
  }, [name, url]);
  if (!ok(edited.answer?.status === 201, `${on}: an edit is received`,
          JSON.stringify(edited, null, 1)))
    return;
  like(edited.xml, /deprecatedID>uuid:/, `${on}: it names what it replaces`);
  const kept = await api(phone, `/record/${name}/${sent.record}`);
  const wrong = differences(edited.tree, kept.answers, shape);
  ok(wrong.length === 0 && kept.answers.word === 'corregido' &&
     !kept.answers.whole && /^(nance mango|mango nance)$/.test(kept.answers.many),
     `${on}: the record is what the edit says`,
     `${wrong.join('\n')}\n${JSON.stringify(kept.answers)}`);
  const files = await files_differ(phone, name, sent.record, edited.files);
  ok(files.length === 0, `${on}: with its files`, files.join('\n'));
}

/* --- a second opinion -------------------------------------------------------------------- */

const wasm = join(root, 'build/form-wasm/form.wasm');
const native = join(dirname(binary()), 'form_verify');

function ours(packed) {
  const stub = () => 0;
  const memory = (at, size) => new Uint8Array(call.memory.buffer, at, size);
  const code = new WebAssembly.Module(readFileSync(wasm));
  const call = new WebAssembly.Instance(code, {
    host: { random: (at, size) => memory(at, size).fill(7) },
    wasi_snapshot_preview1: { fd_close: stub, fd_seek: stub, fd_write: stub },
  }).exports;
  const ask = (name, text, ...rest) => {
    const given = Buffer.from(text);
    memory(call.form_room(given.length), given.length).set(given);
    return call[name](given.length, ...rest) ? Buffer.from(
      memory(call.form_answer(), call.form_answer_size())).toString() : null;
  };

  if (call._initialize)
    call._initialize();
  return ask('form_open', packed) === null ? null : ask;
}

/* Answers of an instance as a page has them: rows in lists, no groups. */
function answers_of(tree, shape, keys, path = '/data', out = {}) {
  for (const [name, content] of tree) {
    const at = `${path}/${name}`;
    if (name === 'meta' && path === '/data')
      continue;
    if (shape.repeats.includes(at))
      (out[name] ||= []).push(Array.isArray(content)
        ? answers_of(content, shape, keys, at) : {});
    else if (Array.isArray(content))
      answers_of(content, shape, keys, at, out);
    else if (content.trim() !== '')
      out[keys.has(name) ? name : `${path.split('/').pop()}/${name}`] = content;
  }
  return out;
}

/* /data/g/row[2]/name: row.1.name */
function field_of(reference, keys) {
  const parts = reference.split('/').slice(2), out = [];
  parts.forEach((part, i) => {
    const row = part.match(/^(.*)\[(\d+)\]$/);
    if (row)
      out.push(row[1], Number(row[2]) - 1);
    else if (i === parts.length - 1)
      out.push(keys.has(part) ? part : `${parts[i - 1]}/${part}`);
  });
  return out.join('.');
}

/* An answer by its field name, out of what form_verify gives back. */
const answer_at = (answers, field) => field.split('.').reduce(
  (at, part) => at?.[part], answers);

function disagreements(opinion, ask, shape, keys) {
  const answers = JSON.stringify(answers_of(opinion.tree, shape, keys));
  const zone = -new Date().getTimezoneOffset() * 60;
  const told = JSON.parse(ask('form_load', answers, Date.now(), zone));
  const checked = JSON.parse(ask('form_verify', answers, Date.now(), zone, 0));
  const wrong = Object.fromEntries(checked.problems.map(one => [
    one.path.replace(/\[(\d+)\]/g, '.$1'), one.message]));
  const out = [];
  let count = 0;

  for (const one of opinion.leaves) {
    const field = field_of(one.reference, keys);
    const path = one.reference.replace(/\[\d+\]/g, '');
    if (path.startsWith('/data/meta') || !(field in told.relevant))
      continue;
    count++;
    if (told.relevant[field] !== one.relevant)
      out.push(`${path}: relevant: engine ${one.relevant}`);
    if (!one.relevant)
      continue;
    if (shape.calculated.includes(path)) {
      const mine = String(answer_at(checked.answers, field) ?? '');
      count++;
      if (!same(one.value, mine, shape.types[path]) &&
          !(Number(one.value) === Number(mine) && one.value && mine))
        out.push(`${path}: engine ${JSON.stringify(one.value)}, ours ${
          JSON.stringify(mine)}`);
    }
    if (shape.asked.includes(path)) {
      count++;
      const mine = wrong[field] ?? '';
      if (!!one.wrong !== !!mine)
        out.push(`${path}: ${JSON.stringify(one.value)} engine ${
          one.wrong || 'fine'}, ours ${mine || 'fine'}`);
    }
    if (one.options && told.choices[field]) {
      count++;
      const mine = told.choices[field].map(each => each[0]).join(' ');
      if (mine !== one.options.join(' '))
        out.push(`${path}: choices: engine ${one.options.join(' ')}, ours ${
          mine}`);
    }
  }
  return { out, count };
}

async function second_opinion(phone, path, name, media) {
  const xml = run(['form', 'xml', path]);
  const loaded = await load(phone, name, xml, media);
  const packed = execFileSync(native, [path, 'es'], {
    input: '', encoding: 'utf8', maxBuffer: 1 << 28, cwd: root }).split('\n')[0];
  const form = JSON.parse(packed), ask = ours(packed);
  const keys = new Set(form.questions.map(one => one.key || one.name));
  let count = 0;
  const out = new Set();

  if (!ok(!loaded.error && ask, `${name}: read by both`, loaded.error))
    return 0;
  for (let round = 0; round < rounds; round++) {
    const opinion = await phone.page.evaluate(([one, chance, wild]) => {
      const { root: top } = window.forms[one].createInstance();
      if (wild)
        window.odk.scatter(top, chance);
      else
        window.odk.fill(top, chance);
      return window.odk.opinion(top);
    }, [name, seed + round * 104729, round % 2 === 1]);
    const found = disagreements(opinion, ask, loaded.shape, keys);
    count += found.count;
    found.out.forEach(one => out.add(one));
  }
  const unknown = [...out].filter(one => !agreed.test(`${name} ${one}`));
  ok(unknown.length === 0,
     `${name}: ${rounds} fillings, ${count} times one opinion${
       out.size > unknown.length ? `, but ${out.size - unknown.length}` : ''}`,
     unknown.slice(0, 40).join('\n'));
  return count;
}

/* --- all of it --------------------------------------------------------------------------------- */

async function play(on, server, browser) {
  const phone = await open(server, browser);
  const media = {};
  let number = seed;

  const listed = elements((await fetch_text(
    `${phone.url}/key/${phone.key}/formList`)).text, 'xform');
  const names = listed.map(one => element(one, 'formID'));
  const shipped = readdirSync(join(root, 'forms'))
    .filter(one => one.endsWith('.csv')).map(one => one.slice(0, -4));
  const missing = shipped.filter(one => !names.includes(one)).sort();
  if (role === 'case_worker')
    is(missing.join(' '), never.join(' '), `${on}: listed is all but`);

  const order = [...first.filter(one => names.includes(one)),
                 ...names.filter(one => !first.includes(one))];
  for (const name of order) {
    const xform = listed.find(one => element(one, 'formID') === name);
    const got = await download(xform);
    Object.assign(media, got.media);
    const loaded = await load(phone, name, got.xml, got.media);
    ok(got.good, `${on}: ${name}: hashes`);
    if (!ok(!loaded.error, `${on}: ${name}: the engine reads it`, loaded.error))
      continue;
    const times = name === 'person' || name === 'everything' ? 3 : 1;
    let sent = null;
    for (let i = 0; i < times; i++)
      sent = await fill_and_compare(phone, on, name, loaded.shape, number++);
    if (name === 'everything')
      await send_in_parts(phone, on, name, number++);
    if (name === 'everything' && sent)
      await correct(phone, on, name, loaded.shape, sent);
  }
  console.log(`# ${on}: ${compared} answers sent and found in the records`);
  return { phone, media, shipped };
}

await test(async (server, browser) => {
  const { phone, media, shipped } = await play('sqlite', server, browser);

  if (role !== 'case_worker')
    return; // the rest does not depend on the telephone
  /* lists of questions that the program fills in: no telephone gets them */
  const two = /^((?:"(?:[^"]|"")*"|[^,\n]*),(?:"(?:[^"]|"")*"|[^,\n]*)).*$/gm;
  for (const name of readdirSync(join(root, 'catalog'))) {
    const text = name.endsWith('.csv') && !media[name]
      ? readFileSync(join(root, 'catalog', name), 'utf8') : '';

    if (text.startsWith('name,label::'))
      media[name] = text.replace(two, '$1').replace(/^.*$/m, 'name,label');
  }
  for (const name of never) {
    const loaded = await load(phone, name, run(['form', 'xml',
      join(root, 'forms', `${name}.csv`)]), media);
    ok(!loaded.error, `${name}: the engine reads it, too`, loaded.error);
  }
  if (existsSync(wasm) && existsSync(native)) {
    let count = 0;
    for (const name of shipped)
      count += await second_opinion(phone, join(root, 'forms', `${name}.csv`),
                                    name, media);
    console.log(`# ${count} opinions of ${shipped.length} forms compared`);
  } else {
    ok(true, 'a second opinion # SKIP form.wasm or form_verify is not built');
  }
  if (process.env.COBIJO_TEST_PG) {
    const other = await serve({ store: process.env.COBIJO_TEST_PG,
                                forms: { 'all.csv': all } });
    await play('postgresql', other, browser);
    is(await other.stop(), 0, 'postgresql: the server ends well');
  } else {
    ok(true, 'postgresql # SKIP COBIJO_TEST_PG is not set');
  }
}, { forms: { 'all.csv': all } });
