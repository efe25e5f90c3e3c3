/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_proof.c - signed notes (with the vector of golang.org/x/mod/sumdb/note),
 * checkpoints, two houses that witness one another, proofs of entries.
 */
#include "domain/proof/proof.h"

#include "core/base64.h"
#include "domain_fixture.h"
#include "store/tree.h"
#include "sys/seal.h"

static const unsigned char key_a[32] = "llave de prueba de la casa A....";
static const unsigned char key_b[32] = "llave de prueba de la casa B....";

/* --- notes ---------------------------------------------------------------- */

#define GO_TEXT                                                                \
    "If you think cryptography is the answer to your problem,\n"               \
    "then you don't know what your problem is.\n"
#define GO_SIGNATURE                                                           \
    "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNI" \
    "uGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define GO_KEY                                                                 \
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

static bool reads(struct fixture *fixture, const char *text)
{
    struct note note;
    struct err err = {0};

    return !note_parse(&fixture->arena, str_of(text), &note, &err);
}

static void check_note(struct tap *tap, struct fixture *fixture)
{
    static const char *const bad[] = {
        "",
        "\n",
        GO_TEXT,
        GO_TEXT "\n",
        GO_TEXT GO_SIGNATURE,
        GO_TEXT "\n\n",
        GO_TEXT "\n" GO_SIGNATURE "\n",
        GO_TEXT "\n- PeterNeumann x08go/ZJkuBS9UG/\n",
        GO_TEXT "\n\xe2\x80\x94 PeterNeumann\n",
        GO_TEXT "\n\xe2\x80\x94 PeterNeumann x08g\n",
        GO_TEXT "\n\xe2\x80\x94 Peter+Neumann x08go/ZJkuA=\n",
        GO_TEXT "\n\xe2\x80\x94 Peter x08go/ZJkuA\n",
        GO_TEXT "\n\xe2\x80\x94 Peter x08go_ZJkuA=\n",
        GO_TEXT "\n\xe2\x80\x94 Peter x08go/ZJkuB=\n",
        GO_TEXT "\n\xe2\x80\x94 Peter x08 go/ZJkuA=\n",
        "a\tb\n\n" GO_SIGNATURE,
        "\xff\n\n" GO_SIGNATURE,
    };
    const struct host *host = &fixture->host;
    struct note note;
    struct note_key key;
    struct err err = {0};
    unsigned char seed[40];
    struct buf bytes;
    int refused = 0;

    tap_ok(tap,
           !note_parse(&fixture->arena, STR(GO_TEXT "\n" GO_SIGNATURE), &note,
                       &err) &&
               !note_key_parse(host, &fixture->arena, STR(GO_KEY), &key, &err),
           "the note and key of sumdb/note are read");
    tap_ok(tap, note_holds(host, &note, &key, NULL), "and the note holds");
    tap_ok(tap, str_equal_c(note_key_text(&fixture->arena, &key), GO_KEY),
           "the key is written as it was");
    buf_init(&bytes, &fixture->arena);
    base64_read(&bytes, STR("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"));
    memcpy(seed, bytes.at + 1, 32);
    tap_ok(tap,
           str_equal_c(
               note_sign(host, &fixture->arena, STR(GO_TEXT), &key, seed, 0),
               GO_SIGNATURE),
           "its seed gives the same signature, byte for byte");
    note.text = STR("If you think cryptography is THE answer\n");
    tap_ok(tap, !note_holds(host, &note, &key, NULL), "another text does not");
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        refused += !reads(fixture, bad[i]);
    tap_is_int(tap, refused, sizeof(bad) / sizeof(*bad),
               "what is not a note is refused");
    refused = 0;
    for (size_t i = 1; i < sizeof(GO_KEY) - 1; i++)
        refused += note_key_parse(host, &fixture->arena,
                                  (struct str){GO_KEY, i}, &key, &err) != 0;
    tap_is_int(tap, refused, sizeof(GO_KEY) - 2, "so is every cut key");
}

/* cosignature/v1 as its page writes it down: id, instant in eight bytes, then
 * Ed25519 over two lines and the note's text. */
