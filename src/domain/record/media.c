/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* media.c - a file without what betrays. A photo from a telephone says to a
 * few metres where it was taken, which is where somebody hides; so nothing
 * of it is kept that is not the picture. What is unknown goes: the lists here
 * are of what stays. Every length is checked against what is there.
 */
#include "domain/record/media.h"

#include "core/buf.h"

static unsigned byte_at(struct str bytes, size_t at)
{
    return at < bytes.size ? (unsigned char)bytes.at[at] : 0;
}

static size_t big2(struct str bytes, size_t at)
{
    return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

static size_t big4(struct str bytes, size_t at)
{
    return (size_t)big2(bytes, at) << 16 | big2(bytes, at + 2);
}

static size_t little4(struct str bytes, size_t at)
{
    return (size_t)byte_at(bytes, at + 3) << 24 | byte_at(bytes, at + 2) << 16 |
           byte_at(bytes, at + 1) << 8 | byte_at(bytes, at);
}

static bool has(struct str bytes, size_t at, const char *text, size_t size)
{
    return bytes.size >= at + size && memcmp(bytes.at + at, text, size) == 0;
}

#define HAS(bytes, at, text) has(bytes, at, text, sizeof(text) - 1)

/* --- what it is ----------------------------------------------------------- */

static bool is_jpeg(struct str bytes)
{
    return HAS(bytes, 0, "\xff\xd8\xff");
}

static bool is_png(struct str bytes)
{
    return HAS(bytes, 0, "\x89PNG\r\n\x1a\n");
}

static bool is_webp(struct str bytes)
{
    return HAS(bytes, 0, "RIFF") && HAS(bytes, 8, "WEBP");
}

static bool is_boxes(struct str bytes)
{
    return HAS(bytes, 4, "ftyp");
}

static struct media boxes_of(struct str bytes, bool sound)
{
    static const char *const still[] = {"heic", "heix", "mif1", "msf1",
                                        "hevc", "avif", "avis"};

    for (size_t i = 0; i < sizeof still / sizeof still[0]; i++)
        if (has(bytes, 8, still[i], 4))
            return (struct media){"image/heic", "heic"};
    if (HAS(bytes, 8, "M4A") || sound)
        return (struct media){"audio/mp4", "m4a"};
    if (HAS(bytes, 8, "3gp"))
        return (struct media){"video/3gpp", "3gp"};
    return (struct media){"video/mp4", "mp4"};
}

struct media media_of(struct str bytes, struct str type_hint)
{
    bool sound = str_starts(type_hint, STR("audio/"));

    if (is_jpeg(bytes))
        return (struct media){"image/jpeg", "jpg"};
    if (is_png(bytes))
        return (struct media){"image/png", "png"};
    if (is_webp(bytes))
        return (struct media){"image/webp", "webp"};
    if (is_boxes(bytes))
        return boxes_of(bytes, sound);
    if (HAS(bytes, 0, "\x1a\x45\xdf\xa3"))
        return sound ? (struct media){"audio/webm", "weba"}
                     : (struct media){"video/webm", "webm"};
    if (HAS(bytes, 0, "OggS"))
        return (struct media){"audio/ogg", "ogg"};
    if (HAS(bytes, 0, "RIFF") && HAS(bytes, 8, "WAVE"))
        return (struct media){"audio/wav", "wav"};
    if (HAS(bytes, 0, "#!AMR"))
        return (struct media){"audio/amr", "amr"};
    if (HAS(bytes, 0, "ID3") ||
        (sound && byte_at(bytes, 0) == 0xff && byte_at(bytes, 1) >= 0xe0))
        return (struct media){"audio/mpeg", "mp3"};
    if (HAS(bytes, 0, "%PDF-"))
        return (struct media){"application/pdf", "pdf"};
    return (struct media){"application/octet-stream", "bin"};
}

bool media_is_shown(struct str type)
{
    static const char *const safe[] = {
        "image/jpeg", "image/png", "image/webp", "audio/mp4",
        "audio/mpeg", "audio/ogg", "audio/webm", "audio/wav",
        "audio/amr",  "video/mp4", "video/webm", "video/3gpp"};

    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++)
        if (str_equal_c(type, safe[i]))
            return true;
    return false;
}

