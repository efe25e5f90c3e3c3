/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* embed.c - a build tool: files become C text.
 *
 *     embed assets OUT FILE…   the table asset_table of web/app.h
 *     embed sql FOLDER FILE…   NAME.sql becomes FOLDER/NAME.h with sql_NAME
 *
 * ui/ is the root of what it holds (ui/css/x.css is "css/x.css"); other files
 * keep their path, form.wasm becomes "wasm/form.wasm". ui/assets.list adds
 * files from npm packages, one a line: path under which it is served, white
 * space, source file.
 */
#include <brotli/encode.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct bytes {
    unsigned char *at;
    size_t size;
};

struct file {
    char path[256];
    char source[256];
    struct bytes plain, gzip, brotli;
    char fingerprint[13];
};

struct files {
    struct file *file;
    size_t count, capacity;
};

__attribute__((noreturn, format(printf, 1, 2))) static void
die(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    fputs("embed: ", stderr);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(1);
}

static void *claim(void *block, size_t size)
{
    block = realloc(block, size ? size : 1);
    if (!block)
        die("out of memory");
    return block;
}

static struct bytes read_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    struct bytes bytes = {0};
    size_t got;

    if (!in)
        die("%s: cannot be read", path);
    do {
        bytes.at = claim(bytes.at, bytes.size + 65536);
        got = fread(bytes.at + bytes.size, 1, 65536, in);
        bytes.size += got;
    } while (got > 0);
    fclose(in);
    return bytes;
}

static bool ends(const char *text, const char *end)
{
    size_t size = strlen(text), tail = strlen(end);

    return size >= tail && strcmp(text + size - tail, end) == 0;
}

static const char *type_of(const char *path)
{
    static const char *const type[][2] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".html", "text/html; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".ico", "image/x-icon"},
        {".webp", "image/webp"},
        {".woff2", "font/woff2"},
        {".wasm", "application/wasm"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".csv", "text/csv; charset=utf-8"},
        {".po", "text/plain; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".md", "text/markdown; charset=utf-8"},
    };

    for (size_t i = 0; i < sizeof type / sizeof *type; i++)
        if (ends(path, type[i][0]))
            return type[i][1];
    return "application/octet-stream";
}

/* Templates, forms, catalogues and .po are read by the program, not served. */
static bool worth_compressing(const struct file *file)
{
    return file->plain.size > 400 &&
           (ends(file->path, ".css") || ends(file->path, ".js") ||
            ends(file->path, ".mjs") || ends(file->path, ".svg") ||
            ends(file->path, ".wasm") || ends(file->path, ".json") ||
            ends(file->path, ".webmanifest"));
}

static struct bytes gzip_bytes(struct bytes in)
{
    z_stream z = {0};
    struct bytes out = {0};

    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY))
        die("zlib");
    out.size = deflateBound(&z, in.size);
    out.at = claim(NULL, out.size);
    z.next_in = in.at;
    z.avail_in = (unsigned)in.size;
    z.next_out = out.at;
    z.avail_out = (unsigned)out.size;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        die("zlib");
    out.size = z.total_out;
    deflateEnd(&z);
    return out;
}

static struct bytes brotli_bytes(struct bytes in)
{
    struct bytes out = {0};

    out.size = BrotliEncoderMaxCompressedSize(in.size);
    out.at = claim(NULL, out.size);
    if (!BrotliEncoderCompress(11, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT,
                               in.size, in.at, &out.size, out.at))
        die("brotli");
    return out;
}

static void file_load(struct file *file)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    if (*file->source)
        file->plain = read_file(file->source);
    crypto_hash_sha256(hash, file->plain.at, file->plain.size);
    for (size_t i = 0; i < 6; i++)
        snprintf(file->fingerprint + 2 * i, 3, "%02x", hash[i]);
    if (!worth_compressing(file))
        return;
    file->gzip = gzip_bytes(file->plain);
    file->brotli = brotli_bytes(file->plain);
    if (file->gzip.size > file->plain.size * 9 / 10)
        file->gzip = file->brotli = (struct bytes){0};
}

static void files_add(struct files *files, const char *path, const char *source)
{
    struct file *file;

    if (strlen(path) >= sizeof file->path ||
        strlen(source) >= sizeof file->source)
        die("%s: path too long", path);
    if (files->count == files->capacity) {
        files->capacity = files->capacity * 2 + 64;
        files->file = claim(files->file, files->capacity * sizeof *file);
    }
    file = &files->file[files->count++];
    *file = (struct file){0};
    snprintf(file->path, sizeof file->path, "%s", path);
    snprintf(file->source, sizeof file->source, "%s", source);
}

static void files_add_list(struct files *files, const char *list)
{
    FILE *in = fopen(list, "r");
    char line[1024], path[256], source[256];

    if (!in)
        die("%s: cannot be read", list);
    while (fgets(line, sizeof line, in)) {
        if (line[0] == '#' || sscanf(line, "%255s %255s", path, source) != 2)
            continue;
        files_add(files, path, source);
    }
    fclose(in);
}

/* FOLDER/INDEX: the names of its .csv files, one a line, so that the program
 * can ask for them one by one. */
