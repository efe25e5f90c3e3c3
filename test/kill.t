#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# killed under load: see kill.mjs
exec node test/kill.mjs
