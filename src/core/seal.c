/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* seal.c - which key is made of which. */
#include "core/seal.h"

void site_key_derive(const struct sealer *sealer,
                     const unsigned char site_key[32], enum site_subkey which,
                     unsigned char out[32])
{
    sealer->derive(site_key, which, "cobijo01", out);
}
