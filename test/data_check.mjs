// SPDX-License-Identifier: AGPL-3.0-or-later
// data_check.mjs - reads forms/*.csv and catalog/*.csv as plain tables and
// checks every reference between them, then tries the screening rules on the
// cases of screening_cases.json with a small evaluator of its own, so that a
// mistake in the data is not hidden by a mistake in the program.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ES = 'Español (es)', EN = 'English (en)';
let count = 0;

function ok(problems, name) {
  count++;
  console.log(`${problems.length ? 'not ok' : 'ok'} ${count} - ${name}`);
  for (const problem of problems.slice(0, 20)) console.log(`#   ${problem}`);
}

// -- reading -----------------------------------------------------------

function parseCsv(text) {
  const rows = [];
  let row = [], cell = '', quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; }
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') { row.push(cell); cell = ''; }
    else if (c === '\n') { row.push(cell); rows.push(row); row = []; cell = ''; }
    else cell += c;
  }
  if (cell || row.length) { row.push(cell); rows.push(row); }
  return rows;
}

function readTable(name) {
  const [head, ...rows] = parseCsv(readFileSync(join(root, 'catalog', name + '.csv'), 'utf8'));
  const wide = rows.filter((r) => r.length !== head.length).length;
  return { name, head, wide,
           rows: rows.map((r) => Object.fromEntries(head.map((h, i) => [h, r[i] ?? '']))) };
}

function readForm(file) {
  const form = { file, survey: [], choices: [], settings: [], heads: {}, trouble: [] };
  let sheet = null, head = null;
  parseCsv(readFileSync(join(root, 'forms', file), 'utf8')).forEach((cells, at) => {
    if (cells.every((c) => !c)) return;
    if (cells[0]) {
      if (!(cells[0] in form)) form.trouble.push(`row ${at + 1}: sheet ${cells[0]}`);
      sheet = cells[0]; head = null;
      return;
    }
    if (!head) { head = cells; form.heads[sheet] = cells.filter(Boolean); return; }
    const row = { row: at + 1 };
    cells.forEach((c, i) => {
      if (!i) return;
      if (c && !head[i]) form.trouble.push(`row ${at + 1}: cell without a heading: ${c}`);
      if (head[i]) row[head[i]] = c;
    });
    form[sheet].push(row);
  });
  return form;
}

const tables = Object.fromEntries(readdirSync(join(root, 'catalog'))
  .filter((f) => f.endsWith('.csv')).map((f) => f.slice(0, -4)).map((n) => [n, readTable(n)]));
const forms = Object.fromEntries(readdirSync(join(root, 'forms'))
  .filter((f) => f.endsWith('.csv')).map((f) => [f.slice(0, -4), readForm(f)]));
const codes = (table, column) => new Set(tables[table].rows.map((r) => r[column ?? tables[table].head[0]]));

// -- expressions: the XPath subset that the data uses --------------------

function lex(text) {
  const tokens = [];
  const rule = /\s*(?:(\$\{[^}]+\}|(?:\.\.\/)+\w+(?:\[[^\]]*\])?)|('[^']*'|"[^"]*")|(\d+(?:\.\d+)?)|(<=|>=|!=|[-+*=<>(),|])|(\.\.|\.)|([A-Za-z_][\w:-]*))/y;
  while (text.slice(rule.lastIndex).trim()) {
    const from = rule.lastIndex, m = rule.exec(text);
    if (!m) throw new Error(`at ${from}: ${text.slice(from, from + 20)}`);
    const [, ref, str, num, op, dot, word] = m;
    tokens.push(ref ? ['ref', ref.match(/\w+/)[0]] : str ? ['str', str.slice(1, -1)]
      : num ? ['num', Number(num)] : op ? ['op', op] : dot ? ['dot', dot] : ['word', word]);
  }
  return tokens;
}

const FUNCTIONS = new Set(['selected', 'count-selected', 'not', 'if', 'today', 'now', 'number',
  'substr', 'string-length', 'format-date', 'regex', 'starts-with', 'true', 'coalesce', 'min', 'max',
  'round', 'concat', 'normalize-space', 'count', 'date', 'decimal-date-time']);
const LEVELS = [['or'], ['and'], ['=', '!='], ['<', '>', '<=', '>='], ['+', '-'], ['*', 'div', 'mod']];

