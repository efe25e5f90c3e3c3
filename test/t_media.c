/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_media.c - files are told by their bytes, and lose what betrays: small
 * files of each kind, made here, cut at every length and with bytes turned. */
#include "core/arena.h"
#include "domain/record/media.h"
#include "tap.h"

#define BYTES(text) ((struct str){(text), sizeof(text) - 1})

static const char jpeg[] =
    "\xff\xd8"
    "\xff\xe0\0\x07JFIF\0"
    "\xff\xe1\0\x49"
    "Exif\0\0II\x2a\0\x08\0\0\0\x02\0"
    "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
    "\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0SECRET 14.9N 92.2W SECRET.."
    "\xff\xe1\0\x10http SECRET xx"
    "\xff\xe2\0\x10MPF\0SECRET    "
    "\xff\xe2\0\x10ICC_PROFILE\0\1\1"
    "\xff\xed\0\x0aSECRET  "
    "\xff\xfe\0\x08SECRET"
    "\xff\xdb\0\x05tab"
    "\xff\xda\0\x04ss"
    "data\xff\0more\xff\xd0rest"
    "\xff\xda\0\x04ss"
    "second"
    "\xff\xd9"
    "SECRET behind";
static const char jpeg_bare[] =
    "\xff\xd8"
    "\xff\xe0\0\x07JFIF\0"
    "\xff\xe1\0\x22"
    "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    "\xff\xe2\0\x10ICC_PROFILE\0\1\1"
    "\xff\xdb\0\x05tab"
    "\xff\xda\0\x04ss"
    "data\xff\0more\xff\xd0rest"
    "\xff\xda\0\x04ss"
    "second"
    "\xff\xd9";

#define PNG_HEAD "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR0123456789abcCRC1"
#define PNG_TAIL "\0\0\0\4IDATdataCRC4\0\0\0\0IENDCRC5"
static const char png[] = PNG_HEAD "\0\0\0\x06tEXtSECRETCRC2"
                                   "\0\0\0\6eXIfSECRETCRC3" PNG_TAIL "SECRET";
static const char png_bare[] = PNG_HEAD PNG_TAIL;

static const char webp[] = "RIFF\x38\0\0\0WEBP"
                           "VP8X\x0a\0\0\0\x1c\0\0\0"
                           "012345"
                           "EXIF\6\0\0\0SECRET"
                           "VP8 \3\0\0\0abc\0"
                           "XMP \0\0\0\0";
static const char webp_bare[] = "RIFF\x22\0\0\0WEBP"
                                "VP8X\x0a\0\0\0\x10\0\0\0"
                                "012345"
                                "VP8 \3\0\0\0abc\0";

static const char film[] = "\0\0\0\x10"
                           "ftypisom\0\0\0\0"
                           "\0\0\0\x28"
                           "moov"
                           "\0\0\0\x0c"
                           "mvhdabcd"
                           "\0\0\0\x14"
                           "udta+14.9 SECRET"
                           "\0\0\0\x0c"
                           "mdatabcd";

static void check_bare(struct tap *tap, const char *name, struct str bytes,
                       struct str want)
{
    struct arena arena;
    struct str got;

    arena_init(&arena, NULL);
    got = media_bare(&arena, bytes);
    if (!tap_ok(tap, str_equal(got, want), "%s: only the picture stays", name))
        printf("# %zu bytes, wanted %zu\n", got.size, want.size);
    tap_ok(tap, str_equal(media_bare(&arena, got), got),
           "%s: a second time changes nothing", name);
    arena_release(&arena);
}

/* From an allocation of exactly its size: reading over it is seen. */
static void check_damage(struct tap *tap, const char *name, struct str bytes)
{
    bool good = true;

    for (size_t size = 0; size < bytes.size; size++)
        for (int turn = 0; turn < 2; turn++) {
            struct arena arena;
            char *copy;
            struct str got;

            arena_init(&arena, NULL);
            copy = arena_alloc(&arena, size ? size : 1);
            memcpy(copy, bytes.at, size);
            if (turn && size)
                copy[size * 7 % size] ^= (char)0xff;
            got = media_bare(&arena, (struct str){copy, size});
            good = good && got.size <= size + 64;
            arena_release(&arena);
        }
    tap_ok(tap, good, "%s: cut and turned anywhere", name);
}

static void check_film(struct tap *tap)
{
    struct arena arena;
    struct str got;

    arena_init(&arena, NULL);
    got = media_bare(&arena, BYTES(film));
    tap_ok(tap,
           got.size == sizeof film - 1 &&
               str_find(got, STR("SECRET")) == SIZE_MAX &&
               str_find(got, STR("free")) < SIZE_MAX &&
               str_find(got, STR("mdatabcd")) < SIZE_MAX,
           "film: the place is blanked, nothing moves");
    tap_ok(tap, str_is_null(media_bare(&arena, str_slice(BYTES(film), 0, 30))),
           "film: half of one is damaged");
    tap_ok(tap, str_is_null(media_bare(&arena, STR("\xff\xd8\xff\xe0"))),
           "jpeg: a beginning is damaged");
    arena_release(&arena);
}

static void check_types(struct tap *tap)
{
    static const struct {
        const char *bytes, *hint, *type;
    } row[] = {
        {"\xff\xd8\xff\xe0", "text/html", "image/jpeg"},
        {"0000ftypheic", "image/jpeg", "image/heic"},
        {"0000ftypM4A ", "", "audio/mp4"},
        {"0000ftypisom", "audio/mp4", "audio/mp4"},
        {"0000ftypisom", "", "video/mp4"},
        {"0000ftyp3gp4", "", "video/3gpp"},
        {"\x1a\x45\xdf\xa3", "audio/webm", "audio/webm"},
        {"\x1a\x45\xdf\xa3", "", "video/webm"},
        {"OggS", "", "audio/ogg"},
        {"ID3", "", "audio/mpeg"},
        {"#!AMR\n", "", "audio/amr"},
        {"%PDF-1.7", "image/png", "application/pdf"},
        {"<svg onload=x>", "image/svg+xml", "application/octet-stream"},
        {"<html>", "image/png", "application/octet-stream"},
        {"", "", "application/octet-stream"},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        tap_is(tap, media_of(str_of(row[i].bytes), str_of(row[i].hint)).type,
               row[i].type, row[i].type);
    tap_ok(tap,
           !media_is_shown(STR("image/svg+xml")) &&
               !media_is_shown(STR("text/html")) &&
               !media_is_shown(STR("application/pdf")) &&
               media_is_shown(STR("image/jpeg")),
           "what can run something is not shown");
}

int main(void)
{
    struct tap tap = {0};

    check_types(&tap);
    check_bare(&tap, "jpeg", BYTES(jpeg), BYTES(jpeg_bare));
    check_bare(&tap, "png", BYTES(png), BYTES(png_bare));
    check_bare(&tap, "webp", BYTES(webp), BYTES(webp_bare));
    check_film(&tap);
    check_damage(&tap, "jpeg", BYTES(jpeg));
    check_damage(&tap, "png", BYTES(png));
    check_damage(&tap, "webp", BYTES(webp));
    check_damage(&tap, "film", BYTES(film));
    return tap_done(&tap);
}