static void files_add_index(struct files *files, const char *folder)
{
    size_t size = strlen(folder), count = files->count;
    struct file index = {0};

    for (size_t i = 0; i < count; i++) {
        const char *path = files->file[i].path;
        size_t add = strlen(path) - size + 1;

        if (strncmp(path, folder, size) || !ends(path, ".csv"))
            continue;
        index.plain.at = claim(index.plain.at, index.plain.size + add + 1);
        memcpy(index.plain.at + index.plain.size, path + size, add - 1);
        index.plain.at[index.plain.size + add - 1] = '\n';
        index.plain.size += add;
    }
    snprintf(index.path, sizeof index.path, "%sINDEX", folder);
    files_add(files, index.path, "");
    files->file[files->count - 1].plain = index.plain;
}

static int file_compare(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path,
                  ((const struct file *)b)->path);
}

/* Octal escapes: a following digit cannot join them. */
static void write_literal(FILE *out, struct bytes bytes)
{
    size_t column = 0;

    fputc('"', out);
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = bytes.at[i];

        if (c == '"' || c == '\\' || c == '?')
            column += (size_t)fprintf(out, "\\%c", c);
        else if (c >= ' ' && c < 127)
            column += (size_t)fprintf(out, "%c", c);
        else
            column += (size_t)fprintf(out, "\\%03o", c);
        if (c == '\n' || column > 4000) {
            fputs("\"\n\"", out);
            column = 0;
        }
    }
    fputc('"', out);
}

static void write_bytes(FILE *out, const char *name, size_t index,
                        struct bytes bytes)
{
    if (!bytes.size)
        return;
    fprintf(out, "static const unsigned char %s_%zu[] =\n", name, index);
    write_literal(out, bytes);
    fputs(";\n", out);
}

static void write_reference(FILE *out, const char *name, size_t index,
                            struct bytes bytes)
{
    if (bytes.size)
        fprintf(out, ", %s_%zu, %zu", name, index, bytes.size);
    else
        fputs(strcmp(name, "plain") ? ", 0, 0"
                                    : ", (const unsigned char *)\"\", 0",
              out);
}

static void write_assets(FILE *out, const struct files *files)
{
    fputs("/* Made by tools/embed. */\n#include \"web/app.h\"\n\n", out);
    for (size_t i = 0; i < files->count; i++) {
        write_bytes(out, "plain", i, files->file[i].plain);
        write_bytes(out, "gzip", i, files->file[i].gzip);
        write_bytes(out, "brotli", i, files->file[i].brotli);
    }
    fputs("const struct asset asset_table[] = {\n", out);
    for (size_t i = 0; i < files->count; i++) {
        const struct file *file = &files->file[i];

        fprintf(out, "    {\"%s\", \"%s\", \"%s\"", file->path,
                type_of(file->path), file->fingerprint);
        write_reference(out, "plain", i, file->plain);
        write_reference(out, "gzip", i, file->gzip);
        write_reference(out, "brotli", i, file->brotli);
        fputs("},\n", out);
    }
    if (!files->count)
        fputs("    {0}\n", out);
    fprintf(out, "};\nconst size_t asset_count = %zu;\n", files->count);
}

static void embed_assets(const char *path, char **name, int count)
{
    struct files files = {0};
    char other[1024];
    FILE *out;

    for (int i = 0; i < count; i++) {
        if (strcmp(name[i], "ui/assets.list") == 0)
            files_add_list(&files, name[i]);
        else if (strncmp(name[i], "ui/", 3) == 0)
            files_add(&files, name[i] + 3, name[i]);
        else if (ends(name[i], "/form.wasm"))
            files_add(&files, "wasm/form.wasm", name[i]);
        else
            files_add(&files, name[i], name[i]);
    }
    if (files.count)
        qsort(files.file, files.count, sizeof *files.file, file_compare);
    files_add_index(&files, "forms/");
    files_add_index(&files, "catalog/");
    qsort(files.file, files.count, sizeof *files.file, file_compare);
    for (size_t i = 0; i < files.count; i++)
        file_load(&files.file[i]);
    snprintf(other, sizeof other, "%s.new", path);
    out = fopen(other, "w");
    if (!out)
        die("%s: cannot be written", other);
    write_assets(out, &files);
    if (fclose(out) || rename(other, path))
        die("%s: cannot be written", path);
}

static void embed_sql(const char *folder, const char *source)
{
    const char *slash = strrchr(source, '/');
    char name[256], path[1024];
    FILE *out;

    snprintf(name, sizeof name, "%s", slash ? slash + 1 : source);
    if (!ends(name, ".sql"))
        die("%s: not .sql", source);
    name[strlen(name) - 4] = '\0';
    snprintf(path, sizeof path, "%s/%s.h", folder, name);
    out = fopen(path, "w");
    if (!out)
        die("%s: cannot be written", path);
    fprintf(out, "/* Made by tools/embed from %s. */\n", source);
    fprintf(out, "__extension__ static const char sql_%s[] =\n", name);
    write_literal(out, read_file(source));
    fputs(";\n", out);
    if (fclose(out))
        die("%s: cannot be written", path);
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0)
        die("libsodium");
    if (argc >= 3 && strcmp(argv[1], "assets") == 0) {
        embed_assets(argv[2], argv + 3, argc - 3);
    } else if (argc >= 3 && strcmp(argv[1], "sql") == 0) {
        for (int i = 3; i < argc; i++)
            embed_sql(argv[2], argv[i]);
    } else {
        fputs("usage: embed assets OUT FILE… | embed sql FOLDER FILE…\n",
              stderr);
        return 2;
    }
    return 0;
}