function parse(text) {
  const tokens = lex(text);
  let at = 0;
  const is = (kind, value) => tokens[at] && tokens[at][0] === kind && (value === undefined || tokens[at][1] === value);
  const need = (value) => { if (!is('op', value)) throw new Error(`${value} missing in ${text}`); at++; };
  function primary() {
    const [kind, value] = tokens[at] ?? [];
    if (kind === 'ref' || kind === 'str' || kind === 'num' || kind === 'dot') { at++; return [kind, value]; }
    if (is('op', '(')) { at++; const inner = level(0); need(')'); return inner; }
    if (is('op', '-')) { at++; return ['neg', primary()]; }
    if (kind === 'word') {
      at++;
      if (!FUNCTIONS.has(value)) throw new Error(`function ${value}`);
      need('(');
      const args = [];
      if (!is('op', ')')) do { args.push(level(0)); } while (is('op', ',') && ++at);
      need(')');
      return ['call', value, args];
    }
    throw new Error(`unexpected end of ${text}`);
  }
  function level(n) {
    if (n === LEVELS.length) return primary();
    let left = level(n + 1);
    while (tokens[at] && (is('op') || is('word')) && LEVELS[n].includes(tokens[at][1]))
      left = ['bin', tokens[at++][1], left, level(n + 1)];
    return left;
  }
  const tree = level(0);
  if (at < tokens.length) throw new Error(`${tokens[at][1]} is too much in ${text}`);
  return tree;
}

function walk(tree, visit) {
  visit(tree);
  if (tree[0] === 'bin') { walk(tree[2], visit); walk(tree[3], visit); }
  if (tree[0] === 'neg') walk(tree[1], visit);
  if (tree[0] === 'call') tree[2].forEach((t) => walk(t, visit));
}
function references(tree) {
  const names = [];
  walk(tree, (t) => { if (t[0] === 'ref') names.push(t[1]); });
  return names;
}
const day = /^\d{4}-\d\d-\d\d$/; // a day is a number of days
const num = (v) => (v === true ? 1 : v === false ? 0 : v === '' ? NaN : day.test(v) ? Date.parse(v) / 864e5 : Number(v));
const bool = (v) => (typeof v === 'number' ? v !== 0 && !isNaN(v) : typeof v === 'string' ? v !== '' : v);
const has = (list, item) => item !== '' && String(list).split(' ').includes(String(item));
function run(tree, get) {
  const [kind, a, b, c] = tree;
  if (kind === 'ref') return get(a);
  if (kind === 'dot') return get('.');
  if (kind === 'str' || kind === 'num') return a;
  if (kind === 'neg') return -num(run(a, get));
  if (kind === 'call') {
    const v = b.map((t) => run(t, get));
    switch (a) {
      case 'selected': return has(v[0], v[1]);
      case 'count-selected': return v[0] === '' ? 0 : v[0].split(' ').length;
      case 'not': return !bool(v[0]);
      case 'if': return bool(v[0]) ? v[1] : v[2];
      case 'round': return Math.floor(num(v[0]) * 10 ** (v[1] ?? 0) + 0.5) / 10 ** (v[1] ?? 0);
      case 'min': return Math.min(...v.map(num));
      case 'max': return Math.max(...v.map(num));
      case 'concat': return v.join('');
      case 'date': case 'decimal-date-time': return num(v[0]); // whole days
      case 'normalize-space': return String(v[0]).trim().replace(/ +/g, ' ');
      case 'format-date': // as '%Y-%m-%d' has it
        return isNaN(num(v[0])) ? '' : new Date(num(v[0]) * 864e5).toISOString().slice(0, 10);
      case 'starts-with': return String(v[0]).startsWith(v[1]);
      default: throw new Error(`no value for ${a}`);
    }
  }
  if (a === 'or') return bool(run(b, get)) || bool(run(c, get));
  if (a === 'and') return bool(run(b, get)) && bool(run(c, get));
  const l = run(b, get), r = run(c, get);
  switch (a) {
    case '=': return typeof l === 'string' && typeof r === 'string' ? l === r : num(l) === num(r);
    case '!=': return typeof l === 'string' && typeof r === 'string' ? l !== r : num(l) !== num(r);
    case '<': return num(l) < num(r);
    case '>': return num(l) > num(r);
    case '<=': return num(l) <= num(r);
    case '>=': return num(l) >= num(r);
    case '+': return num(l) + num(r);
    case '-': return num(l) - num(r);
    case '*': return num(l) * num(r);
    case 'div': return num(l) / num(r);
    default: throw new Error(`no value for ${a}`);
  }
}

// -- the forms -----------------------------------------------------------

