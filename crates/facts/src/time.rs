//! A moment, which whoever has a clock passes in.

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(type = "number"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole days from this moment to `later`; negative if `later` is in the past.
    ///
    /// ```
    /// use mxray_facts::Timestamp;
    /// assert_eq!(Timestamp(0).days_until(Timestamp(86_400 * 3 + 5)), 3);
    /// ```
    #[must_use]
    pub fn days_until(self, later: Self) -> i64 {
        later.0.saturating_sub(self.0).div_euclid(86_400)
    }

    /// This moment and so many days.
    #[must_use]
    pub fn after_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(86_400)))
    }

    /// The day in UTC, as `2026-01-31`.
    ///
    /// ```
    /// use mxray_facts::Timestamp;
    /// assert_eq!(Timestamp(1_772_236_799).date(), "2026-02-27");
    /// ```
    #[must_use]
    pub fn date(self) -> String {
        let (year, month, day) = civil(self.0.div_euclid(86_400));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// The time of the day in UTC, as `23:59:59`.
    #[must_use]
    pub fn time(self) -> String {
        let second = self.0.rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    }

    /// Reads a moment of RFC 3339 §5.6; where the offset is missing, as some programs leave it out, UTC is meant.
    ///
    /// ```
    /// use mxray_facts::Timestamp;
    /// let midnight = Timestamp::from_rfc3339("2016-04-01T00:00:00Z");
    /// assert_eq!(midnight, Some(Timestamp(1_459_468_800)));
    /// assert_eq!(Timestamp::from_rfc3339("2016-04-01 02:00:00.25+02:00"), midnight);
    /// assert_eq!(Timestamp::from_rfc3339("2016-04-01"), midnight);
    /// assert_eq!(Timestamp::from_rfc3339("2016-02-30T00:00:00Z"), None);
    /// ```
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let mut numbers = date.splitn(3, '-').map(number);
        let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let days = days(year, month, day);
        if civil(days) != (year, month, day) {
            return None;
        }
        let second = if rest.is_empty() { 0 } else { second_of_day(rest.get(1..)?)? };
        Some(Self(days * 86_400 + second))
    }
}

/// The second after midnight in UTC: `23:59:59.9+02:00`.
fn second_of_day(text: &str) -> Option<i64> {
    let (clock, zone) = text.split_at_checked(8)?;
    let mut numbers = clock.splitn(3, ':').map(number);
    let (hour, minute, second) = (numbers.next()??, numbers.next()??, numbers.next()??);
    // A leap second is 60.
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let fraction =
        zone.strip_prefix('.').map(|it| it.trim_start_matches(|c: char| c.is_ascii_digit()));
    let offset = match fraction.unwrap_or(zone) {
        "" | "Z" | "z" => 0,
        offset => {
            let (sign, offset) = offset.split_at_checked(1)?;
            let (hours, minutes) = offset.split_once(':')?;
            let seconds = number(hours)? * 3600 + number(minutes)? * 60;
            match sign {
                "+" => seconds,
                "-" => -seconds,
                _ => return None,
            }
        }
    };
    Some(hour * 3600 + minute * 60 + second - offset)
}

fn number(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.len() <= 4;
    (is_number && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// Years of the Gregorian calendar come back after so many days.
const CYCLE: i64 = 146_097;

/// Year, month and day, of days since 1970-01-01. The year is counted from March on, so that the leap
/// day is its last.
fn civil(days: i64) -> (i64, i64, i64) {
    // 719,468 days lie between March 1 of year 0 and the first day of 1970.
    let days = days.saturating_add(719_468);
    let (cycle, day) = (days.div_euclid(CYCLE), days.rem_euclid(CYCLE));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + cycle * 400 + i64::from(month <= 2), month, day)
}

/// The reverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    cycle * CYCLE + year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_day_comes_back_for_eight_hundred_years() {
        for day in -CYCLE..CYCLE {
            let moment = Timestamp(day * 86_400 + 45_296);
            let text = format!("{}T{}Z", moment.date(), moment.time());
            assert_eq!(Timestamp::from_rfc3339(&text), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "yesterday",
            "2016-4-1T00:00:00Z",
            "2016-04-01T25:00:00Z",
            "2016-04-01T00:00:00X",
            "2016-04-01Tü",
        ] {
            assert_eq!(Timestamp::from_rfc3339(text), None, "{text}");
        }
    }
}
