/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* listen.c - the listening socket. */
#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static enum error wrong_address(struct err *err, const char *address)
{
    return err_set(err, ERROR_USAGE,
                   N_("La dirección de escucha «{1}» no está bien escrita: "
                      "se espera algo como 127.0.0.1:8080."),
                   address, NULL, NULL);
}

/* host:port, [v6]:port, :port */
static bool split(const char *address, char host[64], unsigned *port)
{
    struct str text = str_of(address);
    size_t colon = SIZE_MAX;
    int64_t number;

    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == ':')
            colon = i;
    if (colon == SIZE_MAX ||
        !str_to_int(str_slice(text, colon + 1, text.size), &number) ||
        number < 0 || number > 65535)
        return false;
    *port = (unsigned)number;
    text = str_slice(text, 0, colon);
    if (text.size > 1 && text.at[0] == '[' && text.at[text.size - 1] == ']')
        text = str_slice(text, 1, text.size - 1);
    if (text.size == 0)
        text = STR("0.0.0.0");
    if (text.size >= 64)
        return false;
    snprintf(host, 64, "%.*s", STR_ARGS(text));
    return true;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, address, sizeof(v4));
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, address, sizeof(v6));
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    }
    return false;
}

static unsigned real_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;

    if (getsockname(fd, (struct sockaddr *)&address, &size))
        return 0;
    if (address.ss_family == AF_INET6) {
        memcpy(&v6, &address, sizeof(v6));
        return ntohs(v6.sin6_port);
    }
    memcpy(&v4, &address, sizeof(v4));
    return ntohs(v4.sin_port);
}

static int socket_open(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, SOCK_STREAM, 0), on = 1, failed;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, 511)) {
        failed = errno;
        close(fd);
        errno = failed;
        return -1;
    }
    return fd;
}

enum error listener_open(struct listener *listener, const char *address,
                         struct err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *info = NULL;
    char port[8], detail[128];

    *listener = (struct listener){.socket = -1};
    if (!split(address, listener->host, &listener->port))
        return wrong_address(err, address);
    snprintf(port, sizeof(port), "%u", listener->port);
    if (getaddrinfo(listener->host, port, &hints, &info) || !info)
        return wrong_address(err, address);
    listener->loopback = is_loopback(info->ai_addr);
    listener->socket = socket_open(info);
    freeaddrinfo(info);
    if (listener->socket < 0) {
        snprintf(detail, sizeof(detail), "%s: %s", address, strerror(errno));
        err_set(err, ERROR_INTERNAL,
                N_("No se puede escuchar en {1}: tal vez otro programa ya "
                   "usa ese puerto."),
                address, NULL, NULL);
        snprintf(err->detail, sizeof(err->detail), "%s", detail);
        return ERROR_INTERNAL;
    }
    listener->port = real_port(listener->socket);
    return ERROR_NONE;
}
