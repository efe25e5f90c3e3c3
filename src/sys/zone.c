/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* zone.c - reads TZif (RFC 8536), the 64-bit block of version 2 and later.
 *
 * After the last transition of a file its last type holds; Debian's files
 * reach 2037, and Mexico's zones but the border's have no summer time. A zone
 * that could not be read is remembered as such and means UTC.
 */
#include "sys/zone.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ZONE_NAME_MAX = 64, ZONE_FILE_MAX = 256 * 1024, ZONES_MAX = 64 };

struct zone {
    struct zone *next;
    char name[ZONE_NAME_MAX];
    size_t count;
    int first;   /* offset before the first transition */
    int64_t *at; /* seconds, sorted */
    int *offset;
};

struct zones {
    pthread_mutex_t lock;
    struct zone *zone;
    size_t count;
    char folder[192];
};

struct zones *zones_new(const char *folder)
{
    struct zones *zones = calloc(1, sizeof(*zones));

    if (!zones)
        return NULL;
    snprintf(zones->folder, sizeof(zones->folder), "%s", folder);
    pthread_mutex_init(&zones->lock, NULL);
    return zones;
}

static void zone_free(struct zone *zone)
{
    free(zone->at);
    free(zone->offset);
    free(zone);
}

void zones_free(struct zones *zones)
{
    if (!zones)
        return;
    while (zones->zone) {
        struct zone *next = zones->zone->next;

        zone_free(zones->zone);
        zones->zone = next;
    }
    pthread_mutex_destroy(&zones->lock);
    free(zones);
}

static int64_t big_endian(const unsigned char *at, int bytes)
{
    uint64_t value = at[0] & 0x80 ? UINT64_MAX : 0;

    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return (int64_t)value;
}

struct tzif {
    size_t isutc, isstd, leap, times, types, chars;
};

static bool tzif_header(const unsigned char *at, size_t size, struct tzif *tzif)
{
    if (size < 44 || memcmp(at, "TZif", 4))
        return false;
    tzif->isutc = (uint32_t)big_endian(at + 20, 4);
    tzif->isstd = (uint32_t)big_endian(at + 24, 4);
    tzif->leap = (uint32_t)big_endian(at + 28, 4);
    tzif->times = (uint32_t)big_endian(at + 32, 4);
    tzif->types = (uint32_t)big_endian(at + 36, 4);
    tzif->chars = (uint32_t)big_endian(at + 40, 4);
    return tzif->times < 4096 && tzif->types > 0 && tzif->types < 256 &&
           tzif->leap < 4096 && tzif->chars < 4096 && tzif->isstd < 256 &&
           tzif->isutc < 256;
}

static size_t tzif_size(const struct tzif *tzif, size_t wide)
{
    return tzif->times * (wide + 1) + tzif->types * 6 + tzif->chars +
           tzif->leap * (wide + 4) + tzif->isstd + tzif->isutc;
}

static bool zone_fill(struct zone *zone, const unsigned char *at,
                      const struct tzif *tzif)
{
    const unsigned char *index = at + tzif->times * 8;
    const unsigned char *type = index + tzif->times;

    zone->at = calloc(tzif->times + 1, sizeof(*zone->at));
    zone->offset = calloc(tzif->times + 1, sizeof(*zone->offset));
    if (!zone->at || !zone->offset)
        return false;
    zone->first = (int)big_endian(type, 4);
    for (size_t i = 0; i < tzif->times; i++) {
        if (index[i] >= tzif->types)
            return false;
        zone->at[i] = big_endian(at + i * 8, 8);
        zone->offset[i] = (int)big_endian(type + index[i] * 6, 4);
    }
    zone->count = tzif->times;
    return true;
}

static bool zone_parse(struct zone *zone, const unsigned char *at, size_t size)
{
    struct tzif tzif;
    size_t skip;

    if (!tzif_header(at, size, &tzif) || at[4] < '2')
        return false;
    skip = 44 + tzif_size(&tzif, 4);
    if (skip > size || !tzif_header(at + skip, size - skip, &tzif) ||
        44 + tzif_size(&tzif, 8) > size - skip)
        return false;
    return zone_fill(zone, at + skip + 44, &tzif);
}

/* Names come from data: letters, digits and - _ + / only, no dots. */
static bool zone_name_fits(struct str name)
{
    if (name.size == 0 || name.size >= ZONE_NAME_MAX || name.at[0] == '/')
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '+' ||
              c == '/'))
            return false;
    }
    return true;
}

static struct zone *zone_read(const char *folder, struct str name)
{
    struct zone *zone = calloc(1, sizeof(*zone));
    unsigned char *bytes = malloc(ZONE_FILE_MAX);
    char path[320];
    FILE *in;

    if (zone && bytes) {
        memcpy(zone->name, name.at, name.size);
        snprintf(path, sizeof(path), "%s/%s", folder, zone->name);
        in = fopen(path, "rb");
        if (in) {
            size_t size = fread(bytes, 1, ZONE_FILE_MAX, in);

            if (!zone_parse(zone, bytes, size))
                zone->count = 0;
            fclose(in);
        }
    }
    free(bytes);
    return zone;
}

static int zone_at(const struct zone *zone, int64_t second)
{
    size_t low = 0, high = zone->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->at[middle] <= second)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? zone->offset[low - 1] : zone->first;
}

int zones_offset(struct zones *zones, struct str name, int64_t instant)
{
    int64_t second = instant >= 0 ? instant / 1000 : -((999 - instant) / 1000);
    struct zone *zone;
    int offset = 0;

    if (!zone_name_fits(name))
        return 0;
    pthread_mutex_lock(&zones->lock);
    for (zone = zones->zone; zone; zone = zone->next)
        if (str_equal_c(name, zone->name))
            break;
    if (!zone && zones->count < ZONES_MAX) {
        zone = zone_read(zones->folder, name);
        if (zone) {
            zone->next = zones->zone;
            zones->zone = zone;
            zones->count++;
        }
    }
    if (zone)
        offset = zone_at(zone, second);
    pthread_mutex_unlock(&zones->lock);
    return offset;
}
