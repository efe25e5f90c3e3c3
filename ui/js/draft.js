/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* draft.js - nothing typed is lost: a form with data-draft is kept on this
 * device while it is filled in, offered again when the page comes back, and
 * forgotten once the server has said that it has it (the next page came
 * without a problem) or at logout. One draft per user, form, version and
 * record.
 *
 * It is kept sealed (AES-GCM): the key (data-seal) comes with the page of
 * whoever is logged in and is never stored, so that on a shared machine a
 * draft is noise to everybody else, and still outlives a dead battery. Where
 * the browser has no cryptography (plain http on a local network) it is kept
 * for this tab alone.
 */
(function () {
  'use strict';
  var prefix = 'cobijo-draft:';
  var WEEK = 7 * 24 * 3600 * 1000;
  var user = document.body.dataset.user || '';
  var form = document.querySelector('form[data-draft]');
  var seal = form && form.dataset.seal && window.crypto && crypto.subtle
    ? form.dataset.seal : '';

  function storage(name) {
    try {
      return window[name];
    } catch (e) {
      return null;
    }
  }
  var device = storage('localStorage'), tab = storage('sessionStorage');
  var box = seal ? device : tab;

  /* What must outlive a dead battery: localStorage is written to the disk some
   * seconds later, this at once. By draft and field; '' is the draft's text, the
   * others are its files (keep.js). */
  function disk(work) {
    return new Promise(function (resolve, reject) {
      var asked = indexedDB.open('cobijo-drafts', 1);

      asked.onupgradeneeded = function () {
        asked.result.createObjectStore('draft');
      };
      asked.onerror = reject;
      asked.onsuccess = function () {
        var change = asked.result.transaction('draft', 'readwrite',
                                              { durability: 'strict' });

        change.oncomplete = function () {
          asked.result.close();
          resolve();
        };
        change.onabort = reject;
        work(change.objectStore('draft'));
      };
    });
  }

  function range(key, first) {
    return IDBKeyRange.bound([key, first], [key, []]);
  }

  function forget(test, key) {
    [device, tab].forEach(function (one) {
      Object.keys(one || {}).forEach(function (name) {
        if (name.indexOf(prefix) === 0 && test(name, one))
          one.removeItem(name);
      });
    });
    if (key && window.indexedDB)
      disk(function (box) {
        box.delete(range(key, ''));
      }).catch(function () { /* no room for a database, no draft in it */ });
  }

  function forget_one(key) {
    forget(function (name) { return name === key; }, key);
  }

  /* "all", or one person's of several who share the machine */
  var whose = document.body.dataset.clearDrafts;

  if (whose === 'all') {
    forget(function () { return true; });
    if (window.indexedDB)
      indexedDB.deleteDatabase('cobijo-drafts');
  } else if (whose) {
    forget(function (name) { return name.indexOf(prefix + whose + ':') === 0; });
    if (window.indexedDB)
      disk(function (box) {
        box.delete(IDBKeyRange.bound([prefix + whose + ':', ''],
                                     [prefix + whose + ';', '']));
      }).catch(function () { /* no database, no draft in it */ });
  }
  forget(function (key, one) { /* too old, or not sealed (before 0.2) */
    var kept;

    try {
      kept = JSON.parse(one.getItem(key));
    } catch (e) {
      kept = null;
    }
    return !kept || !(kept.at > Date.now() - WEEK) ||
      one === device && !kept.sealed;
  });

  /* A form that was sent: the server answered with another page. */
  var sent = null;
  try {
    sent = tab.getItem('cobijo-sent');
    tab.removeItem('cobijo-sent');
  } catch (e) { /* no storage, no draft */ }
  if (sent && user && !document.querySelector('.problem[role=alert]'))
    forget_one(sent);
  if (!form || !user || !box || !tab)
    return;

  var versions = (form.dataset.parts || '').match(/version=[^"&]*/g) || [];
  var key = prefix + user + ':' + form.dataset.draft + ':' + versions.join(',');

  /* --- sealing -------------------------------------------------------------- */

  var opened = null; /* the key, imported once */

  function sealing() {
    var raw = new Uint8Array(seal.match(/../g).map(function (two) {
      return parseInt(two, 16);
    }));

    if (!opened)
      opened = crypto.subtle.importKey('raw', raw, 'AES-GCM', false,
                                       ['encrypt', 'decrypt']);
    return opened;
  }

  function text_of(bytes) {
    return btoa(Array.from(new Uint8Array(bytes), function (byte) {
      return String.fromCharCode(byte);
    }).join(''));
  }

  function bytes_of(text) {
    return Uint8Array.from(atob(text), function (c) { return c.charCodeAt(0); });
  }

  function seal_bytes(bytes) {
    var iv = crypto.getRandomValues(new Uint8Array(12));

    return sealing().then(function (made) {
      return crypto.subtle.encrypt(
        { name: 'AES-GCM', iv: iv, additionalData: new TextEncoder().encode(key) },
        made, bytes);
    }).then(function (made) {
      return { iv: iv, bytes: made };
    });
  }

  function unseal_bytes(kept) {
    return sealing().then(function (made) {
      return crypto.subtle.decrypt(
        { name: 'AES-GCM', iv: kept.iv,
          additionalData: new TextEncoder().encode(key) }, made, kept.bytes);
    });
  }

  function sealed(text) {
    return seal_bytes(new TextEncoder().encode(text)).then(function (kept) {
      return { at: Date.now(), iv: text_of(kept.iv), sealed: text_of(kept.bytes) };
    });
  }

  function unsealed(kept) {
    if (!kept)
      return Promise.resolve(null);
    if (!kept.sealed)
      return Promise.resolve(kept.plain || null);
    return unseal_bytes({ iv: bytes_of(kept.iv), bytes: bytes_of(kept.sealed) }
    ).then(function (bytes) {
      return new TextDecoder().decode(bytes);
    }).catch(function () { /* another password since */
      forget_one(key);
      return null;
    });
  }

  /* --- the fields ----------------------------------------------------------- */

  function skip(field) {
    return !field.name || field.name.charAt(0) === '_' ||
      field.type === 'hidden' || field.tagName === 'BUTTON' ||
      field.type === 'password' && !field.closest('[data-q]');
  }

  function read() {
    var list = [];

    Array.from(form.elements).forEach(function (field) {
      if (skip(field))
        return;
      if (field.type === 'checkbox' || field.type === 'radio') {
        if (field.checked)
          list.push([field.name, field.value]);
      } else if (field.value) { /* of a file: that there is one */
        list.push([field.name, field.value]);
      }
    });
    return list;
  }

  /* Rows that were added come first: outer ones before those in them. */
  function rows(list) {
    var most = {};

    list.forEach(function (pair) {
      var part = pair[0].split('.');

      part.forEach(function (number, i) {
        var name = part.slice(0, i).join('.');

        if (i && /^\d+$/.test(number))
          most[name] = Math.max(most[name] || 0, Number(number) + 1);
      });
    });
    Object.keys(most).sort(function (a, b) { return a.length - b.length; })
      .forEach(function (name) {
        form.dispatchEvent(new CustomEvent('cobijo:rows', {
          detail: { name: name, count: most[name], least: true } }));
      });
  }

  function write(list) {
    var times = {};

    rows(list);
    Array.from(form.elements).forEach(function (field) {
      var found, nth;

      if (skip(field) || field.type === 'file')
        return;
      found = list.filter(function (pair) { return pair[0] === field.name; });
      if (field.type === 'checkbox' || field.type === 'radio')
        field.checked = found.some(function (pair) {
          return pair[1] === field.value;
        });
      else if (found.length) { /* several of one name: an order */
        nth = found[times[field.name] || 0];
        times[field.name] = (times[field.name] || 0) + 1;
        nth = nth ? nth[1] : '';
        if (field.tagName === 'SELECT' && !Array.from(field.options).some(
          function (option) { return option.value === nth; }))
          field.add(new Option(nth, nth));
        field.value = nth;
      }
    });
    form.dispatchEvent(new Event('cobijo:draft'));
    form.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /* --- offered, kept -------------------------------------------------------- */

  form.draft = { key: key, sent: sent === key, seal: seal_bytes,
                 unseal: unseal_bytes,
                 files: seal && window.indexedDB ? disk : null,
                 range: seal && window.indexedDB ? range(key, ' ') : null };

  var before = JSON.stringify(read());
  var offer = document.querySelector('[data-draft-offer]');
  var chain = Promise.resolve();

  function stored() { /* what was not sealed in time is newer */
    try {
      return JSON.parse(tab.getItem(key) || box.getItem(key));
    } catch (e) {
      return null;
    }
  }

  /* Drafts that nobody came back to. */
  function sweep(place) {
    place.openCursor().onsuccess = function () {
      var cursor = this.result;

      if (!cursor)
        return;
      if (cursor.key[1] === '' && !(cursor.value.at > Date.now() - WEEK))
        place.delete(range(cursor.key[0], ''));
      cursor.continue();
    };
  }

  function newest() {
    var here = stored(), asked;

    if (!seal || !window.indexedDB)
      return Promise.resolve(here);
    return disk(function (place) {
      asked = place.get([key, '']);
      sweep(place);
    }).then(function () {
      return asked.result && (!here || asked.result.at > here.at) ? asked.result : here;
    }).catch(function () { return here; });
  }

  newest().then(unsealed).then(function (kept) {
    if (!kept || kept === before || !offer ||
        document.querySelector('.problem[role=alert]'))
      return;
    document.still(function () { offer.hidden = false; });
    offer.querySelector('[data-draft-take]').addEventListener('click',
      function () {
        write(JSON.parse(kept));
        offer.hidden = true;
      });
    offer.querySelector('[data-draft-drop]').addEventListener('click',
      function () {
        forget_one(key);
        offer.hidden = true;
      });
  });

  function put(place, kept) {
    try {
      place.setItem(key, JSON.stringify(kept));
    } catch (e) { /* full: the page itself still holds it */ }
  }

  var latest = 0, waiting = null, writing = false;

  /* The first change at once, then the newest every half second. */
  function to_disk(kept) {
    waiting = kept;
    if (writing || !window.indexedDB)
      return;
    writing = true;
    (function next() {
      var now = waiting;

      waiting = null;
      disk(function (place) {
        place.put(now, [key, '']);
      }).catch(function () { /* localStorage has it */ }).then(function () {
        setTimeout(function () {
          if (waiting)
            next();
          else
            writing = false;
        }, 500);
      });
    }());
  }

  function keep() {
    var now = JSON.stringify(read()), number;

    if (now === before)
      return;
    put(tab, { at: Date.now(), plain: now }); /* until it is sealed */
    if (!seal)
      return;
    number = ++latest;
    chain = chain.then(function () { return sealed(now); })
      .then(function (kept) {
        put(device, kept);
        to_disk(kept);
        if (number === latest)
          tab.removeItem(key);
      });
  }
  ['input', 'change', 'cobijo:kept'].forEach(function (type) {
    form.addEventListener(type, keep);
  });
  form.addEventListener('submit', function () {
    try {
      tab.setItem('cobijo-sent', key);
    } catch (e) { /* then the draft stays: better twice than never */ }
  });
}());
