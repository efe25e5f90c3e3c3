/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* draw.js - a signature, a drawing, or marks on a photo (data-drawn): strokes
 * of a finger, a pen or a mouse, the last of them taken back, all wiped. Who
 * uses a keyboard types the name as signature, or chooses a picture of one.
 * What is drawn goes as a picture into the file field (file.js).
 */
window.cobijo_draw = function (box, parts) {
  'use strict';
  var way = box.dataset.drawn;
  var place = parts.querySelector('[data-drawing]').cloneNode(true);
  var canvas = place.querySelector('canvas');
  var pen = canvas.getContext('2d');
  var typed = place.querySelector('[data-typed]');
  var name = typed.querySelector('input');
  var strokes = [], below = null, stroke = null, number = 0;

  if (way !== 'signature')
    typed.remove();
  if (way !== 'signature')
    canvas.height = 400;

  function draw() {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    if (below)
      pen.drawImage(below, 0, 0, canvas.width, canvas.height);
    pen.strokeStyle = pen.fillStyle = way === 'annotate' ? '#a3201d' : '#000';
    pen.lineWidth = Math.max(3, canvas.width / 200);
    pen.lineCap = pen.lineJoin = 'round';
    strokes.forEach(function (points) {
      pen.beginPath();
      points.forEach(function (at, i) {
        if (i)
          pen.lineTo(at[0], at[1]);
        else
          pen.moveTo(at[0], at[1]);
      });
      if (points.length === 1)
        pen.lineTo(points[0][0] + 0.1, points[0][1]);
      pen.stroke();
    });
    if (name.value) {
      pen.font = 'italic ' + Math.min(72, 900 / Math.max(8, name.value.length)) +
        'px serif';
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      pen.fillText(name.value, canvas.width / 2, canvas.height / 2);
    }
  }

  function done() {
    var mine = ++number;
    var photo = below && way === 'annotate';

    draw();
    if (!strokes.length && !name.value && !below) {
      box.put_file(null);
      return;
    }
    canvas.toBlob(function (blob) {
      if (blob && mine === number)
        box.put_file(new File([blob], photo ? 'dibujo.jpg' : 'dibujo.png',
                              { type: blob.type }));
    }, photo ? 'image/jpeg' : 'image/png', 0.85);
  }

  function at(event) {
    var edge = canvas.getBoundingClientRect();

    return [(event.clientX - edge.left) * canvas.width / edge.width,
            (event.clientY - edge.top) * canvas.height / edge.height];
  }

  canvas.addEventListener('pointerdown', function (event) {
    if (stroke || event.button)
      return;
    canvas.setPointerCapture(event.pointerId);
    stroke = [at(event)];
    strokes.push(stroke);
    draw();
  });
  canvas.addEventListener('pointermove', function (event) {
    if (!stroke)
      return;
    stroke.push(at(event));
    draw();
  });
  ['pointerup', 'pointercancel'].forEach(function (type) {
    canvas.addEventListener(type, function () {
      if (!stroke)
        return;
      stroke = null;
      done();
    });
  });

  place.querySelector('[data-back]').addEventListener('click', function () {
    strokes.pop();
    done();
  });
  place.querySelector('[data-wipe]').addEventListener('click', function () {
    strokes = [];
    below = null;
    name.value = '';
    done();
  });
  name.addEventListener('change', done);
  name.addEventListener('input', draw);
  ['input', 'change'].forEach(function (type) { /* it is no answer of its own */
    typed.addEventListener(type, function (event) { event.stopPropagation(); });
  });

  /* A picture was chosen, or came back with a draft: it lies below. */
  box.addEventListener('cobijo:picture', function (event) {
    createImageBitmap(event.detail).then(function (picture) {
      strokes = [];
      name.value = '';
      below = picture;
      canvas.width = picture.width;
      canvas.height = picture.height;
      place.hidden = false;
      draw();
    });
  });
  box.querySelector('input[type=file]').addEventListener('change', function () {
    if (!this.files.length && !strokes.length && !name.value) {
      below = null;
      draw();
      place.hidden = way === 'annotate';
    }
  });
  place.hidden = way === 'annotate'; /* first the photo */
  box.prepend(place);
  draw();
};
