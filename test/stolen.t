#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# the laptop is stolen while it is off: see stolen.mjs
exec node test/stolen.mjs
