/*
 * What the sanitizers of an nginx under test are told, built in: nginx empties its environment before it
 * executes itself anew for an upgrade. REPORTS is the folder for their reports, a file a process.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

typedef void (*set_path_t)(const char *path);

/* Not there when nginx's configure tries the linker. */
extern unsigned long ngx_process __attribute__((weak));

/* leaks.py looks at resident memory with an nginx that has no quarantine. */
const char *__asan_default_options(void) {
    return "log_path=" REPORTS "/asan:detect_leaks=1:detect_stack_use_after_return=1"
           ":quarantine_size_mb=64:malloc_context_size=20:print_suppressions=0";
}

const char *__ubsan_default_options(void) {
    return "print_stacktrace=1";
}

/*
 * nginx 1.22 keeps no context of PCRE2's for long, and does not free those that it makes; what a worker has
 * for its connections is there to its end, when its cycle is freed and nothing points to it any more.
 */
const char *__lsan_default_suppressions(void) {
    return "leak:ngx_regex_malloc\nleak:ngx_event_process_init\n";
}

/* Where a configuration is refused nginx leaves as it stands. Masters and workers tidy up. */
int __lsan_is_turned_off(void) {
    return &ngx_process != NULL && ngx_process == 0;
}

/* Of what both runtimes define the first is taken, ASan's: UBSan's own has to be asked for. */
__attribute__((constructor)) static void report_to_files(void) {
    void *runtime = dlopen("libubsan.so.1", RTLD_NOW | RTLD_NOLOAD);
    set_path_t set_path = runtime == NULL ? NULL : (set_path_t)dlsym(runtime, "__sanitizer_set_report_path");

    if (set_path != NULL) {
        set_path(REPORTS "/ubsan");
    }
}
