//! A reference page cache.
