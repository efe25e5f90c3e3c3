/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes as CBOR, an attestation object, authenticator data and a COSE key:
 * what is read lies within them. */
#include "domain/account/cbor.h"
#include "domain/account/passkey.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void within(struct str part, struct str whole)
{
    if (part.size > 0 &&
        (part.at < whole.at || part.at + part.size > whole.at + whole.size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str whole = {(const char *)bytes, size}, format, data;
    struct authenticator said;
    struct verify_key key;
    struct cbor item;
    size_t used = 0;

    if (cbor_open(whole, &item, &used)) {
        if (used == 0 || used > size || item.type == CBOR_NONE)
            abort();
        within(item.text, whole);
        within(cbor_get(&item, "fmt").text, whole);
        within(cbor_get_int(&item, -2).text, whole);
    }
    if (attestation_read(whole, &format, &data)) {
        within(format, whole);
        within(data, whole);
        whole = data;
    }
    if (authenticator_read(whole, &said)) {
        within(said.rp_hash, whole);
        within(said.id, whole);
        within(said.key, whole);
        whole = said.key.size ? said.key : whole;
    }
    if (cose_key_read(NULL, whole, &key)) {
        within(key.a, whole);
        within(key.b, whole);
    }
    return 0;
}
