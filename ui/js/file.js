/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* file.js - a question answered with a photo, a recording, a drawing or a
 * file: what was chosen is shown, a photo is made smaller and written anew here
 * on the device (so that the place where it was taken never leaves it), a voice
 * can be recorded and heard again. Whatever the way, the answer ends up in the
 * file field that the form sends, and without script that field is all there
 * is. draw.js draws, keep.js keeps files with the draft.
 */
(function () {
  'use strict';
  var MOST = 8 * 1024 * 1024 - 200 * 1024; /* the rest of the form beside it */

  function all_bytes(form, but) {
    return Array.from(form.querySelectorAll('input[type=file]'))
      .reduce(function (sum, one) {
        return sum + (one !== but && one.files[0] ? one.files[0].size : 0);
      }, 0);
  }

  function readable(size) {
    return size < 1048576 ? Math.max(1, Math.round(size / 1024)) + ' KB'
      : (size / 1048576).toFixed(1) + ' MB';
  }

  /* The picture alone, turned as it should be, not larger than asked. */
  function smaller(file, most) {
    return createImageBitmap(file, { imageOrientation: 'from-image' })
      .then(function (picture) {
        var scale = Math.min(1, most / Math.max(picture.width, picture.height));
        var canvas = document.createElement('canvas');
        var png = file.type === 'image/png';

        canvas.width = Math.max(1, Math.round(picture.width * scale));
        canvas.height = Math.max(1, Math.round(picture.height * scale));
        canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
        return new Promise(function (resolve, reject) {
          canvas.toBlob(function (blob) {
            if (blob)
              resolve(new File([blob], png ? 'foto.png' : 'foto.jpg',
                               { type: blob.type }));
            else
              reject(new Error('no picture'));
          }, png ? 'image/png' : 'image/jpeg', 0.85);
        });
      });
  }

  function start(box) {
    var input = box.querySelector('input[type=file]');
    var form = input.form;
    var parts = box.querySelector(':scope > template').content;
    var drop = box.querySelector('input[name$=".drop"]');
    var image = box.dataset.accept === 'image/*';
    var ours = false, address = '';

    function say(name) {
      var line = box.querySelector(':scope > .told');

      if (line)
        line.remove();
      if (!name)
        return;
      line = parts.querySelector('[data-said=' + name + ']').cloneNode(true);
      line.classList.add('told');
      line.setAttribute('role', 'status');
      box.append(line);
    }

    function look(place, file) {
      var player;

      if (image) {
        createImageBitmap(file).then(function (picture) {
          var canvas = document.createElement('canvas');
          var scale = Math.min(1, 480 / Math.max(picture.width, picture.height));

          canvas.width = Math.max(1, picture.width * scale);
          canvas.height = Math.max(1, picture.height * scale);
          canvas.setAttribute('role', 'img');
          canvas.setAttribute('aria-label', box.closest('[data-q]')
            .querySelector('label').textContent.trim());
          canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
          place.replaceChildren(canvas);
        }).catch(function () { say('picture'); });
      } else if (/^(audio|video)\//.test(box.dataset.accept || '')) {
        player = document.createElement(box.dataset.accept.split('/')[0]);
        player.controls = true;
        address = URL.createObjectURL(file);
        player.src = address;
        place.replaceChildren(player);
      }
    }

    /* What stands in the field now. */
    function show() {
      var before = box.querySelector(':scope > [data-shown]');
      var file = input.files[0], shown;

      if (before)
        before.remove();
      if (address)
        URL.revokeObjectURL(address);
      address = '';
      box.querySelectorAll(':scope > .error').forEach(function (one) {
        if (file)
          one.remove();
      });
      if (drop)
        drop.closest('.kept').hidden = Boolean(file);
      if (!file)
        return;
      shown = parts.querySelector('[data-shown]').cloneNode(true);
      shown.querySelector('[data-name]').textContent = readable(file.size);
      shown.querySelector('[data-clear]').addEventListener('click', function () {
        put(null);
        say('');
        input.focus();
      });
      if (!box.dataset.drawn)
        look(shown.querySelector('[data-look]'), file);
      box.append(shown);
    }

    function tell() {
      ours = true;
      input.dispatchEvent(new Event('change', { bubbles: true }));
      ours = false;
    }

    /* The only way into the field from here, draw.js and keep.js. */
    function put(file) {
      var list = new DataTransfer();

      if (file && all_bytes(form, input) + file.size > MOST) {
        say('large');
        file = null;
      }
      if (file)
        list.items.add(file);
      input.files = list.files;
      show();
      tell();
      return file;
    }
    box.put_file = put;

    input.addEventListener('change', function (event) {
      var file = input.files[0];

      if (ours)
        return;
      event.stopPropagation(); /* told again when it is ready */
      say('');
      if (!file || !image) {
        if (put(file || null))
          say(form.dataset.seal ? '' : 'unkept');
        return;
      }
      smaller(file, Number(box.dataset.pixels) || 2048).then(function (small) {
        if (put(small)) {
          say(form.dataset.seal ? 'bare' : 'unkept');
          box.dispatchEvent(new CustomEvent('cobijo:picture', { detail: small }));
        }
      }).catch(function () {
        put(null);
        say('picture');
      });
    });
    input.addEventListener('cobijo:filled', function () {
      show();
      tell();
      box.dispatchEvent(new CustomEvent('cobijo:picture', { detail: input.files[0] }));
    });
    if (drop)
      drop.addEventListener('change', function () {
        box.querySelector('.kept').classList.toggle('gone', drop.checked);
      });
    if (box.hasAttribute('data-recorded'))
      record(box, parts, put, say);
    if (box.dataset.drawn && window.cobijo_draw)
      window.cobijo_draw(box, parts);
    show();
    if (input.files[0] && box.dataset.drawn)
      box.dispatchEvent(new CustomEvent('cobijo:picture', { detail: input.files[0] }));
  }

  /* --- a voice ---------------------------------------------------------------- */

  function record(box, parts, put, say) {
    var line = parts.querySelector('[data-record]').cloneNode(true);
    var begin = line.querySelector('[data-start]');
    var end = line.querySelector('[data-stop]');
    var clock = line.querySelector('[data-clock]');
    var recorder = null, timer = 0;

    if (!window.MediaRecorder || !navigator.mediaDevices)
      return; /* a file can still be chosen */
    box.prepend(line);
    begin.addEventListener('click', function () {
      begin.disabled = true;
      navigator.mediaDevices.getUserMedia({ audio: true }).then(function (stream) {
        var chunks = [], from = Date.now();

        recorder = new MediaRecorder(stream, { audioBitsPerSecond: 32000 });
        recorder.addEventListener('dataavailable', function (event) {
          chunks.push(event.data);
        });
        recorder.addEventListener('stop', function () {
          var type = (recorder.mimeType || 'audio/webm').split(';')[0];

          clearInterval(timer);
          stream.getTracks().forEach(function (track) { track.stop(); });
          begin.hidden = begin.disabled = false;
          end.hidden = true;
          put(new File([new Blob(chunks, { type: type })],
                       type === 'audio/mp4' ? 'voz.m4a' : 'voz.webm', { type: type }));
          begin.focus();
        });
        recorder.start();
        begin.hidden = true;
        end.hidden = false;
        end.focus();
        say('');
        timer = setInterval(function () {
          var gone = Math.round((Date.now() - from) / 1000);

          clock.textContent = Math.floor(gone / 60) + ':' +
            String(gone % 60).padStart(2, '0');
        }, 1000);
      }).catch(function () {
        begin.disabled = false;
        say('microphone');
      });
    });
    end.addEventListener('click', function () {
      recorder.stop();
    });
  }

  function each(root) {
    root.querySelectorAll('[data-file]').forEach(start);
  }

  document.addEventListener('cobijo:added', function (event) {
    each(event.target);
  });
  document.addEventListener('DOMContentLoaded', function () { /* after draw.js */
    each(document);
  });
}());