const KINDS = ['person', 'group', 'arrival', 'journey', 'consent', 'casefile', 'screening', 'flag',
  'profile', 'need', 'service', 'referral', 'followup', 'place', 'tally', 'user', 'import_batch',
  'rights_request', 'erasure', 'organization', 'help_request', 'help_message', 'outreach'];
const TYPES = new Set(['text', 'audio', 'geopoint', 'geoshape', 'integer', 'decimal', 'date',
  'time', 'dateTime', 'select_one',
  'select_multiple', 'select_one_from_file', 'select_multiple_from_file', 'note', 'calculate',
  'hidden', 'begin_group', 'end_group', 'begin_repeat', 'end_repeat']);
const ALLOWED = {
  'bind::cobijo:merge': ['keep_both', 'restrict', 'append', 'highest', 'last'],
  'bind::cobijo:compartment': ['health', 'violence', 'asylum', 'child', 'sogiesc', 'all'],
  'bind::cobijo:class': ['PUB', 'INT', 'PER', 'SEN'],
  'bind::cobijo:search': ['name', 'code', 'phone'],
  'bind::cobijo:list': ['yes'], 'bind::cobijo:system': ['yes'], 'bind::cobijo:ref': KINDS,
};

ok(KINDS.filter((k) => !forms[k]), 'every record kind has a form');

