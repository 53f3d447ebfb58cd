use std::{collections::HashMap, sync::Arc};

use cel::{
    Context, Value,
    objects::{Key, Map},
};

/// What conditions know of a call beside its arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call<'c> {
    /// The tool.
    pub tool: &'c str,
    /// The server, by its name in the configuration.
    pub server: &'c str,
    /// The revision of MCP it is made in, such as `2025-11-25`; empty if not known.
    pub era: &'c str,
    /// Who calls; empty if not known.
    pub user: &'c str,
    /// The caller's groups.
    pub groups: &'c [String],
    /// The caller's roles.
    pub roles: &'c [String],
    /// When.
    pub time: Moment,
}

/// A moment, by the clock on somebody's wall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Seconds of Unix time.
    pub unix: u64,
    /// What that clock is ahead of UTC, in seconds.
    pub offset: i32,
}

impl Call<'_> {
    pub(super) fn declare(&self, context: &mut Context<'_, '_>) {
        context.add_variable_from_value("tool", string(self.tool));
        context.add_variable_from_value("server", string(self.server));
        context.add_variable_from_value("era", string(self.era));
        let principal =
            [("user", string(self.user)), ("groups", strings(self.groups)), ("roles", strings(self.roles))];
        context.add_variable_from_value("principal", map(principal));
        context.add_variable_from_value("time", self.time.value());
    }
}

impl Moment {
    fn value(self) -> Value {
        let local = i64::try_from(self.unix).unwrap_or(i64::MAX / 2) + i64::from(self.offset);
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        map([
            ("unix", Value::Int(i64::try_from(self.unix).unwrap_or(i64::MAX))),
            ("year", Value::Int(year)),
            ("month", Value::Int(month)),
            ("day", Value::Int(day)),
            ("hour", Value::Int(second / 3600)),
            ("minute", Value::Int(second / 60 % 60)),
            // ISO 8601: Monday is 1. The first day of Unix time was a Thursday.
            ("weekday", Value::Int((days + 3).rem_euclid(7) + 1)),
            ("date", string(&format!("{year:04}-{month:02}-{day:02}"))),
        ])
    }
}

/// The members of `principal` and `time`.
pub(super) const MEMBERS: [(&str, &[&str]); 2] = [
    ("principal", &["user", "groups", "roles"]),
    ("time", &["unix", "year", "month", "day", "hour", "minute", "weekday", "date"]),
];

/// Year, month and day of a day since the beginning of Unix time, in the Gregorian calendar: years are counted from
/// March, so that the day that is not always there comes last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

pub(super) fn string(text: &str) -> Value {
    Value::String(Arc::new(text.to_owned()))
}

fn strings(texts: &[String]) -> Value {
    Value::List(Arc::new(texts.iter().map(|text| string(text)).collect()))
}

fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter().map(|(name, value)| (Key::String(Arc::new(name.to_owned())), value));
    Value::Map(Map { map: Arc::new(members.collect::<HashMap<_, _>>()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_778, (2026, 11, 21)),
            (-1, (1969, 12, 31)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(civil(days), expected, "{days}");
        }
    }
}
