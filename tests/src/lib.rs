//! End to end: real browsers against real servers.
