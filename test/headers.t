#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# every answer carries its headers: see headers.mjs
exec node test/headers.mjs
