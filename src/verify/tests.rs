//! The check against services that tell, on a paused clock.
