/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* load.c - a small HTTP load generator for the benchmarks: N connections that
 * are kept open, one request after another on each, every latency kept.
 *
 *     load PORT CLIENTS SECONDS TOKEN get FILE      paths, one per line, random
 *     load PORT CLIENTS SECONDS - get FILE          the same as nobody
 *     load PORT CLIENTS SECONDS - packed FILE       and compressed
 *     load PORT CLIENTS SECONDS TOKEN register      POST /record/person, random
 *     load PORT CLIENTS SECONDS TOKEN submit        POST /submission of the
 *                                      form encuesta (bench/encuesta.csv),
 * random
 *
 * Prints one line: requests per second, p50 and p99 in ms, bytes per answer,
 * how many answers were not 2xx.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <stdbool.h>
#include <stdint.h>

enum { SAMPLES_MAX = 1 << 20, BUFFER = 1 << 18 };

struct plan {
    int port;
    double seconds;
    const char *token;
    bool submit, packed;
    char **path; /* NULL: register, or submit */
    size_t paths;
};

struct client {
    const struct plan *plan;
    uint64_t random;
    float *sample;
    size_t samples, wrong;
    uint64_t bytes;
    bool broken;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t next_random(struct client *client)
{
    client->random ^= client->random << 13;
    client->random ^= client->random >> 7;
    client->random ^= client->random << 17;
    return client->random;
}

static int open_connection(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port)};
    struct timeval limit = {.tv_sec = 30};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
        perror("load: connect");
        exit(3);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static size_t make_get(struct client *client, char *out, size_t size)
{
    const struct plan *plan = client->plan;

    const char *path = plan->path[next_random(client) % plan->paths];
    bool nobody = strcmp(plan->token, "-") == 0;

    return (size_t)snprintf(out, size,
                            "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: "
                            "text/html\r\n%s%s%s%s\r\n",
                            path,
                            plan->packed ? "Accept-Encoding: gzip\r\n" : "",
                            nobody ? "" : "Authorization: Bearer ",
                            nobody ? "" : plan->token, nobody ? "" : "\r\n");
}

static size_t make_register(struct client *client, char *out, size_t size)
{
    static const char *const given[] = {"María", "José", "Wilmer", "Yesenia",
                                        "Kevin", "Ana",  "Jean",   "Rosa"};
    static const char *const surname[] = {"López",     "Hernández", "Pérez",
                                          "Mejía",     "Pierre",    "Rodríguez",
                                          "Velásquez", "Caal"};
    static const char *const nation[] = {"HND", "GTM", "SLV", "VEN", "HTI"};
    uint64_t r = next_random(client);
    char body[512];
    int length = snprintf(
        body, sizeof body,
        "{\"given_names\":\"%s %c%c%c\",\"first_surname\":\"%s\","
        "\"second_surname\":\"%s\",\"sex\":\"%s\",\"birth_date\":"
        "\"%d-%02d\",\"nationality\":\"%s\",\"country_of_birth\":\"%s\"}",
        given[r % 8], (char)('A' + (r >> 8) % 26), (char)('a' + (r >> 16) % 26),
        (char)('a' + (r >> 24) % 26), surname[(r >> 32) % 8],
        surname[(r >> 40) % 8], r & 1 ? "M" : "H", (int)(1960 + (r >> 44) % 50),
        (int)(1 + (r >> 50) % 12), nation[(r >> 54) % 5],
        nation[(r >> 54) % 5]);

    return (size_t)snprintf(out, size,
                            "POST /record/person HTTP/1.1\r\nHost: 127.0.0.1"
                            "\r\nAccept: application/json\r\nContent-Type: "
                            "application/json\r\nAuthorization: Bearer %s\r\n"
                            "Content-Length: %d\r\n\r\n%s",
                            client->plan->token, length, body);
}

/* The document a telephone would send: all questions answered, groups and
 * metadata as Collect writes them. */
static int instance(struct client *client, char *out, size_t size)
{
    uint64_t r = next_random(client), id = next_random(client);

    return snprintf(
        out, size,
        "<?xml version='1.0' ?><data id=\"encuesta\" version=\"2026112203\" "
        "xmlns:jr=\"http://openrosa.org/javarosa\" "
        "xmlns:orx=\"http://openrosa.org/xforms\">"
        "<start>2026-11-22T10:00:00.000-06:00</start>"
        "<end>2026-11-22T10:%02u:00.000-06:00</end>"
        "<deviceid>collect:%012llx</deviceid>"
        "<visita><fecha>2026-11-%02u</fecha><lugar>Casa %u</lugar>"
        "<turno>%c</turno><punto>19.%06u -99.%06u 2240.0 5.0</punto></visita>"
        "<gente><adultas>%u</adultas><adultos>%u</adultos><ninas>%u</ninas>"
        "<ninos>%u</ninos><total>0</total><necesidades>comida otro"
        "</necesidades><otra_necesidad>Cosa %u</otra_necesidad></gente>"
        "<lugar_estado><agua>bien</agua><luz>regular</luz><banos>mal</banos>"
        "<temperatura>%u.5</temperatura><riesgo>si</riesgo><que_riesgo>Un "
        "techo roto %u</que_riesgo><nota>Nota de prueba %u</nota>"
        "</lugar_estado><orx:meta><orx:instanceID>uuid:%08x-%04x-4%03x-8%03x-"
        "%012llx</orx:instanceID></orx:meta></data>",
        (unsigned)(r % 60), (unsigned long long)(r >> 16),
        (unsigned)(1 + (r >> 24) % 21), (unsigned)(r % 1000), "mtn"[r % 3],
        (unsigned)(r % 1000000), (unsigned)((r >> 8) % 1000000),
        (unsigned)(r >> 10) % 90, (unsigned)(r >> 17) % 90,
        (unsigned)(r >> 24) % 90, (unsigned)(r >> 31) % 90,
        (unsigned)(r >> 9) % 1000, (unsigned)(r >> 20) % 40,
        (unsigned)(r >> 32) % 100, (unsigned)(r >> 32), (unsigned)id,
        (unsigned)(id >> 32) & 0xffff, (unsigned)(id >> 48) & 0xfff,
        (unsigned)r & 0xfff, (unsigned long long)(r >> 16));
}

