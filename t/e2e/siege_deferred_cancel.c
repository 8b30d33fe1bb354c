/*
 * Preloaded into siege. At the end of its time siege before 4.1.4 cancels its threads
 * asynchronously, wherever they are; one that dies inside gmtime_r() leaves libc's lock held, and
 * siege never ends. Deferred cancellation ends them in their next system call instead.
 */

#include <pthread.h>

int pthread_setcanceltype(int type, int *old_type) {
    (void)type;
    if (old_type) {
        *old_type = PTHREAD_CANCEL_DEFERRED;
    }
    return 0;
}
