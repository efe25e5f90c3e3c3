#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# what the server says names nobody: see log_canary.mjs
exec node test/log_canary.mjs
