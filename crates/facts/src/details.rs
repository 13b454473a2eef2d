//! What only some readers of facts want to know.

#[cfg(not(feature = "details"))]
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Facts that the page does not read.
///
/// Whoever enables the feature `details` gets them. Without it this holds nothing, whatever is in
/// the JSON, and weighs nothing: the page has no room for what it does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details<T>(Noted<T>);

#[cfg(feature = "details")]
type Noted<T> = Option<Box<T>>;
#[cfg(not(feature = "details"))]
type Noted<T> = PhantomData<T>;

impl<T> Default for Details<T> {
    fn default() -> Self {
        Self(Noted::default())
    }
}

impl<T> Details<T> {
    /// What was noted, if anything was.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        #[cfg(feature = "details")]
        return self.0.as_deref();
        #[cfg(not(feature = "details"))]
        None
    }

    pub(crate) fn is_none(&self) -> bool {
        self.get().is_none()
    }
}

#[cfg(feature = "details")]
impl<T> From<T> for Details<T> {
    fn from(noted: T) -> Self {
        Self(Some(Box::new(noted)))
    }
}

impl<T: Serialize> Serialize for Details<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[cfg(feature = "details")]
        return self.0.serialize(serializer);
        #[cfg(not(feature = "details"))]
        serializer.serialize_none()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Details<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[cfg(feature = "details")]
        return Noted::deserialize(deserializer).map(Self);
        #[cfg(not(feature = "details"))]
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self::default())
    }
}
