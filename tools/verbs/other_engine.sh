#!/bin/sh
# SPDX-License-Identifier: MIT
# A program in place of `verbs` that prints something else: the check of docs/engine.md must fail.
echo "not the text of $1"
