/* SPDX-License-Identifier: MIT */
/* The baton. The thread that called nxhost_run or tx_kernel_enter hands it to one ThreadX thread at a time and gets it
 * back when that one blocks; with nobody ready it waits for descriptors and deadlines. */
#include "sched.h"

#include "clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#define LEAST_STACK ((size_t)256 * 1024)
#define HOST_STACK ((size_t)256 * 1024) /* for what no RTOS has on a thread's stack: TLS, a libc's printf, sanitizers */

struct watch {
    struct watch *next;
    int fd;
    void (*ready)(void *);
    void *context;
};

static struct {
    struct nxhost_thread *threads;
    struct nxhost_thread *running;
    struct watch *watches;
    sem_t back;
    uint64_t order;
    bool stopping;
    struct pollfd *polled;
    size_t polled_room;
} world;

static void wait_for(sem_t *semaphore) {
    while (sem_wait(semaphore) != 0 && errno == EINTR) {}
}

struct nxhost_thread *sched_self(void) {
    return world.running;
}

struct nxhost_thread *sched_find(const TX_THREAD *control) {
    struct nxhost_thread *thread = world.threads;
    while (thread != NULL && thread->control != control) {
        thread = thread->next;
    }
    return thread;
}

uint64_t sched_deadline(ULONG wait_option) {
    return wait_option == TX_WAIT_FOREVER ? SCHED_NEVER : clock_ticks() + wait_option;
}

/* --- Threads ----------------------------------------------------------------------------------------------------- */

struct nxhost_thread *sched_add(TX_THREAD *control, ULONG stack_size) {
    struct nxhost_thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL) {
        return NULL;
    }
    thread->control = control;
    control->tx_thread_stack_size = stack_size;
    sem_init(&thread->baton, 0, 0);
    struct nxhost_thread **end = &world.threads;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = thread;
    return thread;
}

/* Runs on the thread's own stack: the entry function, or nothing when it was killed before or in it. */
static void *run(void *argument) {
    struct nxhost_thread *self = argument;
    wait_for(&self->baton);
    if (!self->killed && setjmp(self->leave) == 0) {
        self->entry(self->input);
        self->control->tx_thread_state = TX_COMPLETED;
    }
    if (world.running == self) {
        sem_post(&world.back);
    }
    return NULL;
}

static bool start(struct nxhost_thread *thread) {
    size_t asked = ((size_t)thread->control->tx_thread_stack_size + 0xFFFF) & ~(size_t)0xFFFF;
    size_t stack = (asked < LEAST_STACK ? LEAST_STACK : asked) + HOST_STACK;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack);
    thread->killed = false;
    thread->started = pthread_create(&thread->pthread, &attributes, run, thread) == 0;
    pthread_attr_destroy(&attributes);
    return thread->started;
}

void sched_reap(struct nxhost_thread *thread) {
    if (thread->started) {
        thread->killed = true;
        sem_post(&thread->baton);
        pthread_join(thread->pthread, NULL);
        thread->started = false;
        sem_destroy(&thread->baton);
        sem_init(&thread->baton, 0, 0);
    }
}

void sched_remove(struct nxhost_thread *thread) {
    sched_reap(thread);
    struct nxhost_thread **link = &world.threads;
    while (*link != thread) {
        link = &(*link)->next;
    }
    *link = thread->next;
    sem_destroy(&thread->baton);
    free(thread);
}

_Noreturn void sched_leave(void) {
    longjmp(world.running->leave, 1);
}

/* --- Becoming ready, blocking ------------------------------------------------------------------------------------ */

void sched_ready(struct nxhost_thread *thread) {
    TX_THREAD *control = thread->control;
    thread->wait = (struct sched_wait){.fd = -1};
    thread->order = ++world.order;
    control->tx_thread_state = control->tx_thread_delayed_suspend ? TX_SUSPENDED : TX_READY;
    control->tx_thread_delayed_suspend = TX_FALSE;
}