/* --- JPEG ----------------------------------------------------------------- */

/* How the picture is turned (1 to 8) by its Exif segment; 1: as it is. */
static unsigned turned(struct str exif)
{
    bool little = HAS(exif, 6, "II");
    struct str tiff = str_slice(exif, 6, exif.size);
    size_t at, count;

    if (!HAS(exif, 0, "Exif\0\0") || (!little && !HAS(exif, 6, "MM")))
        return 1;
    at = little ? little4(tiff, 4) : big4(tiff, 4);
    if (at > tiff.size)
        return 1;
    count = little ? (byte_at(tiff, at) | byte_at(tiff, at + 1) << 8)
                   : big2(tiff, at);
    for (size_t i = 0; i < count && at + 14 + 12 * i <= tiff.size; i++) {
        size_t entry = at + 2 + 12 * i;
        size_t tag =
            little ? (byte_at(tiff, entry) | byte_at(tiff, entry + 1) << 8)
                   : big2(tiff, entry);
        unsigned way = byte_at(tiff, entry + (little ? 8 : 9));

        if (tag == 0x112)
            return way >= 1 && way <= 8 ? way : 1;
    }
    return 1;
}

/* An Exif segment that says how it is turned, and nothing else. */
static void put_turned(struct buf *out, unsigned way)
{
    static const char head[] = "\xff\xe1\0\x22"
                               "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03"
                               "\0\0\0\x01\0";

    buf_put(out, (struct str){head, sizeof head - 1});
    buf_putc(out, (char)way);
    buf_put(out, (struct str){"\0\0\0\0\0\0", 6});
}

static bool segment_stays(unsigned mark, struct str body)
{
    if (mark == 0xfe)
        return false; /* a comment */
    if (mark < 0xe0 || mark > 0xef)
        return true;
    return (mark == 0xe0 && HAS(body, 0, "JFIF\0")) ||
           (mark == 0xe2 && HAS(body, 0, "ICC_PROFILE\0")) ||
           (mark == 0xee && HAS(body, 0, "Adobe"));
}

/* The end of the compressed picture that begins at at. */
static size_t scan_end(struct str bytes, size_t at)
{
    while (at + 1 < bytes.size) {
        unsigned next = byte_at(bytes, at + 1);

        if (byte_at(bytes, at) == 0xff && next != 0 && next != 0xff &&
            (next < 0xd0 || next > 0xd7))
            return at;
        at++;
    }
    return bytes.size;
}

static bool jpeg_bare(struct str bytes, struct buf *out)
{
    size_t at = 2;
    bool seen = false;

    buf_put(out, str_slice(bytes, 0, 2));
    for (;;) {
        unsigned mark;
        size_t size, end;
        struct str body;

        while (byte_at(bytes, at) == 0xff && byte_at(bytes, at + 1) == 0xff)
            at++;
        mark = byte_at(bytes, at + 1);
        if (byte_at(bytes, at) != 0xff || mark == 0xd9)
            break; /* what follows the end is no part of it */
        if (mark < 0xc0 || (mark >= 0xd0 && mark <= 0xd8))
            return false; /* none that has a length */
        size = big2(bytes, at + 2);
        end = at + 2 + size;
        if (size < 2 || end > bytes.size)
            return false;
        body = str_slice(bytes, at + 4, end);
        if (mark == 0xe1 && turned(body) > 1)
            put_turned(out, turned(body));
        if (mark == 0xda) {
            end = scan_end(bytes, end);
            seen = true;
        }
        if (segment_stays(mark, body))
            buf_put(out, str_slice(bytes, at, end));
        at = end;
    }
    buf_put(out, STR("\xff\xd9"));
    return seen;
}

/* --- PNG and WebP --------------------------------------------------------- */

static bool named(struct str bytes, size_t at, const char *names)
{
    for (; *names; names += 4)
        if (has(bytes, at, names, 4))
            return true;
    return false;
}

