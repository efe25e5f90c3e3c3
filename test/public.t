#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# the side for anybody, as bytes: see public.mjs
exec node test/public.mjs
