/* SPDX-License-Identifier: MIT */
/* What `satchel config init` writes. */
#include "account/account.h"

const char account_config_sample[] =
    "# Accounts for satchel. satchel-config(5) lists all keys; `satchel config check` finds what is wrong.\n"
    "# Write values that are not plain words in quotes, and passwords in single ones.\n"
    "\n"
    "#jobs = 4                                       # accounts fetched side by side\n"
    "\n"
    "#account work {\n"
    "#    url = \"pops://me@mail.example.org\"         # pops:// is TLS from the start, pop:// is STLS\n"
    "#    password-command = \"pass show mail/work\"   # or password-file, token-command; else ~/.netrc, or you are "
    "asked\n"
    "#    to = \"maildir:~/Mail/work\"                 # or mbox:~/mail.mbox\n"
    "#    keep = all                                 # nothing is deleted on the server; none, 30d, \"newest 500\"\n"
    "#}\n";
