#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# attachments that do nothing: see inert.mjs
exec node test/inert.mjs