static bool png_bare(struct str bytes, struct buf *out)
{
    size_t at = 8;

    buf_put(out, str_slice(bytes, 0, 8));
    while (at + 12 <= bytes.size) {
        size_t size = big4(bytes, at);

        if (size > bytes.size - at - 12)
            return false;
        if (named(bytes, at + 4,
                  "IHDRPLTEIDATIENDtRNSgAMAcHRMsRGBiCCPsBITbKGDpHYs"))
            buf_put(out, str_slice(bytes, at, at + 12 + size));
        if (HAS(bytes, at + 4, "IEND"))
            return true;
        at += 12 + size;
    }
    return false;
}

static void put_little4(struct buf *out, size_t number)
{
    for (int i = 0; i < 4; i++)
        buf_putc(out, (char)(number >> 8 * i & 0xff));
}

static bool webp_bare(struct arena *arena, struct str bytes, struct buf *out)
{
    size_t at = 12, end = little4(bytes, 4) + 8;
    struct buf body;

    if (end > bytes.size)
        return false;
    buf_init(&body, arena);
    while (at + 8 <= end) {
        size_t size = little4(bytes, at + 4), next = at + 8 + size + size % 2;

        if (size > end - at - 8)
            return false;
        if (HAS(bytes, at, "VP8X") && size >= 1) {
            buf_put(&body, str_slice(bytes, at, at + 8));
            buf_putc(&body, (char)(byte_at(bytes, at + 8) & 0xf3));
            buf_put(&body, str_slice(bytes, at + 9, next));
        } else if (named(bytes, at, "VP8 VP8LALPHANIMANMFICCP")) {
            buf_put(&body, str_slice(bytes, at, next));
        }
        at = next;
    }
    buf_put(out, STR("RIFF"));
    put_little4(out, body.size + 4);
    buf_put(out, STR("WEBP"));
    buf_put(out, buf_str(&body));
    return body.size > 0;
}

/* --- boxes: MP4, 3GP, QuickTime ------------------------------------------- */

/* Places stay where they are, or the film would lose its way: the box becomes
 * room that is not used. */
static void blank_box(char *at, size_t size)
{
    memcpy(at + 4, "free", 4);
    memset(at + 8, 0, size - 8);
}

static bool boxes_bare(char *bytes, size_t size, int depth)
{
    size_t at = 0;

    while (at + 8 <= size) {
        struct str rest = {bytes + at, size - at};
        size_t box = big4(rest, 0), head = 8;

        if (box == 1) { /* 64 bits; we hold no file that large */
            if (rest.size < 16 || big4(rest, 8))
                return false;
            box = big4(rest, 12);
            head = 16;
        } else if (box == 0) {
            box = rest.size;
        }
        if (box < head || box > rest.size)
            return false;
        if (named(rest, 4, "udtametauuidloci") && head == 8)
            blank_box(bytes + at, box);
        else if (named(rest, 4, "moovtrakmdia") && depth < 4 &&
                 !boxes_bare(bytes + at + head, box - head, depth + 1))
            return false;
        at += box;
    }
    return true;
}

struct str media_bare(struct arena *arena, struct str bytes)
{
    struct buf out;
    bool good = true;

    buf_init(&out, arena);
    if (is_jpeg(bytes)) {
        good = jpeg_bare(bytes, &out);
    } else if (is_png(bytes)) {
        good = png_bare(bytes, &out);
    } else if (is_webp(bytes)) {
        good = webp_bare(arena, bytes, &out);
    } else if (is_boxes(bytes) &&
               strcmp(media_of(bytes, STR("")).ending, "heic") != 0) {
        char *copy = arena_alloc(arena, bytes.size);

        if (!copy)
            return STR_NULL;
        memcpy(copy, bytes.at, bytes.size);
        return boxes_bare(copy, bytes.size, 0) ? (struct str){copy, bytes.size}
                                               : STR_NULL;
    } else {
        return bytes;
    }
    return good && !arena_failed(arena) ? buf_str(&out) : STR_NULL;
}
