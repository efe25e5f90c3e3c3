/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* static.c - libmicrohttpd serving so many bytes from memory: the limit for
 * pages. `static PORT BYTES`, ends with standard input.
 */
#include <microhttpd.h>
#include <unistd.h>

#include <stdint.h>

static struct MHD_Response *answer;

static enum MHD_Result serve(void *context, struct MHD_Connection *connection,
                             const char *url, const char *method,
                             const char *version, const char *data,
                             size_t *size, void **state)
{
    (void)url;
    (void)method;
    (void)version;
    (void)data;
    (void)size;
    if (!*state) { /* answering before the request is read would close it */
        *state = context ? context : &answer;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 200, answer);
}

int main(int argc, char **argv)
{
    struct MHD_Daemon *daemon;
    size_t bytes;
    char *body, byte;

    if (argc != 3)
        return 2;
    bytes = strtoul(argv[2], NULL, 10);
    body = malloc(bytes + 1);
    memset(body, 'x', bytes);
    answer =
        MHD_create_response_from_buffer(bytes, body, MHD_RESPMEM_PERSISTENT);
    daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD,
                              (uint16_t)strtoul(argv[1], NULL, 10), NULL, NULL,
                              serve, NULL, MHD_OPTION_THREAD_POOL_SIZE, 2u,
                              MHD_OPTION_END);
    if (!daemon)
        return 3;
    while (read(0, &byte, 1) > 0)
        ;
    MHD_stop_daemon(daemon);
    MHD_destroy_response(answer);
    free(body);
    return 0;
}