static void wake(struct nxhost_thread *thread, enum sched_wake reason) {
    thread->wake = reason;
    sched_ready(thread);
}

void sched_abort(struct nxhost_thread *thread) {
    wake(thread, SCHED_ABORTED);
}

static bool is_blocked(const struct nxhost_thread *thread) {
    UINT state = thread->control->tx_thread_state;
    return state == TX_SLEEP || state == TX_SEMAPHORE_SUSP || state == TX_MUTEX_SUSP || state == TX_TCP_IP;
}

static bool waits_on(const struct nxhost_thread *thread, const void *channel) {
    return is_blocked(thread) && thread->wait.channel == channel;
}

void sched_wake_all(const void *channel) {
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        if (waits_on(t, channel)) {
            wake(t, SCHED_WOKEN);
        }
    }
}

struct nxhost_thread *sched_wake_first(const void *channel) {
    struct nxhost_thread *first = NULL;
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        if (waits_on(t, channel) && (first == NULL || t->order < first->order)) {
            first = t;
        }
    }
    if (first != NULL) {
        wake(first, SCHED_WOKEN);
    }
    return first;
}

struct nxhost_thread *sched_most_urgent_waiter(const void *channel) {
    struct nxhost_thread *urgent = NULL;
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        if (waits_on(t, channel) &&
            (urgent == NULL || t->control->tx_thread_priority < urgent->control->tx_thread_priority)) {
            urgent = t;
        }
    }
    return urgent;
}

/* Hands the baton back and returns when this thread has it again, or never when it was killed meanwhile. */
static void hand_back(struct nxhost_thread *self) {
    sem_post(&world.back);
    wait_for(&self->baton);
    if (self->killed) {
        longjmp(self->leave, 1);
    }
}

enum sched_wake sched_block(UINT state, struct sched_wait wait) {
    struct nxhost_thread *self = world.running;
    if (self == NULL) {
        return SCHED_TIMEOUT;
    }
    self->wait = wait;
    self->order = ++world.order;
    self->control->tx_thread_state = state;
    hand_back(self);
    return self->wake;
}

static struct nxhost_thread *most_urgent_ready(void) {
    struct nxhost_thread *best = NULL;
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        if (t->control->tx_thread_state != TX_READY) {
            continue;
        }
        UINT priority = t->control->tx_thread_priority;
        if (best == NULL || priority < best->control->tx_thread_priority ||
            (priority == best->control->tx_thread_priority && t->order < best->order)) {
            best = t;
        }
    }
    return best;
}

static void wake_sleepers(void) {
    uint64_t now = clock_ticks();
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        if (is_blocked(t) && t->wait.deadline <= now) {
            wake(t, SCHED_TIMEOUT);
        }
    }
}

/* A thread that may not be preempted by everybody (preemption threshold) gives way to the more urgent of them only. */
static bool must_give_way(const struct nxhost_thread *self) {
    const TX_THREAD *mine = self->control;
    const struct nxhost_thread *best = most_urgent_ready();
    if (mine->tx_thread_state != TX_READY) {
        return true;
    }
    return best != NULL && best->control->tx_thread_priority < mine->tx_thread_priority &&
           best->control->tx_thread_priority < mine->tx_thread_preempt_threshold;
}

void sched_give_way(void) {
    if (world.running != NULL) {
        wake_sleepers();
        if (must_give_way(world.running)) {
            hand_back(world.running);
        }
    }
}

void sched_go_last(void) {
    if (world.running != NULL) {
        world.running->order = ++world.order;
        hand_back(world.running);
    }
}

/* --- Waiting with nobody ready ----------------------------------------------------------------------------------- */

void sched_watch(int fd, void (*ready)(void *), void *context) {
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch != NULL) {
        *watch = (struct watch){world.watches, fd, ready, context};
        world.watches = watch;
    }
}

