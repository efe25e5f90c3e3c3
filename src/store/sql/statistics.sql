-- SPDX-License-Identifier: AGPL-3.0-or-later
-- statistics.sql - what a large store is like, for SQLite, which counts
-- nothing by itself and then takes a whole site for ten rows; PostgreSQL
-- counts. fileformat2.html, "The sqlite_stat1 table": rows in the index, then
-- how many share its first column, its first two, and so on. install.c says
-- the same of the tables of forms.
ANALYZE store_meta; -- makes the table
DELETE FROM sqlite_stat1 WHERE tbl IN
    ('entry', 'entry_body', 'record', 'token', 'token_set', 'public_place',
     'public_near', 'public_service', 'public_word', 'public_organization');
INSERT INTO sqlite_stat1 VALUES
    ('entry', 'entry', '1000000 1000000 1'),
    ('entry', 'entry_id', '1000000 1000000 1'),
    ('entry', 'entry_record', '1000000 1000000 3 1 1 1'),
    ('entry', 'entry_subject', '1000000 1000000 10 1 1 1'),
    ('entry', 'entry_form', '40 40 1'),
    ('entry_body', 'entry_body', '1000000 1000000 1'),
    ('record', 'record', '1000000 1000000 1'),
    ('token', 'token', '20000000 20000000 2000000 40 1'),
    ('token_set', 'token_set', '1000000 1000000 1'),
    ('public_place', 'sqlite_autoindex_public_place_1', '1000000 1000000 1'),
    ('public_place', 'public_place_where', '1000000 1000000 30000 400 1 1'),
    ('public_place', 'public_place_name', '1000000 1000000 1 1 1 1 1'),
    ('public_place', 'public_place_state',
     '1000000 1000000 30000 1 1 1 1 1'),
    ('public_place', 'public_place_type', '1000000 1000000 50000'),
    ('public_place', 'public_place_changed', '1000000 1000000 10 1'),
    ('public_place', 'public_place_due', '1000000 1000000 2000 1'),
    ('public_near', 'public_near', '5000000 5000000 100000 2 1'),
    ('public_near', 'public_near_place', '5000000 5000000 5'),
    ('public_service', 'public_service', '2000000 2000000 1 1 1'),
    ('public_service', 'public_service_spot', '2000000 2000000 1'),
    ('public_service', 'public_service_place', '2000000 2000000 2 1'),
    ('public_service', 'public_service_organization',
     '2000000 2000000 20 1'),
    ('public_word', 'public_word', '10000000 10000000 1000 1'),
    ('public_word', 'public_word_place', '10000000 10000000 10'),
    ('public_organization', 'sqlite_autoindex_public_organization_1',
     '100000 100000 1'),
    ('public_organization', 'public_organization_name', '100000 100000 1 1');
