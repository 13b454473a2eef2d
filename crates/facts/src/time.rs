//! A moment, which whoever has a clock passes in.

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
}
