/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* replay.c - runs files through a fuzz target: a crash ends it, as the fuzzer
 * would have seen it. Prints TAP.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { SIZE_LIMIT = 16 * 1024 * 1024 };

static int replay(const char *path)
{
    FILE *in = fopen(path, "rb");
    uint8_t *room = malloc(SIZE_LIMIT), *bytes;
    size_t size = 0;

    if (!in || !room) {
        free(room);
        return 0;
    }
    size = fread(room, 1, SIZE_LIMIT, in);
    fclose(in);
    /* a block of its own size, so that the sanitizer sees its end */
    bytes = malloc(size ? size : 1);
    for (size_t i = 0; bytes && i < size; i++)
        bytes[i] = room[i];
    free(room);
    if (bytes)
        LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return bytes != NULL;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        printf("%sok %d - %s\n", replay(argv[i]) ? "" : "not ", i, argv[i]);
        fflush(stdout);
    }
    printf("1..%d\n", argc - 1);
    return 0;
}
