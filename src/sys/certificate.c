/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* certificate.c - self-signed certificates by libcrypto, kept in one file that
 * is written whole or not at all.
 */
#include "sys/certificate.h"

#include "core/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { FILE_MAX = 64 * 1024 };

/* --- this machine --------------------------------------------------------- */

static void add_name(struct buf *out, const char *name)
{
    if (out->size)
        buf_putc(out, ' ');
    buf_puts(out, name);
}

static void add_addresses(struct buf *out, bool loopback)
{
    struct ifaddrs *list = NULL;
    char text[NI_MAXHOST];

    if (getifaddrs(&list))
        return;
    for (struct ifaddrs *at = list; at; at = at->ifa_next) {
        int family = at->ifa_addr ? at->ifa_addr->sa_family : AF_UNSPEC;
        socklen_t size = family == AF_INET ? sizeof(struct sockaddr_in)
                                           : sizeof(struct sockaddr_in6);

        if ((family != AF_INET && family != AF_INET6) ||
            !(at->ifa_flags & IFF_UP) ||
            !(at->ifa_flags & IFF_LOOPBACK) == loopback ||
            getnameinfo(at->ifa_addr, size, text, sizeof(text), NULL, 0,
                        NI_NUMERICHOST) ||
            strchr(text, '%')) /* link-local: means nothing elsewhere */
            continue;
        add_name(out, text);
    }
    freeifaddrs(list);
}

struct str certificate_names(struct arena *arena)
{
    char name[256] = "";
    struct buf out;

    buf_init(&out, arena);
    add_name(&out, "localhost");
    add_addresses(&out, true);
    if (gethostname(name, sizeof(name) - 1) == 0 && name[0])
        add_name(&out, name);
    add_addresses(&out, false);
    return buf_str(&out);
}

/* --- making --------------------------------------------------------------- */

/* DNS:… and IP:… as X509V3_EXT_conf_nid wants them. Names that could mean
 * something to it are left out. */
static struct str alternative_names(struct arena *arena, struct str names)
{
    unsigned char address[sizeof(struct in6_addr)];
    struct str name;
    struct buf out;

    buf_init(&out, arena);
    while (str_cut(&names, ' ', &name)) {
        const char *text = str_c(arena, name);
        bool is_address = inet_pton(AF_INET, text, address) == 1 ||
                          inet_pton(AF_INET6, text, address) == 1;

        if (!name.size || strpbrk(text, ",;@=[]\"\\") ||
            (!is_address && strchr(text, ':')))
            continue;
        if (out.size)
            buf_putc(&out, ',');
        buf_puts(&out, is_address ? "IP:" : "DNS:");
        buf_put(&out, name);
    }
    return buf_str(&out);
}

static bool add_extension(X509 *certificate, int kind, const char *text)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool good;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, kind, text);
    good = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return good;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    BIGNUM *number;
    bool good;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, 16 bytes */
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    good = number &&
           BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return good;
}

/* The subject names nobody: who asks before the handshake reads it. */
static X509 *certificate_new(EVP_PKEY *key, const char *names)
{
    X509 *certificate = X509_new();
    X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;
    bool good = name && X509_set_version(certificate, X509_VERSION_3) &&
                set_serial(certificate) &&
                X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) &&
                X509_gmtime_adj(X509_getm_notAfter(certificate),
                                (long)CERTIFICATE_DAYS * 24 * 3600) &&
                X509_set_pubkey(certificate, key) &&
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                           (const unsigned char *)"cobijo", -1,
                                           -1, 0) &&
                X509_set_issuer_name(certificate, name) &&
                add_extension(certificate, NID_subject_alt_name, names) &&
                add_extension(certificate, NID_basic_constraints,
                              "critical,CA:FALSE") &&
                add_extension(certificate, NID_key_usage,
                              "critical,digitalSignature") &&
                add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
                X509_sign(certificate, key, EVP_sha256());

    if (!good) {
        X509_free(certificate);
        certificate = NULL;
    }
    return certificate;
}

/* --- the file ------------------------------------------------------------- */

static enum error say_file(struct err *err, const char *path, int number)
{
    err_set(err, ERROR_STORE,
            N_("No se puede usar el archivo del certificado {1}: revise que "
               "exista su carpeta, que haya espacio y que sea de esta "
               "cuenta."),
            path, NULL, NULL);
    if (err)
        snprintf(err->detail, sizeof(err->detail), "%s", strerror(number));
    return ERROR_STORE;
}

static enum error say_broken(struct err *err, const char *path)
{
    return err_set(err, ERROR_STORE,
                   N_("El archivo {1} no tiene un certificado con su clave. "
                      "Bórrelo para hacer uno nuevo, o dé otro archivo."),
                   path, NULL, NULL);
}

