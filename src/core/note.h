/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* note.h - signed notes and what is said in them, as C2SP writes them down:
 * signed-note, tlog-checkpoint, tlog-cosignature, and the requests of
 * tlog-witness and tlog-proof. Reading is strict: what is not exactly of the
 * format is refused, since every byte is signed.
 */
#ifndef COBIJO_NOTE_H
#define COBIJO_NOTE_H

#include "core/buf.h"
#include "core/merkle.h"
#include "core/seal.h"

enum {
    NOTE_MAX = 65536, /* bytes */
    NOTE_SIGNATURES_MAX = 32,
    NOTE_NAME_MAX = 200,
    NOTE_ED25519 = 1,    /* signs the text */
    NOTE_COSIGNATURE = 4 /* signs the text and an instant */
};

struct note_signature {
    struct str name;
    unsigned char id[4];
    struct str bytes; /* after the id */
    struct str line;  /* as it stands, with its newline */
};

struct note {
    struct str text; /* with its last newline */
    struct note_signature signature[NOTE_SIGNATURES_MAX];
    size_t signatures;
};

struct note_key {
    struct str name;
    unsigned char id[4];
    unsigned char type;
    unsigned char public_key[32];
};

struct checkpoint {
    struct str origin;
    int64_t size;
    unsigned char root[32];
};

/* --- notes ---------------------------------------------------------------- */

enum error note_parse(struct arena *arena, struct str text, struct note *note,
                      struct err *err);
/* Without spaces, "+" and control characters. */
bool note_name_valid(struct str name);
void note_key_make(const struct host *host, struct str name, unsigned char type,
                   const unsigned char public_key[32], struct note_key *key);
/* name+id+base64: the line that others keep. */
struct str note_key_text(struct arena *arena, const struct note_key *key);
enum error note_key_parse(const struct host *host, struct arena *arena,
                          struct str text, struct note_key *key,
                          struct err *err);
/* A signature of this key that holds; signed (seconds since 1970) of a
 * cosignature. */
bool note_holds(const struct host *host, const struct note *note,
                const struct note_key *key, int64_t *seconds);
/* The line of a new signature, to be put at the end of the note. seed: of the
 * key's pair. */
struct str note_sign(const struct host *host, struct arena *arena,
                     struct str text, const struct note_key *key,
                     const unsigned char seed[32], int64_t seconds);

/* --- what they say -------------------------------------------------------- */

struct str checkpoint_text(struct arena *arena,
                           const struct checkpoint *checkpoint);
enum error checkpoint_parse(struct str text, struct checkpoint *checkpoint,
                            struct err *err);

/* tlog-witness: "old 5", hashes, an empty line, the note. */
struct witness_request {
    int64_t old;
    struct merkle_path path;
    struct str note;
};
struct str witness_request_text(struct arena *arena,
                                const struct witness_request *request);
enum error witness_request_parse(struct str text,
                                 struct witness_request *request,
                                 struct err *err);

/* tlog-proof: that an entry is in the log of a checkpoint. extra: its hash. */
struct inclusion_proof {
    unsigned char leaf_data[32];
    int64_t index;
    struct merkle_path path;
    struct str note;
};
struct str inclusion_proof_text(struct arena *arena,
                                const struct inclusion_proof *proof);
enum error inclusion_proof_parse(struct str text, struct inclusion_proof *proof,
                                 struct err *err);

#endif
