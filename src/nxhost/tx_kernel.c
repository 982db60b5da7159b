/* SPDX-License-Identifier: MIT */
/* The kernel of a program that is one ThreadX world. In an object of its own: only such a program defines
 * tx_application_define. */
#include "nxhost.h"

VOID tx_kernel_enter(VOID) {
    nxhost_run(tx_application_define);
    (void)fflush(NULL);
    exit(0);
}