for (const [kind, form] of Object.entries(forms)) {
  const p = [...form.trouble];
  const say = (row, text) => p.push(`row ${row.row}: ${text}`);
  const settings = form.settings[0] ?? {};
  const stack = [{ names: new Set() }];
  const names = new Set(), lists = new Map();

  if (settings.form_id !== kind) p.push('form_id');
  if (!settings.version || !settings['form_title::' + ES] || !settings['form_title::' + EN]) p.push('settings');
  for (const c of form.choices) {
    if (!lists.has(c.list_name)) lists.set(c.list_name, new Set());
    if (lists.get(c.list_name).has(c.name)) say(c, `choice twice: ${c.name}`);
    if (/\s/.test(c.name) || !c.name) say(c, `choice name "${c.name}"`);
    if (!c['label::' + ES] || !c['label::' + EN]) say(c, `choice ${c.name} without label`);
    lists.get(c.list_name).add(c.name);
  }
  for (const q of form.survey) {
    const [type, list] = q.type.split(' ');
    if (!TYPES.has(type)) say(q, `type ${q.type}`);
    if (type.startsWith('end_')) {
      if (stack.pop().type !== type.slice(4)) say(q, q.type);
      continue;
    }
    if (!/^[a-z][a-z0-9_]*$/.test(q.name)) say(q, `name ${q.name}`);
    // names are unique in the form outside repeats, and within each repeat
    const scope = stack[stack.length - 1].names;
    if (scope.has(q.name)) say(q, `${q.name} twice`);
    scope.add(q.name);
    names.add(q.name);
    if (type === 'begin_group') stack.push({ type: 'group', names: scope });
    if (type === 'begin_repeat') stack.push({ type: 'repeat', names: new Set() });
    if (!['calculate', 'hidden'].includes(type)) {
      if (!q['label::' + ES] || !q['label::' + EN]) say(q, `${q.name} without label`);
    }
    for (const column of ['hint', 'constraint_message', 'required_message'])
      if (!q[`${column}::${ES}`] !== !q[`${column}::${EN}`]) say(q, `${q.name}: ${column} in one language`);
    if (q.constraint && !q['constraint_message::' + ES]) say(q, `${q.name}: constraint without message`);
    if (/^select_(one|multiple)$/.test(type) && !lists.has(list)) say(q, `list ${list}`);
    if (type.endsWith('_from_file') && !tables[list.replace('.csv', '')]) say(q, `file ${list}`);
    for (const [column, values] of Object.entries(ALLOWED))
      if (q[column] && !values.includes(q[column])) say(q, `${column} ${q[column]}`);
    if (type.startsWith('select') && q.default && !q.default.includes('(')) {
      const known = lists.get(list) ?? codes(list.replace('.csv', ''));
      for (const word of q.default.split(' ')) if (!known.has(word)) say(q, `default ${word}`);
    }
  }
  if (stack.length !== 1) p.push('a group or repeat stays open');
  for (const q of form.survey)
    for (const column of ['relevant', 'constraint', 'required', 'calculation', 'choice_filter']) {
      if (!q[column]) continue;
      try {
        const text = column === 'choice_filter' ? q[column].replace(/\b(country|indigenous)\b(?! *['(])/g, "''") : q[column];
        for (const name of references(parse(text)))
          if (!names.has(name)) say(q, `${column} refers to ${name}`);
        // A literal compared with a select must be one of its choices.
        for (const [, name, value] of q[column].matchAll(/\$\{(\w+)\} = '([^']+)'/g)) {
          const other = form.survey.find((o) => o.name === name);
          const list = other?.type.match(/^select_\w+ (\S+)$/)?.[1];
          if (!list) continue;
          const known = lists.get(list) ?? codes(list.replace('.csv', ''));
          if (!known.has(value)) say(q, `${column}: ${name} has no choice ${value}`);
        }
        for (const [, name, value] of q[column].matchAll(/selected\(\$\{(\w+)\}, '([^']+)'\)/g)) {
          const list = form.survey.find((o) => o.name === name)?.type.match(/^select_\w+ (\S+)$/)?.[1];
          const known = list && (lists.get(list) ?? codes(list.replace('.csv', '')));
          if (known && !known.has(value)) say(q, `${column}: ${name} has no choice ${value}`);
        }
      } catch (error) { say(q, `${column}: ${error.message}`); }
    }
  if (settings['cobijo:subject'] && settings['cobijo:subject'] !== 'self' && !names.has(settings['cobijo:subject']))
    p.push('cobijo:subject');
  ok(p, `form ${kind}: ${form.survey.length} rows`);
}

// -- the catalogue ---------------------------------------------------------

// A seat lies in its state: in the box around the state's (rough) border.
{
  const p = [], box = {};
  for (const { name, shape } of tables.admin1_shape.rows) {
    const points = shape.split(/[ |]/).map((text) => text.split(',').map(Number));
    box[name] = [0, 1].map((i) => points.map((point) => point[i]))
      .map((list) => [Math.min(...list) - 0.1, Math.max(...list) + 0.1]);
  }
  const placed = tables.municipality.rows.filter((row) => row.lat);
  for (const { name, admin1, lat, lon } of placed)
    if (![lat, lon].every((n, i) => Number(n) >= box[admin1][i][0]
        && Number(n) <= box[admin1][i][1])) p.push(`${name} is not in ${admin1}`);
  if (placed.length < 2000) p.push('seats are missing');
  ok(p, `catalog municipality: ${placed.length} seats in their states`);
}

for (const table of Object.values(tables)) {
  const p = [];
  if (table.wide) p.push(`${table.wide} rows of another width`);
  if (new Set(table.head).size !== table.head.length) p.push('heading twice');
  // municipality: names of places, the same in every language
  const pairs = table.name === 'municipality' ? []
    : table.head.filter((h) => h.endsWith('::' + ES)).map((h) => h.slice(0, -ES.length));
  for (const pair of pairs) {
    if (!table.head.includes(pair + EN)) p.push(`${pair}${EN} is missing`);
    for (const row of table.rows)
      if (!row[pair + ES] !== !row[pair + EN]) p.push(`${Object.values(row)[0]}: ${pair} in one language`);
  }
  if (['name', 'code', 'id', 'band', 'heading', 'nickname'].includes(table.head[0])
      && !['index', 'pathway', 'demo_name'].includes(table.name)) {
    const seen = new Set();
    for (const row of table.rows) {
      const key = row[table.head[0]];
      const further = table.name === 'indicator' && seen.has(key) && !row['label::' + ES];
      if (!key || (seen.has(key) && !further)) p.push(`twice or empty: ${key}`);
      seen.add(key);
    }
  }
  ok(p, `catalog ${table.name}: ${table.rows.length} rows`);
}

const inTable = (table, values, where) => {
  const known = codes(table);
  return values.filter((v) => v && !known.has(v)).map((v) => `${where}: no ${table} ${v}`);
};
const words = (text) => text.split(' ').filter(Boolean);
const choice = (kind, list) => new Set(forms[kind].choices.filter((c) => c.list_name === list).map((c) => c.name));
const same = (a, b) => [...a].every((x) => b.has(x)) && a.size === b.size;

ok([
  ...tables.pathway.rows.flatMap((r) => [
    ...inTable('place_type', [r.place_type], r.code), ...inTable('service', [r.service_code], r.code),
    ...(codes('profile').has(r.code) || codes('flag').has(r.code) || choice('need', 'sector').has(r.code)
      ? [] : [`pathway of ${r.code}`]),
    ...(['yes', 'no', 'opinion', 'vital'].includes(r.consent) ? [] : [`${r.code}: consent ${r.consent}`])]),
  ...[...codes('profile'), ...codes('flag'), ...choice('need', 'sector')]
    .filter((c) => !tables.pathway.rows.some((r) => r.code === c)).map((c) => `no pathway for ${c}`),
], 'pathways lead somewhere, from every profile, flag and need');

ok([
  ...tables.block.rows.flatMap((r) => [...inTable('place_type', [r.place_type], r.id),
    ...inTable('profile', words(r.profiles), r.id),
    ...(r.exception_purpose ? inTable('consent_purpose', [r.exception_purpose], r.id) : [])]),
  ...tables.receiver_name.rows.flatMap((r) => [...inTable('place_type', [r.place_type, ...words(r.unless)], r.words),
    ...(/^[a-z0-9]+( [a-z0-9]+)*$/.test(r.words) ? [] : [`${r.words}: not folded`])]),
  ...tables.profile.rows.flatMap((r) => [...inTable('flag', words(r.flags), r.name), ...inTable('profile', [r.parent], r.name),
    ...inTable('place_type', words(r.authority), r.name)]),
  ...tables.service.rows.flatMap((r) => [...inTable('place_type', [r.place_type], r.name),
    ...words(r.sectors).filter((s) => !choice('need', 'sector').has(s)),
    ...(choice('service', 'unit').has(r.unit) ? [] : [`${r.name}: unit ${r.unit}`])]),
  ...tables.flag.rows.flatMap((r) => inTable('urgency', [r.urgency], r.name)),
], 'blocks, profiles, services and flags name what exists');

ok([
  ...tables.role.rows.flatMap((r) => [...inTable('right', words(r.rights), r.name),
    ...words(r.compartments).filter((c) => !ALLOWED['bind::cobijo:compartment'].includes(c))]),
  ...(existsSync(join(root, 'src/domain/access/rights.def'))
    ? [...readFileSync(join(root, 'src/domain/access/rights.def'), 'utf8').matchAll(/RIGHT\(\w+, "([^"]*)"\)/g)]
      .map((m) => m[1]).filter((r) => r && r !== 'login' && !codes('right').has(r)).map((r) => `no row for right ${r}`) : []),
], 'roles name rights and compartments that exist');

ok([
  ...(same(codes('age_band'), choice('person', 'age_band')) ? [] : ['age_band']),
  ...(same(codes('urgency'), choice('flag', 'urgency')) ? [] : ['urgency']),
  ...(same(codes('index_band'), choice('screening', 'index_band')) ? [] : ['index_band']),
  ...Object.values(forms).flatMap((f) => f.choices.filter((c) => ['NA', 'NR', 'ND', 'DK'].includes(c.name))
    .map((c) => `${f.file}: a missing reason is not a choice (${c.name})`)),
], 'lists that stand twice are the same; missing reasons are not choices');

const fold = (t) => t.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim();
{
  const owner = new Map(), p = [];
  for (const r of tables.country.rows) {
    const texts = new Set([r.name, r.iso2, r['label::' + ES], r['label::' + EN], ...r.aliases.split(';')].map(fold).filter(Boolean));
    for (const t of texts) {
      if (owner.has(t)) p.push(`${t}: ${owner.get(t)} and ${r.name}`);
      owner.set(t, r.name);
    }
  }
  if (tables.country.rows.length < 250) p.push('few countries');
  ok(p, 'no written country means two countries');
}
{
  const person = new Set(forms.person.survey.map((q) => q.name));
  const other = new Set(['full_name', 'surnames', 'birth_or_age', 'arrived_on',
    'head_ref', '']);
  const p = [];
  for (const r of tables.import_heading.rows) {
    if (r.heading !== fold(r.heading)) p.push(`${r.heading} is not folded`);
    if (!person.has(r.field) && !other.has(r.field)) p.push(`field ${r.field}`);
  }
  for (const r of tables.import_value.rows) {
    if (r.value !== fold(r.value)) p.push(`${r.value} is not folded`);
    if (r.field === 'sex' && r.value === 'm') p.push('M is ambiguous and is never mapped here');
    const list = forms.person.survey.find((q) => q.name === r.field)?.type.split(' ')[1];
    if (list && !choice('person', list).has(r.code)) p.push(`${r.field}: ${r.code}`);
  }
  ok(p, 'import words lead to fields and codes that exist');
}
{
  const p = [];
  for (const r of tables.holiday.rows) {
    const d = new Date(r.date + 'T00:00:00Z');
    if (isNaN(d) || d.toISOString().slice(0, 10) !== r.date) p.push(r.date);
    if (/observed/.test(r['label::' + EN]) && d.getUTCDay() !== 1) p.push(`${r.date} is no Monday`);
  }
  for (let y = 2024; y <= 2030; y++)
    if (tables.holiday.rows.filter((r) => r.date.startsWith(String(y)) && r.basis.includes('LFT')).length < 7) p.push(`few rest days in ${y}`);
  ok(p, 'holidays are real dates, seven rest days a year or more');
}
ok([
  ...['REG-01', 'REG-02', 'REG-03', 'REG-04', 'REG-05', 'REG-06', 'ASI-01', 'ASI-02', 'ASI-03', 'ASI-04',
    'ASI-05', 'ASI-06', 'ASI-07', 'ASI-08'].filter((c) => !codes('indicator').has(c)),
  ...tables.demo_place.rows.flatMap((r) => [...inTable('place_type', [r.place_type], r.name),
    ...inTable('service', words(r.services), r.name), ...inTable('language', words(r.languages), r.name),
    ...(r.phone && !/555 555|^911$|^800 5533 000$|^800 226 87 69$/.test(r.phone) ? [`${r.name}: ${r.phone}`] : []),
    ...(/^\+52 555/.test(r.phone) && !r.name.includes('(ejemplo)') ? [r.name] : [])]),
  ...tables.demo_name.rows.flatMap((r) => inTable('country', [r.country], r.name)),
  ...tables.notice.rows.filter((r) => !existsSync(join(root, 'catalog', r.file))).map((r) => r.file),
], 'indicators, examples and notices');

// -- the screening -----------------------------------------------------------

const survey = forms.screening.survey;
const byName = new Map();
{
  const above = [];
  for (const q of survey) {
    if (q.type.startsWith('end_')) { above.pop(); continue; }
    q.above = [...above];
    byName.set(q.name, q);
    if (q.type.startsWith('begin_')) above.push(q);
  }
}
const context = codes('context');
const when = (row) => (row.tree ??= parse(row.when));
{
  const p = [];
  for (const r of tables.sign.rows) {
    try {
      for (const name of references(when(r))) if (!byName.has(name)) p.push(`${r.code}: ${name}`);
      for (const name of words(r.question)) if (!byName.has(name)) p.push(`${r.code}: question ${name}`);
      for (const name of words(r.opened_by)) if (!byName.has(name)) p.push(`${r.code}: opened_by ${name}`);
      for (const [, name, value] of r.when.matchAll(/\$\{(\w+)\} = '([^']+)'|selected\(\$\{(\w+)\}, '([^']+)'\)/g)) void name, value;
      for (const m of r.when.matchAll(/(?:\$\{(\w+)\} = |selected\(\$\{(\w+)\}, )'([^']+)'/g)) {
        const list = byName.get(m[1] ?? m[2])?.type.match(/^select_\w+ (\S+)$/)?.[1];
        if (list && !list.endsWith('.csv') && !choice('screening', list).has(m[3])) p.push(`${r.code}: ${m[1] ?? m[2]} has no ${m[3]}`);
      }
      // Nothing answered: no sign may be there.
      if (bool(run(when(r), () => ''))) p.push(`${r.code} is there without any answer`);
    } catch (error) { p.push(`${r.code}: ${error.message}`); }
  }
  for (const name of context) if (byName.get(name)?.type !== 'hidden') p.push(`context ${name} is no hidden question`);
  ok(p, `signs: ${tables.sign.rows.length}, each absent without answers`);
}
{
  const p = [], known = codes('sign');
  for (const r of tables.rule.rows) {
    try {
      for (const name of references(when(r))) if (!known.has(name)) p.push(`${r.id}: sign ${name}`);
      if (/not\(|!=|'no'|<|-/.test(r.when)) p.push(`${r.id} is not monotone`);
      if (!(r.kind === 'flag' ? codes('flag') : codes('profile')).has(r.code)) p.push(`${r.id}: ${r.code}`);
      if (r.kind === 'profile' && !['indicios', 'presumed'].includes(r.state)) p.push(`${r.id}: ${r.state}`);
      if (!codes('urgency').has(r.urgency)) p.push(`${r.id}: ${r.urgency}`);
    } catch (error) { p.push(`${r.id}: ${error.message}`); }
  }
  for (const c of codes('flag')) if (!tables.rule.rows.some((r) => r.kind === 'flag' && r.code === c)) p.push(`no rule for ${c}`);
  for (const c of codes('profile')) if (!tables.rule.rows.some((r) => r.kind === 'profile' && r.code === c)) p.push(`no rule for ${c}`);
  for (const r of tables.sign.rows) if (!tables.rule.rows.some((x) => x.when.includes(`{${r.code}}`)) && !['N2', 'N3', 'N6', 'N8', 'S10'].includes(r.code)) p.push(`sign ${r.code} is in no rule`);
  ok(p, `rules: ${tables.rule.rows.length}, monotone, for every flag and profile`);
}
ok(tables.index.rows.flatMap((r) => {
  try {
    return [...references(when(r)).filter((n) => !byName.has(n)).map((n) => `${r.code}: ${n}`),
      ...(['risk', 'protective'].includes(r.polarity) && r.intensity >= 1 && r.intensity <= 3 ? [] : [r.code])];
  } catch (error) { return [`${r.code}: ${error.message}`]; }
}), 'index factors');

// What the program does, in short: see domain/casework/screening.h.
function screen(test) {
  const given = { ...test.context, ...test.answers };
  const default_ = (q) => (q.default && !q.default.includes('(') ? q.default : '');
  const asked = (name, seen = new Set()) => {
    if (seen.has(name)) throw new Error(`circle at ${name}`);
    seen.add(name);
    const q = byName.get(name);
    return [...q.above, q].every((x) => !x.relevant || bool(run(x.relevantTree ??= parse(x.relevant), (n) => get(n, new Set(seen)))));
  };
  const get = (name, seen) => {
    const q = byName.get(name);
    if (q.calculation) return String(run(parse(q.calculation), (n) => get(n, seen)));
    const value = given[name] ?? default_(q);
    return q.type === 'hidden' || value === '' || asked(name, seen) ? value : '';
  };
  const unknown = (name) => get(name) === '' && test.na?.includes(name) !== true && asked(name);
  const state = {};
  for (const r of tables.sign.rows) {
    const own = words(r.question);
    state[r.code] = bool(run(when(r), (n) => get(n))) ? 'yes'
      : own.some(unknown) || (!own.some((n) => asked(n)) && words(r.opened_by).some(unknown)) ? 'unknown' : 'no';
  }
  const result = { fired: new Set(), pending: new Set(), state, wrong: [] };
  for (const [name] of Object.entries(test.answers))
    if (!byName.has(name)) result.wrong.push(`no question ${name}`);
    else if (!asked(name)) result.wrong.push(`${name} would not be asked`);
  const name = (r) => (r.kind === 'flag' ? r.code : `${r.code}:${r.state}`);
  for (const r of tables.rule.rows)
    if (bool(run(when(r), (n) => (state[n] === 'yes' ? 'yes' : 'no')))) result.fired.add(name(r));
  for (const r of tables.rule.rows)
    if (!result.fired.has(name(r)) && bool(run(when(r), (n) => (state[n] === 'no' ? 'no' : 'yes')))) result.pending.add(name(r));
  return result;
}

const cases = JSON.parse(readFileSync(join(root, 'test/screening_cases.json'), 'utf8'));
const covered = new Set();
for (const test of cases) {
  const p = [];
  let result;
  try { result = screen(test); } catch (error) { ok([error.message], `case: ${test.name}`); continue; }
  p.push(...result.wrong);
  for (const want of test.fired ?? []) if (!result.fired.has(want)) p.push(`${want} did not fire; fired: ${[...result.fired].join(' ')}`);
  for (const not of test.not ?? []) if (result.fired.has(not)) p.push(`${not} fired`);
  for (const want of test.pending ?? []) if (!result.pending.has(want)) p.push(`${want} is not pending; pending: ${[...result.pending].join(' ')}`);
  for (const not of test.settled ?? []) if (result.pending.has(not)) p.push(`${not} is pending`);
  if (test.only && [...result.fired].sort().join(' ') !== [...test.only].sort().join(' ')) p.push(`fired: ${[...result.fired].join(' ')}`);
  for (const f of [...(test.fired ?? []), ...(test.only ?? [])]) covered.add(f.split(':')[0]);
  ok(p, `case: ${test.name}`);
}
ok([...codes('flag'), ...codes('profile')].filter((c) => !covered.has(c)), 'every flag and profile has a case');

// -- instruments: the worked examples, with the evaluator above -----------

function calculated(form, answers) {
  const above = [], questions = new Map(), value = new Map();
  for (const q of form.survey) {
    if (/^begin/.test(q.type)) { above.push(q); continue; }
    if (/^end/.test(q.type)) { above.pop(); continue; }
    questions.set(q.name, { ...q, above: [...above] });
  }
  const get = (name) => {
    if (value.has(name)) return value.get(name);
    const q = questions.get(name);
    if (!q) throw new Error(`no question ${name}`);
    const asked = [...q.above, q].every((x) => !x.relevant || bool(run(parse(x.relevant), get)));
    let result = !asked ? '' : q.calculation ? run(parse(q.calculation), get) : answers[name] ?? '';
    if (result === true || result === false || Number.isNaN(result)) result = Number.isNaN(result) ? '' : String(result);
    value.set(name, String(result));
    return value.get(name);
  };
  for (const q of Object.keys(answers)) if (!questions.has(q)) throw new Error(`no question ${q}`);
  return { get, scores: [...questions.values()].filter((q) => q['bind::cobijo:score'] && !['review', 'occasion'].includes(q['bind::cobijo:score'])) };
}

for (const file of readdirSync(join(root, 'test/instruments')).filter((f) => f.endsWith('.json'))) {
  const name = file.slice(0, -5), p = [];
  try {
    const { synthetic, answers, expected } = JSON.parse(readFileSync(join(root, 'test/instruments', file), 'utf8'));
    const { get, scores } = calculated(forms[name], answers);
    if (!synthetic) p.push('does not say that it is invented');
    for (const q of scores) {
      const [role, of = ''] = q['bind::cobijo:score'].split(':');
      const want = role === 'subtotal' ? expected.subtotals[of] : role === 'level' ? expected.levels[of] : expected[role];
      if (get(q.name) !== String(want ?? '')) p.push(`${q.name}: ${get(q.name)}, wanted ${want}`);
    }
    ok(p, `instrument ${name}: ${scores.length} scores of its example`);
  } catch (error) { ok([error.message], `instrument ${name}`); }
}

// -- classes of keys ---------------------------------------------------

{
  const p = [], seen = new Set();
  const classes = ['identity', 'story', 'health', 'legal', 'contact', 'other'];
  for (const r of tables.class.rows) {
    const key = [r.kind, r.compartment, r.question].join('/');
    if (seen.has(key)) p.push(`${key} twice`);
    seen.add(key);
    if (!classes.includes(r.class)) p.push(`${key}: class ${r.class}`);
    if (!['', 'record', 'site'].includes(r.key)) p.push(`${key}: key ${r.key}`);
    if (r.kind === '*') continue;
    if (!forms[r.kind]) p.push(`no form ${r.kind}`);
    else if (r.question && !forms[r.kind].survey.some((q) => q.name === r.question)) p.push(`${key}: no such question`);
    if (!tables.class.rows.some((o) => o.kind === r.kind && !o.question)) p.push(`${r.kind}: no row of the kind`);
  }
  ok(p, 'classes of keys name kinds and questions that there are');
}

// -- what people should know -------------------------------------------------

{
  const p = [], five = ['es', 'en', 'fr', 'pt', 'ht'];
  const said = (table, column) => {
    for (const [i, r] of tables[table].rows.entries())
      for (const code of five) {
        const key = Object.keys(r).find((k) => k.startsWith(`${column}::`) && k.endsWith(`(${code})`));
        if (!key || !r[key]) p.push(`${table} ${i + 1}: no ${column} in ${code}`);
      }
  };
  said('topic', 'label'); said('emergency_number', 'label');
  for (const column of ['label', 'needs', 'warning']) said('remittance', column);
  for (const r of tables.emergency_number.rows) {
    if (!tables.country.rows.some((c) => c.name === r.country)) p.push(`${r.id}: country ${r.country}`);
    if (!/^[0-9][0-9 ]*$/.test(r.number)) p.push(`${r.id}: number ${r.number}`);
    if (!r.source) p.push(`${r.id}: no source`);
  }
  for (const r of tables.topic.rows)
    if (r.data && !tables[r.data]) p.push(`${r.name}: table ${r.data}`);
  for (const r of tables.remittance.rows) {
    const fees = Object.keys(r).filter(key => key.startsWith('fee::') && r[key]).length;

    if (fees && (fees !== 5 || !r.as_of || !r.fee_source || !r.source))
      p.push(`${r.id}: a cost without its day, its source or a language`);
  }
  if (tables.remittance.rows.filter(r => r['fee::Español (es)']).length < 3) p.push('no costs');
  ok(p, 'topics, numbers and ways of sending money, with what they cost, in five languages');
}

console.log(`1..${count}`);
