//! The checks that judge, one fact each.