void sched_unwatch(int fd) {
    for (struct watch **link = &world.watches; *link != NULL;) {
        struct watch *watch = *link;
        if (watch->fd == fd) {
            *link = watch->next;
            free(watch);
        } else {
            link = &watch->next;
        }
    }
}

static bool add_descriptor(size_t count, int fd, short events) {
    if (count == world.polled_room) {
        size_t room = world.polled_room * 2 + 8;
        struct pollfd *larger = realloc(world.polled, room * sizeof *larger);
        if (larger == NULL) {
            return false;
        }
        world.polled = larger;
        world.polled_room = room;
    }
    world.polled[count] = (struct pollfd){.fd = fd, .events = events};
    return true;
}

static size_t collect_descriptors(void) {
    size_t count = 0;
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        if (is_blocked(t) && t->wait.fd >= 0 && add_descriptor(count, t->wait.fd, t->wait.events)) {
            count++;
        }
    }
    for (struct watch *w = world.watches; w != NULL; w = w->next) {
        if (add_descriptor(count, w->fd, POLLIN)) {
            count++;
        }
    }
    return count;
}

static void descriptor_ready(int fd) {
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        if (is_blocked(t) && t->wait.fd == fd) {
            wake(t, SCHED_WOKEN);
        }
    }
    struct watch **link = &world.watches;
    while (*link != NULL && (*link)->fd != fd) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        struct watch watch = **link;
        sched_unwatch(fd);
        watch.ready(watch.context);
    }
}

static void poll_descriptors(size_t count, uint64_t until) {
    if (clock_poll(world.polled, (unsigned)count, until) <= 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (world.polled[i].revents != 0) {
            descriptor_ready(world.polled[i].fd);
        }
    }
}

static uint64_t next_deadline(void) {
    uint64_t next = SCHED_NEVER;
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        if (is_blocked(t) && t->wait.deadline < next) {
            next = t->wait.deadline;
        }
    }
    return next;
}

/* --- A world's run ----------------------------------------------------------------------------------------------- */

void sched_open(void) {
    sem_init(&world.back, 0, 0);
    world.order = 0;
    world.stopping = false;
}

void sched_stop(void) {
    world.stopping = true;
    if (world.running != NULL) {
        hand_back(world.running);
    }
}

unsigned sched_unfinished(void) {
    unsigned count = 0;
    for (struct nxhost_thread *t = world.threads; t != NULL; t = t->next) {
        UINT state = t->control->tx_thread_state;
        count += state != TX_COMPLETED && state != TX_TERMINATED;
    }
    return count;
}

static void hand_over(struct nxhost_thread *thread) {
    if (!thread->started && !start(thread)) {
        fprintf(stderr, "nxhost: the host cannot start a thread for %s\n", thread->control->tx_thread_name);
        abort();
    }
    thread->control->tx_thread_run_count++;
    world.running = thread;
    sem_post(&thread->baton);
    wait_for(&world.back);
    world.running = NULL;
}

enum nxhost_end sched_loop(void) {
    while (!world.stopping) {
        size_t descriptors = collect_descriptors();
        if (descriptors > 0) {
            poll_descriptors(descriptors, 0);
        }
        wake_sleepers();
        struct nxhost_thread *next = most_urgent_ready();
        if (next != NULL) {
            hand_over(next);
            continue;
        }
        uint64_t deadline = next_deadline();
        if (deadline == SCHED_NEVER && descriptors == 0) {
            return sched_unfinished() > 0 ? NXHOST_STUCK : NXHOST_FINISHED;
        }
        if (sched_unfinished() == 0) {
            return NXHOST_FINISHED;
        }
        poll_descriptors(collect_descriptors(), deadline);
    }
    return NXHOST_STOPPED;
}

void sched_close(void) {
    while (world.threads != NULL) {
        sched_remove(world.threads);
    }
    while (world.watches != NULL) {
        sched_unwatch(world.watches->fd);
    }
    free(world.polled);
    world.polled = NULL;
    world.polled_room = 0;
    sem_destroy(&world.back);
}
