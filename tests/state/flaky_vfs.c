/* SPDX-License-Identifier: MIT */
/* See flaky_vfs.h. A file is a shim in front of the file of the system's VFS. */
#include "flaky_vfs.h"

#include <sqlite3.h>
#include <string.h>

struct flaky_file {
    sqlite3_file base;
    sqlite3_file real[]; /* szOsFile octets of the system's VFS */
};

static sqlite3_vfs *system_vfs;
static sqlite3_vfs flaky;
static enum flaky_failure kind;
static unsigned long left;
static bool failing;
static bool lasting;
static bool failed;

void flaky_arm(enum flaky_failure failure, unsigned long n, bool for_good) {
    kind = failure;
    left = n;
    failing = n != 0;
    lasting = for_good;
    failed = false;
}

bool flaky_failed(void) {
    return failed;
}

static bool fails_now(void) {
    if (!failing || (left > 1 && --left > 0)) {
        return false;
    }
    failing = lasting;
    left = 1;
    failed = true;
    return true;
}

/* For operations that need no space. */
static bool io_fails(void) {
    return kind == FLAKY_IO && fails_now();
}

static sqlite3_file *real_of(sqlite3_file *file) {
    return ((struct flaky_file *)file)->real;
}

static int file_close(sqlite3_file *file) {
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int file_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset) {
    return io_fails() ? SQLITE_IOERR_READ : real_of(file)->pMethods->xRead(real_of(file), out, size, offset);
}

static int file_write(sqlite3_file *file, const void *octets, int size, sqlite3_int64 offset) {
    if (fails_now()) {
        (void)real_of(file)->pMethods->xWrite(real_of(file), octets, size / 2, offset);
        return kind == FLAKY_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    return real_of(file)->pMethods->xWrite(real_of(file), octets, size, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return io_fails() ? SQLITE_IOERR_TRUNCATE : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
    (void)file;
    (void)flags;
    return fails_now() ? (kind == FLAKY_FULL ? SQLITE_FULL : SQLITE_IOERR_FSYNC) : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return io_fails() ? SQLITE_IOERR_FSTAT : real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int file_lock(sqlite3_file *file, int level) {
    return io_fails() ? SQLITE_IOERR_LOCK : real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level) {
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_check_lock(sqlite3_file *file, int *reserved) {
    return io_fails() ? SQLITE_IOERR_CHECKRESERVEDLOCK
                      : real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int file_sector(sqlite3_file *file) {
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_device(sqlite3_file *file) {
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
    if (fails_now()) {
        return kind == FLAKY_FULL ? SQLITE_FULL : SQLITE_IOERR_SHMMAP;
    }
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    if ((flags & SQLITE_SHM_LOCK) != 0 && io_fails()) {
        return SQLITE_IOERR_SHMLOCK;
    }
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file) {
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {.iVersion = 2, /* without memory-mapped pages: reads can fail */
                                           .xClose = file_close,
                                           .xRead = file_read,
                                           .xWrite = file_write,
                                           .xTruncate = file_truncate,
                                           .xSync = file_sync,
                                           .xFileSize = file_size,
                                           .xLock = file_lock,
                                           .xUnlock = file_unlock,
                                           .xCheckReservedLock = file_check_lock,
                                           .xFileControl = file_control,
                                           .xSectorSize = file_sector,
                                           .xDeviceCharacteristics = file_device,
                                           .xShmMap = file_shm_map,
                                           .xShmLock = file_shm_lock,
                                           .xShmBarrier = file_shm_barrier,
                                           .xShmUnmap = file_shm_unmap};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *got) {
    int code;

    (void)vfs;
    file->pMethods = NULL;
    if (fails_now()) {
        return kind == FLAKY_FULL ? SQLITE_FULL : SQLITE_CANTOPEN;
    }
    code = system_vfs->xOpen(system_vfs, name, real_of(file), flags, got);
    if (real_of(file)->pMethods != NULL) {
        file->pMethods = &methods;
    }
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    return io_fails() ? SQLITE_IOERR_DELETE : system_vfs->xDelete(system_vfs, name, sync);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
    (void)vfs;
    return io_fails() ? SQLITE_IOERR_ACCESS : system_vfs->xAccess(system_vfs, name, flags, result);
}

void flaky_install(void) {
    system_vfs = sqlite3_vfs_find(NULL);
    flaky = *system_vfs;
    flaky.zName = "flaky";
    flaky.pNext = NULL;
    flaky.szOsFile = (int)sizeof(struct flaky_file) + system_vfs->szOsFile;
    flaky.xOpen = vfs_open;
    flaky.xDelete = vfs_delete;
    flaky.xAccess = vfs_access;
    (void)sqlite3_vfs_register(&flaky, 1);
}
