/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* banned.h - functions that have no safe use here; force-included. */
#ifndef COBIJO_BANNED_H
#define COBIJO_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison gmtime localtime ctime asctime atoi atol atof

#endif