static void check_cosignature(struct tap *tap, struct fixture *fixture)
{
    const struct host *host = &fixture->host;
    struct str text = STR("example.com/behind-the-sofa\n20852163\n"
                          "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
    struct str line, name;
    struct note_key key;
    struct note note;
    struct err err = {0};
    unsigned char public_key[32];
    int64_t seconds = 0;
    struct buf bytes;

    host->sealer->sign_public(key_a, public_key);
    note_key_make(host, STR("witness.example.com/w1"), NOTE_COSIGNATURE,
                  public_key, &key);
    line = note_sign(host, &fixture->arena, text, &key, key_a, 1679315147);
    tap_ok(tap,
           !note_parse(&fixture->arena,
                       str_format(&fixture->arena, "%.*s\n%.*s", STR_ARGS(text),
                                  STR_ARGS(line)),
                       &note, &err) &&
               note_holds(host, &note, &key, &seconds) && seconds == 1679315147,
           "a cosignature holds and tells its instant");
    line = str_slice(line, 4, line.size - 1);
    str_cut(&line, ' ', &name);
    buf_init(&bytes, &fixture->arena);
    base64_read(&bytes, line);
    tap_ok(tap,
           bytes.size == 76 &&
               memcmp(bytes.at + 4, "\0\0\0\0\x64\x18\x50\xcb", 8) == 0 &&
               host->sealer->verify(
                   public_key,
                   STR("cosignature/v1\ntime 1679315147\n"
                       "example.com/behind-the-sofa\n20852163\n"
                       "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"),
                   (unsigned char *)bytes.at + 12),
           "its bytes are those of cosignature/v1");
}

/* --- two houses ----------------------------------------------------------- */

struct houses {
    struct tap *tap;
    struct fixture *a, *b;
    struct task at_a, at_b;
    struct str log_key, witness_key; /* of A's log, of B as a witness */
};

static void add_people(struct fixture *fixture, int count)
{
    for (int i = 0; i < count; i++)
        fixture_person(fixture, "{'given_names':'Inventada'}");
}

static struct str checkpoint_of(struct houses *houses)
{
    struct proof_checkpoint newest = {0};
    struct err err = {0};

    if (checkpoint_make(&houses->at_a, &newest, NULL, &err))
        fixture_say(&err);
    return newest.note;
}

static struct str request_of(struct houses *houses, int64_t old)
{
    struct str text = STR_NULL;
    struct err err = {0};

    if (checkpoint_request(&houses->at_a, STR_NULL, old, &text, &err))
        fixture_say(&err);
    return text;
}

static enum error witness(struct houses *houses, struct str text,
                          struct str key, struct str *note)
{
    struct err err = {0};
    struct str spare;

    return checkpoint_witness(&houses->at_b, text, key, note ? note : &spare,
                              &err);
}

static enum error accept(struct houses *houses, struct str note, struct str key)
{
    struct err err = {0};
    size_t accepted = 0;
    int64_t size = 0;

    return checkpoint_accept(&houses->at_a, note, key, &accepted, &size, &err);
}

static int64_t entries_of(struct fixture *fixture)
{
    int64_t size = 0;
    struct err err = {0};

    db_get_int(fixture->db, &size, NULL, &err,
               "SELECT seq FROM site_head WHERE site = $1", "t",
               fixture->office.log.site);
    return size;
}

static void check_keys(struct houses *houses)
{
    struct proof_keys keys;
    struct err err = {0};
    struct task bare = houses->at_a;
    struct office office = houses->a->office;

    office.site_key = NULL;
    bare.office = &office;
    tap_is_int(houses->tap, proof_keys_open(&bare, &keys, &err),
               ERROR_FORBIDDEN, "a house without a key says so");
    proof_keys_open(&houses->at_a, &keys, &err);
    houses->log_key = note_key_text(&houses->a->arena, &keys.log);
    proof_keys_open(&houses->at_b, &keys, &err);
    houses->witness_key = note_key_text(&houses->a->arena, &keys.witness);
}

static void check_first(struct houses *houses)
{
    struct tap *tap = houses->tap;
    struct proof_checkpoint one, two;
    struct str note, cosigned = STR_NULL;
    struct err err = {0};
    bool made = false;

    checkpoint_make(&houses->at_a, &one, &made, &err);
    tap_ok(tap, made && one.checkpoint.size == entries_of(houses->a),
           "a checkpoint of all entries");
    checkpoint_make(&houses->at_a, &two, &made, &err);
    tap_ok(tap, !made && str_equal(one.note, two.note),
           "nothing new: the same one");
    note = one.note;
    tap_is_int(tap, witness(houses, note, STR_NULL, NULL), ERROR_INPUT,
               "a log that is not known needs its key");
    tap_is_int(tap, witness(houses, note, houses->witness_key, NULL),
               ERROR_INPUT, "another key does not do");
    tap_is_int(tap, witness(houses, note, houses->log_key, &cosigned),
               ERROR_NONE, "the first time, with its key");
    tap_ok(tap, str_starts(cosigned, note) && cosigned.size > note.size,
           "the note comes back with one more signature");
    tap_is_int(tap, accept(houses, cosigned, STR_NULL), ERROR_INPUT,
               "home: a witness that is not known");
    tap_is_int(tap, accept(houses, note, houses->witness_key), ERROR_INPUT,
               "home: a note that she did not sign");
    tap_is_int(tap, accept(houses, cosigned, houses->log_key), ERROR_INPUT,
               "home: a key that is no witness's");
    tap_is_int(tap, accept(houses, cosigned, houses->witness_key), ERROR_NONE,
               "home, with her key");
    checkpoint_newest(&houses->at_a, &two, &made, &err);
    tap_ok(tap, str_equal(two.note, cosigned), "it is kept with both");
    tap_is_int(tap, accept(houses, cosigned, STR_NULL), ERROR_NONE,
               "again, and nothing is doubled");
    checkpoint_newest(&houses->at_a, &two, &made, &err);
    tap_ok(tap, str_equal(two.note, cosigned), "indeed");
}

static void check_second(struct houses *houses)
{
    struct tap *tap = houses->tap;
    struct str text, cosigned = STR_NULL, changed;
    int64_t before = entries_of(houses->a);
    struct peer *peer = NULL;
    size_t count = 0;
    struct err err = {0};

    add_people(houses->a, 7);
    checkpoint_of(houses);
    tap_is_int(tap, witness(houses, checkpoint_of(houses), STR_NULL, NULL),
               ERROR_INPUT, "a longer log without a proof");
    tap_is_int(tap,
               witness(houses, request_of(houses, before - 1), STR_NULL, NULL),
               ERROR_INPUT, "with a proof from another size");
    text = request_of(houses, before);
    changed = str_copy(&houses->a->arena, text);
    ((char *)(uintptr_t)changed.at)[10] ^= 1;
    tap_ok(tap, witness(houses, changed, STR_NULL, NULL) != ERROR_NONE,
           "with a proof that was changed");
    tap_is_int(tap, witness(houses, text, STR_NULL, &cosigned), ERROR_NONE,
               "with the right one");
    tap_is_int(tap, accept(houses, cosigned, STR_NULL), ERROR_NONE, "home");
    tap_ok(tap,
           !peer_list(&houses->at_a, "witness", &peer, &count, &err) &&
               count == 1 && peer[0].size == entries_of(houses->a),
           "how far the witness is, is known");
    add_people(houses->a, 1);
    checkpoint_of(houses);
    tap_ok(tap,
           !checkpoint_request(&houses->at_a, peer[0].name, 0, &text, &err) &&
               !witness(houses, text, STR_NULL, NULL),
           "so the next file is made for her by name");
    tap_is_int(tap, witness(houses, cosigned, STR_NULL, NULL), ERROR_CONFLICT,
               "an older note is refused");
    tap_is_int(tap,
               checkpoint_witness(&houses->at_a, checkpoint_of(houses),
                                  houses->log_key, &text, &err),
               ERROR_INPUT, "nobody is her own witness");
}

/* The same house signs another history. */
static void check_fork(struct houses *houses)
{
    struct tap *tap = houses->tap;
    struct fixture *a = houses->a;
    struct fixture twin;
    struct houses other = *houses;
    struct str text;
    struct err err = {0};
    struct proof_checkpoint out;

    twin = (struct fixture){0};
    if (!fixture_init(&twin, false, "America/Mexico_City")) {
        tap_ok(tap, false, "a twin");
        return;
    }
    twin.host.sealer = &seal_native;
    twin.office.site_key = key_a;
    twin.office.log.site = a->office.log.site;
    fixture_person(&twin, "{'given_names':'Otra'}");
    add_people(&twin, (int)(entries_of(a) - entries_of(&twin)) + 2);
    other.a = &twin;
    other.at_a = fixture_task(&twin, "system");
    checkpoint_of(&other);
    text = request_of(&other, entries_of(a));
    tap_is_int(tap, witness(&other, text, STR_NULL, NULL), ERROR_CONFLICT,
               "a fork that the house itself signed is not witnessed");
    checkpoint_newest(&other.at_a, &out, &(bool){false}, &err);
    tap_is_int(tap, accept(houses, out.note, STR_NULL), ERROR_INPUT,
               "nor taken home without a witness");
    fixture_release(&twin);
}

/* Who may write the database gives a row the root that suits her; only the
 * signature is beyond her. */
static enum error forge(struct db *db, void *context, struct err *err)
{
    const struct checkpoint *forged = context;

    return db_run(db, NULL, err, "UPDATE checkpoint SET size = $1, root = $2",
                  "ib", forged->size,
                  (struct str){(const char *)forged->root, 32});
}

static void check_forged(struct houses *houses)
{
    struct proof_checkpoint out;
    struct merkle_source source;
    struct fixture twin = {0};
    struct task task;
    struct tree tree;
    struct err err = {0};
    struct checkpoint forged = {0};
    int64_t size = 0;

    if (!fixture_init(&twin, false, "America/Mexico_City")) {
        tap_ok(houses->tap, false, "a twin");
        return;
    }
    twin.host.sealer = &seal_native;
    twin.office.site_key = key_a;
    task = fixture_task(&twin, "system");
    fixture_person(&twin, "{'given_names':'Otra'}");
    tap_is_int(houses->tap, checkpoint_make(&task, &out, NULL, &err),
               ERROR_NONE, "a twin signs");
    tree_open(&tree, &twin.office.log, twin.db, &size, &err);
    source = tree_source(&tree);
    forged.size = size - 1;
    merkle_source_root(&source, (uint64_t)forged.size, forged.root);
    tap_is_int(houses->tap, office_change(&twin.office, forge, &forged, &err),
               ERROR_NONE, "somebody writes into the table");
    tap_is_int(houses->tap, checkpoint_make(&task, &out, NULL, &err),
               ERROR_STORE, "on no checkpoint that she did not sign");
    fixture_release(&twin);
}

static void check_proofs(struct houses *houses)
{
    struct tap *tap = houses->tap;
    struct str person = fixture_person(houses->a, "{'given_names':'Prueba'}");
    struct str text = STR_NULL, note;
    struct err err = {0};
    size_t count = 0;
    int64_t seq = 0;
    int held = 0;

    tap_is_int(tap, proof_of(&houses->at_a, person, &text, &count, &err),
               ERROR_NOT_FOUND, "what no checkpoint covers has no proof");
    note = checkpoint_of(houses);
    err = (struct err){0};
    tap_ok(tap,
           !proof_of(&houses->at_a, person, &text, &count, &err) &&
               count == 1 && str_ends(text, note),
           "then it has");
    tap_ok(tap,
           !proof_check(&houses->at_b, text, houses->log_key, &seq, &err) &&
               seq == entries_of(houses->a),
           "which another house checks with the key alone");
    for (size_t i = 0; i < text.size; i++) {
        struct str copy = str_copy(&houses->a->arena, text);

        ((char *)(uintptr_t)copy.at)[i] ^= 4;
        held += !proof_check(&houses->at_b, copy, houses->log_key, &seq, &err);
    }
    tap_is_int(tap, held, 0, "no byte of it can be changed");
}

static void check_points(struct houses *houses)
{
    struct tap *tap = houses->tap;
    struct task *task = &houses->at_a;
    struct log_point *point = NULL;
    struct log_fault fault = {0};
    struct err err = {0};
    size_t count = 0;
    int64_t entries = 0;

    tap_ok(tap,
           !proof_points(task, checkpoint_of(houses), STR_NULL, &point, &count,
                         &err) &&
               count > 3,
           "the checkpoints of the store and one from outside");
    tap_ok(tap,
           !log_verify_points(&houses->a->office.log, houses->a->db,
                              &houses->a->arena, point, count, &entries, &fault,
                              &err),
           "the log stands up to all of them");
    point[1].root[3] ^= 1;
    tap_ok(tap,
           log_verify_points(&houses->a->office.log, houses->a->db,
                             &houses->a->arena, point, count, &entries, &fault,
                             &err) &&
               fault.seq == point[0].size + 1 && fault.last == point[1].size,
           "and another root is told with its stretch");
    point[1].root[3] ^= 1;
    point[count - 1].size += 5;
    tap_ok(tap,
           log_verify_points(&houses->a->office.log, houses->a->db,
                             &houses->a->arena, point, count, &entries, &fault,
                             &err) &&
               fault.seq == entries_of(houses->a) + 1 &&
               fault.last == point[count - 1].size,
           "so are entries that were there once");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct fixture b;
    struct houses houses = {.tap = tap, .a = fixture, .b = &b};

    fixture->host.sealer = &seal_native;
    fixture->office.site_key = key_a;
    check_note(tap, fixture);
    check_cosignature(tap, fixture);
    if (!tap_ok(tap, fixture_init(&b, false, "America/Mexico_City"),
                "another house"))
        return;
    b.host.sealer = &seal_native;
    b.office.site_key = key_b;
    b.office.log.site = STR("018f0000-0000-7000-8000-00000000000b");
    houses.at_a = fixture_task(fixture, "system");
    houses.at_b = fixture_task(&b, "system");
    check_keys(&houses);
    check_first(&houses);
    check_second(&houses);
    check_fork(&houses);
    check_forged(&houses);
    check_proofs(&houses);
    check_points(&houses);
    fixture_release(&b);
}

int main(void)
{
    return fixture_main(check);
}
