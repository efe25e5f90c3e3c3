/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* host_wasm.h - the world of the browser build: functions of the page. */
#ifndef COBIJO_HOST_WASM_H
#define COBIJO_HOST_WASM_H

#include "core/host.h"

extern const struct host host_wasm;

#endif
