/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* push.js - a button on /alerts: this browser is told of new alerts, or no
 * more. What leaves the telephone is the address that its push service gave,
 * a key and the state that was chosen; no name, no account. */
(function () {
  'use strict';
  var box = document.querySelector('[data-push]');
  var scope = '/alerts/push/';

  if (!box || !('serviceWorker' in navigator) || !('PushManager' in window))
    return;

  var on = box.querySelector('[data-on]'), off = box.querySelector('[data-off]');
  var said = box.querySelector('[role=status]'), area = box.querySelector('select');

  function bytes(text) {
    var raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    var out = new Uint8Array(raw.length);

    for (var i = 0; i < raw.length; i++)
      out[i] = raw.charCodeAt(i);
    return out;
  }
  function say(key) {
    said.textContent = box.getAttribute('data-said-' + key) || '';
  }
  function show(subscribed) {
    on.hidden = subscribed;
    off.hidden = !subscribed;
    area.parentNode.hidden = subscribed;
  }
  function send(path, what) {
    return fetch(path, {
      method: 'POST', credentials: 'omit', referrerPolicy: 'no-referrer',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(what)
    }).then(function (response) {
      if (!response.ok)
        throw new Error('refused');
    });
  }
  function worker() {
    return navigator.serviceWorker.register('/alerts/push.js', { scope: scope });
  }
  /* ready is of the page's own scope, so this one is waited for by hand */
  function active(registration) {
    var one = registration.active || registration.waiting || registration.installing;

    if (registration.active)
      return registration;
    return new Promise(function (done) {
      one.addEventListener('statechange', function () {
        if (one.state === 'activated')
          done(registration);
      });
    });
  }

  on.addEventListener('click', function () {
    on.disabled = true;
    worker().then(active).then(function (registration) {
      return registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(box.getAttribute('data-push'))
      });
    }).then(function (subscription) {
      var json = subscription.toJSON();

      return send('/alerts/push', {
        endpoint: json.endpoint, p256dh: json.keys.p256dh, auth: json.keys.auth,
        area: area.value, language: document.documentElement.lang
      });
    }).then(function () {
      show(true);
      say('on');
    }).catch(function () {
      say('failed');
    }).then(function () {
      on.disabled = false;
    });
  });

  off.addEventListener('click', function () {
    navigator.serviceWorker.getRegistration(scope).then(function (registration) {
      return registration && registration.pushManager.getSubscription();
    }).then(function (subscription) {
      if (!subscription)
        return undefined;
      return send('/alerts/push/forget', { endpoint: subscription.endpoint })
        .then(function () { return subscription.unsubscribe(); });
    }).then(function () {
      show(false);
      say('off');
    }).catch(function () {
      say('failed');
    });
  });

  navigator.serviceWorker.getRegistration(scope).then(function (registration) {
    return registration && registration.pushManager.getSubscription();
  }).catch(function () { return null; }).then(function (subscription) {
    show(!!subscription);
    box.hidden = false;
  });
}());
