//! The corners are in the tests.
