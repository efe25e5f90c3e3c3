/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* keep.js - files of a draft. They are kept on the device like the rest of it,
 * sealed with the same key, in IndexedDB; they come back with the draft, and by
 * themselves when the server found a problem (a browser never sends a file
 * back). draft.js forgets them. Without a key nothing is kept, and file.js says
 * that the file will have to be chosen again.
 */
(function () {
  'use strict';
  var form = document.querySelector('form[data-draft]');
  var draft = form && form.draft;

  if (!draft || !draft.files)
    return;

  function inputs() {
    return Array.from(form.querySelectorAll('input[type=file]'));
  }

  /* Its type and name are sealed with it: a line of JSON in front. */
  function packed(file) {
    return file.arrayBuffer().then(function (bytes) {
      var head = new TextEncoder().encode(
        JSON.stringify({ name: file.name, type: file.type }) + '\n');
      var all = new Uint8Array(head.length + bytes.byteLength);

      all.set(head);
      all.set(new Uint8Array(bytes), head.length);
      return draft.seal(all);
    });
  }

  function unpacked(kept) {
    return draft.unseal(kept).then(function (bytes) {
      var all = new Uint8Array(bytes), end = all.indexOf(10);
      var head = JSON.parse(new TextDecoder().decode(all.slice(0, end)));

      return new File([all.slice(end + 1)], head.name, { type: head.type });
    });
  }

  var chain = Promise.resolve();

  /* All of them anew: rows, and with them names, may have moved. */
  function keep() {
    chain = chain.then(function () {
      return Promise.all(inputs().filter(function (one) {
        return one.files.length;
      }).map(function (one) {
        return packed(one.files[0]).then(function (kept) {
          return [one.name, kept];
        });
      }));
    }).then(function (list) {
      return draft.files(function (box) {
        box.delete(draft.range);
        list.forEach(function (pair) {
          box.put(pair[1], [draft.key, pair[0]]);
        });
      });
    }).catch(function () { /* no room: then it has to be chosen again */ });
  }

  function give_back() {
    var keys, values;

    draft.files(function (box) {
      keys = box.getAllKeys(draft.range);
      values = box.getAll(draft.range);
    }).then(function () {
      keys.result.forEach(function (key, i) {
        var input = inputs().find(function (one) { return one.name === key[1]; });

        if (!input || input.files.length)
          return;
        unpacked(values.result[i]).then(function (file) {
          var list = new DataTransfer();

          list.items.add(file);
          input.files = list.files;
          input.dispatchEvent(new Event('cobijo:filled'));
        }).catch(function () { /* another password since */ });
      });
    }).catch(function () { /* no database */ });
  }

  form.addEventListener('change', function (event) {
    if (event.target.type === 'file')
      keep();
  });
  form.addEventListener('cobijo:kept', function () {
    if (inputs().some(function (one) { return one.files.length; }))
      keep();
  });
  form.addEventListener('cobijo:draft', give_back);
  if (draft.sent && document.querySelector('.problem[role=alert]'))
    give_back();
}());
