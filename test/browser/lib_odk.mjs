/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib_odk.mjs - runs in Chromium: the engine of ODK Web Forms as somebody
 * uses it. Loads an XForm with its files, walks what is asked, fills it by
 * type from a seed, and says what it would send.
 */
import * as engine from './engine.js';

/* --- chance, from a seed ----------------------------------------------------- */

function chance(seed) {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
  for (let i = 0; i < 8; i++)
    next();
  const below = n => Math.floor(next() * n);
  return { next, below, pick: list => list[below(list.length)] };
}

/* --- a form -------------------------------------------------------------------- */

/* media: file name -> text. */
export async function load(xml, media) {
  const missing = [];
  const loaded = await engine.loadForm(xml, {
    fetchFormAttachment: async resource => {
      const name = decodeURIComponent(String(resource).split('/').pop());
      if (!(name in media)) {
        missing.push(String(resource));
        return new Response('', { status: 404 });
      }
      return new Response(media[name], {
        status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' } });
    },
    missingResourceBehavior: 'ERROR',
  });

  if (loaded.status === 'failure')
    throw new Error(`${loaded.error}${loaded.error.cause
      ? ` (${loaded.error.cause})` : ''} ${missing.join(' ')}`);
  return loaded;
}

const leaf = node => node.currentState.children === null;

export function* nodes(node) {
  for (const child of node.currentState.children || []) {
    yield child;
    yield* nodes(child);
  }
}

/* --- answers --------------------------------------------------------------------- */

const texts = ['Casa de prueba', 'Ñandú inventado', 'uno & dos <tres> «cuatro»',
               '"comillas", coma', 'Zoë 日本 🙂', 'línea una\nlínea dos',
               '+504 9999-0000', 'prueba@example.org', '12', '2020', 'A-1',
               'Sol', '0801-1990-00001', 'x', 'https://example.org/a', '20'];

const two = number => String(number).padStart(2, '0');

function day(random) {
  const when = new Date(Date.now() - 6 * 3600 * 1000 -
    random.below(900) * 86400000);
  return when.toISOString().slice(0, 10);
}

function future(random) {
  const when = new Date(Date.now() + (1 + random.below(60)) * 86400000);
  return when.toISOString().slice(0, 10);
}

/* What one might write there, as the engine takes it. */
function guess(node, random, attempt) {
  const clock = `${two(random.below(24))}:${two(random.below(60))}:${
    two(random.below(60))}.000-06:00`;

  switch (node.valueType) {
  case 'int':
    return BigInt(random.pick([random.below(4), random.below(10),
                               random.below(100), random.below(1000),
                               1950 + random.below(90)]));
  case 'decimal':
    return random.pick([random.below(20), random.below(1000) / 8,
                        random.below(100000) / 100]);
  case 'date':
    return attempt > 3 && random.below(2) ? future(random) : day(random);
  case 'time':
    return clock;
  case 'dateTime':
    return `${day(random)}T${clock}`;
  case 'geopoint':
    return { latitude: (random.below(18000) - 9000) / 100,
             longitude: (random.below(36000) - 18000) / 100,
             altitude: random.below(2000), accuracy: 4.5 };
  case 'geotrace':
    return '14.1 -87.2 0 0;14.2 -87.3 10 1';
  case 'geoshape':
    return '14.1 -87.2 0 0;14.2 -87.3 0 0;14.3 -87.1 0 0;14.1 -87.2 0 0';
  default:
    return random.pick(texts);
  }
}

function shuffled(list, random) {
  const rest = [...list], out = [];
  while (rest.length)
    out.push(...rest.splice(random.below(rest.length), 1));
  return out;
}

function some(values, random, attempt) {
  const most = Math.min(values.length, attempt > 4 ? 1 : 3);
  return shuffled(values, random).slice(0, 1 + random.below(most));
}

function put(node, random, attempt) {
  const options = (node.currentState.valueOptions || []).map(one => one.value);

  switch (node.nodeType) {
  case 'input':
    node.setValue(guess(node, random, attempt));
    break;
  case 'range': {
    const { start: min, step, end: max } = node.definition.bounds;
    const at = random.below(Math.floor((Number(max) - Number(min)) /
                                       Number(step)) + 1);
    const value = Number(min) + at * Number(step);
    node.setValue(node.valueType === 'int' ? BigInt(value) : value);
    break;
  }
  case 'select':
    if (!options.length)
      return false;
    if (node.selectType === 'select')
      node.selectValues(some(options, random, attempt));
    else
      node.selectValue(random.pick(options));
    break;
  case 'rank':
    node.setValues(shuffled(options, random));
    break;
  case 'trigger':
    node.setValue(true);
    break;
  case 'upload': {
    const bytes = new Uint8Array(100 + random.below(4000));
    for (let i = 0; i < bytes.length; i++)
      bytes[i] = random.below(256);
    node.setValue(new File([bytes], `hecho-${random.below(1e9)}.jpg`,
                           { type: 'image/jpeg' }));
    break;
  }
  default:
    return false;
  }
  return true;
}

function clear(node) {
  if (node.nodeType === 'select')
    node.selectValues([]);
  else if (node.nodeType === 'rank')
    node.setValues([]);
  else if (node.nodeType === 'trigger')
    node.setValue(false);
  else if (node.nodeType === 'input')
    node.setValue(node.valueType === 'string' ? '' : null);
  else
    node.setValue(null);
}

const asked = node => leaf(node) && node.currentState.relevant &&
  !node.currentState.readonly && node.nodeType !== 'model-value' &&
  node.nodeType !== 'note';

function answer(node, random) {
  for (let attempt = 0; attempt < 40; attempt++) {
    if (!put(node, random, attempt))
      return;
    if (!node.validationState.violation)
      return;
  }
  clear(node);
}

/* Every question that makes sense, again and again, as answers make others
 * make sense. share: how many of those that may stay empty are answered. */
export function fill(root, seed, share = 0.7) {
  const random = chance(seed), met = new Set(), gone = new Set();
  let fresh = true;

  for (let pass = 0; fresh && pass < 12; pass++) {
    fresh = false;
    for (const node of [...nodes(root)]) {
      if (gone.has(node.nodeId) || met.has(node.nodeId) ||
          !node.currentState.relevant)
        continue;
      if (node.nodeType === 'repeat-range:uncontrolled') {
        const wanted = random.below(4);
        const there = node.currentState.children.length;
        met.add(node.nodeId);
        fresh = true;
        if (wanted > there)
          node.addInstances(there - 1, wanted - there);
        else if (wanted < there) {
          for (const row of node.currentState.children.slice(wanted))
            for (const inner of [row, ...nodes(row)])
              gone.add(inner.nodeId);
          node.removeInstances(wanted, there - wanted);
        }
        continue;
      }
      if (!asked(node))
        continue;
      met.add(node.nodeId);
      fresh = true;
      if (node.currentState.required || random.next() < share)
        answer(node, random);
    }
  }
  for (let pass = 0; pass < 8; pass++) {
    const wrong = [...nodes(root)].filter(node => asked(node) &&
                                          node.validationState.violation);
    if (!wrong.length)
      break;
    for (const node of wrong)
      answer(node, random);
  }
}

export function violations(root) {
  return root.validationState.violations.map(one => `${one.reference}: ${
    one.violation.condition} ${one.violation.message?.asString || ''}`);
}

/* Anything anywhere, right or wrong: for a second opinion. */
export function scatter(root, seed) {
  const random = chance(seed), met = new Set();

  for (let pass = 0; pass < 3; pass++)
    for (const node of [...nodes(root)]) {
      if (met.has(node.nodeId))
        continue;
      if (node.nodeType === 'repeat-range:uncontrolled') {
        met.add(node.nodeId);
        if (node.currentState.children.length < 2)
          node.addInstances(node.currentState.children.length - 1,
                            1 + random.below(2));
      } else if (asked(node)) {
        met.add(node.nodeId);
        if (random.next() < 0.75)
          put(node, random, 5);
      }
    }
}

/* What the engine makes of each question. */
export function opinion(root) {
  const out = [];
  for (const node of nodes(root)) {
    const state = node.currentState;
    if (!leaf(node))
      continue;
    out.push({
      reference: state.reference, type: node.nodeType,
      relevant: state.relevant, value: state.instanceValue,
      wrong: state.relevant && node.validationState.violation
        ? node.validationState.violation.condition : '',
      ...node.nodeType === 'select'
        ? { options: state.valueOptions.map(one => one.value) } : {},
    });
  }
  return { leaves: out, tree: tree_of(root.instanceState.instanceXML) };
}

/* --- what it sends ---------------------------------------------------------------- */

const hex = async bytes => [...new Uint8Array(
  await crypto.subtle.digest('SHA-256', bytes))]
  .map(byte => two(byte.toString(16))).join('');

/* Rows of elements that repeat, texts of the others: [name, text or list]. */
function tree(element) {
  return [...element.children].map(child => [
    child.localName,
    child.children.length ? tree(child) : child.textContent]);
}

const tree_of = xml => tree(
  new DOMParser().parseFromString(xml, 'text/xml').documentElement);

export async function sends(instance) {
  const payload = await instance.root.prepareInstancePayload({
    payloadType: 'monolithic' });
  const [data] = payload.data;
  const xml = await data.get('xml_submission_file').text();
  const files = {};

  for (const [name, file] of data.entries())
    if (name !== 'xml_submission_file')
      files[name] = await hex(await file.arrayBuffer());
  return { status: payload.status, data, xml, files, tree: tree_of(xml) };
}

export async function post(url, data, extra = {}) {
  for (const [name, value] of Object.entries(extra))
    data.append(name, value);
  const answer = await fetch(url, { method: 'POST', body: data,
                                    headers: { 'X-OpenRosa-Version': '1.0' } });
  return { status: answer.status, text: await answer.text() };
}

/* The same in posts of at most so many bytes: more is to come, and the last. */
export async function in_parts(url, instance, size) {
  const payload = await instance.root.prepareInstancePayload({
    payloadType: 'chunked', maxSize: size });
  const answers = [];

  for (const [i, data] of payload.data.entries())
    answers.push((await post(url, data, i + 1 < payload.data.length
      ? { '*isIncomplete*': 'yes' } : {})).status);
  return { status: payload.status, answers };
}

/* The instance as it was sent, opened to correct it. */
export async function edit(form, data) {
  return form.editInstance({ inputType: 'FORM_INSTANCE_INPUT_RESOLVED',
                             data: [data] });
}

export { engine, chance };

/* Which paths repeat, and which are calculated or never asked. */
export function structure(xml) {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const of = (name, attribute) => [...document.getElementsByTagName(name)]
    .map(one => one.getAttribute(attribute)).filter(Boolean);
  const binds = [...document.getElementsByTagName('bind')];

  return {
    repeats: of('repeat', 'nodeset'),
    asked: ['input', 'select1', 'select', 'upload', 'range', 'trigger',
            'odk:rank'].flatMap(name => of(name, 'ref')),
    types: Object.fromEntries(binds.map(one => [
      one.getAttribute('nodeset'), one.getAttribute('type')])),
    calculated: binds.filter(one => one.getAttribute('calculate'))
      .map(one => one.getAttribute('nodeset')),
  };
}
