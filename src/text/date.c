/* SPDX-License-Identifier: MIT */
/* "Fri, 21 Nov 1997 09:55:06 -0600", and what section 4.3 lets stand of older forms. Knows no locale. */
#include "text/date.h"

#include <string.h>
#include <strings.h>

struct rest {
    const char *at;
    const char *end;
};

static void skip_blanks(struct rest *rest) {
    while (rest->at < rest->end && (*rest->at == ' ' || *rest->at == '\t')) {
        rest->at++;
    }
}

static bool take(struct rest *rest, char octet) {
    bool there = rest->at < rest->end && *rest->at == octet;

    rest->at += there;
    return there;
}

/* `least` to `most` digits. */
static bool take_number(struct rest *rest, size_t least, size_t most, int *number) {
    size_t digits = 0;

    *number = 0;
    while (digits < most && rest->at < rest->end && *rest->at >= '0' && *rest->at <= '9') {
        *number = *number * 10 + (*rest->at++ - '0');
        digits++;
    }
    return digits >= least;
}

static bool take_month(struct rest *rest, int *month) {
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (*month = 0; *month < 12 && rest->end - rest->at >= 3; ++*month) {
        if (strncasecmp(rest->at, names + 3 * *month, 3) == 0) {
            rest->at += 3;
            return true;
        }
    }
    return false;
}

/* Two or three digits count from 1900, below 50 from 2000 (section 4.3). */
static bool take_year(struct rest *rest, int *year) {
    const char *begin = rest->at;

    if (!take_number(rest, 2, 4, year)) {
        return false;
    }
    if (rest->at - begin < 4) {
        *year += rest->at - begin == 2 && *year < 50 ? 2000 : 1900;
    }
    return true;
}

static bool take_time(struct rest *rest, int *seconds) {
    int hour;
    int minute;
    int second = 0;

    if (!take_number(rest, 1, 2, &hour) || !take(rest, ':') || !take_number(rest, 2, 2, &minute) ||
        (take(rest, ':') && !take_number(rest, 2, 2, &second))) {
        return false;
    }
    *seconds = (hour * 60 + minute) * 60 + second;
    return hour < 24 && minute < 60 && second <= 60;
}

/* Minutes east of UTC. */
static int take_zone(struct rest *rest) {
    bool west = take(rest, '-');
    int number;

    if ((!west && !take(rest, '+')) || !take_number(rest, 4, 4, &number)) {
        return 0;
    }
    number = number / 100 * 60 + number % 100;
    return west ? -number : number;
}

static bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* From 1970 on; years and months as people count them, but months from 0. */
static bool count_days(int year, int month, int day, int64_t *days) {
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    bool leap_day = is_leap(year) && month == 1;
    int64_t years = year - 1;

    if (year < 1900 || day < 1 || day > before[month + 1] - before[month] + leap_day) {
        return false;
    }
    *days = years * 365 + years / 4 - years / 100 + years / 400 - 719162 + before[month] +
            (is_leap(year) && month > 1) + day - 1;
    return true;
}

bool date_read(const char *value, size_t n, int64_t *seconds) {
    struct rest rest = {value, value + n};
    const char *comma = memchr(value, ',', n);
    int day, month, year, of_day;
    int64_t days;

    rest.at = comma != NULL ? comma + 1 : value;
    skip_blanks(&rest);
    if (!take_number(&rest, 1, 2, &day)) {
        return false;
    }
    skip_blanks(&rest);
    if (!take_month(&rest, &month)) {
        return false;
    }
    skip_blanks(&rest);
    if (!take_year(&rest, &year) || !count_days(year, month, day, &days)) {
        return false;
    }
    skip_blanks(&rest);
    if (!take_time(&rest, &of_day)) {
        return false;
    }
    skip_blanks(&rest);
    *seconds = days * 86400 + of_day - (int64_t)60 * take_zone(&rest);
    return true;
}
