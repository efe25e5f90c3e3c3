-- SPDX-License-Identifier: AGPL-3.0-or-later
-- schema.sql - the fixed tables of the store; script.c fits it to a database.
-- Every statement may run again. Tables of the forms are made by columns.c.

-- The truth. Only log.c inserts; the database refuses UPDATE and DELETE.
CREATE TABLE IF NOT EXISTS entry (
    site TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    node TEXT NOT NULL,
    clock BIGINT NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    form_version TEXT NOT NULL,
    record TEXT NOT NULL,
    subject TEXT NOT NULL,
    op TEXT NOT NULL,
    base BIGINT NOT NULL,
    body_hash @BLOB@ NOT NULL,
    prev @BLOB@ NOT NULL,
    hash @BLOB@ NOT NULL,
    PRIMARY KEY (site, seq)
) @CLUSTERED@;
CREATE UNIQUE INDEX IF NOT EXISTS entry_id ON entry (site, id);
CREATE INDEX IF NOT EXISTS entry_record
    ON entry (site, record, clock, node, id);
CREATE INDEX IF NOT EXISTS entry_subject
    ON entry (site, subject, clock, node, id);

-- What an entry says. Erasing deletes rows here and nowhere else.
-- key: whose key sealed the bytes; empty: not sealed.
CREATE TABLE IF NOT EXISTS entry_body (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    nonce @BLOB@ NOT NULL,
    bytes @BLOB@ NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- The end of each site's chain; its row is the lock for appending.
CREATE TABLE IF NOT EXISTS site_head (
    site TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash @BLOB@ NOT NULL,
    clock BIGINT NOT NULL,
    PRIMARY KEY (site)
) @CLUSTERED@;

-- Projections: all that follows can be made again from the log.
-- number: seq of the first entry to arrive that made the record.
CREATE TABLE IF NOT EXISTS record (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    clock BIGINT NOT NULL,
    state TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- Words that find a person, in the order of arrival (record.number). Those of
-- numbers above token_head.indexed are not here yet: search reads them in
-- token_set. One page per new person is written instead of twenty.
CREATE TABLE IF NOT EXISTS token (
    site TEXT NOT NULL,
    class TEXT NOT NULL,
    text TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (site, class, text, number)
) @CLUSTERED@;

-- All tokens of a record in one row, each on a line, class first.
CREATE TABLE IF NOT EXISTS token_set (
    site TEXT NOT NULL,
    number BIGINT NOT NULL,
    record TEXT NOT NULL,
    tokens TEXT NOT NULL,
    PRIMARY KEY (site, number)
) @CLUSTERED@;

CREATE TABLE IF NOT EXISTS token_head (
    site TEXT NOT NULL,
    indexed BIGINT NOT NULL,
    PRIMARY KEY (site)
) @CLUSTERED@;

-- Which column holds which question. path: key, repeat[]/key, "" the form.
-- type: t text, y date, i integer, d double, m instant, r a repeat (name is
-- its table), f the form. position orders columns, round the versions.
CREATE TABLE IF NOT EXISTS form_column (
    form TEXT NOT NULL,
    version TEXT NOT NULL,
    path TEXT NOT NULL,
    type TEXT NOT NULL,
    in_table TEXT NOT NULL,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    round BIGINT NOT NULL,
    PRIMARY KEY (form, version, path)
) @CLUSTERED@;

CREATE TABLE IF NOT EXISTS store_meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
) @CLUSTERED@;

-- domain

-- Whose store this is (its own row only) and where.
CREATE TABLE IF NOT EXISTS site (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    country TEXT NOT NULL,
    node TEXT NOT NULL,
    PRIMARY KEY (id)
) @CLUSTERED@;

-- Secrets stand beside the log, as hashes only. name: login name.
CREATE TABLE IF NOT EXISTS credential (
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (site, name)
) @CLUSTERED@;
CREATE UNIQUE INDEX IF NOT EXISTS credential_user
    ON credential (site, user_id);

-- id: hash of the cookie. created, used: instants. state: open, half (a second
-- factor is wanted) or enrol (it must be set up). method: how she came in;
-- device: hash of the machine's cookie; agent: the browser's family; locked:
-- instant, 0 not; tries: wrong PINs. What came before 6 had less of this, and
-- a session is nothing to keep: everybody logs in again.
DROP TABLE IF EXISTS session;
CREATE TABLE session (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    state TEXT NOT NULL,
    method TEXT NOT NULL,
    device TEXT NOT NULL,
    agent TEXT NOT NULL,
    locked BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE INDEX session_by_user ON session (site, user_id);

-- Tokens of programs. id: hash of the token. revoked: instant, 0 in use.
CREATE TABLE IF NOT EXISTS access_token (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created BIGINT NOT NULL,
    revoked BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- Failed logins. key: hash of what is counted (name, address, both). until:
-- no attempt before; good: last login that went well.
CREATE TABLE IF NOT EXISTS throttle (
    site TEXT NOT NULL,
    key TEXT NOT NULL,
    failures BIGINT NOT NULL,
    until BIGINT NOT NULL,
    touched BIGINT NOT NULL,
    good BIGINT NOT NULL,
    PRIMARY KEY (site, key)
) @CLUSTERED@;

-- Imports under way: the file, who brought it, how many of its persons are in.
-- why: what stopped it, empty while it goes on. The row goes when it is done.
CREATE TABLE IF NOT EXISTS import_job (
    site TEXT NOT NULL,
    batch TEXT NOT NULL,
    text TEXT NOT NULL,
    map TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    started BIGINT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (site, batch)
) @CLUSTERED@;

-- Forms are few; finding them must not read the log.
CREATE INDEX IF NOT EXISTS entry_form ON entry (site, seq)
    WHERE kind = 'form';

-- Telephones that fill forms with ODK Collect. id: hash of the secret; ha1: MD5
-- of name:realm:secret, for digest authentication. name: its login. role: what
-- it may do. used: seen last; revoked: instant, 0 in use.
CREATE TABLE IF NOT EXISTS device (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    ha1 TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    revoked BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE UNIQUE INDEX IF NOT EXISTS device_name ON device (site, name)
    WHERE revoked = 0;

-- What came in over OpenRosa, by instanceID. sha256: of the XML as it was
-- sent; entry: what it wrote into the log; waiting: files it names that are
-- not here yet. The log can do without: a repeat is known by its entry, too.
CREATE TABLE IF NOT EXISTS submission (
    site TEXT NOT NULL,
    instance TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    record TEXT NOT NULL,
    entry TEXT NOT NULL,
    author TEXT NOT NULL,
    received BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    replaced TEXT NOT NULL,
    PRIMARY KEY (site, instance)
) @CLUSTERED@;

-- Bytes of photos and recordings, by their SHA-256; records of kind attachment
-- say in the log whose they are. Beside the log: a rebuild leaves them alone.
CREATE TABLE IF NOT EXISTS blob (
    site TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    bytes @BLOB@ NOT NULL,
    PRIMARY KEY (site, sha256)
);

-- Versions of forms that somebody uploaded and nobody published yet, one per
-- kind. source: the text as it would be installed; problems are found anew.
CREATE TABLE IF NOT EXISTS form_draft (
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    source TEXT NOT NULL,
    file_name TEXT NOT NULL,
    author TEXT NOT NULL,
    saved BIGINT NOT NULL,
    PRIMARY KEY (site, name)
) @CLUSTERED@;

-- Proof: see doc/log.md.

-- Hashes of complete subtrees of the log's Merkle tree, levels 8, 16, 24 …:
-- made from the entries, may be dropped at any time.
CREATE TABLE IF NOT EXISTS log_node (
    site TEXT NOT NULL,
    level BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hash @BLOB@ NOT NULL,
    PRIMARY KEY (site, level, number)
) @CLUSTERED@;

-- What this house has signed about its own log. note: C2SP signed note, with
-- the signatures of witnesses that came home.
CREATE TABLE IF NOT EXISTS checkpoint (
    site TEXT NOT NULL,
    size BIGINT NOT NULL,
    made BIGINT NOT NULL,
    root @BLOB@ NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (site, size)
) @CLUSTERED@;

-- Keys of others: those that witness our log (role witness) and houses whose
-- log we witness (role log). size, root, note: the newest that passed both.
CREATE TABLE IF NOT EXISTS log_peer (
    site TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    added BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root @BLOB@ NOT NULL,
    signed BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (site, role, name)
) @CLUSTERED@;

-- Who opened which file, in batches: each is an entry of kind seen whose
-- subject is the hash of its rows. minute: since 1970; subject: a person, or
-- "" for what is about nobody alone; times: coalesced within the minute.
CREATE TABLE IF NOT EXISTS seen (
    site TEXT NOT NULL,
    batch TEXT NOT NULL,
    place BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    author TEXT NOT NULL,
    role TEXT NOT NULL,
    subject TEXT NOT NULL,
    what TEXT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (site, batch, place)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS seen_subject ON seen (site, subject, minute);
CREATE INDEX IF NOT EXISTS seen_author ON seen (site, author, minute);
CREATE INDEX IF NOT EXISTS seen_minute ON seen (site, minute);

-- Look-ups out of pattern (catalog/alarm.csv), one per rule, account and hour.
CREATE TABLE IF NOT EXISTS alarm (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    rule TEXT NOT NULL,
    author TEXT NOT NULL,
    hour BIGINT NOT NULL,
    number BIGINT NOT NULL,
    raised BIGINT NOT NULL,
    closed BIGINT NOT NULL,
    closed_by TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE UNIQUE INDEX IF NOT EXISTS alarm_once
    ON alarm (site, rule, author, hour);

-- Files that nobody has a reason to open.
CREATE TABLE IF NOT EXISTS decoy (
    site TEXT NOT NULL,
    person TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (site, person)
) @CLUSTERED@;

-- Keys of people (src/store/sealing.h). name: OWNER#EPOCH, six digits; owner
-- empty: the site's. wrapped: 32 bytes under the site key, empty when they were
-- destroyed. Rows are added; only an erase deletes, and leaves the empty one.
CREATE TABLE IF NOT EXISTS data_key (
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    nonce @BLOB@ NOT NULL,
    wrapped @BLOB@ NOT NULL,
    PRIMARY KEY (site, name)
) @CLUSTERED@;

-- who you are

-- Second factors by code (RFC 6238). key: "" when secret lies open, "site" when
-- it is sealed. confirmed: instant, 0 not yet; step: of the last code that was
-- taken, no code of it or before it is taken again.
CREATE TABLE IF NOT EXISTS totp (
    site TEXT NOT NULL,
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    nonce @BLOB@ NOT NULL,
    secret @BLOB@ NOT NULL,
    confirmed BIGINT NOT NULL,
    step BIGINT NOT NULL,
    PRIMARY KEY (site, user_id)
) @CLUSTERED@;

-- Codes for who lost her second factor. used: instant, 0 not yet.
CREATE TABLE IF NOT EXISTS recovery_code (
    site TEXT NOT NULL,
    user_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (site, user_id, number)
) @CLUSTERED@;

-- The PIN that opens a locked session again.
CREATE TABLE IF NOT EXISTS pin (
    site TEXT NOT NULL,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (site, user_id)
) @CLUSTERED@;

-- Accounts to be made by whoever holds the link. id: hash of its secret; used:
-- instant, 0 open, negative: withdrawn.
CREATE TABLE IF NOT EXISTS invitation (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    role TEXT NOT NULL,
    display TEXT NOT NULL,
    place TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- Rules of catalog/policy.csv that the house set otherwise.
CREATE TABLE IF NOT EXISTS policy (
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    why TEXT NOT NULL,
    set_by TEXT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (site, name)
) @CLUSTERED@;

-- rooms

-- Reserved rooms of a house (site). In all tables a room is a site of its own;
-- this row says only whose it is. label: neutral, sealed where there is a key.
CREATE TABLE IF NOT EXISTS room (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    label TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

CREATE TABLE IF NOT EXISTS room_member (
    site TEXT NOT NULL,
    room TEXT NOT NULL,
    user_id TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added BIGINT NOT NULL,
    PRIMARY KEY (site, room, user_id)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS room_by_member ON room_member (site, user_id);

-- Who went in, and why. site: the room.
CREATE TABLE IF NOT EXISTS room_visit (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    entered BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- Where a session works, when that is not the store's own site. id: of the
-- session; home: whose house; used: instant.
CREATE TABLE IF NOT EXISTS session_room (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    home TEXT NOT NULL,
    room TEXT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- The other hash of every account: of the password for duress or, where there
-- is none, of what nobody knows. room: what it opens.
CREATE TABLE IF NOT EXISTS credential_other (
    site TEXT NOT NULL,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    room TEXT NOT NULL,
    PRIMARY KEY (site, user_id)
) @CLUSTERED@;

-- Duress: told to who administers. seen: instant, 0 not yet.
CREATE TABLE IF NOT EXISTS duress_use (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- Break-the-glass: who asked to be let into a file that is closed to her, why,
-- who allowed it and until when. approved_by empty: it waits. seen: by whoever
-- is in charge of the file; instants, 0 not yet.
CREATE TABLE IF NOT EXISTS glass (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    purpose TEXT NOT NULL,
    asked BIGINT NOT NULL,
    approved_by TEXT NOT NULL,
    opened BIGINT NOT NULL,
    until BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS glass_by_subject ON glass (site, subject, user_id);

-- Passkeys (WebAuthn). id: the credential's, base64url; handle: what the
-- authenticator knows the user by, random; rp: for which name it was made;
-- public_key: COSE; counter: the last one heard; backed: may be copied to
-- other devices; cloned: instant at which a counter went back, 0 never.
CREATE TABLE IF NOT EXISTS passkey (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    rp TEXT NOT NULL,
    public_key @BLOB@ NOT NULL,
    counter BIGINT NOT NULL,
    backed BIGINT NOT NULL,
    label TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    revoked BIGINT NOT NULL,
    cloned BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS passkey_user ON passkey (site, user_id);

-- What waits for an answer, once and not for long: challenges of passkeys, the
-- state of a login at an identity provider, invitations to link an account.
-- id, binding: hashes of what the browser holds. address: hash.
CREATE TABLE IF NOT EXISTS login_flow (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    binding TEXT NOT NULL,
    address TEXT NOT NULL,
    user_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next TEXT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS login_flow_address
    ON login_flow (site, address, expires);

-- Identity providers (OpenID Connect). secret: sealed when nonce is not empty;
-- authority: certificates in PEM, empty: the system's. discovery, jwks: what
-- the provider said, and when.
CREATE TABLE IF NOT EXISTS oidc_provider (
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client TEXT NOT NULL,
    secret @BLOB@ NOT NULL,
    nonce @BLOB@ NOT NULL,
    authority TEXT NOT NULL,
    discovery TEXT NOT NULL,
    discovered BIGINT NOT NULL,
    jwks TEXT NOT NULL,
    jwks_read BIGINT NOT NULL,
    PRIMARY KEY (site, name)
) @CLUSTERED@;

-- Which account a subject of a provider is.
CREATE TABLE IF NOT EXISTS oidc_subject (
    site TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    linked_by TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (site, issuer, subject)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS oidc_subject_user ON oidc_subject (site, user_id);

-- Grants that were given (domain/grant): what may be fetched, until when, and
-- what became of it. receiver: her house's key line; scope: what of the consent
-- it took; keys: wrapped for the receiver, only while they may be fetched; file:
-- what is handed over, sealed, only while it stands. fetched, withdrawn: instants
-- or 0.
CREATE TABLE IF NOT EXISTS grant_out (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    referral TEXT NOT NULL,
    receiver TEXT NOT NULL,
    receiver_name TEXT NOT NULL,
    classes TEXT NOT NULL,
    basis TEXT NOT NULL,
    scope TEXT NOT NULL,
    apart BIGINT NOT NULL,
    issued BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    fetched BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    file TEXT NOT NULL,
    keys TEXT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS grant_out_referral ON grant_out (site, referral);

-- Grants that other houses gave to this one and that were opened here, and
-- those that they took back. head: hash of what the grant says.
CREATE TABLE IF NOT EXISTS grant_in (
    site TEXT NOT NULL,
    issuer TEXT NOT NULL,
    id TEXT NOT NULL,
    head TEXT NOT NULL,
    opened BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    PRIMARY KEY (site, issuer, id)
) @CLUSTERED@;

-- Decoy houses in which how their account comes in was changed: from then on
-- they are not made alike to the real one's.
CREATE TABLE IF NOT EXISTS decoy_own (
    site TEXT NOT NULL,
    PRIMARY KEY (site)
) @CLUSTERED@;

-- the public directory

-- Projections of places and organizations (domain/directory): what anybody may
-- read, and nothing else. A protected place has no position here, and what
-- would tell where it is was left out when the row was written. lat, lon:
-- 999 none. organization: empty none. due: day from which it is stale; body,
-- more: JSON. changed: instant.
CREATE TABLE IF NOT EXISTS public_place (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    organization TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    place_type TEXT NOT NULL,
    admin1 TEXT NOT NULL,
    municipality TEXT NOT NULL,
    lat @DOUBLE@ NOT NULL,
    lon @DOUBLE@ NOT NULL,
    flags BIGINT NOT NULL,
    languages TEXT NOT NULL,
    hours TEXT NOT NULL,
    due BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    body TEXT NOT NULL,
    more TEXT NOT NULL,
    PRIMARY KEY (site, id)
);
CREATE INDEX IF NOT EXISTS public_place_where
    ON public_place (site, admin1, municipality, folded, id);
-- what comes after the id is for who walks along it and passes by
CREATE INDEX IF NOT EXISTS public_place_name
    ON public_place (site, folded, id, due, flags, place_type);
CREATE INDEX IF NOT EXISTS public_place_changed
    ON public_place (site, changed, id);
CREATE INDEX IF NOT EXISTS public_place_due ON public_place (site, due, id);

-- Who offers what where, for "near me": a row for all places (key "*"), one
-- per need, and both again per language but Spanish ("AL1/hat"). cell: on a
-- curve that keeps neighbours together (directory/cell.h); -1: no position.
-- hours: short (domain/hours.h), as all of a row lies in its index.
CREATE TABLE IF NOT EXISTS public_near (
    site TEXT NOT NULL,
    key TEXT NOT NULL,
    cell BIGINT NOT NULL,
    place TEXT NOT NULL,
    lat @DOUBLE@ NOT NULL,
    lon @DOUBLE@ NOT NULL,
    flags BIGINT NOT NULL,
    due BIGINT NOT NULL,
    hours TEXT NOT NULL,
    PRIMARY KEY (site, key, cell, place)
        @INCLUDE(lat, lon, flags, due, hours)@
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS public_near_place ON public_near (site, place);

-- Services as HSDS counts them. id: the service's, which several places may
-- share; spot: of the service at this place; number: its row in the place.
CREATE TABLE IF NOT EXISTS public_service (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    place TEXT NOT NULL,
    number BIGINT NOT NULL,
    spot TEXT NOT NULL,
    need TEXT NOT NULL,
    organization TEXT NOT NULL,
    PRIMARY KEY (site, id, place, number)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS public_service_spot ON public_service (site, spot);
CREATE INDEX IF NOT EXISTS public_service_place
    ON public_service (site, place, number);
CREATE INDEX IF NOT EXISTS public_service_organization
    ON public_service (site, organization, id);

-- Folded words of names, services, kinds and municipalities.
CREATE TABLE IF NOT EXISTS public_word (
    site TEXT NOT NULL,
    word TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (site, word, place)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS public_word_place ON public_word (site, place);

CREATE TABLE IF NOT EXISTS public_organization (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    changed BIGINT NOT NULL,
    body TEXT NOT NULL,
    more TEXT NOT NULL,
    PRIMARY KEY (site, id)
);
CREATE INDEX IF NOT EXISTS public_organization_name
    ON public_organization (site, folded, id);

-- Whoever runs a place was asked whether it still holds: by a signed link that
-- names place and round (directory/ask.h). email: where the question goes;
-- mailed, answered: instants, 0 not yet.
CREATE TABLE IF NOT EXISTS directory_ask (
    site TEXT NOT NULL,
    place TEXT NOT NULL,
    round BIGINT NOT NULL,
    email TEXT NOT NULL,
    made BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    mailed BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    PRIMARY KEY (site, place)
) @CLUSTERED@;

-- Alerts (domain/alert): what the public side may read of them, and nothing
-- else. state: valid replaced cancelled expired; rank: 0 extreme … 5; origin:
-- "" this house, else whose; body: CAP as JSON; brief: its headlines in every
-- language; note: the signature; refs: what it refers to.
CREATE TABLE IF NOT EXISTS public_alert (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    identifier TEXT NOT NULL,
    sender TEXT NOT NULL,
    sent TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    msg_type TEXT NOT NULL,
    severity TEXT NOT NULL,
    urgency TEXT NOT NULL,
    certainty TEXT NOT NULL,
    rank BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    state TEXT NOT NULL,
    origin TEXT NOT NULL,
    body TEXT NOT NULL,
    brief TEXT NOT NULL,
    document TEXT NOT NULL,
    note TEXT NOT NULL,
    published BIGINT NOT NULL,
    refs TEXT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS public_alert_expires
    ON public_alert (site, state, expires);
CREATE INDEX IF NOT EXISTS public_alert_published
    ON public_alert (site, published);

-- For which places: exact 1 the very place, 0 one that it lies in.
CREATE TABLE IF NOT EXISTS public_alert_area (
    site TEXT NOT NULL,
    area TEXT NOT NULL,
    alert TEXT NOT NULL,
    exact BIGINT NOT NULL,
    PRIMARY KEY (site, area, alert)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS public_alert_area_alert
    ON public_alert_area (site, alert);

-- Feeds of others: when they were asked last, what came, what went wrong.
CREATE TABLE IF NOT EXISTS alert_feed (
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    asked BIGINT NOT NULL,
    heard BIGINT NOT NULL,
    fresh BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (site, name)
) @CLUSTERED@;

-- Documents of a feed that were looked at already, as its entry stood.
CREATE TABLE IF NOT EXISTS alert_link (
    site TEXT NOT NULL,
    feed TEXT NOT NULL,
    link TEXT NOT NULL,
    updated TEXT NOT NULL,
    seen BIGINT NOT NULL,
    PRIMARY KEY (site, feed, link)
) @CLUSTERED@;

-- Which shelter has an alert, and since when.
CREATE TABLE IF NOT EXISTS alert_ack (
    site TEXT NOT NULL,
    alert TEXT NOT NULL,
    house TEXT NOT NULL,
    label TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (site, alert, house)
) @CLUSTERED@;

-- Messages on their way (domain/delivery). channel: email sms push; recipient:
-- address, number or the id of a push_subscription; state: queued sending sent
-- failed gave_up; try_at: not before; problem: no personal data.
CREATE TABLE IF NOT EXISTS outbox (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    created BIGINT NOT NULL,
    try_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    done BIGINT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (site, state, try_at);
CREATE INDEX IF NOT EXISTS outbox_about ON outbox (site, about);

-- Browsers that want alerts (RFC 8030): whose nobody knows. areas: codes.
CREATE TABLE IF NOT EXISTS push_subscription (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    public_key TEXT NOT NULL,
    secret TEXT NOT NULL,
    areas TEXT NOT NULL,
    language TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- Asking for help (domain/outreach). name: made slowly of a code word under a
-- key of the house; nothing leads back from it.
CREATE TABLE IF NOT EXISTS help_code (
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (site, name)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS help_code_request ON help_code (site, request);

-- How often a public page was read on a day, about which state (empty: all
-- together); only numbers that passed usage.h's threshold are here.
CREATE TABLE IF NOT EXISTS usage_day (
    site TEXT NOT NULL,
    day BIGINT NOT NULL,
    page TEXT NOT NULL,
    area TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (site, day, page, area)
) @CLUSTERED@;

-- Where a grant that was opened here is answered, and what was answered: the
-- text is in a box that only the other house opens.
CREATE TABLE IF NOT EXISTS grant_door (
    site TEXT NOT NULL,
    issuer TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (site, issuer, id)
) @CLUSTERED@;
CREATE TABLE IF NOT EXISTS grant_reply (
    site TEXT NOT NULL,
    issuer TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    answer TEXT NOT NULL,
    posted BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (site, issuer, id, number)
) @CLUSTERED@;

-- Answers of other houses to grants of this one that were noted. hash: of the
-- signed text, so that the same again is known.
CREATE TABLE IF NOT EXISTS grant_heard (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    referral TEXT NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (site, id, number)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS grant_heard_referral
    ON grant_heard (site, referral);

-- Places that were public and are no longer: telephones that keep the directory
-- drop them. Nothing but the id and when.
CREATE TABLE IF NOT EXISTS public_gone (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;
CREATE INDEX IF NOT EXISTS public_gone_changed ON public_gone (site, changed);

-- How often public pages were read on a day that is not over, left by a server
-- that was stopped to the next one: sealed under a key of the house.
CREATE TABLE IF NOT EXISTS usage_kept (
    site TEXT NOT NULL,
    id TEXT NOT NULL,
    sealed @BLOB@ NOT NULL,
    PRIMARY KEY (site, id)
) @CLUSTERED@;

-- Lists of one state, by name.
CREATE INDEX IF NOT EXISTS public_place_state
    ON public_place (site, admin1, folded, id, due, flags, place_type);

-- Places of a kind, for words that stand for one (domain/directory/finding.h).
CREATE INDEX IF NOT EXISTS public_place_type
    ON public_place (site, place_type);
