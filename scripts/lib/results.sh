# shellcheck shell=bash
# Counts what passed and what did not over several test runners. Sourced, never run.
#
#   passed NAME, failed NAME, skipped NAME    one check
#   count_ctest LOG, count_prove LOG, count_unittest LOG
#                                             the output of that runner
#   sum_up                                    prints what failed, once more, and the sum; false where
#                                             something failed

results_passed=0
results_failed=0
results_skipped=0
results_failures=()

passed() {
    results_passed=$((results_passed + 1))
    printf 'ok      %s\n' "$1"
}

failed() {
    results_failed=$((results_failed + 1))
    results_failures+=("$1")
    printf 'FAILED  %s\n' "$1"
}

# The lines of stdin, of which the first are enough to find the rest in the runner's own output.
remember_failures() {
    local -a lines
    mapfile -t -n 60 lines
    results_failures+=("${lines[@]}")
}

skipped() {
    results_skipped=$((results_skipped + 1))
    printf 'skipped %s\n' "$1"
}

# "92% tests passed, 1 tests failed out of 12"
count_ctest() {
    local line total bad
    if ! line=$(grep -E 'tests failed out of' "$1"); then
        failed "ctest ran"
        return
    fi
    total=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$line")
    bad=$(sed -E 's/.*, ([0-9]+) tests failed.*/\1/' <<<"$line")
    results_passed=$((results_passed + total - bad))
    results_failed=$((results_failed + bad))
    remember_failures < <(sed -n '/^The following tests FAILED:/,/^$/p' "$1")
}

# "Files=3, Tests=120, ..." and for each bad file "t/x.t (Wstat: 256 (exited 1) Tests: 9 Failed: 2)".
# A file that ended badly without a failed test counts as one failure.
count_prove() {
    local total bad
    if ! total=$(sed -nE 's/^Files=[0-9]+, Tests=([0-9]+),.*/\1/p' "$1") || [ -z "$total" ]; then
        failed "prove ran"
        return
    fi
    bad=$(sed -nE 's/.*\(Wstat: .* Failed: ([0-9]+)\)$/\1/p' "$1" |
        awk '{ sum += $1 > 0 ? $1 : 1 } END { print sum + 0 }')
    if [ "$bad" -eq 0 ] && ! grep -q '^Result: PASS$' "$1"; then
        bad=1
    fi
    results_passed=$((results_passed + (total > bad ? total - bad : 0)))
    results_failed=$((results_failed + bad))
    [ "$bad" -eq 0 ] ||
        remember_failures < <(grep -E '\(Wstat: ' "$1"; grep -A 9 '^# *Failed test' "$1")
}

# "Ran 12 tests in 3.4s", then "OK (skipped=1)" or "FAILED (failures=1, errors=2, skipped=1)".
count_unittest() {
    local total last bad left_out
    if ! total=$(sed -nE 's/^Ran ([0-9]+) tests? in .*/\1/p' "$1") || [ -z "$total" ]; then
        failed "the tests ran"
        return
    fi
    last=$(grep -E '^(OK|FAILED)' "$1" | tail -n 1)
    left_out=$(sed -nE 's/.*skipped=([0-9]+).*/\1/p' <<<"$last")
    # Not "expected failures=1".
    bad=$(grep -oE '[(,] ?(failures|errors)=[0-9]+' <<<"$last" | awk -F= '{ sum += $2 } END { print sum + 0 }')
    results_passed=$((results_passed + total - bad - ${left_out:-0}))
    results_failed=$((results_failed + bad))
    results_skipped=$((results_skipped + ${left_out:-0}))
    [ "$bad" -eq 0 ] || remember_failures < <(grep -E '^(ERROR|FAIL): ' "$1")
}

sum_up() {
    if [ "$results_failed" -gt 0 ]; then
        printf '== what failed\n'
        printf '%s\n' "${results_failures[@]}"
    fi
    printf '%d passed, %d failed, %d skipped\n' \
        "$results_passed" "$results_failed" "$results_skipped"
    [ "$results_failed" -eq 0 ]
}