static size_t make_submit(struct client *client, char *out, size_t size)
{
    static const char head[] =
        "--collect\r\nContent-Disposition: form-data; "
        "name=\"xml_submission_file\"; filename=\"v.xml\"\r\n"
        "Content-Type: text/xml\r\n\r\n";
    static const char tail[] = "\r\n--collect--\r\n";
    char xml[2048];
    int length = instance(client, xml, sizeof xml);

    return (size_t)snprintf(
        out, size,
        "POST /submission HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "X-OpenRosa-Version: 1.0\r\nContent-Type: multipart/form-data; "
        "boundary=collect\r\nAuthorization: Bearer %s\r\n"
        "Content-Length: %zu\r\n\r\n%s%s%s",
        client->plan->token, (size_t)length + sizeof head + sizeof tail - 2,
        head, xml, tail);
}

/* Reads one answer; its status, 0 when the connection broke. */
static int read_answer(int fd, char *buffer, uint64_t *bytes)
{
    size_t have = 0, need = 0;
    char *end = NULL;

    while (!need || have < need) {
        ssize_t got = recv(fd, buffer + have, BUFFER - 1 - have, 0);

        if (got <= 0)
            return 0;
        have += (size_t)got;
        buffer[have] = '\0';
        if (!end && (end = strstr(buffer, "\r\n\r\n"))) {
            char *length = strstr(buffer, "\r\nContent-Length:");

            need = (size_t)(end + 4 - buffer) +
                   (length ? strtoul(length + 17, NULL, 10) : 0);
            if (need >= BUFFER)
                return 0;
        }
    }
    *bytes += have;
    return (int)strtol(buffer + 9, NULL, 10);
}

static void *run(void *context)
{
    struct client *client = context;
    char *buffer = malloc(BUFFER), request[4096];
    int fd = open_connection(client->plan->port);
    double start, finish = now() + client->plan->seconds;

    while ((start = now()) < finish && client->samples < SAMPLES_MAX) {
        size_t size = client->plan->path
                          ? make_get(client, request, sizeof request)
                      : client->plan->submit
                          ? make_submit(client, request, sizeof request)
                          : make_register(client, request, sizeof request);
        int status;

        if (send(fd, request, size, MSG_NOSIGNAL) != (ssize_t)size ||
            !(status = read_answer(fd, buffer, &client->bytes))) {
            client->broken = true;
            break;
        }
        client->wrong += status < 200 || status > 299;
        client->sample[client->samples++] = (float)((now() - start) * 1e3);
    }
    close(fd);
    free(buffer);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    const float *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static void read_paths(struct plan *plan, const char *name)
{
    FILE *file = fopen(name, "r");
    char line[512];
    size_t capacity = 0;

    if (!file) {
        perror(name);
        exit(2);
    }
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (plan->paths == capacity) {
            capacity = capacity ? capacity * 2 : 1024;
            plan->path = realloc(plan->path, capacity * sizeof *plan->path);
        }
        plan->path[plan->paths++] = strdup(line);
    }
    fclose(file);
}

int main(int argc, char **argv)
{
    struct plan plan = {0};
    size_t clients, total = 0, wrong = 0, broken = 0, at = 0;
    uint64_t bytes = 0;
    struct client *client;
    pthread_t *thread;
    float *all;

    if (argc < 6)
        return 2;
    plan.port = (int)strtol(argv[1], NULL, 10);
    clients = strtoul(argv[2], NULL, 10);
    plan.seconds = strtod(argv[3], NULL);
    plan.token = argv[4];
    plan.submit = strcmp(argv[5], "submit") == 0;
    plan.packed = strcmp(argv[5], "packed") == 0;
    if (argc > 6)
        read_paths(&plan, argv[6]);
    client = calloc(clients, sizeof *client);
    thread = calloc(clients, sizeof *thread);
    for (size_t i = 0; i < clients; i++) {
        client[i] = (struct client){
            .plan = &plan,
            .random = 88172645463325252u ^ (i + 1) * 2654435761u ^
                      (uint64_t)(now() * 1e6),
            .sample = malloc(SAMPLES_MAX * sizeof(float))};
        pthread_create(&thread[i], NULL, run, &client[i]);
    }
    for (size_t i = 0; i < clients; i++) {
        pthread_join(thread[i], NULL);
        total += client[i].samples;
        wrong += client[i].wrong;
        broken += client[i].broken;
        bytes += client[i].bytes;
    }
    all = malloc((total + 1) * sizeof *all);
    for (size_t i = 0; i < clients; i++) {
        memcpy(all + at, client[i].sample, client[i].samples * sizeof *all);
        at += client[i].samples;
    }
    qsort(all, total, sizeof *all, compare);
    printf("%.1f %.3f %.3f %.0f %zu\n", (double)total / plan.seconds,
           total ? (double)all[total / 2] : 0,
           total ? (double)all[total * 99 / 100] : 0,
           total ? (double)bytes / (double)total : 0, wrong + broken);
    return 0;
}