/* An empty text: there is no such file. */
static enum error file_read(const char *path, struct arena *arena,
                            struct str *text, struct err *err)
{
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char *bytes = arena_alloc(arena, FILE_MAX);
    ssize_t size = 0, got = 0;

    *text = STR("");
    if (file < 0)
        return errno == ENOENT ? ERROR_NONE : say_file(err, path, errno);
    while (bytes && size < FILE_MAX &&
           (got = read(file, bytes + size, (size_t)(FILE_MAX - size))) > 0)
        size += got;
    close(file);
    if (!bytes)
        return err_memory(err);
    if (got < 0)
        return say_file(err, path, errno);
    if (size == 0 || size == FILE_MAX)
        return say_broken(err, path);
    *text = (struct str){bytes, (size_t)size};
    return ERROR_NONE;
}

static bool write_all(int file, struct str text)
{
    while (text.size) {
        ssize_t wrote = write(file, text.at, text.size);

        if (wrote < 0)
            return false;
        text = str_slice(text, (size_t)wrote, text.size);
    }
    return fsync(file) == 0;
}

static enum error file_write(const char *path, struct arena *arena,
                             struct str text, struct err *err)
{
    const char *fresh =
        str_c(arena, str_format(arena, "%s.new-%ld", path, (long)getpid()));
    int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = file >= 0 && write_all(file, text);
    int number = errno;

    if (file >= 0 && close(file))
        good = false;
    if (good && rename(fresh, path) == 0)
        return ERROR_NONE;
    if (good)
        number = errno;
    if (file >= 0)
        unlink(fresh);
    return say_file(err, path, number);
}

/* --- together ------------------------------------------------------------- */

struct pair {
    X509 *certificate;
    EVP_PKEY *key;
};

static int no_passphrase(char *out, int room, int writing, void *context)
{
    (void)out;
    (void)room;
    (void)writing;
    (void)context;
    return 0;
}

static bool pair_read(struct pair *pair, struct str text)
{
    BIO *bio = BIO_new_mem_buf(text.at, (int)text.size);

    if (!bio)
        return false;
    pair->certificate = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    pair->key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return pair->certificate && pair->key &&
           X509_check_private_key(pair->certificate, pair->key) == 1;
}

static bool runs_out(const X509 *certificate)
{
    int days = 0, seconds = 0;

    return !ASN1_TIME_diff(&days, &seconds, NULL,
                           X509_get0_notAfter(certificate)) ||
           days < CERTIFICATE_RENEW_DAYS;
}

static bool pair_make(struct pair *pair, struct arena *arena, struct str names)
{
    struct str list = alternative_names(arena, names);

    X509_free(pair->certificate);
    if (!pair->key)
        pair->key = EVP_EC_gen("P-256");
    pair->certificate =
        pair->key ? certificate_new(pair->key, str_c(arena, list)) : NULL;
    ERR_clear_error();
    return pair->certificate != NULL;
}

static bool pair_write(const struct pair *pair, struct arena *arena,
                       struct str *text)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    char *bytes = NULL;
    long size;
    bool good = bio && PEM_write_bio_X509(bio, pair->certificate) &&
                PEM_write_bio_PKCS8PrivateKey(bio, pair->key, NULL, NULL, 0,
                                              NULL, NULL);

    if (good && (size = BIO_get_mem_data(bio, &bytes)) > 0)
        *text = str_copy(arena, (struct str){bytes, (size_t)size});
    BIO_free(bio);
    return good && text->size;
}

static struct str fingerprint_of(const X509 *certificate, struct arena *arena)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    struct buf out;

    buf_init(&out, arena);
    X509_digest(certificate, EVP_sha256(), hash, &size);
    for (unsigned i = 0; i < size; i++)
        buf_printf(&out, "%s%02X", i ? ":" : "", hash[i]);
    return buf_str(&out);
}

enum error certificate_open(const char *path, struct str names,
                            struct arena *arena, struct certificate *out,
                            struct err *err)
{
    struct pair pair = {0};
    struct str text = STR("");
    enum error error = file_read(path, arena, &text, err);

    *out = (struct certificate){0};
    if (error)
        return error;
    if (text.size && !pair_read(&pair, text))
        error = say_broken(err, path);
    else if (!text.size || runs_out(pair.certificate)) {
        out->made = true;
        if (!pair_make(&pair, arena, names) || !pair_write(&pair, arena, &text))
            error = err_memory(err);
        else
            error = file_write(path, arena, text, err);
    }
    if (!error) {
        out->pem = text;
        out->fingerprint = fingerprint_of(pair.certificate, arena);
    }
    X509_free(pair.certificate);
    EVP_PKEY_free(pair.key);
    return error;
}
