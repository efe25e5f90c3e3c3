/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* find.js - what the directory can do with script: the nearest first, with a
 * position rounded to about a kilometre before it leaves the telephone; send a
 * place on; print; a map when asked for; and all of it saved on the telephone,
 * where the same search works without network. Nothing is saved before she
 * says so, and one tap takes it away.
 */
(function () {
'use strict';
var STORE = 'cobijo', KEPT = '/offline/kept', SHELL = '/offline/shell';
var FLAG = { women: 3, lgbt: 8, access: 16, papers: 32, free: 64 };
var PROTECTED = 128, PAUSED = 256, APPROXIMATE = 512, SHOWN = 10;
var LETTERS = 3; // of a word that may stand for something
var APPROXIMATE_KM = 10; // how wide a municipality is taken to be
var root = document.documentElement;
var offline = root.hasAttribute('data-offline');
var form = by('find'), answers = by('answers');
var can = window.isSecureContext && 'serviceWorker' in navigator &&
  'caches' in window;
var kept = null;

function by(id) { return document.getElementById(id); }
function lang() { return root.lang; }

/* node('a', {href: …}, 'text' or nodes…) */
function node(name, attributes) {
  var made = document.createElement(name), i, child;

  Object.keys(attributes || {}).forEach(function (key) {
    if (attributes[key] !== null)
      made.setAttribute(key, attributes[key]);
  });
  for (i = 2; i < arguments.length; i++) {
    child = arguments[i];
    if (child !== null && child !== undefined && child !== '')
      made.append(child);
  }
  return made;
}

/* --- position --------------------------------------------------------------- */

function put_position(lat, lon) {
  [['lat', lat], ['lon', lon]].forEach(function (pair) {
    form.elements[pair[0]].disabled = false;
    form.elements[pair[0]].value = pair[1].toFixed(2);
  });
  by('here').hidden = false;
}

function near() {
  var button = by('near'), said = by('near-said');

  button.setAttribute('aria-busy', 'true');
  navigator.geolocation.getCurrentPosition(function (place) {
    button.removeAttribute('aria-busy');
    put_position(place.coords.latitude, place.coords.longitude);
    form.requestSubmit(form.querySelector('button[type=submit]'));
  }, function () {
    button.removeAttribute('aria-busy');
    said.textContent = said.dataset.refused;
  }, { maximumAge: 300000, timeout: 20000 });
}

/* --- one place ---------------------------------------------------------------- */

function share(event) {
  if (!navigator.share)
    return;
  event.preventDefault();
  navigator.share({ text: event.currentTarget.dataset.text })
    .catch(function () {});
}

/* --- map: its files come when somebody asks for it -------------------------------- */

function script_of(url) {
  return new Promise(function (resolve, reject) {
    var made = node('script', { src: url });

    made.onload = resolve;
    made.onerror = reject;
    document.head.append(made);
  });
}

function open_map(event) {
  var box = by('map'), button = event.currentTarget;

  button.setAttribute('aria-busy', 'true');
  document.head.append(node('link', { rel: 'stylesheet', href: box.dataset.css }));
  script_of(box.dataset.leaflet).then(function () {
    return script_of(box.dataset.map);
  }).then(function () {
    return window.cobijo_places(box, answers);
  }).then(function () {
    button.hidden = true;
  }).catch(function () {
    button.removeAttribute('aria-busy');
  });
}

/* --- what is saved ------------------------------------------------------------------ */

function store() { return caches.open(STORE); }

function read_kept() {
  return caches.match(KEPT, { cacheName: STORE }) /* makes no store */
    .then(function (found) { return found ? found.json() : null; });
}

function write_kept() {
  return standing().then(function (cache) {
    return cache.put(KEPT, new Response(JSON.stringify(kept), {
      headers: { 'Content-Type': 'application/json' } }));
  });
}

function scripts() {
  return Array.prototype.map.call(document.querySelectorAll('script[src]'),
    function (one) { return one.getAttribute('src'); })
    .filter(function (src) { return src.indexOf('/find.js') > 0; });
}

/* The store, while there is one: another tab may have taken it away. */
function standing() {
  return caches.has(STORE).then(function (there) {
    if (!there)
      throw new Error('dropped');
    return store();
  });
}

/* The page without answers, as it is shown without network, and its script;
 * the script of an older one goes. */
function keep_shell() {
  return fetch('/directory?lang=' + kept.lang, {
    headers: { Accept: 'text/html' } }).then(function (page) {
    if (!page.ok)
      throw new Error('no page');
    return Promise.all([standing(), page]);
  }).then(function (both) {
    var cache = both[0];

    return Promise.all([cache.put(SHELL, both[1]), cache.addAll(scripts())])
      .then(function () { return cache.keys(); }).then(function (all) {
        return Promise.all(all.map(function (one) {
          var path = new URL(one.url).pathname;

          return path.indexOf('/asset/') === 0 && scripts().indexOf(path) < 0
            ? cache.delete(one) : null;
        }));
      });
  });
}

function got_json(response) {
  if (!response.ok)
    throw new Error(String(response.status));
  return response.json();
}

function fetch_whole(area) {
  return fetch('/offline/directory?lang=' + lang() +
    (area ? '&area=' + encodeURIComponent(area) : '')).then(got_json);
}

/* What changed goes into what there is; false: they no longer fit together. */
function merge(news) {
  var at = {};

  ['words', 'know', 'alerts'].forEach(function (part) {
    kept[part + '_print'] = news[part + '_print'];
    if (news[part])
      kept[part] = news[part];
  });
  kept.v = news.v;
  kept.made = news.made;
  if (news.whole) {
    kept.places = news.places;
    return true;
  }
  kept.places.forEach(function (row, i) { at[row[0]] = i; });
  news.places.forEach(function (row) {
    if (at[row[0]] === undefined)
      at[row[0]] = kept.places.push(row) - 1;
    else
      kept.places[at[row[0]]] = row;
  });
  kept.places = kept.places.filter(function (row) {
    return news.gone.indexOf(row[0]) < 0;
  });
  return !kept.complete || kept.places.length === news.count;
}

/* What is saved now: another tab may have saved, refreshed or dropped it. */
function refresh() {
  return read_kept().then(function (found) {
    kept = found;
    if (kept)
      return refresh_kept();
    show_kept();
    return null;
  });
}

function refresh_kept() {
  var query = '?lang=' + kept.lang + '&since=' + encodeURIComponent(kept.v) +
    (kept.area ? '&area=' + kept.area : '') + '&words_print=' + kept.words_print +
    '&know_print=' + kept.know_print + '&alerts_print=' + kept.alerts_print;

  return fetch('/offline/changes' + query).then(got_json).then(function (news) {
    if (merge(news))
      return null;
    return fetch_whole(kept.area).then(function (whole) { kept = whole; });
  }).then(write_kept).then(function () {
    var old = kept.script;

    if (offline || scripts()[0] === old)
      return null;
    kept.script = scripts()[0];
    return keep_shell().then(write_kept);
  }).then(show_kept).then(function () { root.dataset.fresh = kept.v; });
}

function show_kept() {
  var date = new Date(kept ? kept.made : 0);

  by('keep-no').hidden = Boolean(kept);
  by('keep-yes').hidden = !kept;
  if (!kept)
    return;
  by('kept').textContent = kept.places.length + ' · ' +
    date.toLocaleDateString(lang()) + ' ' +
    date.toLocaleTimeString(lang(), { hour: '2-digit', minute: '2-digit' });
  if (!document.querySelector('link[rel=manifest]'))
    document.head.append(node('link', { rel: 'manifest',
      href: '/app.webmanifest?lang=' + lang() }));
}

function save() {
  var said = by('keep-said'), where = form.elements.where.value;

  said.textContent = said.dataset.saving;
  fetch_whole(where.split('/')[0]).then(function (whole) {
    kept = whole;
    kept.script = scripts()[0];
    return store();
  }).then(keep_shell).then(write_kept).then(function () {
    return navigator.serviceWorker.register('/sw.js');
  }).then(function () { return navigator.serviceWorker.ready; })
    .then(function () {
      said.textContent = kept.complete ? '' : said.dataset.part;
      show_kept();
      by('drop').focus();
    }).catch(function () {
      said.textContent = said.dataset.failed;
      kept = null;
      caches.delete(STORE);
      show_kept();
    });
}

function drop() {
  kept = null;
  caches.delete(STORE).then(function () {
    return navigator.serviceWorker.getRegistrations();
  }).then(function (all) {
    return Promise.all(all.map(function (one) { return one.unregister(); }));
  }).then(function () {
    delete root.dataset.fresh;
    show_kept();
    by('save').focus();
  });
}

/* --- opening hours, as domain/hours.c reads them -------------------------------------- */

var DAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'];
var DIAS = ['lu', 'ma', 'mi', 'ju', 'vi', 'sa', 'do'];

function day_named(text) {
  var name = text.trim().toLowerCase();

  return Math.max(DAYS.indexOf(name), DIAS.indexOf(name));
}

function days_of(text) {
  var days = [], good = true;

  text.split(',').forEach(function (part) {
    var two = part.split('-'), i = day_named(two[0]);
    var last = day_named(two[two.length - 1]);

    if (i < 0 || last < 0 || two.length > 2) {
      good = false;
      return;
    }
    for (;; i = (i + 1) % 7) {
      days.push(i);
      if (i === last)
        break;
    }
  });
  return good ? days : null;
}

function minute_of(text) {
  var two = /^(\d{1,2}):(\d{2})$/.exec(text.trim());

  return two && Number(two[1]) <= 26 && Number(two[2]) < 60
    ? two[1] * 60 + Number(two[2]) : -1;
}

function spans_of(text) {
  if (/^(off|closed)$/i.test(text))
    return [];
  return text.split(',').map(function (part) {
    var two = part.split('-'), from = minute_of(two[0]);
    var to = minute_of(two[1] || '');

    if (from < 0 || to < 0)
      throw new Error('hours');
    return [from, to <= from ? to + 1440 : to];
  });
}

/* 1 open, 0 closed, -1 not known */
function hours_at(text, day, minute) {
  var week = [[], [], [], [], [], [], []];

  function open_in(spans, at) {
    return spans.some(function (one) { return at >= one[0] && at < one[1]; });
  }

  if (!text.trim())
    return -1;
  try {
    text.split(';').forEach(function (rule) {
      var trimmed = rule.trim(), space = trimmed.indexOf(' '), days;
      var rest = trimmed;

      if (!trimmed)
        return;
      days = days_of(space < 0 ? trimmed : trimmed.slice(0, space));
      if (trimmed === '24/7')
        rest = '00:00-24:00';
      else if (days)
        rest = space < 0 ? '00:00-24:00' : trimmed.slice(space).trim();
      (days || [0, 1, 2, 3, 4, 5, 6]).forEach(function (one) {
        week[one] = spans_of(rest);
      });
    });
  } catch (error) {
    return -1;
  }
  return open_in(week[day], minute) ||
    open_in(week[(day + 6) % 7], minute + 1440) ? 1 : 0;
}

function hours_words(text) {
  var say = kept.words.text;

  if (text.trim() === '24/7')
    return say.day_and_night;
  return text.replace(/[A-Za-z]+/g, function (word) {
    var day = day_named(word);

    return day >= 0 ? say[DAYS[day]]
      : word.toLowerCase() === 'off' ? say.off : word;
  });
}

/* --- the same search, here ---------------------------------------------------------------- */

function fold(text) {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
}

function kilometres(a, b, c, d) {
  var turn = Math.PI / 180, x = Math.sin((c - a) * turn / 2);
  var y = Math.sin((d - b) * turn / 2);

  return 12742 * Math.asin(Math.sqrt(x * x +
    Math.cos(a * turn) * Math.cos(c * turn) * y * y));
}

function place_of(row) {
  var place = {}, now = new Date();

  ['id', 'name', 'type', 'admin1', 'town', 'lat', 'lon', 'flags', 'speaks',
    'hours', 'due', 'needs', 'phones', 'whatsapp', 'address', 'way', 'referred',
    'verified', 'note'].forEach(function (name, i) { place[name] = row[i]; });
  place.kind = kept.words.type[place.type] || '';
  place.name = place.name || place.kind;
  place.located = place.lat !== 0 || place.lon !== 0;
  place.stale = place.due <= Math.floor((now.getTime() -
    now.getTimezoneOffset() * 60000) / 86400000);
  place.open = place.flags & PAUSED ? 0
    : hours_at(place.hours, (now.getDay() + 6) % 7,
               now.getHours() * 60 + now.getMinutes());
  place.km = -1;
  return place;
}

function meets(need, place) {
  return place.needs.split(' ').some(function (code) {
    var row = kept.words.service[code];

    return code === need || row && row[1].split(' ').indexOf(need) >= 0;
  });
}

/* What a word may stand for, in the language of the page: as the server has
 * it (directory/finding_words.c). */
function labels_with(word) {
  var keys = {}, flags = 0, words = kept.words;

  function has(label) {
    return parts(label).some(function (one) { return one.indexOf(word) === 0; });
  }

  function text_beside(field) {
    return field.closest('label').textContent;
  }

  if (word.length < LETTERS)
    return { keys: keys, flags: 0 };
  Object.keys(words.service).forEach(function (code) {
    keys[code] = has(words.service[code][0]);
  });
  Object.keys(words.type).forEach(function (code) {
    keys['=' + code] = has(words.type[code]);
  });
  Object.keys(words.speaks).forEach(function (code) {
    keys['*/' + code] = code !== 'spa' && has(words.speaks[code]);
  });
  form.querySelectorAll('[name=need]').forEach(function (field) {
    keys[field.value] = keys[field.value] || has(text_beside(field));
  });
  Object.keys(FLAG).forEach(function (name) {
    var field = form.elements[name];

    flags = flags || (field && has(text_beside(field)) ? FLAG[name] : 0);
  });
  return { keys: keys, flags: flags };
}

function parts(text) { return fold(text).split(/[^a-z0-9\u0080-\uffff]+/); }

function words_of(text) {
  var all = parts(text).filter(function (one) { return one.length > 1; });
  var longer = all.filter(function (one) {
    return one.length >= LETTERS || /^[0-9]/.test(one);
  });

  return (longer.length ? longer : all).slice(0, 3).map(function (word) {
    var found = labels_with(word);

    found.word = word;
    return found;
  });
}

function has_words(words, place) {
  var text = words.length ? parts(place.name + ' ' + place.town) : [];
  var needs = place.needs.split(' '), speaks = place.speaks.split(' ');

  return words.every(function (one) {
    return text.some(function (own) { return own.indexOf(one.word) === 0; }) ||
      one.flags && (place.flags & one.flags) === one.flags ||
      one.keys['=' + place.type] ||
      speaks.some(function (code) { return one.keys['*/' + code]; }) ||
      needs.some(function (code) {
        var row = kept.words.service[code];

        return one.keys[code] || row && row[1].split(' ').some(function (need) {
          return one.keys[need];
        });
      });
  });
}

function search(asked) {
  var need = asked.service || asked.need || '', where = (asked.where || '').split('/');
  var words = words_of(asked.q || '');
  var here = asked.lat && asked.lon, flags = 0;

  Object.keys(FLAG).forEach(function (name) {
    if (asked[name])
      flags |= FLAG[name];
  });
  return kept.places.map(place_of).filter(function (place) {
    if ((place.flags & flags) !== flags || asked.open && place.open !== 1 ||
        need && !meets(need, place) || where[0] && place.admin1 !== where[0] ||
        where[1] && fold(place.town) !== where[1] ||
        asked.speaks && asked.speaks !== 'spa' &&
        place.speaks.split(' ').indexOf(asked.speaks) < 0 ||
        !has_words(words, place))
      return false;
    if (!here)
      return true;
    if (!place.located)
      return Boolean(place.flags & PROTECTED);
    place.km = kilometres(Number(asked.lat), Number(asked.lon), place.lat, place.lon);
    return true;
  }).sort(function (a, b) {
    function far(one) {
      return one.km < 0 ? 1e9 : one.stale ? one.km * 2 + 5 : one.km;
    }
    return here ? far(a) - far(b)
      : a.stale - b.stale || (fold(a.name) < fold(b.name) ? -1 : 1);
  });
}

/* --- shown ------------------------------------------------------------------------------------ */

function day_words(iso) {
  var part = iso.split('-');

  return part.length === 3 ? part[2] + '/' + part[1] + '/' + part[0] : iso;
}

function km_words(place) {
  var say = kept.words.text, km = place.km;

  if (km < 0)
    return '';
  if (place.flags & APPROXIMATE)
    return km < APPROXIMATE_KM ? say.area
      : say.about.replace('{1}', km.toFixed(0));
  return km < 1 ? say.near
    : say.km.replace('{1}', km < 10 ? km.toFixed(1) : km.toFixed(0));
}

function dialled(number) { return number.replace(/(?!^\+)[^0-9]/g, ''); }

function phones_of(place) {
  var list = node('ul', { 'class': 'calls' }), chat = dialled(place.whatsapp);

  place.phones.split(';').forEach(function (number) {
    if (number)
      list.append(node('li', {}, node('a', { href: 'tel:' + dialled(number) },
        node('b', {}, number))));
  });
  if (chat.length > 9)
    list.append(node('li', {}, node('a', { rel: 'noreferrer nofollow',
      href: 'https://wa.me/' + (chat[0] === '+' ? chat.slice(1)
        : chat.length === 10 ? '52' + chat : chat) }, node('b', {}, 'WhatsApp'))));
  return list;
}

function line(label, text) {
  return text ? node('p', {}, node('b', {}, label), ' ', text) : null;
}

/* An organization's own words. */
function theirs(text) { return text ? node('span', { lang: 'es' }, text) : null; }

function card(place) {
  var say = kept.words.text;
  var open = ['no', 'yes'][place.open] || 'unknown';
  var text = place.flags & PAUSED ? say.paused
    : place.open === 1 ? say.open : place.open === 0 ? say.closed : say.unsure;
  var where = [place.town, kept.words.admin1[place.admin1]].filter(Boolean).join(', ');
  var offers = place.needs.split(' ').map(function (code) {
    return (kept.words.service[code] || [''])[0];
  }).filter(Boolean).slice(0, 6).join(' · ');

  return node('li', { 'class': 'place', 'data-id': place.id },
    node('h3', {}, node('a', { href: '/directory/' + place.id + '?lang=' + kept.lang },
      place.name)),
    node('p', {}, node('b', { 'class': 'open ' + open }, text),
      [km_words(place), place.kind === place.name ? '' : place.kind, where]
        .filter(Boolean).map(function (one) { return ' · ' + one; }).join('')),
    place.stale ? node('p', { 'class': 'note' }, say.stale) : null,
    node('p', {}, offers),
    place.flags & PROTECTED ? node('p', { 'class': 'note' }, say.protected + ' ',
      place.referred ? node('b', {}, say.referred) : null,
      place.referred ? ' ' : null, theirs(place.referred)) : null,
    place.hours ? node('p', {}, hours_words(place.hours),
      place.note ? '. ' : null, theirs(place.note)) : null,
    place.address ? node('p', {}, theirs(place.address)) : null,
    line(say.way, theirs(place.way)),
    place.flags & FLAG.papers ? node('p', {}, say.papers) : null,
    place.flags & FLAG.access ? node('p', {}, say.access) : null,
    line(say.speaks, place.speaks.split(' ').map(function (code) {
      return kept.words.speaks[code] || '';
    }).filter(Boolean).join(' · ')),
    line(say.verified, place.verified && day_words(place.verified)),
    phones_of(place));
}

function show(places) {
  var say = kept.words.text, list = node('ol', { 'class': 'places' }), from = 0;
  var more = node('button', { type: 'button', 'class': 'plain' }, say.next);

  function further() {
    places.slice(from, from + SHOWN).forEach(function (place) {
      list.append(card(place));
    });
    from += SHOWN;
    more.hidden = from >= places.length;
  }

  more.addEventListener('click', further);
  answers.replaceChildren(node('h2', {}, say.answers),
    places.length ? list : node('p', { 'class': 'note' }, say.none),
    node('div', { 'class': 'acts' }, more));
  further();
}

function asked_now() {
  return Object.fromEntries(Array.from(new FormData(form).entries()));
}

function fill(fields) {
  Object.keys(fields).forEach(function (name) {
    var field = form.elements[name];

    if (!field)
      return;
    if (name === 'lat' || name === 'lon')
      field.disabled = false;
    if (field.type === 'checkbox')
      field.checked = true;
    else
      field.value = fields[name];
  });
  by('here').hidden = !fields.lat;
}

function alert_of(one) {
  var until = new Date(one.until), say = kept.words.text;

  return node('div', { 'class': 'banner ' + one.severity.toLowerCase(),
                       'data-alert': one.id },
    node('b', {}, one.label), ' ',
    node('span', { lang: one.lang }, one.headline + ' · ' + one.area), ' · ',
    say.until + ' ' + until.toLocaleDateString(lang()) + ' ' +
      until.toLocaleTimeString(lang(), { hour: '2-digit', minute: '2-digit' }),
    one.instruction ? node('p', { lang: one.lang }, node('b', {}, one.instruction))
      : null,
    one.description ? node('p', { lang: one.lang }, one.description) : null);
}

function alerts() {
  var box = by('kept-alerts') || node('div', { id: 'kept-alerts' });

  box.replaceChildren.apply(box, kept.alerts.filter(function (one) {
    return one.until > Date.now();
  }).map(alert_of));
  return box;
}

/* Notices are HTML that the server made safe; the policy of the page lets no
 * script of theirs run. */
function notices(name) {
  var box = node('section', { id: 'kept-know' },
    node('h2', {}, kept.words.text.know));

  kept.know.forEach(function (row) {
    var text = node('div', { lang: row[1] }), one;

    text.innerHTML = row[3];
    one = node('details', { 'class': 'more', 'data-notice': row[0] },
      node('summary', {}, row[2]), text);
    one.open = row[0] === name;
    box.append(one);
  });
  return box;
}

/* Without network every page of ours is this one. */
function show_offline() {
  var asked = JSON.parse(by('asked').textContent);
  var part = asked.path.split('/'), one;

  /* what the saved page said of alerts may be over */
  document.querySelectorAll('.banner').forEach(function (one) { one.remove(); });
  by('ask').before(node('p', { 'class': 'note', role: 'status', id: 'offline' },
    kept.words.text.offline + ' ', kept.words.text.short), alerts());
  answers.after(notices(part[1] === 'know' ? part[2] : ''));
  fill(asked.fields);
  if (part[1] === 'directory' && part[2]) {
    one = kept.places.filter(function (row) {
      return row[0] === part[2] && !part[3]; /* what she reported did not go out */
    });
    if (one.length)
      show(one.map(place_of));
    else
      answers.replaceChildren(node('p', { 'class': 'note' }, kept.words.text.lost));
  } else if (part[1] === 'directory' && asked.fields.page) {
    show(search(asked_now()));
  }
  if (part[1] === 'know')
    by('kept-know').scrollIntoView();
  form.addEventListener('submit', function (event) {
    if (navigator.onLine)
      return;
    event.preventDefault();
    show(search(asked_now()));
    answers.scrollIntoView();
  });
  root.dataset.shown = '';
}

/* --- beginning ----------------------------------------------------------------------------------- */

function start_place() {
  by('share').addEventListener('click', share);
  by('print').hidden = false;
  by('print').addEventListener('click', function () { window.print(); });
}

function start_find() {
  if (window.isSecureContext && navigator.geolocation) {
    by('near').hidden = by('near-said').hidden = false;
    by('near').addEventListener('click', near);
  }
  if (by('map') && answers.querySelector('[data-at]')) {
    by('map').hidden = false;
    by('map').querySelector('button').addEventListener('click', open_map);
  }
  if (can)
    start_kept();
}

function start_kept() {
  by('keep').hidden = false;
  by('save').addEventListener('click', save);
  by('drop').addEventListener('click', drop);
  read_kept().then(function (found) {
    kept = found;
    show_kept();
    if (!kept)
      return null;
    if (offline)
      show_offline();
    return navigator.onLine ? refresh().then(function () {
      if (by('kept-alerts'))
        alerts();
    }) : null;
  }).catch(function () {});
  addEventListener('online', function () {
    if (kept)
      refresh().then(function () {
        if (by('kept-alerts'))
          alerts();
      }).catch(function () {});
  });
}

if (by('share'))
  start_place();
if (!form)
  return;
start_find();
}());
