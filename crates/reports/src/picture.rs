//! What was reported over time: a row for all, for each sender and for each reason, with the same columns.

use mxray_facts::Timestamp;
use serde::Serialize;

use crate::result::ResultType;
use crate::summary::{Day, Sessions, Summary};

/// Rows of cells, the columns being spans of days, each after the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// The first day of each column.
    pub columns: Vec<Timestamp>,
    /// How many days a column spans.
    pub days: u32,
    /// All, then the senders, then the reasons.
    pub rows: Vec<PictureRow>,
    /// Senders that are in the row of all alone.
    pub senders_left_out: usize,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PictureRow {
    /// What of.
    pub of: RowOf,
    /// A cell for each column.
    pub cells: Vec<Sessions>,
}

/// What a row is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowOf {
    /// All sessions.
    All,
    /// Those of a sender.
    Sender(String),
    /// Those that failed for a reason.
    Result(ResultType),
}

/// The most columns that a picture has room for.
const MOST_COLUMNS: i64 = 60;

/// The most senders that have a row of their own.
const MOST_SENDERS: usize = 8;

/// The most reasons; the standard knows eleven.
const MOST_RESULTS: usize = 12;

impl Picture {
    /// Draws what a summary counts by day; what has no date is not in it.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        let dated: Vec<(Timestamp, &Day)> = summary
            .days
            .iter()
            .filter_map(|day| Some((Timestamp::from_rfc3339(day.date.as_deref()?)?, day)))
            .collect();
        let (Some((first, _)), Some((last, _))) = (dated.first(), dated.last()) else {
            return Self::default();
        };
        let all = first.days_until(*last) + 1;
        let width = (all + MOST_COLUMNS - 1) / MOST_COLUMNS;
        let count = (all + width - 1) / width;
        let columns: Vec<_> = (0..count).map(|place| first.after_days(place * width)).collect();
        let row = |of: RowOf| {
            let mut cells = vec![Sessions::default(); columns.len()];
            for (at, day) in &dated {
                let place = usize::try_from(first.days_until(*at) / width).unwrap_or(0);
                if let Some(cell) = cells.get_mut(place) {
                    *cell = cell.with(of.in_day(day));
                }
            }
            PictureRow { of, cells }
        };
        let senders = summary.senders.iter().take(MOST_SENDERS);
        let senders = senders.map(|sender| RowOf::Sender(sender.sender.clone()));
        let results = summary.results.iter().take(MOST_RESULTS);
        let results = results.map(|tally| RowOf::Result(tally.result.clone()));
        let rows = [RowOf::All].into_iter().chain(senders).chain(results).map(row).collect();
        let senders_left_out = summary.senders.len().saturating_sub(MOST_SENDERS);
        Self { columns, days: u32::try_from(width).unwrap_or(1), rows, senders_left_out }
    }
}

impl RowOf {
    fn in_day(&self, day: &Day) -> Sessions {
        match self {
            Self::All => day.sessions,
            Self::Sender(sender) => day.senders.get(sender).copied().unwrap_or_default(),
            Self::Result(result) => Sessions {
                successful: 0,
                failed: day.results.get(result).copied().unwrap_or_default(),
            },
        }
    }
}
