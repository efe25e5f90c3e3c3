/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* passkey.js - the browser's part of passkeys: coming in with one and making
 * one. What it says and asks comes from the page and the server; where the
 * browser has no passkeys nothing is shown.
 */
(function () {
  'use strict';
  var login = document.querySelector('[data-passkey-login]');
  var make = document.querySelector('form[data-passkey-new]');

  function bytes(text) {
    return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')),
                           function (c) { return c.charCodeAt(0); });
  }

  function letters(buffer) {
    return btoa(String.fromCharCode.apply(null, new Uint8Array(buffer || [])))
      .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function post(path, body) {
    return fetch(path, {
      method: 'POST', credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json',
                 'X-CSRF-Token': document.body.dataset.csrf || '' },
      body: JSON.stringify(body)
    }).then(function (answer) {
      return answer.json().then(function (said) {
        if (!answer.ok)
          throw new Error(said.error.message);
        return said;
      });
    });
  }

  function tell(box, text) {
    var line = box.querySelector('[data-passkey-said]');

    line.textContent = text;
    line.hidden = !text;
  }

  /* One at a time; what goes wrong is said beside the button. */
  function run(box, button, work) {
    tell(box, '');
    button.disabled = true;
    work().then(function (said) {
      location.assign(said.location);
    }).catch(function (error) {
      button.disabled = false;
      tell(box, error.name === 'InvalidStateError' ? box.dataset.known
        : error instanceof DOMException ? box.dataset.stopped
          : error.message || box.dataset.stopped);
    });
  }

  function enter() {
    return post('/login/passkey/challenge', {}).then(function (asked) {
      return navigator.credentials.get({ publicKey: {
        challenge: bytes(asked.challenge), rpId: asked.rp,
        userVerification: 'required', timeout: 240000 } });
    }).then(function (key) {
      return post('/login/passkey', {
        id: letters(key.rawId), handle: letters(key.response.userHandle),
        client_data: letters(key.response.clientDataJSON),
        authenticator: letters(key.response.authenticatorData),
        signature: letters(key.response.signature),
        next: login.dataset.next });
    });
  }

  function add() {
    return post('/profile/passkey/offer', {
      present: make.elements.namedItem('present').value
    }).then(function (offer) {
      return navigator.credentials.create({ publicKey: {
        challenge: bytes(offer.challenge),
        rp: { id: offer.rp, name: offer.site },
        user: { id: bytes(offer.user.id), name: offer.user.name,
                displayName: offer.user.display || offer.user.name },
        pubKeyCredParams: offer.algorithms,
        excludeCredentials: offer.known.map(function (id) {
          return { type: 'public-key', id: bytes(id) };
        }),
        authenticatorSelection: { residentKey: 'required',
                                  requireResidentKey: true,
                                  userVerification: 'required' },
        attestation: 'none', timeout: 240000 } });
    }).then(function (key) {
      return post('/profile/passkey', {
        label: make.elements.namedItem('label').value,
        client_data: letters(key.response.clientDataJSON),
        attestation: letters(key.response.attestationObject) });
    });
  }

  if (!window.PublicKeyCredential || !navigator.credentials)
    return;
  if (login) {
    login.hidden = false;
    login.querySelector('button').addEventListener('click', function () {
      run(login, this, enter);
    });
  }
  if (make) {
    make.hidden = false;
    make.addEventListener('submit', function (event) {
      event.preventDefault();
      event.stopPropagation(); /* it is not sent: form.js has no part in it */
      run(make, make.querySelector('button'), add);
    });
  }
}());
