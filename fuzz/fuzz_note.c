/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Signed notes, checkpoints, requests for a witness, proofs of an entry: what
 * is read is written again as the same bytes, since every byte is signed. */
#include "core/note.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void same(struct str a, struct str b)
{
    if (!str_equal(a, b))
        abort();
}

static void note_again(struct arena *arena, struct str text)
{
    struct checkpoint said;
    struct err err = {0};
    struct note note;
    struct str again;

    if (note_parse(arena, text, &note, &err))
        return;
    again = str_join(arena, note.text, STR("\n"));
    for (size_t i = 0; i < note.signatures; i++)
        again = str_join(arena, again, note.signature[i].line);
    same(again, text);
    if (!checkpoint_parse(note.text, &said, &err) &&
        !str_starts(note.text, checkpoint_text(arena, &said)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct witness_request request;
    struct inclusion_proof proof;
    struct err err = {0};
    struct arena arena;
    struct str text = {(const char *)bytes, size};

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    if (!witness_request_parse(text, &request, &err)) {
        same(witness_request_text(&arena, &request), text);
        text = request.note;
    } else if (!inclusion_proof_parse(text, &proof, &err)) {
        same(inclusion_proof_text(&arena, &proof), text);
        text = proof.note;
    }
    note_again(&arena, text);
    arena_release(&arena);
    return 0;
}
